/** What rarely changes and is needed all the time: read once in a while for each tenant of a store. */
import type { Clock, EpochMs } from './clock.ts'
import { gather } from './gather.ts'

interface Place {
  readonly store: object
  readonly clock: Clock
}

export interface Kept<P extends Place, T> {
  /** As it was `maxAgeMs` ago at most; with `fresh`, as it is now. */
  of(place: P, tenant: string, options?: { readonly fresh?: boolean }): Promise<T>
  /** After a change of it. */
  forget(place: P, tenant: string): void
}

interface Known<T> {
  readonly readAt: EpochMs
  readonly value: Promise<T>
}

/** @param read what it throws is not kept. */
export function kept<P extends Place, T>(read: (place: P, tenant: string) => Promise<T>, maxAgeMs: number): Kept<P, T> {
  const stores = new WeakMap<object, ReturnType<typeof open>>()

  function open() {
    const known = new Map<string, Known<T>>()
    const readNow = (place: P, tenant: string) => {
      const made = { readAt: place.clock.now(), value: read(place, tenant) }
      known.set(tenant, made)
      made.value.catch(() => known.get(tenant) === made && known.delete(tenant))
      return made.value
    }
    // Who needs it fresh at the same time reads it together with the others.
    const fresh = gather(
      async (asked: readonly { readonly place: P; readonly tenant: string }[]) => {
        const [first] = asked
        if (first === undefined) return []
        const value = await readNow(first.place, first.tenant)
        return asked.map(() => value)
      },
      { laneOf: ({ tenant }) => tenant, activeMax: 1, togetherMax: Number.POSITIVE_INFINITY }
    )
    return { known, readNow, fresh }
  }

  const at = ({ store }: P) => {
    const found = stores.get(store) ?? open()
    stores.set(store, found)
    return found
  }

  return {
    async of(place, tenant, { fresh = false } = {}) {
      const here = at(place)
      if (fresh) return here.fresh({ place, tenant })
      const found = here.known.get(tenant)
      const young = found !== undefined && Math.abs(place.clock.now() - found.readAt) < maxAgeMs
      return young ? found.value : here.readNow(place, tenant)
    },
    forget: (place, tenant) => void at(place).known.delete(tenant)
  }
}
