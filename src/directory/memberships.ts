/** Who belongs to which group: edges, read and written one by one. */
import type { Context } from '../audit/context.ts'
import { pageSize, pagesOf } from '../audit/pages.ts'
import { gather } from '../base/gather.ts'
import { field, fold, is, isIn } from '../scim/filter/filter.ts'
import { type Change, removeWhere, type Stored, tally } from '../store/port.ts'
import { groups, memberships, membersKey } from './collections.ts'
import type { Group, Membership } from './types.ts'
import type { GroupOfUser } from './view.ts'

const [groupPath, memberPath, typePath, idPath] = [field('group'), field('value'), field('type'), field('id')]

/** Groups within groups that are followed: more is a mistake in the directory, and must not hang a read. */
const ancestorsMax = 10_000

/** All edges of a group, page by page. */
export async function* membersOf(context: Context, group: string): AsyncGenerator<readonly Membership[]> {
  for await (const page of pagesOf(context, memberships, edgesOf(group))) yield page.map(({ doc }) => doc)
}

/** The edges from any of `members` up to groups. */
async function edgesAbove(context: Context, members: readonly string[]): Promise<readonly Membership[]> {
  const edges: Membership[] = []
  for await (const page of pagesOf(context, memberships, isIn(memberPath, members))) {
    edges.push(...page.map(({ doc }) => doc))
  }
  return edges
}

export type GroupsOf = ReadonlyMap<string, readonly GroupOfUser[]>

const noGroups: GroupsOf = new Map()

/**
 * The groups of each of `members`, direct ones first, then those reached through nested groups. A cycle ends
 * where it began. Members without a group are not in the map; it may have others in it, who were asked for at the same time.
 */
export async function groupsOf(context: Context, members: readonly string[]): Promise<GroupsOf> {
  if (members.length === 0) return noGroups
  const together = groupReaders.get(context.store) ?? groupReader()
  groupReaders.set(context.store, together)
  return together({ context, members })
}

interface Asked {
  readonly context: Context
  readonly members: readonly string[]
}

const groupReaders = new WeakMap<object, (asked: Asked) => Promise<GroupsOf>>()

function groupReader(): (asked: Asked) => Promise<GroupsOf> {
  const read = async (all: readonly Asked[]) => {
    const [first] = all
    if (first === undefined) return []
    const groups = await readGroups(first.context, [...new Set(all.flatMap(({ members }) => members))])
    return all.map(() => groups)
  }
  return gather(read, { laneOf: ({ context }) => context.tenant, activeMax: 2, togetherMax: 50 })
}

async function readGroups(context: Context, members: readonly string[]): Promise<GroupsOf> {
  const above = new Map<string, string[]>()
  const names = new Map<string, string>()
  let frontier = [...members]
  while (frontier.length > 0 && above.size < members.length + ancestorsMax) {
    const edges = await edgesAbove(context, frontier)
    for (const member of frontier) above.set(member, [])
    for (const { member, group } of edges) above.get(member)?.push(group)
    const reached = [...new Set(edges.map(edge => edge.group))].filter(group => !names.has(group))
    const found = await groupsById(context, reached)
    for (const { doc } of found) names.set(doc.id, String(doc.resource.displayName))
    // Only what something ever pointed to can be in another group.
    frontier = found.filter(group => group.referenced && !above.has(group.doc.id)).map(({ doc }) => doc.id)
  }
  return new Map(
    members.flatMap(member => {
      const found = reached(member, above).filter(group => names.has(group.value))
      return found.length === 0
        ? []
        : [[member, found.map(g => ({ ...g, display: names.get(g.value) ?? '' }))] as const]
    })
  )
}

function reached(member: string, above: ReadonlyMap<string, readonly string[]>) {
  const direct = new Set(above.get(member))
  const indirect = new Set<string>()
  const open = [...direct]
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    for (const parent of above.get(group) ?? []) {
      if (direct.has(parent) || indirect.has(parent) || parent === member) continue
      indirect.add(parent)
      open.push(parent)
    }
  }
  return [
    ...[...direct].map(value => ({ value, type: 'direct' as const })),
    ...[...indirect].map(value => ({ value, type: 'indirect' as const }))
  ]
}

async function groupsById({ store, tenant }: Context, ids: readonly string[]): Promise<readonly Stored<Group>[]> {
  const found: Stored<Group>[] = []
  for (let i = 0; i < ids.length; i += pageSize) {
    const some = ids.slice(i, i + pageSize)
    found.push(...(await store.find(groups, tenant, { filter: isIn(idPath, some), limit: pageSize })))
  }
  return found
}

/** The groups below `group`, itself included: for filters on `groups`. Bounded like the way up. */
export async function groupsBelow({ store, tenant }: Context, group: string): Promise<readonly string[]> {
  const seen = new Set([group])
  let frontier = [group]
  while (frontier.length > 0 && seen.size < ancestorsMax) {
    const filter = { op: 'and' as const, parts: [isIn(groupPath, frontier), is(typePath, fold('Group'))] }
    const edges = await store.find(memberships, tenant, { filter, limit: ancestorsMax })
    frontier = [...new Set(edges.map(({ doc }) => doc.member))].filter(id => !seen.has(id))
    for (const id of frontier) seen.add(id)
  }
  return [...seen]
}

/** The changes by which a user or group leaves every group it is in. Each of them has changed for its readers. */
export async function leaveAllGroups(
  context: Context,
  { doc, referenced }: Pick<Stored<{ id: string }>, 'doc' | 'referenced'>
): Promise<Change[]> {
  // Nothing ever pointed here, so nothing needs to be looked for.
  if (!referenced) return []
  const edges = await edgesAbove(context, [doc.id])
  return [
    removeWhere(memberships, context.tenant, is(memberPath, doc.id)),
    ...edges.map(edge => tally(context.tenant, membersKey(edge.group), 1))
  ]
}

export const edgesOf = (group: string) => is(groupPath, group)
