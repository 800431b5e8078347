/** Pages of users and groups, for SCIM and for the admin API alike. */
import type { Context } from '../audit/context.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Collection, Doc, Query, Stored } from '../store/port.ts'
import { groups, groupsKey, users, usersKey } from './collections.ts'
import { type Relation, relate } from './related.ts'
import type { Group, User } from './types.ts'

export interface Page<T extends Doc> {
  readonly total: number
  readonly found: readonly Stored<T>[]
}

export const listUsers = (context: Context, query: Query): Promise<Page<User>> =>
  list(context, users, usersKey, 'groups', query)

export const listGroups = (context: Context, query: Query): Promise<Page<Group>> =>
  list(context, groups, groupsKey, 'members', query)

/** A total over everything is kept, never counted. */
async function list<T extends Doc>(
  context: Context,
  collection: Collection<T>,
  totalKey: string,
  relation: Relation,
  query: Query
): Promise<Page<T>> {
  const { store, tenant } = context
  const filter = query.filter === undefined ? undefined : await relate(context, relation, query.filter)
  const page = { ...query, ...(filter === undefined ? {} : { filter }) }
  const found = query.limit === 0 ? [] : await store.find(collection, tenant, page)
  return { found, total: await total(context, collection, totalKey, filter, page, found) }
}

async function total<T extends Doc>(
  { store, tenant }: Context,
  collection: Collection<T>,
  totalKey: string,
  filter: Filter | undefined,
  { after, offset = 0, limit }: Query,
  found: readonly Stored<T>[]
): Promise<number> {
  if (filter === undefined) return (await store.tallies(tenant, [totalKey]))[0] ?? 0
  // A page that is not full, and is not empty behind an offset, shows the end by itself.
  const end = after === undefined && found.length < limit && (found.length > 0 || offset === 0)
  return end ? offset + found.length : store.count(collection, tenant, filter)
}
