/** Users and groups that match a filter, for SCIM and for the admin API alike. */
import type { Context } from '../audit/context.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { byTerms } from '../scim/terms.ts'
import type { Collection, Doc, Query, Stored } from '../store/port.ts'
import { groups, groupsKey, users, usersKey } from './collections.ts'
import { asOfNow } from './license-states.ts'
import { relate } from './related.ts'
import type { Group, User } from './types.ts'
import { typesOf } from './types-of.ts'

/** What part of the matches is read, and in which order. */
export type Part = Omit<Query, 'filter'>

/** The documents of one collection that match. Conditions that mean something else tomorrow mean what they meant when this was made. */
export interface Matches<T extends Doc> {
  find(part: Part): Promise<readonly Stored<T>[]>
  /** How many there are. Over everything the total is kept, never counted; a filter makes it dear. */
  total(): Promise<number>
}

export async function usersMatching(context: Context, filter: Filter | undefined): Promise<Matches<User>> {
  if (filter === undefined) return matches(context, users, usersKey)
  const related = await relate(context, 'groups', await asOfNow(context, filter))
  const { user } = await typesOf(context, context.tenant)
  return matches(context, users, usersKey, byTerms(user, related))
}

export async function groupsMatching(context: Context, filter: Filter | undefined): Promise<Matches<Group>> {
  if (filter === undefined) return matches(context, groups, groupsKey)
  const { group } = await typesOf(context, context.tenant)
  return matches(context, groups, groupsKey, byTerms(group, await relate(context, 'members', filter)))
}

function matches<T extends Doc>(
  { store, tenant }: Context,
  collection: Collection<T>,
  totalKey: string,
  filter?: Filter
): Matches<T> {
  return {
    find: async part => {
      if (part.limit === 0) return []
      return store.find(collection, tenant, { ...part, ...(filter === undefined ? {} : { filter }) })
    },
    total: async () => {
      if (filter !== undefined) return store.count(collection, tenant, filter)
      return (await store.tallies(tenant, [totalKey]))[0] ?? 0
    }
  }
}
