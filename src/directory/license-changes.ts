/** An administrator chooses licences, for one user or for several at once (SEAT-24 … SEAT-37). */
import type { Context } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { Refusal } from '../base/domain-error.ts'
import { seatLimitReached, spill, usage } from '../licensing/assign.ts'
import { claim, drawSeats, pass, release } from '../licensing/draw.ts'
import { policyOf } from '../licensing/policy.ts'
import { type LicenseType, licenseTypes, type Seat } from '../licensing/types.ts'
import { type Change, replace, type Stored } from '../store/port.ts'
import { users } from './collections.ts'
import { heldSeat, released, typeChanged, unchanged } from './seat-turns.ts'
import { laterThan, tellUser } from './told.ts'
import type { User } from './types.ts'
import { isActive } from './user.ts'
import { getUser } from './users.ts'

export interface LicenseChange {
  readonly user: string
  readonly type: LicenseType
}

/** Users whose licences are changed in one call: it is one commit. */
export const licenseChangesMax = 100

/**
 * Gives each user the type named, all or nothing, judged on the net figures: a swap between two full types works
 * (SEAT-32). Who has the type already is left as is (SEAT-31); an inactive user only remembers it (SEAT-33).
 *
 * @returns the users as they are then, in the order of `changes`.
 * @throws Refusal `seat_limit_reached` when a type would have more holders than seats.
 */
export function changeLicenses(
  context: Context,
  changes: readonly LicenseChange[],
  precondition: Precondition = {}
): Promise<readonly Stored<User>[]> {
  if (new Set(changes.map(change => change.user)).size < changes.length) {
    throw new Refusal('invalid_value', 'A user is named twice. Name each user once.', { field: 'changes' })
  }
  return operate(context, async () => {
    const before = await Promise.all(changes.map(change => getUser(context, change.user)))
    for (const { doc } of before) demand(precondition, doc.revision)
    const wanted = before.map((stored, i) => ({ stored, type: changes[i]?.type ?? 'PWM' }))
    const turns = wanted.filter(({ stored, type }) => stored.doc.license.type !== type)
    const moving = turns.filter(({ stored }) => isActive(stored.doc.resource))
    const seats = await moveSeats(context, moving).catch(async (refusal: unknown) => {
      await unchanged(context, before)
      throw refusal
    })
    const after = wanted.map(turn => (turns.includes(turn) ? turned(context, turn) : turn.stored))
    const told = await Promise.all(after.map((stored, i) => tellUser(context, before[i]?.doc, stored.doc)))
    return {
      answer: after,
      changes: [
        ...after.flatMap((stored, i) =>
          stored === before[i] ? [] : [replace(users, context.tenant, stored.doc, stored.version - 1)]
        ),
        ...seats,
        ...turns.map(({ stored, type }) => typeChanged(context, stored.doc, type)),
        ...told.flat()
      ]
    }
  })
}

interface Turn {
  readonly stored: Stored<User>
  readonly type: LicenseType
}

function turned(context: Context, { stored, type }: Turn): Stored<User> {
  const now = context.clock.now()
  const license = isActive(stored.doc.resource)
    ? { type, state: 'held' as const, assignedAt: now, assignedBy: context.actor.name }
    : released(type)
  return {
    ...stored,
    doc: {
      ...stored.doc,
      license,
      lastModified: laterThan(context, stored.doc.lastModified),
      revision: stored.doc.revision + 1
    },
    version: stored.version + 1
  }
}

/** For each type: those who come sit down where others rise, then on free seats; what is left over becomes free. */
async function moveSeats(context: Context, moving: readonly Turn[]): Promise<readonly Change[]> {
  const seats = await Promise.all(moving.map(({ stored }) => heldSeat(context, stored.doc)))
  const spilled = moving.filter(({ stored }) => stored.doc.license.spilledOver === true).length
  const changes = spill(context.tenant, -spilled)
  for (const type of licenseTypes) {
    const comers = moving.filter(turn => turn.type === type).map(({ stored }) => stored.doc.id)
    const left = seats.filter(({ doc }) => doc.pool === type)
    changes.push(...(await seatType(context, type, comers, left)))
  }
  return changes
}

async function seatType(
  context: Context,
  type: LicenseType,
  comers: readonly string[],
  left: readonly Stored<Seat>[]
): Promise<readonly Change[]> {
  const passed = comers.slice(0, left.length)
  const extra = comers.slice(left.length)
  if (passed.length > 0) await withinCapacity(context, type, comers.length - left.length)
  const free = extra.length === 0 ? [] : await drawFresh(context, type, extra.length)
  if (free.length < extra.length) throw await seatLimitReached(context, type)
  return [
    ...left.flatMap((seat, i) => {
      const comer = passed[i]
      return comer === undefined ? release(context, seat) : pass(context, seat, comer)
    }),
    ...free.flatMap((seat, i) => claim(context, seat, extra[i] ?? ''))
  ]
}

async function drawFresh(context: Context, type: LicenseType, wanted: number): Promise<readonly Stored<Seat>[]> {
  return drawSeats(context, await policyOf(context, context.tenant, { fresh: true }), type, wanted)
}

/** A type over its capacity takes nobody, also not in exchange (SEAT-109). */
async function withinCapacity(context: Context, type: LicenseType, more: number): Promise<void> {
  const figures = (await usage(context)).find(figure => figure.type === type)
  if (figures !== undefined && figures.inUse + more > figures.capacity) throw await seatLimitReached(context, type)
}
