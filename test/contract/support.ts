/** What the contract's cases share. */
import { randomUUID } from 'node:crypto'
import { everything } from '../../src/scim/filter/filter.ts'
import type { Change, Collection, Conflict, Doc, Store } from '../../src/store/port.ts'

export interface Opened {
  readonly store: Store
  /** Another handle on the same database, as a second node would have. */
  readonly second?: Store
  /** Closes `store` and opens the same database again, where the adapter keeps it somewhere. */
  readonly reopen?: () => Promise<Store>
  /** Closes whatever is open and removes the database. */
  readonly close: () => Promise<void>
}

/** Makes an empty database with the `contractCollections`, each time. */
export type Open = () => Promise<Opened>

/** A name that nobody else uses: each case works in a tenant of its own, so that one database serves them all. */
export function fresh(prefix = 't'): string {
  return `${prefix}-${randomUUID()}`
}

/** Commits, trying again while the engine only says `busy`. */
export async function settle(
  store: Store,
  changes: readonly Change[],
  id = fresh('c')
): Promise<'committed' | Conflict> {
  for (let attempt = 0; ; attempt++) {
    const answer = await store.commit(changes, { id })
    if (answer === 'committed' || answer.conflict !== 'busy' || attempt === 100) return answer
    await new Promise(resolve => setTimeout(resolve, Math.random() * 5 * Math.min(attempt + 1, 10)))
  }
}

/** Commits what must succeed. */
export async function put(store: Store, ...changes: readonly Change[]): Promise<void> {
  const answer = await settle(store, changes)
  if (answer !== 'committed') throw new Error(`expected a commit, not ${JSON.stringify(answer)}`)
}

/** Every document of the tenant in order of id. */
export async function everyDoc<T extends Doc>(store: Store, collection: Collection<T>, tenant: string) {
  return store.find(collection, tenant, { filter: everything, limit: 100_000 })
}
