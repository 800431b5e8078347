/** What is there, as the store has it: every rule that joins documents to one another, counted from scratch. */

import { defaultTenant } from '../../src/admin/activate.ts'
import { groups, groupsKey, memberships, users, usersKey } from '../../src/directory/collections.ts'
import { capacityOf } from '../../src/licensing/capacity.ts'
import { heldKey, pools, purchases, seats, spilledKey } from '../../src/licensing/collections.ts'
import { licenseTypes } from '../../src/licensing/types.ts'
import type { Collection, Doc, Store } from '../../src/store/port.ts'

const pageSize = 1000

/** @param since the id behind which it begins. */
export async function everyDoc<T extends Doc>(
  store: Store,
  collection: Collection<T>,
  since?: string
): Promise<readonly T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)?.id ?? since
    const after = last === undefined ? {} : { after: { id: last } }
    const page = await store.find(collection, defaultTenant, { limit: pageSize, ...after })
    all.push(...page.map(({ doc }) => doc))
    if (page.length < pageSize) return all
  }
}

/**
 * @param options.within no more holders than seats bought: so unless purchases ended or were reduced.
 * @returns a sentence for each rule that does not hold. Nobody may write meanwhile.
 */
export async function inspect(store: Store, { now = Date.now(), within = true } = {}): Promise<readonly string[]> {
  return [
    ...(await seatFaults(store, within ? now : undefined)),
    ...(await edgeFaults(store)),
    ...(await totalFaults(store))
  ]
}

async function seatFaults(store: Store, now: number | undefined): Promise<readonly string[]> {
  const [people, places] = [await everyDoc(store, users), await everyDoc(store, seats)]
  const [bought, sizes] = [await everyDoc(store, purchases), await everyDoc(store, pools)]
  const faults: string[] = []
  const sitting = new Map<string, string[]>()
  for (const { holder, pool } of places) {
    if (holder !== null) sitting.set(holder, [...(sitting.get(holder) ?? []), pool])
  }
  for (const { id, resource, license } of people) {
    const sits = sitting.get(id) ?? []
    sitting.delete(id)
    const should = resource.active === true ? [license.type] : []
    const held = license.state === 'held'
    if (sits.join() !== should.join() || held !== (resource.active === true)) {
      faults.push(
        `${resource.userName} (active ${resource.active}, ${license.type} ${license.state}) sits on [${sits}]`
      )
    }
  }
  for (const [holder, pool] of sitting) faults.push(`nobody of id ${holder} is there, and sits on ${pool}`)
  for (const type of licenseTypes) {
    const taken = places.filter(({ pool, holder }) => pool === type && holder !== null).length
    const capacity = now === undefined ? Number.POSITIVE_INFINITY : capacityOf(type, bought, now)
    if (taken > capacity) faults.push(`${type}: ${taken} seats are taken of ${capacity}`)
    const slots = sizes.find(({ id }) => id === type)?.slots ?? 0
    const numbers = new Set(places.flatMap(({ pool, n }) => (pool === type && n < slots ? [n] : [])))
    if (numbers.size !== slots) faults.push(`${type}: ${numbers.size} seats of ${slots} are there`)
  }
  return faults
}

async function edgeFaults(store: Store): Promise<readonly string[]> {
  const [people, circles] = [await everyDoc(store, users), await everyDoc(store, groups)]
  const there = new Set([...people, ...circles].map(({ id }) => id))
  const dangling = (await everyDoc(store, memberships)).filter(
    ({ group, member }) => !there.has(group) || !there.has(member)
  )
  return dangling.map(({ id }) => `the edge ${id} leads nowhere`)
}

async function totalFaults(store: Store): Promise<readonly string[]> {
  const [people, circles] = [await everyDoc(store, users), await everyDoc(store, groups)]
  const holding = (type: string) =>
    people.filter(({ license }) => license.type === type && license.state === 'held').length
  const counted: readonly (readonly [string, number])[] = [
    ...licenseTypes.map(type => [heldKey(type), holding(type)] as const),
    [spilledKey, people.filter(({ license }) => license.spilledOver === true).length],
    [usersKey, people.length],
    [groupsKey, circles.length]
  ]
  const kept = await store.tallies(
    defaultTenant,
    counted.map(([key]) => key)
  )
  return counted.flatMap(([key, n], i) => (kept[i] === n ? [] : [`the total ${key} is ${kept[i]}, and ${n} are there`]))
}
