/** What the definitions of an organisation must be among each other, and beside ours. Pure. */
import { Refusal } from '../../base/domain-error.ts'
import { searchName } from '../../scim/schema/compile.ts'
import type { ResourceTypeDefinition, SchemaDefinition } from '../../scim/schema/types.ts'
import { builtInTypes, plainOptions, schemaDefinitions } from '../../scim/schemas.ts'
import { type Catalogue, isBuiltIn } from './catalogue.ts'

export interface CatalogueLimits {
  readonly schemasMax: number
  readonly resourceTypesMax: number
}

/** All of it is one document, read once a second on every node. MongoDB keeps 16 MB at most, and a character is up to 3 bytes. */
const charsMax = 2_000_000

/** Endpoints of the RFCs, ours and of what may come. In lower case. */
const takenEndpoints = new Set([
  ...['/users', '/groups', '/me', '/bulk', '/schemas', '/resourcetypes', '/serviceproviderconfig', '/roles'],
  ...['/entitlements', '/self', '/applications', '/asyncrequests']
])

const ours = schemaDefinitions(plainOptions)

/**
 * @throws Refusal `name_taken` where two could not be told apart, `unknown_schema` where one names another that is not there,
 *   `schema_limit` beyond a limit.
 */
export function checkFits(catalogue: Catalogue, limits: CatalogueLimits): void {
  const { schemas, resourceTypes } = catalogue
  const definitions = schemas.map(({ definition }) => definition)
  const types = resourceTypes.map(({ definition }) => definition)
  const added = types.filter(({ name }) => !isBuiltIn(name))
  checkCount(definitions.length, limits.schemasMax, 'schemas')
  checkCount(added.length, limits.resourceTypesMax, 'resource types')
  if (JSON.stringify(catalogue).length > charsMax) {
    throw new Refusal('schema_limit', 'The schemas of this organization are too long together: shorten descriptions.')
  }
  checkUrns([...ours, ...definitions])
  checkNames([...builtInTypes, ...added])
  for (const type of types) checkSchemas(type, definitions)
}

function checkCount(count: number, max: number, what: string): void {
  if (count <= max) return
  throw new Refusal('schema_limit', `An organization may define ${max} ${what}. Delete one that nothing uses.`)
}

// `urn:a:b` with an attribute c, and `urn:a:b:c`: a path could mean either.
function checkUrns(definitions: readonly SchemaDefinition[]): void {
  const urns = definitions.map(({ id }) => searchName(id).toLowerCase())
  for (const [i, urn] of urns.entries()) {
    const other = urns.findIndex((each, j) => j !== i && (each === urn || each.startsWith(`${urn}:`)))
    if (other < 0) continue
    throw new Refusal(
      'name_taken',
      `${definitions[i]?.id} and ${definitions[other]?.id} could be taken for one another: choose another URN.`,
      { field: 'id' }
    )
  }
}

function checkNames(types: readonly ResourceTypeDefinition[]): void {
  const taken = (key: 'name' | 'endpoint') => {
    const values = types.map(type => type[key].toLowerCase())
    return types.find((type, i) => values.indexOf(type[key].toLowerCase()) < i)?.[key]
  }
  const reserved = types.find(({ name, endpoint }) => !isBuiltIn(name) && takenEndpoints.has(endpoint.toLowerCase()))
  const endpoint = reserved?.endpoint ?? taken('endpoint')
  if (endpoint !== undefined) {
    throw new Refusal('name_taken', `The endpoint ${endpoint} is taken: choose another.`, { field: 'endpoint' })
  }
  const name = taken('name')
  if (name === undefined) return
  throw new Refusal('name_taken', `There is a resource type ${name} already: choose another name.`, { field: 'name' })
}

function checkSchemas(type: ResourceTypeDefinition, definitions: readonly SchemaDefinition[]): void {
  const known = new Set(definitions.map(({ id }) => id))
  const named = type.schemaExtensions.filter(extension => extension['usher:edition'] !== undefined)
  const wanted = [...(isBuiltIn(type.name) ? [] : [type.schema]), ...named.map(({ schema }) => schema)]
  const unknown = wanted.find(urn => !known.has(urn))
  if (unknown !== undefined) {
    throw new Refusal(
      'unknown_schema',
      `There is no schema ${unknown} that this organization defined: create it with POST /api/v1/schemas first.`
    )
  }
  if (new Set(wanted).size === wanted.length) return
  throw new Refusal('name_taken', `${type.name} uses one schema twice.`, { field: 'schemaExtensions' })
}
