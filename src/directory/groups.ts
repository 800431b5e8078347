/** Groups and their members. A change of members costs what the change is, never what the group is. */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound } from '../base/domain-error.ts'
import { inTurns } from '../base/in-turn.ts'
import type { JsonObject } from '../base/json.ts'
import { isHeard } from '../events/outbox.ts'
import type { Member, MemberChange } from '../scim/patch/members.ts'
import type { ResourceType } from '../scim/schema/types.ts'
import { type Change, insert, reference, remove, removeWhere, replace, type Stored, tally } from '../store/port.ts'
import { changedNames } from './changed-names.ts'
import { groups, groupsKey, memberships, membersKey } from './collections.ts'
import { countsAsChange, edgeChanges } from './member-changes.ts'
import { edgesOf, leaveAllGroups } from './memberships.ts'
import { type CustomWrite, customRemoval, customWrite } from './schemas/custom.ts'
import { laterThan, tellGroup } from './told.ts'
import type { Group } from './types.ts'
import { groupVersion } from './view.ts'
import { waitingMembers } from './waiting.ts'

/** A group with what its entity tag needs. */
export interface GroupRead {
  readonly stored: Stored<Group>
  readonly version: string
}

interface GroupCounted extends GroupRead {
  /** How often its members changed beside its document. */
  readonly memberChanges: number
}

/** @throws Refusal `not_found` */
export async function getGroup({ store, tenant }: Context, id: string): Promise<GroupCounted> {
  const [stored, [memberChanges = 0]] = await Promise.all([
    store.get(groups, tenant, id),
    store.tallies(tenant, [membersKey(id)])
  ])
  if (stored === undefined) throw notFound('group')
  return { stored, memberChanges, version: groupVersion(stored.doc, memberChanges) }
}

/** The entity tags of a page of groups, in their order. */
export async function versionsOf(
  { store, tenant }: Context,
  page: readonly Stored<Group>[]
): Promise<readonly string[]> {
  if (page.length === 0) return []
  const keys = page.map(({ doc }) => membersKey(doc.id))
  const counts = await store.tallies(tenant, keys)
  return page.map(({ doc }, i) => groupVersion(doc, counts[i] ?? 0))
}

export interface GroupEdit {
  /** What `resource` was read by. Absent: what the organisation defined itself is as it was. */
  readonly type?: ResourceType | undefined
  readonly resource: JsonObject
  readonly members: readonly MemberChange[]
  /** The client sent the whole resource. */
  readonly put?: true
}

/** @throws Refusal `unknown_member` */
export function createGroup(
  context: Context,
  { type, resource }: Pick<GroupEdit, 'type' | 'resource'>,
  members: readonly Member[]
): Promise<GroupRead> {
  const { tenant, clock } = context
  return operate(context, async lost => {
    const now = clock.now()
    const id = context.makeId()
    const custom = await customWrite(context, type, { id, resource }, undefined, lost)
    const doc: Group = { id, resource, created: now, lastModified: now, revision: 1, ...custom.kept }
    const edges = await edgeChanges(context, doc.id, [{ kind: 'add', values: members }], { known: 'empty' })
    const changes = [
      insert(groups, tenant, doc),
      tally(tenant, groupsKey, 1),
      ...custom.changes,
      ...edges.changes,
      happened(context, 'group.created', targetOf(doc), edges.summary),
      ...(await tellGroup(context, undefined, doc, { edges }))
    ]
    const answer = { stored: { doc, version: 1, referenced: false }, version: groupVersion(doc, 0) }
    return { answer, changes, subject: { type: 'Group', after: doc } }
  })
}

/**
 * Changes a group's attributes, members or both as one.
 *
 * Where two change members at once, the one that comes second leaves the group's document alone and counts its change
 * beside it, so that they do not wait for each other; the entity tag is made of both. Where event streams are told of it,
 * what changed must have an order: then all changes of a group go through its document, one after the other.
 *
 * @param edit pure: called anew for each attempt.
 * @throws Refusal `not_found`, `precondition_failed`, `unknown_member`.
 */
export function changeGroup(
  context: Context,
  id: string,
  edit: (before: Group) => GroupEdit,
  precondition: Precondition<string> = {}
): Promise<GroupRead> {
  const crowd = enter(context, id)
  const work = () => changedGroup(context, id, edit, precondition, crowd)
  const change = isHeard(context).then(heard => (heard ? inTurn(`${context.tenant}:${id}`, work) : work()))
  return change.finally(crowd.leave)
}

const inTurn = inTurns()

function changedGroup(
  context: Context,
  id: string,
  edit: (before: Group) => GroupEdit,
  precondition: Precondition<string>,
  crowd: Pick<ReturnType<typeof enter>, 'size'>
): Promise<GroupRead> {
  return operate(context, async lost => {
    const { stored, version, memberChanges } = await getGroup(context, id)
    demand(precondition, version)
    const { type, resource, members, put } = edit(stored.doc)
    const changed = changedNames(stored.doc.resource, resource)
    const sameResource = changed.length === 0
    const edges = await edgeChanges(context, id, members)
    if (sameResource && !countsAsChange(edges)) {
      return {
        answer: { stored, version },
        changes: [],
        subject: { type: 'Group', before: stored.doc, after: stored.doc }
      }
    }

    const crowded = precondition.expects === undefined && (lost !== undefined || crowd.size() > 1)
    const beside = sameResource && crowded && !(await isHeard(context))
    const custom = await customWrite(context, sameResource ? undefined : type, { id, resource }, stored.doc, lost)
    const written = beside ? countBeside(context, stored) : rewrite(context, stored, resource, custom)
    const events = [
      ...(sameResource ? [] : [happened(context, 'group.changed', targetOf(written.doc), { changed })]),
      ...(countsAsChange(edges)
        ? [happened(context, 'group.membersChanged', targetOf(written.doc), edges.summary)]
        : [])
    ]
    const answer = {
      stored: { ...stored, doc: written.doc, version: written.version },
      version: groupVersion(written.doc, beside ? memberChanges + 1 : memberChanges)
    }
    const subject = { type: 'Group', before: stored.doc, after: written.doc }
    const by = put ? 'put' : 'patch'
    const told = await tellGroup(context, stored.doc, written.doc, { edges, memberChanges, by })
    return { answer, changes: [...written.changes, ...edges.changes, ...events, ...told], subject }
  })
}

/** How many changes of each group are under way here, for each store: who is not alone counts beside from the start. */
const underWay = new WeakMap<object, Map<string, number>>()

function enter({ store, tenant }: Context, id: string) {
  const counts = underWay.get(store) ?? new Map<string, number>()
  underWay.set(store, counts)
  const key = `${tenant}:${id}`
  const size = () => counts.get(key) ?? 0
  counts.set(key, size() + 1)
  const leave = () => {
    if (size() > 1) counts.set(key, size() - 1)
    else counts.delete(key)
  }
  return { size, leave }
}

interface Written {
  readonly doc: Group
  readonly version: number
  readonly changes: readonly Change[]
}

function rewrite(
  context: Context,
  { doc, version }: Stored<Group>,
  resource: JsonObject,
  custom: CustomWrite
): Written {
  const { custom: _, ...rest } = doc
  const after: Group = {
    ...rest,
    ...custom.kept,
    resource,
    lastModified: laterThan(context, doc.lastModified),
    revision: doc.revision + 1
  }
  const changes = [replace(groups, context.tenant, after, version), ...custom.changes]
  return { doc: after, version: version + 1, changes }
}

function countBeside({ tenant }: Context, { doc, version }: Stored<Group>): Written {
  // The group has to be there still: edges of a group that was deleted meanwhile would stay for ever.
  return { doc, version, changes: [tally(tenant, membersKey(doc.id), 1), reference(groups, tenant, doc.id)] }
}

/** Deletes a group with all its edges, in both directions. */
export async function deleteGroup(
  context: Context,
  id: string,
  precondition: Precondition<string> = {}
): Promise<void> {
  const { tenant } = context
  await operate(context, async () => {
    const { stored, version } = await getGroup(context, id)
    demand(precondition, version)
    const changes = [
      remove(groups, tenant, id, stored.version),
      tally(tenant, groupsKey, -1),
      removeWhere(memberships, tenant, edgesOf(id)),
      removeWhere(waitingMembers, tenant, edgesOf(id)),
      ...(await leaveAllGroups(context, stored)),
      ...customRemoval(context, stored.doc),
      happened(context, 'group.deleted', targetOf(stored.doc)),
      ...(await tellGroup(context, stored.doc, undefined))
    ]
    return { answer: null, changes, subject: { type: 'Group', before: stored.doc } }
  })
}

const targetOf = ({ id, resource }: Group) => ({ kind: 'group', id, name: String(resource.displayName) })
