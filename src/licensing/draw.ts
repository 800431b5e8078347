/**
 * Finding free seats.
 *
 * Seat n of a type may be given away while n < capacity(now), and only while nobody sits at or above capacity: such a
 * holder (purchases ended or were reduced) moves down first, because holders count before newcomers (SEAT-92,
 * SEAT-109). So the number of holders never grows past the capacity, whatever starts or ends meanwhile.
 */
import type { Context } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import { field, is } from '../scim/filter/filter.ts'
import { type Change, insert, replace, type Stored, tally } from '../store/port.ts'
import { heldKey, pools, seats, slotsPerGrowth } from './collections.ts'
import { drawInTurn, lookForSeats, seatAbove } from './free-seats.ts'
import { capacityIn, forgetPolicy, type Policy, policyOf } from './policy.ts'
import type { LicenseType, Pool, Seat } from './types.ts'

/**
 * Up to `wanted` free seats of a type, each to be claimed with `claim`. Fewer only where the pool is full.
 */
export async function drawSeats(
  context: Context,
  policy: Policy,
  type: LicenseType,
  wanted = 1
): Promise<readonly Stored<Seat>[]> {
  const capacity = capacityIn(policy, type, context.clock.now())
  const known = policy.pools.get(type)
  const slots = known?.doc.slots ?? 0
  const usable = Math.min(capacity, slots)
  const [current, free] = await Promise.all([
    context.store.get(pools, context.tenant, type),
    usable === 0 ? [] : freeSeats(context, type, usable, wanted)
  ])
  // Every change of purchases is a version of the pool: what another node sold less of is not given away here.
  if (current?.version !== known?.version) return drawAgain(context, type, wanted)
  if (slots > capacity && (await seatAbove(context, context.tenant, type, capacity)) !== undefined) {
    await moveDown(context, type, capacity)
    return drawAgain(context, type, wanted)
  }
  if (free.length < wanted && slots < capacity) {
    await growPool(context, type, slots, capacity)
    return drawAgain(context, type, wanted)
  }
  return free
}

async function drawAgain(context: Context, type: LicenseType, wanted: number): Promise<readonly Stored<Seat>[]> {
  const policy = await policyOf(context, context.tenant, { fresh: true })
  const capacity = capacityIn(policy, type, context.clock.now())
  const stillAbove = await seatAbove(context, context.tenant, type, capacity)
  return stillAbove === undefined ? drawSeats(context, policy, type, wanted) : []
}

async function freeSeats(
  context: Context,
  type: LicenseType,
  usable: number,
  wanted: number
): Promise<readonly Stored<Seat>[]> {
  if (wanted > 1) return lookForSeats(context, type, usable, wanted)
  const seat = await drawInTurn(context, type, usable)
  return seat === undefined ? [] : [seat]
}

/** Moves holders from seats at or above capacity to free ones below, one by one, while there are both. */
async function moveDown(context: Context, type: LicenseType, capacity: number): Promise<void> {
  const inner = { ...context, idempotency: undefined }
  for (;;) {
    const moved = await operate(inner, async () => {
      const policy = await policyOf(context, context.tenant, { fresh: true })
      const usable = Math.min(capacity, policy.pools.get(type)?.doc.slots ?? 0)
      const above = await seatAbove(context, context.tenant, type, capacity)
      const [free] = usable === 0 ? [] : await freeSeats(context, type, usable, 1)
      if (above === undefined || free === undefined) return { answer: false, changes: [] }
      return { answer: true, changes: [give(context, above, null), give(context, free, above.doc.holder)] }
    })
    if (!moved) return
  }
}

/** Makes seat documents up to `capacity`, at most `slotsPerGrowth` of them: once, however many found the pool too small. */
async function growPool(context: Context, type: LicenseType, known: number, capacity: number): Promise<void> {
  const inner = { ...context, idempotency: undefined }
  await operate(inner, async () => {
    const stored = await context.store.get(pools, context.tenant, type)
    const to = Math.min(capacity, known + slotsPerGrowth)
    const done = (stored?.doc.slots ?? 0) !== known
    return { answer: null, changes: !done && to > known ? grown(context.tenant, type, stored, to) : [] }
  })
  forgetPolicy(context, context.tenant)
}

/** The changes that make the seats up to `slots` of a type. */
export function grown(tenant: string, type: LicenseType, stored: Stored<Pool> | undefined, slots: number): Change[] {
  const from = stored?.doc.slots ?? 0
  const made = Array.from({ length: slots - from }, (_, i) => {
    const number = from + i
    return insert(seats, tenant, { id: `${type}-${number}`, pool: type, n: number, holder: null, epoch: 0 })
  })
  const doc: Pool = { id: type, loweredAt: null, ...stored?.doc, slots }
  return [stored === undefined ? insert(pools, tenant, doc) : replace(pools, tenant, doc, stored.version), ...made]
}

function give({ tenant }: Context, { doc, version }: Stored<Seat>, holder: string | null): Change {
  return replace(seats, tenant, { ...doc, holder, epoch: doc.epoch + 1 }, version)
}

/** The changes by which `holder` takes a free seat. */
export function claim(context: Context, seat: Stored<Seat>, holder: string): Change[] {
  return [give(context, seat, holder), tally(context.tenant, heldKey(seat.doc.pool), 1)]
}

/** The changes by which a seat becomes free. */
export function release(context: Context, seat: Stored<Seat>): Change[] {
  return [give(context, seat, null), tally(context.tenant, heldKey(seat.doc.pool), -1)]
}

/** The changes by which one holder follows another on a seat, with no moment between. */
export function pass(context: Context, seat: Stored<Seat>, holder: string): Change[] {
  return [give(context, seat, holder)]
}

/** The seat that somebody holds. */
export async function seatOf({ store, tenant }: Context, holder: string): Promise<Stored<Seat> | undefined> {
  const [seat] = await store.find(seats, tenant, { filter: is(field('holder'), holder), limit: 1 })
  return seat
}
