/**
 * Makes an organisation of any size, straight in the database:
 *
 *   node bench/seed.ts --store sqlite --users 1000000 [--dir folder]
 *
 * What begins in the same way for every size (settings, purchases, roles, connector, the first seats) is written by the
 * server's own activation; what there is much of (users, seats, edges, audit events) in bulk, and then one of each is read
 * back through the port and compared with what was meant.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { activate } from '../src/admin/activate.ts'
import { makeEnv } from '../src/app.ts'
import { type Context, systemActor } from '../src/audit/context.ts'
import { auditEvents } from '../src/audit/events.ts'
import { edgeId, groups, groupsKey, memberships, users, usersKey } from '../src/directory/collections.ts'
import { heldKey, pools, seats, slotsPerGrowth } from '../src/licensing/collections.ts'
import { claim } from '../src/licensing/draw.ts'
import { replace, type Store, tally } from '../src/store/port.ts'
import type { Bulk, Target } from './bulk.ts'
import {
  edgesOf,
  eventsOf,
  figuresOf,
  groupsOf,
  isActiveAt,
  seatOf,
  seatsFrom,
  sizesOf,
  tenant,
  userAt,
  usersOf
} from './organisation.ts'
import { idOf } from './people.ts'
import { openPlace } from './place.ts'

/** PAM seats: the first user takes one, and none of the others needs one. */
const pamSeats = 1000

/** Fills an empty database. @returns the token of its SCIM connector. */
export async function seed(target: Target, count: number): Promise<string> {
  const token = await begin(target, count)
  const bulk = await target.bulk()
  await fill(bulk, count)
  await bulk.close()
  const store = await target.open()
  await finish(store, count)
  await check(store, count)
  await store.close()
  return token
}

async function begin(target: Target, count: number): Promise<string> {
  const store = await target.open()
  const secrets = await activate(makeEnv({ store }), { seats: { PWM: figuresOf(count).capacity, PAM: pamSeats } })
  await store.close()
  if (secrets === undefined) throw new Error('there is an organisation already')
  return secrets.scimToken
}

async function fill(bulk: Bulk, count: number): Promise<void> {
  await bulk.add(users, tenant, usersOf(count))
  await bulk.add(seats, tenant, seatsFrom(slotsPerGrowth, count))
  await bulk.add(groups, tenant, groupsOf(count))
  await bulk.add(memberships, tenant, edgesOf(count))
  await bulk.add(auditEvents, tenant, eventsOf(count))
  const largest = sizesOf(count).at(-1) ?? 0
  if (largest > 0) await bulk.refer(users, tenant, idOf('user', count - largest), idOf('user', count - 1))
}

/** The first seats exist since the activation: their holders take them as ever. The totals follow. */
async function finish(store: Store, count: number): Promise<void> {
  const context: Context = { ...makeEnv({ store }), tenant, actor: systemActor }
  const { held, slots } = figuresOf(count)
  const pool = await store.get(pools, tenant, 'PWM')
  if (pool === undefined) throw new Error('the activation made no pool')
  const changes = slots === pool.doc.slots ? [] : [replace(pools, tenant, { ...pool.doc, slots }, pool.version)]
  let claimed = 0
  for (let n = 0; n < count && claimed < slotsPerGrowth; n++) {
    if (!isActiveAt(n)) continue
    const { id, holder } = seatOf(n)
    const seat = await store.get(seats, tenant, id)
    if (seat === undefined) throw new Error(`there is no seat ${id}`)
    changes.push(...claim(context, seat, holder ?? ''))
    claimed++
  }
  changes.push(
    tally(tenant, usersKey, count),
    tally(tenant, groupsKey, sizesOf(count).length),
    tally(tenant, heldKey('PWM'), held - claimed)
  )
  const answer = await store.commit(changes, { id: context.makeId() })
  if (answer !== 'committed') throw new Error(`the end could not be written: ${JSON.stringify(answer)}`)
}

async function check(store: Store, count: number): Promise<void> {
  const { held } = figuresOf(count)
  const last = count - 1
  const holder = isActiveAt(last) ? last : last - 1
  const user = await store.get(users, tenant, idOf('user', last))
  const seat = await store.get(seats, tenant, seatOf(holder).id)
  const [size] = sizesOf(count)
  const edge = await store.get(memberships, tenant, edgeId(idOf('group', 0), idOf('user', last)))
  const [total, inUse] = await store.tallies(tenant, [usersKey, heldKey('PWM')])
  const holds =
    isDeepStrictEqual(user?.doc, userAt(last)) &&
    isDeepStrictEqual(seat?.doc, seatOf(holder)) &&
    (size === undefined ||
      (edge?.doc.member === idOf('user', last) && user?.referenced === true && user.version === 2)) &&
    // The first user of the activation is one more.
    total === count + 1 &&
    inUse === held
  if (!holds)
    throw new Error(`what was read back is not what was meant: ${JSON.stringify({ user, seat, edge, total, inUse })}`)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'sqlite' },
      users: { type: 'string', default: '1000' },
      dir: { type: 'string', default: process.env.USHER_BENCH_DIR ?? 'bench-data' }
    }
  })
  const place = await openPlace(values.dir)
  try {
    const { settings, token } = await place.seeded(
      values.store === 'mongodb' ? 'mongodb' : 'sqlite',
      Number(values.users)
    )
    const env = Object.entries(settings).map(([name, value]) => `${name}=${value} `)
    process.stdout.write(`${env.join('')}npm start\nSCIM token: ${token}\n`)
  } finally {
    await place.close()
  }
}
