import { field } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'
import type { Pool, Purchase, Seat } from './types.ts'

export const purchases: Collection<Purchase> = {
  name: 'purchases',
  search: ({ id, type, quantity, start, end }) => ({ id, type, quantity, start, ...(end === null ? {} : { end }) }),
  indexes: []
}

export const pools: Collection<Pool> = {
  name: 'pools',
  search: ({ id, slots }) => ({ id, slots }),
  indexes: []
}

export const seats: Collection<Seat> = {
  name: 'seats',
  search: ({ id, pool, n, holder }) => ({ id, pool, n, held: holder !== null, ...(holder === null ? {} : { holder }) }),
  indexes: [
    // Finds a free seat from a random start, and the holders above capacity.
    { name: 'drawing', paths: [field('pool'), field('held'), field('n')] },
    { name: 'holder', paths: [field('holder')] }
  ]
}

/** Kept totals. */
export const heldKey = (type: string) => `held.${type}`
export const spilledKey = 'spilledOver'

/** Seat documents made at a time. A bigger purchase grows as it is used, so that buying a million costs nothing. */
export const slotsPerGrowth = 2000
