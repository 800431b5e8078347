/** Resources of the types that an organisation defined arrive, change and leave. */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { all, type Filter, is } from '../scim/filter/filter.ts'
import { represent } from '../scim/represent.ts'
import type { ResourceType } from '../scim/schema/types.ts'
import { searchForm } from '../scim/search-form.ts'
import { byTerms, withTerms } from '../scim/terms.ts'
import { type Conflict, insert, remove, replace, type Stored, tally } from '../store/port.ts'
import { changedNames } from './changed-names.ts'
import type { Matches } from './lists.ts'
import { resources, resourcesKey, type StoredResource, typePath } from './resource-collection.ts'
import { type CustomWrite, customRemoval, customWrite } from './schemas/custom.ts'
import { laterThan } from './told.ts'
import type { Shown } from './view.ts'

/** @throws Error for a type of ours: only a broken build asks for one here. */
function editionOf({ name, edition }: ResourceType): string {
  if (edition === undefined) throw new Error(`${name} is no resource type of an organization's own`)
  return edition
}

/** @throws Refusal `not_found` */
export async function getResource(
  { store, tenant }: Context,
  type: ResourceType,
  id: string
): Promise<Stored<StoredResource>> {
  const found = await store.get(resources, tenant, id)
  if (found?.doc.type !== editionOf(type)) throw notFound(type.name)
  return found
}

/** Those of one type that match. */
export async function resourcesMatching(
  context: Context,
  type: ResourceType,
  filter: Filter | undefined
): Promise<Matches<StoredResource>> {
  const { store, tenant } = context
  const edition = editionOf(type)
  const ofType = is(typePath, edition)
  const whole = filter === undefined ? ofType : all(ofType, byTerms(type, filter))
  return {
    find: async part => (part.limit === 0 ? [] : store.find(resources, tenant, { ...part, filter: whole })),
    total: async () =>
      filter === undefined
        ? ((await store.tallies(tenant, [resourcesKey(edition)]))[0] ?? 0)
        : store.count(resources, tenant, whole)
  }
}

/** @throws Refusal `uniqueness`; nothing was changed then. */
export function createResource(
  context: Context,
  type: ResourceType,
  resource: JsonObject
): Promise<Stored<StoredResource>> {
  const { tenant, clock } = context
  const edition = editionOf(type)
  return operate(context, async lost => {
    const now = clock.now()
    const plain = { id: context.makeId(), type: edition, resource, created: now, lastModified: now, revision: 1 }
    const { doc, changes: own } = await written(context, type, plain, undefined, lost)
    const changes = [
      insert(resources, tenant, doc),
      tally(tenant, resourcesKey(edition), 1),
      happened(context, 'resource.created', targetOf(type, doc)),
      ...own
    ]
    return { answer: { doc, version: 1, referenced: false }, changes, subject: { type: type.name, after: doc } }
  })
}

/**
 * @param edit pure: called anew for each attempt.
 * @throws Refusal `not_found`, `precondition_failed`, `uniqueness`.
 */
export function changeResource(
  context: Context,
  type: ResourceType,
  id: string,
  edit: (before: JsonObject) => JsonObject,
  precondition: Precondition = {}
): Promise<Stored<StoredResource>> {
  return operate(context, async lost => {
    const before = await getResource(context, type, id)
    const { doc: was, version } = before
    demand(precondition, was.revision)
    const resource = edit(was.resource)
    const changed = changedNames(was.resource, resource)
    const subject = { type: type.name, before: was, after: was }
    if (changed.length === 0) return { answer: before, changes: [], subject }
    const lastModified = laterThan(context, was.lastModified)
    const plain = { ...was, resource, lastModified, revision: was.revision + 1 }
    const { doc, changes: own } = await written(context, type, plain, was, lost)
    const changes = [
      replace(resources, context.tenant, doc, version),
      happened(context, 'resource.changed', targetOf(type, doc), { changed }),
      ...own
    ]
    return { answer: { ...before, doc, version: version + 1 }, changes, subject: { ...subject, after: doc } }
  })
}

type Plain = Omit<StoredResource, 'custom'>

async function written(
  context: Context,
  type: ResourceType,
  plain: Plain,
  before: StoredResource | undefined,
  lost: Conflict | undefined
): Promise<{ readonly doc: StoredResource; readonly changes: CustomWrite['changes'] }> {
  const owned = { id: plain.id, resource: plain.resource }
  const formOf = () => withTerms(type, searchForm(type, shownResource(type, plain)))
  const { kept, changes } = await customWrite(context, type, owned, before, lost, formOf)
  return { doc: { ...plain, custom: kept.custom ?? { revision: type.revision, form: {} } }, changes }
}

export async function deleteResource(
  context: Context,
  type: ResourceType,
  id: string,
  precondition: Precondition = {}
): Promise<void> {
  await operate(context, async () => {
    const { doc, version } = await getResource(context, type, id)
    demand(precondition, doc.revision)
    const changes = [
      remove(resources, context.tenant, id, version),
      tally(context.tenant, resourcesKey(doc.type), -1),
      happened(context, 'resource.deleted', targetOf(type, doc)),
      ...customRemoval(context, doc)
    ]
    return { answer: null, changes, subject: { type: type.name, before: doc } }
  })
}

/** The resource as SCIM shows it. */
export function shownResource(
  type: ResourceType,
  { id, resource, created, lastModified }: Plain,
  { base, version }: Pick<Shown, 'base' | 'version'> = {}
): JsonObject {
  return represent(type, {
    id,
    resource,
    created,
    lastModified,
    ...(base === undefined ? {} : { location: `${base}${type.definition.endpoint}/${id}` }),
    ...(version === undefined ? {} : { version })
  })
}

export const resourceVersion = ({ revision }: Pick<StoredResource, 'revision'>) => `W/"${revision}"`

function targetOf({ name: kind }: ResourceType, { id, resource }: Plain) {
  const { displayName, externalId } = resource
  const name = displayName ?? externalId
  return { kind, id, ...(typeof name === 'string' ? { name } : {}) }
}
