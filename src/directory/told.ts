/** What event streams are told of users and groups (RFC 9967 2.4): each change of one is one token. */
import { roleNamesOf } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { type Announcement, announce, type ChangeEvent, type Subject } from '../events/outbox.ts'
import { activateUri, deactivateUri, deleteUri, seatGrantedUri, seatReleasedUri } from '../events/uris.ts'
import { projection } from '../scim/projection.ts'
import type { ResourceType } from '../scim/schema/types.ts'
import type { Change } from '../store/port.ts'
import { withAssigned } from './assigned.ts'
import { changedNames } from './changed-names.ts'
import type { EdgeChanges } from './member-changes.ts'
import type { Group, User } from './types.ts'
import { typesOf } from './types-of.ts'
import { isActive } from './user.ts'
import { groupResource, groupVersion, licenseUrn, userResource, userVersion } from './view.ts'

/** Members that one event lists. More is a notice: whoever needs them reads the group. */
const membersMax = 1000

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** The time of a change: never before that of the change before it, whatever the clock of this node says. */
export const laterThan = ({ clock }: Context, before: EpochMs): EpochMs => Math.max(clock.now(), before)

export type Before<T> = T | undefined
export type After<T> = T | undefined

/**
 * The changes that tell what became of a user.
 *
 * @param before absent: it is new. @param after absent: it is gone.
 * @param by `put` where a client sent the whole resource.
 */
export function tellUser(
  context: Context,
  before: Before<User>,
  after: After<User>,
  by: 'patch' | 'put' = 'patch'
): Promise<readonly Change[]> {
  return announce(context, async () => {
    const user = after ?? before
    if (user === undefined) return undefined
    const others = { ...lifeEvents(before, after), ...seatEvents(before, after) }
    const change = after === undefined ? undefined : await userChange(context, before, after, by)
    const version = after === undefined ? undefined : userVersion(after)
    return { subject: subjectOf('Users', user), place: placeOf(context, before, after), version, change, others }
  })
}

async function userChange(
  context: Context,
  before: Before<User>,
  after: User,
  by: 'patch' | 'put'
): Promise<ChangeEvent | undefined> {
  const { tenant } = context
  const [{ user: type }, roleNames] = await Promise.all([typesOf(context, tenant), roleNamesOf(context, tenant)])
  const now = writable(after, roleNames)
  const attributes = before === undefined ? ['id', ...Object.keys(now)] : changedNames(writable(before, roleNames), now)
  if (attributes.length === 0) return undefined
  const whole = userResource(after, after.license.state, { version: userVersion(after), type, roleNames })
  const data = projection(type, {}).apply(whole)
  return { kind: before === undefined ? 'create' : by, attributes, data }
}

/** With license and roles as SCIM shows them. */
function writable(user: User, roleNames: ReadonlyMap<string, string>): JsonObject {
  const { type, state } = user.license
  const resource = withAssigned(user, roleNames)
  return type === null ? resource : { ...resource, [licenseUrn]: { licenseType: type, licenseState: state } }
}

function lifeEvents(before: Before<User>, after: After<User>): Record<string, JsonObject> {
  if (after === undefined) return { [deleteUri]: {} }
  if (before === undefined || isActive(before.resource) === isActive(after.resource)) return {}
  return { [isActive(after.resource) ? activateUri : deactivateUri]: {} }
}

function seatEvents(before: Before<User>, after: After<User>): Record<string, JsonObject> {
  const [had, has] = [heldType(before), heldType(after)]
  if (had === has) return {}
  return {
    ...(had === null ? {} : { [seatReleasedUri]: { licenseType: had } }),
    ...(has === null ? {} : { [seatGrantedUri]: { licenseType: has } })
  }
}

const heldType = (user: User | undefined) => (user?.license.state === 'held' ? user.license.type : null)

/** What became of a group. @param edges what became of its members. */
export function tellGroup(
  context: Context,
  before: Before<Group>,
  after: After<Group>,
  { edges, memberChanges = 0, by = 'patch' }: GroupNews = {}
): Promise<readonly Change[]> {
  return announce(context, async () => {
    const group = after ?? before
    if (group === undefined) return undefined
    const subject = subjectOf('Groups', group)
    const place = placeOf(context, before, after)
    if (after === undefined) return { subject, place, others: { [deleteUri]: {} } }
    const version = groupVersion(after, memberChanges)
    const { group: type } = await typesOf(context, context.tenant)
    return { subject, place, version, change: groupChange(before, after, { edges, by, version, type }) }
  })
}

export interface GroupNews {
  readonly edges?: EdgeChanges | undefined
  /** How often its members changed beside its document. */
  readonly memberChanges?: number
  readonly by?: 'patch' | 'put'
}

function groupChange(
  before: Before<Group>,
  after: Group,
  {
    edges,
    by,
    version,
    type
  }: Pick<GroupNews, 'edges'> & { readonly by: 'patch' | 'put'; readonly version: string; readonly type: ResourceType }
): ChangeEvent | undefined {
  const [added, removed] = [edges?.added ?? [], edges?.removed ?? []]
  const changed =
    before === undefined ? ['id', ...Object.keys(after.resource)] : changedNames(before.resource, after.resource)
  const attributes = added.length + removed.length === 0 ? changed : [...changed, 'members']
  if (attributes.length === 0) return undefined
  const members = before === undefined ? added : edges?.all
  const kind = before === undefined ? 'create' : by
  const shown = projection(type, {}).apply(groupResource(after, { version, type }))
  if (kind === 'patch') return { kind, attributes, data: patchData(after, shown, { changed, added, removed }) }
  if (members === undefined || members.length > membersMax) return { kind, attributes }
  const listed = members.length === 0 ? {} : { members: members.map(value => ({ value })) }
  return { kind, attributes, data: { ...shown, ...listed } }
}

interface Differences {
  readonly changed: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/**
 * A patch by which a copy of the group becomes what the group is now (RFC 9967 2.4.2).
 *
 * @param shown the group without what nobody is shown.
 */
function patchData(
  { resource }: Group,
  shown: JsonObject,
  { changed, added, removed }: Differences
): JsonObject | undefined {
  if (added.length + removed.length > membersMax) return undefined
  const operations = changed.flatMap((path): JsonObject[] => {
    const value: Json | undefined = shown[path]
    if (value !== undefined) return [{ op: 'replace', path, value }]
    return resource[path] === undefined ? [{ op: 'remove', path }] : []
  })
  if (added.length > 0) operations.push({ op: 'add', path: 'members', value: added.map(value => ({ value })) })
  for (const id of removed) operations.push({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` })
  return operations.length === 0 ? undefined : { schemas: [patchUrn], Operations: operations }
}

function subjectOf(endpoint: 'Users' | 'Groups', { id, resource: { externalId } }: User | Group): Subject {
  return { uri: `/${endpoint}/${id}`, ...(typeof externalId === 'string' ? { externalId } : {}) }
}

/** What is gone had its last change now. */
function placeOf(context: Context, before: Before<User | Group>, after: After<User | Group>): Announcement['place'] {
  if (after !== undefined) return { at: after.lastModified, revision: after.revision }
  const { lastModified = 0, revision = 0 } = before ?? {}
  return { at: laterThan(context, lastModified), revision: revision + 1 }
}
