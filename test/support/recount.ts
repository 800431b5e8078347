/** Counts seats in every way there is, and wants the same answer from all of them. */
import type { Test } from 'tap'
import { users, usersKey } from '../../src/directory/collections.ts'
import type { User } from '../../src/directory/types.ts'
import { heldKey, seats, spilledKey } from '../../src/licensing/collections.ts'
import { licenseTypes, type Seat } from '../../src/licensing/types.ts'
import type { Collection, Doc } from '../../src/store/port.ts'
import type { TestServer } from './app.ts'

const pageSize = 1000

async function everything<T extends Doc>({ store, context }: TestServer, collection: Collection<T>): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)
    const after = last === undefined ? {} : { after: { id: last.id } }
    const page = await store.find(collection, context.tenant, { limit: pageSize, ...after })
    all.push(...page.map(({ doc }) => doc))
    if (page.length < pageSize) return all
  }
}

interface UserItem {
  readonly id: string
  readonly active: boolean
  readonly license: { readonly type: string | null; readonly state: string; readonly spilledOver: boolean }
}

/** Every user as the admin API lists them. */
async function listed(server: TestServer): Promise<UserItem[]> {
  const items: UserItem[] = []
  let next: string | null = ''
  while (next !== null) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const { body } = await server.api<{ items: UserItem[]; next: string | null }>('GET', `/users?limit=1000${cursor}`)
    items.push(...body.items)
    next = body.next
  }
  return items
}

/**
 * After any history of finished requests: the figures shown equal a count of the users and a count of the seats; every
 * active user sits on exactly one seat, of the type the user shows; nobody else sits anywhere.
 *
 * @param within also no more holders than seats bought (not so after a reduction).
 */
export async function recount(t: Test, server: TestServer, { within = true } = {}): Promise<void> {
  const [shown, items, userDocs, seatDocs, totals] = [
    await server.api<{ seats: { type: string; inUse: number; purchased: number; spilledOver: number }[] }>(
      'GET',
      '/seats'
    ),
    await listed(server),
    await everything<User>(server, users),
    await everything<Seat>(server, seats),
    await server.store.tallies(server.context.tenant, [...licenseTypes.map(heldKey), spilledKey, usersKey])
  ]
  const holders = (type: string) => items.filter(({ license }) => license.type === type && counts(license.state))
  const taken = (type: string) => seatDocs.filter(({ pool, holder }) => pool === type && holder !== null)
  for (const [i, type] of licenseTypes.entries()) {
    const figure = shown.body.seats.find(one => one.type === type)
    const inUse = figure?.inUse ?? -1
    t.equal(holders(type).length, inUse, `${type}: users who hold one are as many as are in use`)
    t.equal(taken(type).length, inUse, `${type}: seats taken are as many as are in use`)
    t.equal(totals[i], inUse, `${type}: the kept total is as many as are in use`)
    if (within) t.ok(inUse <= (figure?.purchased ?? -1), `${type}: ${inUse} in use are not more than were bought`)
  }
  const spilled = items.filter(({ license }) => license.spilledOver).length
  t.equal(shown.body.seats.find(one => one.type === 'PAM')?.spilledOver, spilled, 'spilled over as counted')
  t.equal(totals.at(-1), items.length, 'the total of users is as counted')
  t.equal(userDocs.length, items.length, 'the list shows every user')

  const seatsOf = new Map<string, string[]>()
  for (const { holder, pool } of seatDocs) {
    if (holder !== null) seatsOf.set(holder, [...(seatsOf.get(holder) ?? []), pool])
  }
  const wrong = items.filter(({ id, active, license }) => {
    const sits = seatsOf.get(id) ?? []
    seatsOf.delete(id)
    const should = active ? [license.type] : []
    return sits.join() !== should.join() || counts(license.state) !== active
  })
  t.same(wrong, [], 'every active user sits on one seat of the type shown, and nobody else sits')
  t.equal(seatsOf.size, 0, 'no seat is held by somebody who is not there')
}

const counts = (state: string) => state === 'held' || state === 'suspended'
