/** From what a client wants of a group's members to the edges that have to be written. */
import type { Context } from '../audit/context.ts'
import { pagesOf } from '../audit/pages.ts'
import { Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { matches } from '../scim/filter/evaluate.ts'
import { type Filter, field, isIn } from '../scim/filter/filter.ts'
import { type MemberChange, memberForm } from '../scim/patch/members.ts'
import { type Change, insert, reference, remove, removeWhere, type Stored } from '../store/port.ts'
import { edgeId, groups, memberships, users } from './collections.ts'
import { edgesOf, membersOf } from './memberships.ts'
import type { Membership, MemberType } from './types.ts'

export interface EdgeChanges {
  readonly changes: readonly Change[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** All members there are then, where the changes spoke of all. */
  readonly all: readonly string[] | undefined
  /** For the audit event. */
  readonly summary: JsonObject
}

export const countsAsChange = ({ added, removed }: EdgeChanges) => added.length > 0 || removed.length > 0

/** Ids listed in an audit event; beyond, their number has to do. */
const listedMax = 100
/** Ids looked up at a time. */
const lookupSize = 1000

/**
 * What the changes, in their order, come to.
 *
 * Only the members they name are read; the whole group is read where they speak of all members (`replace`, `clear`).
 *
 * @throws Refusal `unknown_member`: nothing of it is done then.
 */
export async function edgeChanges(
  context: Context,
  group: string,
  changes: readonly MemberChange[],
  { known }: { known?: 'empty' } = {}
): Promise<EdgeChanges> {
  const wanted = await fold(context, group, changes)
  const before = known === 'empty' ? new Map<string, Stored<Membership>>() : await edgesBefore(context, group, wanted)
  const added = [...wanted.members].filter(([id, stays]) => stays && !before.has(id)).map(([id]) => id)
  const gone = [...before].filter(([id]) => !(wanted.members.get(id) ?? !wanted.whole)).map(([, edge]) => edge)
  const types = await typesOf(context, added)
  const emptied = wanted.whole && added.length === 0 && gone.length === before.size && gone.length > 0
  const written = [
    ...added.flatMap(id => edgeTo(context, group, id, types.get(id) ?? 'User')),
    ...(emptied
      ? [removeWhere(memberships, context.tenant, edgesOf(group))]
      : gone.map(({ doc, version }) => remove(memberships, context.tenant, doc.id, version)))
  ]
  const removed = gone.map(({ doc }) => doc.member)
  return {
    changes: written,
    added,
    removed,
    all: wanted.whole ? [...wanted.members].filter(([, stays]) => stays).map(([id]) => id) : undefined,
    summary: { ...listed('added', added), ...listed('removed', removed) }
  }
}

function listed(name: string, ids: readonly string[]): JsonObject {
  if (ids.length === 0) return {}
  return ids.length <= listedMax ? { [name]: ids } : { [name]: ids.slice(0, listedMax), [`${name}Count`]: ids.length }
}

/** `members`: id → whether it shall be in. `whole`: those not named shall be out. */
interface Wanted {
  readonly whole: boolean
  readonly members: ReadonlyMap<string, boolean>
}

async function fold(context: Context, group: string, changes: readonly MemberChange[]): Promise<Wanted> {
  let whole = false
  let members = new Map<string, boolean>()
  for (const change of changes) {
    switch (change.kind) {
      case 'clear':
        whole = true
        members = new Map()
        break
      case 'replace':
        whole = true
        members = new Map(change.values.map(member => [member.value, true]))
        break
      case 'add':
        for (const { value } of change.values) members.set(value, true)
        break
      case 'remove':
        for (const id of change.ids) members.set(id, false)
        break
      case 'removeWhere':
        for (const id of await matching(context, group, change, { whole, members })) members.set(id, false)
    }
  }
  return { whole, members }
}

/** The members that a filter in brackets means, those added just before included. */
async function matching(
  context: Context,
  group: string,
  { filter }: { readonly filter: Filter },
  { whole, members }: Wanted
): Promise<readonly string[]> {
  const staged = [...members].filter(([, stays]) => stays).map(([value]) => value)
  const types = await typesOf(context, staged)
  const found = staged.filter(value => matches(filter, memberForm({ value, type: types.get(value) ?? 'User' })))
  if (whole) return found
  for await (const page of membersOf(context, group)) {
    found.push(
      ...page
        .filter(edge => matches(filter, memberForm({ value: edge.member, type: edge.type })))
        .map(edge => edge.member)
    )
  }
  return found
}

async function edgesBefore(
  context: Context,
  group: string,
  { whole, members }: Wanted
): Promise<ReadonlyMap<string, Stored<Membership>>> {
  const found = new Map<string, Stored<Membership>>()
  const { store, tenant } = context
  if (whole) {
    for await (const page of pagesOf(context, memberships, edgesOf(group))) {
      for (const edge of page) found.set(edge.doc.member, edge)
    }
    return found
  }
  const ids = [...members.keys()].map(member => edgeId(group, member))
  for (let i = 0; i < ids.length; i += lookupSize) {
    const filter = isIn(field('id'), ids.slice(i, i + lookupSize))
    for (const edge of await store.find(memberships, tenant, { filter, limit: lookupSize }))
      found.set(edge.doc.member, edge)
  }
  return found
}

/** Whether each of `ids` is a user or a group. */
async function typesOf(context: Context, ids: readonly string[]): Promise<ReadonlyMap<string, MemberType>> {
  const types = new Map<string, MemberType>()
  const { store, tenant } = context
  for (let i = 0; i < ids.length; i += lookupSize) {
    const some = ids.slice(i, i + lookupSize)
    const query = (of: readonly string[]) => ({ filter: isIn(field('id'), of), limit: lookupSize })
    for (const { doc } of await store.find(users, tenant, query(some))) types.set(doc.id, 'User')
    const rest = some.filter(id => !types.has(id))
    if (rest.length === 0) continue
    for (const { doc } of await store.find(groups, tenant, query(rest))) types.set(doc.id, 'Group')
  }
  const missing = ids.filter(id => !types.has(id))
  if (missing.length > 0) throw unknownMembers(missing)
  return types
}

/** The edge, and the promise that its member will be there (hence `reference`). */
function edgeTo({ tenant }: Context, group: string, member: string, type: MemberType): Change[] {
  const target = type === 'User' ? reference(users, tenant, member) : reference(groups, tenant, member)
  return [target, insert(memberships, tenant, { id: edgeId(group, member), group, member, type })]
}

function unknownMembers(ids: readonly string[]): Refusal {
  const more = ids.length > 20 ? ` (and ${ids.length - 20} more)` : ''
  return new Refusal(
    'unknown_member',
    `No user or group has the id ${ids.slice(0, 20).join(', ')}${more}. Nothing was changed: create it first, or leave it out.`
  )
}
