/** Pages of users and groups, for SCIM and for the admin API alike. */
import type { Context } from '../audit/context.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Collection, Doc, Query, Stored } from '../store/port.ts'
import { groups, groupsKey, users, usersKey } from './collections.ts'
import { asOfNow } from './license-states.ts'
import { type Relation, relate } from './related.ts'
import type { Group, User } from './types.ts'

export interface Page<T extends Doc> {
  readonly total: number
  readonly found: readonly Stored<T>[]
}

interface Listed<T extends Doc> {
  readonly collection: Collection<T>
  readonly totalKey: string
  readonly relation: Relation
  /** What conditions mean that time changes. */
  readonly asOfNow?: (context: Context, filter: Filter) => Promise<Filter>
}

const listedUsers: Listed<User> = { collection: users, totalKey: usersKey, relation: 'groups', asOfNow }
const listedGroups: Listed<Group> = { collection: groups, totalKey: groupsKey, relation: 'members' }

export const listUsers = (context: Context, query: Query): Promise<Page<User>> => list(context, listedUsers, query)

export const listGroups = (context: Context, query: Query): Promise<Page<Group>> => list(context, listedGroups, query)

/** A page of users without the total, which a filter makes dear. */
export async function findUsers(context: Context, query: Query): Promise<readonly Stored<User>[]> {
  return find(context, listedUsers, await related(context, listedUsers, query))
}

async function list<T extends Doc>(context: Context, listed: Listed<T>, asked: Query): Promise<Page<T>> {
  const query = await related(context, listed, asked)
  const found = await find(context, listed, query)
  return { found, total: await total(context, listed, query, found) }
}

/** The query as the store can answer it. */
async function related<T extends Doc>(context: Context, listed: Listed<T>, query: Query): Promise<Query> {
  if (query.filter === undefined) return query
  const filter = (await listed.asOfNow?.(context, query.filter)) ?? query.filter
  return { ...query, filter: await relate(context, listed.relation, filter) }
}

async function find<T extends Doc>({ store, tenant }: Context, { collection }: Listed<T>, query: Query) {
  return query.limit === 0 ? [] : store.find(collection, tenant, query)
}

/** A total over everything is kept, never counted. */
async function total<T extends Doc>(
  { store, tenant }: Context,
  { collection, totalKey }: Listed<T>,
  { filter, after, offset = 0, limit }: Query,
  found: readonly Stored<T>[]
): Promise<number> {
  if (filter === undefined) return (await store.tallies(tenant, [totalKey]))[0] ?? 0
  // A page that is not full, and is not empty behind an offset, shows the end by itself.
  const end = after === undefined && found.length < limit && (found.length > 0 || offset === 0)
  return end ? offset + found.length : store.count(collection, tenant, filter)
}
