import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { resolveTarget } from '../schema/path.ts'
import type { Attribute, ResourceType } from '../schema/types.ts'
import { keyOf, mapOperations, mapResource, memberOf, opOf, pathOf, type Rewrite, withMember } from './rewrite.ts'
import { targetOf } from './values.ts'

/**
 * Paths where names should stand: `"name.givenName": "Kim"` and `"urn:…:enterprise:2.0:User:department": "d"` as members of a
 * resource or of the value of an operation without a path (Entra ID with its flag, quirk 10), and `urn:…:User.manager` with a
 * dot behind the URN (its Postman collection, quirk 19).
 */
export const dottedKeys: Rewrite = {
  name: 'dotted-keys',
  rewrite: request => {
    const { type } = request
    if (type === undefined) return undefined
    return (
      mapResource(request, resource => nested(type, resource)) ??
      mapOperations(request, operation => takenApart(type, operation))
    )
  }
}

function takenApart(type: ResourceType, operation: JsonObject): readonly Json[] {
  const path = pathOf(operation)
  if (path !== undefined) {
    const colon = withColon(type, path)
    return [colon === path ? operation : withMember(operation, 'path', colon)]
  }
  const value = memberOf(operation, 'value')
  if (opOf(operation) === 'remove' || !isObject(value)) return [operation]
  const entries = Object.entries(value)
  const paths = entries.filter(([key]) => isPath(type, key))
  if (paths.length === 0) return [operation]
  const names = entries.filter(([key]) => !isPath(type, key))
  const rest = names.length === 0 ? [] : [withMember(operation, 'value', Object.fromEntries(names))]
  const moved = paths.map(([key, member]) =>
    withMember(withMember(operation, 'path', withColon(type, key)), 'value', member)
  )
  return [...rest, ...moved]
}

/** Whether a key means an attribute but is not its name. */
function isPath(type: ResourceType, key: string): boolean {
  if (!/[.:[]/.test(key)) return false
  const target = targetOf(type, withColon(type, key))
  return target !== undefined && 'name' in target
}

function withColon(type: ResourceType, path: string): string {
  const lower = path.toLowerCase()
  // A URN by itself is a name, and the one that nearly every body has.
  if (!lower.startsWith('urn:') || type.extensions.has(lower)) return path
  const urn = [type.schema.toLowerCase(), ...type.extensions.keys()].find(known => lower.startsWith(`${known}.`))
  return urn === undefined ? path : `${path.slice(0, urn.length)}:${path.slice(urn.length + 1)}`
}

// Where a path comes twice in different letter case, the second stays where it is.
function nested(type: ResourceType, resource: JsonObject): JsonObject {
  const moved = new Map<Attribute, Json>()
  const names = Object.entries(resource).filter(([key, value]) => {
    const attribute = key.includes('[') || !isPath(type, key) ? undefined : attributeAt(type, key)
    if (attribute === undefined || moved.has(attribute)) return true
    moved.set(attribute, value)
    return false
  })
  if (moved.size === 0) return resource
  let result: JsonObject | undefined = Object.fromEntries(names)
  for (const [attribute, value] of moved) result = result && placed(result, homeOf(attribute), value)
  return result ?? resource
}

function attributeAt(type: ResourceType, key: string): Attribute | undefined {
  const target = resolveTarget(type, withColon(type, key))
  return target?.kind === 'attribute' ? target.attribute : undefined
}

/** Names on the way to the attribute. */
function homeOf({ name, parent, extension }: Attribute): readonly string[] {
  if (parent !== undefined) return [...homeOf(parent), name]
  return extension === undefined ? [name] : [extension, name]
}

/** `undefined` where something else is in the way. */
function placed(object: JsonObject, [name = '', ...inner]: readonly string[], value: Json): JsonObject | undefined {
  const key = keyOf(object, name.toLowerCase()) ?? name
  const before = Object.hasOwn(object, key) ? object[key] : undefined
  if (inner.length === 0) return before === undefined ? { ...object, [key]: value } : undefined
  const holder = before ?? {}
  const after = isObject(holder) ? placed(holder, inner, value) : undefined
  return after === undefined ? undefined : { ...object, [key]: after }
}
