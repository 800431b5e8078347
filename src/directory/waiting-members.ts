/**
 * Members that are not there yet (quirk 67), where a connector lets them wait: one unknown member must not hold a whole group up
 * for ever, and must not be forgotten either.
 *
 * Ids are made here, so a value that is nobody's id can only be what the provider itself calls somebody. It stands for the
 * one user or group of that `externalId`, at once where there is one, else as soon as one arrives; until then it is listed
 * as waiting. Whom it stands for is kept, so that removing the value removes that member.
 */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import type { Precondition } from '../audit/precondition.ts'
import type { EpochMs } from '../base/clock.ts'
import { Refusal } from '../base/domain-error.ts'
import { all, field, fold, is, isIn } from '../scim/filter/filter.ts'
import type { Member, MemberChange } from '../scim/patch/members.ts'
import { type Change, insert, reference, remove, replace, type Stored } from '../store/port.ts'
import { groups, users } from './collections.ts'
import { changeGroup, createGroup, type GroupEdit, type GroupRead, getGroup } from './groups.ts'
import type { Group, User } from './types.ts'
import { type WaitingMember, waitingId, waitingMembers } from './waiting.ts'

/** Values of one request that are looked up; the lists of one are bounded by its size. */
const lookupSize = 1000

/**
 * As `changeGroup`, but members that nobody knows wait.
 *
 * @throws Refusal as `changeGroup`; then nobody waits either.
 */
export async function changeGroupWaiting(
  context: Context,
  id: string,
  edit: (before: Group) => GroupEdit,
  precondition: Precondition<string> = {}
): Promise<GroupRead> {
  const { stored } = await getGroup(context, id)
  const settled = await settle(context, id, edit(stored.doc).members)
  const read = await changeGroup(context, id, before => ({ ...edit(before), members: settled.members }), precondition)
  const waiting = await keep(context, id, settled)
  return (await joinLate(context, id, waiting)) ?? read
}

/** As `createGroup`, but members that nobody knows wait. */
export async function createGroupWaiting(
  context: Context,
  draft: Pick<GroupEdit, 'type' | 'resource'>,
  members: readonly Member[]
): Promise<GroupRead> {
  const settled = await settle(context, undefined, [{ kind: 'add', values: members }])
  const known = settled.members.flatMap(membersIn)
  const made = await createGroup(context, draft, known)
  const { id } = made.stored.doc
  return (await joinLate(context, id, await keep(context, id, settled))) ?? made
}

/** Who arrived since they were looked for found nobody waiting. */
async function joinLate(context: Context, group: string, waiting: readonly Member[]): Promise<GroupRead | undefined> {
  if (waiting.length === 0 || (await named(context, waiting)).size === 0) return undefined
  return changeGroupWaiting({ ...context, idempotency: undefined }, group, added(waiting))
}

/** Whoever waits under the name of somebody who has just arrived, or has just got that name, joins. @returns whether somebody waited. */
export async function joinWaiting(context: Context, externalId: unknown): Promise<boolean> {
  if (typeof externalId !== 'string' || externalId === '') return false
  const filter = all(is(field('value'), fold(externalId)), is(field('waits'), true))
  const rows = await context.store.find(waitingMembers, context.tenant, { filter, limit: lookupSize })
  const inner = { ...context, idempotency: undefined }
  for (const { doc } of rows) {
    try {
      await changeGroupWaiting(inner, doc.group, added([{ value: doc.value, sent: externalId }]))
    } catch (error) {
      // A group that was deleted meanwhile has nobody waiting any more.
      if (!(error instanceof Refusal && error.code === 'not_found')) throw error
    }
  }
  return rows.length > 0
}

const added =
  (values: readonly Member[]) =>
  ({ resource }: Group): GroupEdit => ({ resource, members: [{ kind: 'add', values }] })

interface Settled {
  /** With ids only. */
  readonly members: readonly MemberChange[]
  /** Each value that is no id → whether it shall be in the group, and whom it stands for. */
  readonly values: ReadonlyMap<
    string,
    { readonly stays: boolean; readonly member: string | undefined; readonly sent: Member }
  >
  readonly rows: readonly Stored<WaitingMember>[]
  /** All that are not named go. */
  readonly whole: boolean
}

async function settle(context: Context, group: string | undefined, changes: readonly MemberChange[]): Promise<Settled> {
  const sent = new Map(changes.flatMap(membersIn).map(member => [member.value, member]))
  const known = await idsAmong(context, [...sent.keys()])
  const strange = [...sent.values()].filter(({ value }) => !known.has(value))
  const rows = group === undefined ? [] : await rowsOf(context, group)
  const before = await idsAmong(
    context,
    rows.flatMap(({ doc }) => doc.member ?? [])
  )
  const meant = new Map(await named(context, strange))
  for (const { doc } of rows) {
    if (doc.member !== undefined && before.has(doc.member) && !meant.has(doc.value)) meant.set(doc.value, doc.member)
  }

  const stays = new Map<string, boolean>()
  let whole = false
  for (const change of changes) {
    if (change.kind === 'clear' || change.kind === 'replace') {
      whole = true
      stays.clear()
    }
    for (const { value } of membersIn(change)) if (!known.has(value)) stays.set(value, change.kind !== 'remove')
  }
  const values = new Map(
    [...stays].map(([value, stay]) => [
      value,
      { stays: stay, member: meant.get(value), sent: sent.get(value) ?? { value } }
    ])
  )
  const idOf = (value: string) => (known.has(value) ? value : meant.get(value))
  return { members: changes.map(change => withIds(change, idOf)), values, rows, whole }
}

function membersIn(change: MemberChange): readonly Member[] {
  if (change.kind === 'add' || change.kind === 'replace') return change.values
  return change.kind === 'remove' ? change.ids.map(value => ({ value })) : []
}

function withIds(change: MemberChange, idOf: (value: string) => string | undefined): MemberChange {
  if (change.kind === 'add' || change.kind === 'replace') {
    return {
      kind: change.kind,
      values: change.values.flatMap(({ value }) => (idOf(value) === undefined ? [] : [{ value: idOf(value) ?? value }]))
    }
  }
  return change.kind === 'remove' ? { kind: 'remove', ids: change.ids.map(value => idOf(value) ?? value) } : change
}

/** Writes who waits, and whom the others stand for. @returns those who wait. */
async function keep(context: Context, group: string, { values, rows, whole }: Settled): Promise<readonly Member[]> {
  const kept = new Map(rows.map(row => [row.doc.value, row]))
  const waiting = [...values].filter(([, { stays, member }]) => stays && member === undefined)
  const news = waiting.filter(([value]) => kept.get(value)?.doc.member !== undefined || !kept.has(value))
  await operate({ ...context, idempotency: undefined }, async () => {
    const fresh = new Map((await rowsOf(context, group)).map(row => [row.doc.value, row]))
    const changes = [
      ...[...values].flatMap(([value, to]) => rowChange(context, group, value, to, fresh.get(value))),
      ...(whole ? [...fresh.values()].filter(({ doc }) => !values.has(doc.value)).map(row => gone(context, row)) : [])
    ]
    if (changes.length === 0) return { answer: null, changes }
    const { stored } = await getGroup(context, group)
    const target = { kind: 'group', id: group, name: String(stored.doc.resource.displayName) }
    const event = happened(context, 'group.membersWait', target, {
      waiting: news.map(([value]) => value).slice(0, 100)
    })
    // The group has to be there still: who waits for one that was deleted meanwhile would wait for ever.
    return {
      answer: null,
      changes: [reference(groups, context.tenant, group), ...changes, ...(news.length > 0 ? [event] : [])]
    }
  })
  return waiting.map(([, { sent }]) => sent)
}

const gone = ({ tenant }: Context, { doc, version }: Stored<WaitingMember>): Change =>
  remove(waitingMembers, tenant, doc.id, version)

function rowChange(
  context: Context,
  group: string,
  value: string,
  { stays, member }: { readonly stays: boolean; readonly member: string | undefined },
  row: Stored<WaitingMember> | undefined
): readonly Change[] {
  if (!stays) return row === undefined ? [] : [gone(context, row)]
  if (row !== undefined && row.doc.member === member) return []
  const since: EpochMs = row?.doc.since ?? context.clock.now()
  const doc: WaitingMember = {
    id: waitingId(group, value),
    group,
    value,
    since,
    ...(member === undefined ? {} : { member })
  }
  return [
    row === undefined
      ? insert(waitingMembers, context.tenant, doc)
      : replace(waitingMembers, context.tenant, doc, row.version)
  ]
}

async function rowsOf({ store, tenant }: Context, group: string): Promise<readonly Stored<WaitingMember>[]> {
  return store.find(waitingMembers, tenant, { filter: is(field('group'), group), limit: lookupSize })
}

async function idsAmong({ store, tenant }: Context, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (let i = 0; i < ids.length; i += lookupSize) {
    const query = { filter: isIn(field('id'), ids.slice(i, i + lookupSize)), limit: lookupSize }
    for (const { doc } of await store.find(users, tenant, query)) found.add(doc.id)
    for (const { doc } of await store.find(groups, tenant, query)) found.add(doc.id)
  }
  return found
}

/** The ids of those whom the provider calls so. A name that two have is nobody's. */
async function named({ store, tenant }: Context, members: readonly Member[]): Promise<ReadonlyMap<string, string>> {
  const called = new Map(
    members.flatMap(({ value, sent = value }) => [[sent, value] as const, [value, value] as const])
  )
  const names = [...called.keys()]
  const found = new Map<string, string[]>()
  for (let i = 0; i < names.length; i += lookupSize) {
    const query = { filter: isIn(field('externalId'), names.slice(i, i + lookupSize)), limit: lookupSize }
    const people: readonly Stored<User | Group>[] = await store.find(users, tenant, query)
    for (const { doc } of [...people, ...(await store.find(groups, tenant, query))]) {
      const value = called.get(String(doc.resource.externalId))
      if (value !== undefined) found.set(value, [...(found.get(value) ?? []), doc.id])
    }
  }
  return new Map(
    [...found].flatMap(([value, [id, ...others]]) =>
      id === undefined || others.length > 0 ? [] : [[value, id] as const]
    )
  )
}
