import type { Store } from '../../src/store/port.ts'

/** The same store, but for what is said otherwise: for a test that watches, or that lets somebody come between. */
export function wrapped(store: Store, otherwise: Partial<Store>): Store {
  return {
    get: (...args) => store.get(...args),
    find: (...args) => store.find(...args),
    count: (...args) => store.count(...args),
    tallies: (...args) => store.tallies(...args),
    commit: (...args) => store.commit(...args),
    ping: () => store.ping(),
    close: () => store.close(),
    ...otherwise
  }
}
