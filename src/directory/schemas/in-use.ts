/** Who has values of what an organisation defined. */
import type { Context } from '../../audit/context.ts'
import type { Filter } from '../../scim/filter/filter.ts'
import { is } from '../../scim/filter/filter.ts'
import { markOf, termsPath } from '../../scim/terms.ts'
import type { Collection, Stored } from '../../store/port.ts'
import { groups, users } from '../collections.ts'
import { resources, type StoredResource } from '../resource-collection.ts'
import type { Group, User } from '../types.ts'

/** Resources whose left-over values are looked for together. */
const together = 100

const having = (type: string, urn: string): Filter => is(termsPath, markOf({ name: type }, urn))

/** Whether a resource of the type has values of the extension. */
export async function isUsed({ store, tenant }: Context, type: string, urn: string): Promise<boolean> {
  const filter = having(type, urn)
  return (await store.find(collectionOf(type), tenant, { filter, limit: 1 })).length > 0
}

/** The resources that have values of the extension: some of them, until none is left. */
export function someWith({ store, tenant }: Context, type: string, urn: string): Promise<readonly Stored<Held>[]> {
  return store.find(collectionOf(type), tenant, { filter: having(type, urn), limit: together })
}

export type Held = User | Group | StoredResource

export function collectionOf(type: string): Collection<Held> {
  const found = type === 'User' ? users : type === 'Group' ? groups : resources
  return found as unknown as Collection<Held>
}
