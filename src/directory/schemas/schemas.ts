/** Schemas that an organisation defines (RFC 7643 7). A schema is in use as soon as a resource type names it. */
import type { Context } from '../../audit/context.ts'
import type { Precondition } from '../../audit/precondition.ts'
import { Refusal } from '../../base/domain-error.ts'
import { contradictions } from '../../scim/schema/contradictions.ts'
import type { ResourceTypeDefinition, SchemaDefinition } from '../../scim/schema/types.ts'
import type { Change } from '../../store/port.ts'
import type { Catalogue, Defined } from './catalogue.ts'
import { changeCatalogue, definedIn, newly, replacing, turned } from './change.ts'
import { nextEdition, readEdition } from './edition-changes.ts'
import type { CatalogueLimits } from './fit.ts'

type DefinedSchema = Defined<SchemaDefinition>

const target = (id: string) => ({ kind: 'schema', id })

/** @throws Refusal `name_taken`, `schema_limit`. */
export function createSchema(
  context: Context,
  limits: CatalogueLimits,
  definition: SchemaDefinition
): Promise<DefinedSchema> {
  return changeCatalogue(context, limits, async ({ schemas, resourceTypes }, revision) => {
    const answer = newly(context, definition, revision)
    const next = { schemas: [...schemas, answer], resourceTypes }
    return { next, changes: [], answer, happened: { action: 'schema.created', target: target(definition.id) } }
  })
}

/**
 * Gives a schema another definition. What every stored resource obeys already is taken at once; anything else only while no
 * resource was ever written by the schema.
 *
 * @throws Refusal `not_found`, `precondition_failed`, `invalid_value`, `schema_incompatible`.
 */
export function replaceSchema(
  context: Context,
  limits: CatalogueLimits,
  definition: SchemaDefinition,
  precondition: Precondition = {}
): Promise<DefinedSchema> {
  return changeCatalogue(context, limits, async ({ schemas, resourceTypes }, revision) => {
    const before = definedIn(schemas, definition.id, 'schema', precondition)
    if (before.definition.id !== definition.id) {
      throw new Refusal('invalid_value', `The id of this schema is ${before.definition.id}.`, { field: 'id' })
    }
    const answer = turned(context, before, definition, revision)
    if (answer === before) return { answer }
    const against = contradictions(before.definition, definition)
    const renewed =
      against.length === 0
        ? { resourceTypes, changes: [] }
        : await renewedTypes(context, resourceTypes, definition.id, against)
    return {
      next: { schemas: replacing(schemas, before, answer), resourceTypes: renewed.resourceTypes },
      changes: renewed.changes,
      answer,
      happened: { action: 'schema.changed', target: target(definition.id) }
    }
  })
}

/** The resource types with new editions of whatever uses the schema. */
async function renewedTypes(
  context: Context,
  resourceTypes: Catalogue['resourceTypes'],
  schema: string,
  against: readonly string[]
) {
  const changes: Change[] = []
  const renew = async (id: string, type: string) => {
    const edition = await readEdition(context, id)
    if (edition.referenced) throw incompatible(type, against)
    const next = nextEdition(context, edition)
    changes.push(...next.changes)
    return { 'usher:edition': next.edition }
  }
  const types: Defined<ResourceTypeDefinition>[] = []
  for (const type of resourceTypes) {
    const { definition } = type
    const own = definition['usher:edition']
    const schemaExtensions: ResourceTypeDefinition['schemaExtensions'][number][] = []
    for (const extension of definition.schemaExtensions) {
      const edition = extension.schema === schema ? extension['usher:edition'] : undefined
      schemaExtensions.push(
        edition === undefined ? extension : { ...extension, ...(await renew(edition, definition.name)) }
      )
    }
    const isCore = definition.schema === schema && own !== undefined
    const renewed = isCore ? await renew(own, definition.name) : {}
    types.push({ ...type, definition: { ...definition, schemaExtensions, ...renewed } })
  }
  return { resourceTypes: types, changes }
}

function incompatible(type: string, [first = '', ...more]: readonly string[]): Refusal {
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  return new Refusal(
    'schema_incompatible',
    `${first}${others}, which resources of ${type} that were written by this schema may contradict. Add an attribute of another ` +
      `name instead; or, once no ${type} has values of it, take the schema from the resource type, change it and give it back.`
  )
}

/** @throws Refusal `not_found`, `precondition_failed`, `schema_in_use`. */
export async function deleteSchema(
  context: Context,
  limits: CatalogueLimits,
  id: string,
  precondition: Precondition = {}
): Promise<void> {
  await changeCatalogue(context, limits, async ({ schemas, resourceTypes }) => {
    const before = definedIn(schemas, id, 'schema', precondition)
    const urn = before.definition.id
    const user = resourceTypes.find(
      ({ definition: { schema, schemaExtensions } }) =>
        schema === urn || schemaExtensions.some(extension => extension.schema === urn)
    )
    if (user !== undefined) {
      const { name } = user.definition
      throw new Refusal(
        'schema_in_use',
        `The resource type ${name} uses this schema: take it from ${name} first (PUT /api/v1/resource-types/${name}).`
      )
    }
    return {
      next: { schemas: replacing(schemas, before, undefined), resourceTypes },
      changes: [],
      answer: null,
      happened: { action: 'schema.deleted', target: target(urn) }
    }
  })
}
