/**
 * Work on a staged store draws its seats long before it is committed, and others take some of them meanwhile. Nothing but the seat
 * itself says which one it is: so another one is given in its place, and the work need not be done again.
 */
import type { Context } from '../audit/context.ts'
import { field, isIn } from '../scim/filter/filter.ts'
import { replace, type Stored } from '../store/port.ts'
import type { Staged, StagedStore } from '../store/staged.ts'
import { seats } from './collections.ts'
import { lookForSeats, seatAbove, speakFor } from './free-seats.ts'
import { capacityIn, policyOf } from './policy.ts'
import type { LicenseType, Seat } from './types.ts'

/** Seats looked up at a time. */
const lookupSize = 500

/**
 * Gives new seats to those whose seat has been taken since it was drawn, looks whether all of them may still be given away, and
 * keeps others of this process from them.
 *
 * @param context of the store below.
 * @returns `none`: no seat was taken; `given`: others were given for those that were; `impossible`: there are not so many by now, and
 *   the staged store can't be used any more.
 */
export async function drawAnew(context: Context, staged: StagedStore): Promise<'none' | 'given' | 'impossible'> {
  const drawn = staged.written(seats, context.tenant).filter(isDrawn)
  const versions = await versionsOf(context, drawn)
  const lost = drawn.filter(({ base }) => versions.get(base.doc.id) !== base.version)
  for (const [type, those] of Map.groupBy(lost, typeOf)) {
    if (!(await giveOthers(context, staged, type, those))) return 'impossible'
  }
  for (const [type, those] of Map.groupBy(staged.written(seats, context.tenant).filter(isDrawn), typeOf)) {
    if (!(await mayBeGiven(context, type, those))) return 'impossible'
    speakFor(
      context,
      type,
      those.map(({ base }) => base)
    )
  }
  return lost.length === 0 ? 'none' : 'given'
}

interface Drawn {
  readonly base: Stored<Seat>
  readonly now: Stored<Seat>
}

const isDrawn = (one: Staged<Seat>): one is Drawn =>
  one.base !== undefined && one.base.doc.holder === null && one.now !== undefined && one.now.doc.holder !== null

const typeOf = ({ base }: Drawn) => base.doc.pool as LicenseType

/** As for a seat that is drawn now (`draw.ts`): below the capacity, and nobody sits above it. */
async function mayBeGiven(context: Context, type: LicenseType, drawn: readonly Drawn[]): Promise<boolean> {
  const policy = await policyOf(context, context.tenant, { fresh: true })
  const capacity = capacityIn(policy, type, context.clock.now())
  if (drawn.some(({ base }) => base.doc.n >= capacity)) return false
  const slots = policy.pools.get(type)?.doc.slots ?? 0
  return slots <= capacity || (await seatAbove(context, context.tenant, type, capacity)) === undefined
}

async function versionsOf({ store, tenant }: Context, drawn: readonly Drawn[]): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>()
  for (let i = 0; i < drawn.length; i += lookupSize) {
    const ids = drawn.slice(i, i + lookupSize).map(({ base }) => base.doc.id)
    for (const seat of await store.find(seats, tenant, { filter: isIn(field('id'), ids), limit: lookupSize })) {
      versions.set(seat.doc.id, seat.version)
    }
  }
  return versions
}

async function giveOthers(
  context: Context,
  staged: StagedStore,
  type: LicenseType,
  lost: readonly Drawn[]
): Promise<boolean> {
  const { tenant } = context
  const policy = await policyOf(context, tenant, { fresh: true })
  const usable = Math.min(capacityIn(policy, type, context.clock.now()), policy.pools.get(type)?.doc.slots ?? 0)
  const holders = lost.map(({ now }) => now.doc.holder)
  for (const { base } of lost) staged.forget(seats, tenant, base.doc.id)
  // Of the staged store: what is drawn there is not free.
  const free = usable === 0 ? [] : await lookForSeats({ ...context, store: staged }, type, usable, lost.length)
  if (free.length < lost.length) return false
  const changes = free.slice(0, lost.length).map(({ doc, version }, i) => {
    return replace(seats, tenant, { ...doc, holder: holders[i] ?? null, epoch: doc.epoch + 1 }, version)
  })
  return (await staged.commit(changes, { id: context.makeId() })) === 'committed'
}
