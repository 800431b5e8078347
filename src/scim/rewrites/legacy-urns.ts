import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import {
  mapMembers,
  mapOperations,
  mapResource,
  memberOf,
  pathOf,
  type Rewrite,
  type ScimRequest,
  withMember
} from './rewrite.ts'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** `undefined`: the core schema of the resource. Lower case; longer ones first, for they are looked for at the front of paths. */
const legacy: readonly (readonly [string, string | undefined])[] = [
  ['urn:ietf:params:scim:schemas:extension:enterprise:2.0user', enterprise],
  ['urn:scim:schemas:extension:enterprise:2.0:user', enterprise],
  ['urn:scim:schemas:extension:enterprise:2.0', enterprise],
  ['urn:scim:schemas:extension:enterprise:1.0', enterprise],
  ['urn:scim:schemas:core:2.0:user', undefined],
  ['urn:scim:schemas:core:2.0:group', undefined],
  ['urn:scim:schemas:core:2.0', undefined],
  ['urn:scim:schemas:core:1.0', undefined]
]

/** URNs of SCIM 1.1 and of misprints in documentation (Entra ID's sample, OneLogin's templates: quirks 26, 58). */
export const legacyUrns: Rewrite = {
  name: 'legacy-urns',
  rewrite: request => {
    const core = request.type?.schema
    if (core === undefined) return undefined
    return mapResource(request, resource => modern(resource, core)) ?? patched(request, core)
  }
}

function patched(request: ScimRequest, core: string): ScimRequest | undefined {
  return mapOperations(request, operation => {
    const path = pathOf(operation)
    const value = memberOf(operation, 'value')
    if (path === undefined && isObject(value)) return [replaced(operation, 'value', value, modern(value, core))]
    return [path === undefined ? operation : replaced(operation, 'path', path, modernPath(path, core))]
  })
}

function replaced(object: JsonObject, name: string, before: Json, after: Json): JsonObject {
  return before === after ? object : withMember(object, name, after)
}

function modern(resource: JsonObject, core: string): JsonObject {
  const keysStay = Object.keys(resource).every(key => Object.hasOwn(resource, modernUrn(key, core)))
  const named: JsonObject = keysStay
    ? resource
    : Object.fromEntries(Object.entries(resource).map(([key, value]) => [modernUrn(key, core), value]))
  return mapMembers(named, (value, key) => (key.toLowerCase() === 'schemas' ? modernList(value, core) : value))
}

function modernList(schemas: Json, core: string): Json {
  if (!Array.isArray(schemas)) return schemas
  const urns = schemas.map((urn: Json) => (typeof urn === 'string' ? modernUrn(urn, core) : urn))
  return urns.every((urn, i) => urn === schemas[i]) ? schemas : [...new Set(urns)]
}

function modernUrn(urn: string, core: string): string {
  if (!urn.includes(':')) return urn
  const lower = urn.toLowerCase()
  const found = legacy.find(([old]) => old === lower)
  return found === undefined ? urn : (found[1] ?? core)
}

function modernPath(path: string, core: string): string {
  const lower = path.toLowerCase()
  const found = legacy.find(([old]) => lower === old || lower.startsWith(`${old}:`))
  return found === undefined ? path : `${found[1] ?? core}${path.slice(found[0].length)}`
}
