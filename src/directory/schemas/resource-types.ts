/** Resource types that an organisation defines (RFC 7643 6), and the extensions that it gives to ours. */
import type { Context } from '../../audit/context.ts'
import type { Precondition } from '../../audit/precondition.ts'
import { Refusal } from '../../base/domain-error.ts'
import type { ResourceTypeDefinition, SchemaExtension } from '../../scim/schema/types.ts'
import { builtInTypes } from '../../scim/schemas.ts'
import type { Change } from '../../store/port.ts'
import { resourcesKey } from '../resource-collection.ts'
import { type Catalogue, type Defined, isBuiltIn } from './catalogue.ts'
import { changeCatalogue, definedIn, newly, replacing, turned } from './change.ts'
import { newEdition, nextEdition, readEdition, withoutEdition } from './edition-changes.ts'
import type { CatalogueLimits } from './fit.ts'
import { isUsed } from './in-use.ts'
import { removeLeftOver } from './left-over.ts'

export type DefinedType = Defined<ResourceTypeDefinition>

const target = (id: string) => ({ kind: 'resourceType', id })

/** Ours, as the organisation has extended them, and its own. */
export function resourceTypesIn({ resourceTypes }: Catalogue): readonly DefinedType[] {
  const changed = (name: string) => resourceTypes.find(({ definition }) => definition.name === name)
  const ours = builtInTypes.map(
    definition => changed(definition.name) ?? { definition, revision: 0, created: 0, lastModified: 0 }
  )
  return [...ours, ...resourceTypes.filter(({ definition }) => !isBuiltIn(definition.name))]
}

/** @throws Refusal `name_taken`, `unknown_schema`, `schema_limit`. */
export function createResourceType(
  context: Context,
  limits: CatalogueLimits,
  wanted: ResourceTypeDefinition
): Promise<DefinedType> {
  return changeCatalogue(context, limits, async (catalogue, revision) => {
    const { schemas, resourceTypes } = catalogue
    const sent = spelled(catalogue, wanted)
    const own = newEdition(context, sent.name)
    const extended = await extendedAs(context, { ...sent, schemaExtensions: [] }, sent, undefined)
    const definition = { ...sent, 'usher:edition': own.edition, schemaExtensions: extended.extensions }
    const answer = newly(context, definition, revision)
    return {
      next: { schemas, resourceTypes: [...resourceTypes, answer] },
      changes: [...own.changes, ...extended.changes],
      answer,
      happened: { action: 'resourceType.created', target: target(sent.name) }
    }
  })
}

/**
 * Gives a resource type another definition; of ours, other extensions.
 *
 * @throws Refusal `not_found`, `precondition_failed`, `name_taken`, `unknown_schema`, `built_in_schema`, `schema_in_use`,
 *   `schema_incompatible`.
 */
export function replaceResourceType(
  context: Context,
  limits: CatalogueLimits,
  wanted: ResourceTypeDefinition,
  precondition: Precondition = {}
): Promise<DefinedType> {
  return changeCatalogue(context, limits, async (catalogue, revision) => {
    const { schemas, resourceTypes } = catalogue
    const before = definedIn(resourceTypesIn(catalogue), wanted.id, 'resource type', precondition)
    const was = before.definition
    const sent = spelled(catalogue, { ...wanted, id: was.id, name: was.name })
    if (isBuiltIn(was.name)) checkKeepsOurs(sent)
    const type = await ownEdition(context, was, sent)
    const extended = await extendedAs(context, was, sent, type.isNew)
    const definition = { ...sent, ...type.edition, schemaExtensions: extended.extensions }
    const answer = turned(context, before, definition, revision)
    if (answer === before) return { answer }
    const isFirst = !resourceTypes.includes(before)
    const first = { ...answer, created: answer.lastModified }
    return {
      next: {
        schemas,
        resourceTypes: isFirst ? [...resourceTypes, first] : replacing(resourceTypes, before, answer)
      },
      changes: [...type.changes, ...extended.changes],
      answer: isFirst ? first : answer,
      happened: { action: 'resourceType.changed', target: target(was.name) }
    }
  })
}

/** With URNs as the schemas spell them: they have no case (RFC 7643 2.1). */
function spelled({ schemas }: Catalogue, type: ResourceTypeDefinition): ResourceTypeDefinition {
  const spelling = (urn: string) =>
    schemas.find(({ definition }) => definition.id.toLowerCase() === urn.toLowerCase())?.definition.id ?? urn
  return {
    ...type,
    schema: spelling(type.schema),
    schemaExtensions: type.schemaExtensions.map(each => ({ ...each, schema: spelling(each.schema) }))
  }
}

/** Those of ours that clients write: the others show what is kept elsewhere. */
const extendable = ['User', 'Group']

function checkKeepsOurs(sent: ResourceTypeDefinition): void {
  if (!extendable.includes(sent.name)) {
    throw new Refusal('built_in_schema', `${sent.name} shows what is kept elsewhere, and cannot be extended.`)
  }
  const ours = builtInTypes.find(({ name }) => name === sent.name)
  if (ours === undefined) return
  const names = ['description', 'endpoint', 'schema'] as const
  const other = names.find(name => sent[name] !== ours[name] && !(name === 'description' && sent[name] === ''))
  const lost = ours.schemaExtensions.find(
    ({ schema, required }) => !sent.schemaExtensions.some(e => e.schema === schema && e.required === required)
  )
  if (other === undefined && lost === undefined) return
  throw new Refusal(
    'built_in_schema',
    `${sent.name} is a resource type of the server: extensions can be added to it, and ${other ?? lost?.schema} stays as it is.`
  )
}

/** A resource type that is to have another core schema, or to demand more, is another one. */
async function ownEdition(context: Context, was: ResourceTypeDefinition, sent: ResourceTypeDefinition) {
  const id = was['usher:edition']
  const demands = sent.schemaExtensions.filter(({ required }) => required)
  const demanded = (urn: string) => was.schemaExtensions.some(({ schema, required }) => required && schema === urn)
  const more = demands.find(({ schema }) => !demanded(schema))
  if (was.schema === sent.schema && more === undefined) {
    return { edition: id === undefined ? {} : { 'usher:edition': id }, changes: [], isNew: false }
  }
  const before = id === undefined ? undefined : await readEdition(context, id)
  if (before === undefined || before.referenced) {
    const what = more === undefined ? `the schema of ${was.name} would change` : `${more.schema} would become required`
    throw new Refusal(
      'schema_incompatible',
      `${what}, which resources that are there contradict. Define another resource type, or make the extension optional.`
    )
  }
  const { edition, changes } = nextEdition(context, before)
  return { edition: { 'usher:edition': edition }, changes, isNew: true }
}

/** @param isNew the type has no resources. */
async function extendedAs(
  context: Context,
  was: ResourceTypeDefinition,
  sent: ResourceTypeDefinition,
  isNew: boolean | undefined
): Promise<{ readonly extensions: readonly SchemaExtension[]; readonly changes: readonly Change[] }> {
  const changes: Change[] = []
  const { name } = sent
  const gone = was.schemaExtensions.filter(({ schema }) => !sent.schemaExtensions.some(e => e.schema === schema))
  for (const extension of gone) changes.push(...(await taken(context, name, extension)))
  const extensions: SchemaExtension[] = []
  for (const extension of sent.schemaExtensions) {
    const before = was.schemaExtensions.find(({ schema }) => schema === extension.schema)
    if (before !== undefined) {
      extensions.push({ ...before, required: extension.required })
      continue
    }
    if (isNew === false) await removeLeftOver(context, name, extension.schema)
    const { edition, changes: made } = newEdition(context, `${name} ${extension.schema}`)
    changes.push(...made)
    extensions.push({ ...extension, 'usher:edition': edition })
  }
  return { extensions, changes }
}

async function taken(context: Context, name: string, { schema, ...extension }: SchemaExtension) {
  const id = extension['usher:edition']
  if (id === undefined) return []
  const edition = await readEdition(context, id)
  if (edition.referenced && (await isUsed(context, name, schema))) {
    throw new Refusal(
      'schema_in_use',
      `Resources of ${name} have values of ${schema}: the filter ${JSON.stringify(`${schema} pr`)} finds them. Remove the values ` +
        'first (PATCH, op remove, path the URN).'
    )
  }
  return [withoutEdition(context, edition)]
}

/** @throws Refusal `not_found`, `precondition_failed`, `built_in_schema`, `schema_in_use`. */
export async function deleteResourceType(
  context: Context,
  limits: CatalogueLimits,
  id: string,
  precondition: Precondition = {}
): Promise<void> {
  await changeCatalogue(context, limits, async catalogue => {
    const { schemas, resourceTypes } = catalogue
    const before = definedIn(resourceTypesIn(catalogue), id, 'resource type', precondition)
    const { name, schemaExtensions, 'usher:edition': own } = before.definition
    if (own === undefined || isBuiltIn(name)) {
      throw new Refusal('built_in_schema', `${name} is a resource type of the server, and stays.`)
    }
    const [count = 0] = await context.store.tallies(context.tenant, [resourcesKey(own)])
    if (count > 0) {
      throw new Refusal('schema_in_use', `There are ${count} resources of the type ${name}. Delete them first.`)
    }
    const ids = [own, ...schemaExtensions.flatMap(each => each['usher:edition'] ?? [])]
    const gone = await Promise.all(ids.map(edition => readEdition(context, edition)))
    return {
      next: { schemas, resourceTypes: replacing(resourceTypes, before, undefined) },
      changes: gone.map(edition => withoutEdition(context, edition)),
      answer: null,
      happened: { action: 'resourceType.deleted', target: target(name) }
    }
  })
}
