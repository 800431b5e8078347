/** What becomes of a user's licence and seat when the user arrives, changes or leaves. */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { ReadAgain } from '../audit/operate.ts'
import type { Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import {
  type Assignment,
  assignSeat,
  noSeatForProvisioning,
  seatLimitReached,
  spill,
  type Wish
} from '../licensing/assign.ts'
import { release, seatOf } from '../licensing/draw.ts'
import { type License, type LicenseType, noLicense, type Seat } from '../licensing/types.ts'
import type { Change, Stored } from '../store/port.ts'
import { users } from './collections.ts'
import type { User } from './types.ts'
import { isActive, targetOf } from './user.ts'

/** Who brings a user decides how a licence is found (SEAT-43, SEAT-47). */
export type Way = 'provisioning' | 'manual'

export interface Turn {
  readonly license: License
  readonly changes: readonly Change[]
}

/** What an edit means for the licence. */
export async function licenseTurn(
  context: Context,
  way: Way,
  before: Stored<User>,
  resource: JsonObject,
  licenseType: LicenseType | undefined
): Promise<Turn> {
  const { doc: user } = before
  const { license } = user
  const [was, will] = [isActive(user.resource), isActive(resource)]
  if (was && !will) {
    return { license: released(licenseType ?? license.type), changes: await freed(context, user, 'deactivated') }
  }
  if (!was && will) {
    const seat = await seatOrRefuse(context, way, before, wishToReturn(license, licenseType))
    return { license: seat.license, changes: seated(context, user, seat) }
  }
  if (licenseType === undefined || licenseType === license.type) return { license, changes: [] }
  if (!will) return { license: released(licenseType), changes: [typeChanged(context, user, licenseType)] }
  const seat = await seatOrRefuse(context, way, before, { kind: 'only', type: licenseType })
  return {
    license: seat.license,
    changes: [...seat.changes, ...(await leaveSeat(context, user)), typeChanged(context, user, licenseType)]
  }
}

function wishToReturn({ type }: License, wanted: LicenseType | undefined): Wish {
  if (wanted !== undefined) return { kind: 'only', type: wanted }
  return type === null ? { kind: 'automatic' } : { kind: 'again', type }
}

/** A licence given back: its type is remembered (SEAT-05). */
export const released = (type: LicenseType | null): License =>
  type === null ? noLicense : { type, state: 'released', assignedAt: null, assignedBy: null }

/** The event of a type that was chosen in the place of another (SEAT-36). */
export const typeChanged = (context: Context, user: User, type: LicenseType): Change =>
  happened(context, 'license.changed', targetOf(user), { before: user.license.type, after: type })

/** @returns the changes that free the user's seat, and the event that says why (SEAT-93). */
export async function freed(context: Context, user: User, cause: 'deactivated' | 'deleted'): Promise<Change[]> {
  const changes = await leaveSeat(context, user)
  if (changes.length === 0) return []
  return [...changes, happened(context, 'seat.released', targetOf(user), { type: user.license.type, cause })]
}

/** The changes that free the user's seat; none where there is none. */
async function leaveSeat(context: Context, user: User): Promise<Change[]> {
  if (user.license.state !== 'held') return []
  const seat = await heldSeat(context, user)
  return [...release(context, seat), ...spill(context.tenant, user.license.spilledOver ? -1 : 0)]
}

/** @throws ReadAgain where it is gone: the user was read before the seat, and somebody came between. */
export async function heldSeat(context: Context, user: User): Promise<Stored<Seat>> {
  const seat = await seatOf(context, user.id)
  if (seat === undefined) throw new ReadAgain(`the seat of user ${user.id}`)
  return seat
}

/** The changes by which a user takes a seat that was found, and the event that tells which; none where none was. */
export function seated(context: Context, user: User, seat: Assignment | undefined): readonly Change[] {
  if (seat === undefined) return []
  return [...seat.changes, happened(context, 'seat.assigned', targetOf(user), seat.detail)]
}

/** Who gave a licence, as it is shown (SEAT-18). */
export const assignedBy = (context: Context, way: Way) => (way === 'provisioning' ? 'provisioning' : context.actor.name)

/** @throws the refusal of the way. */
async function seatOrRefuse(context: Context, way: Way, before: Stored<User>, wish: Wish): Promise<Assignment> {
  // By hand, another type is never substituted (SEAT-62, SEAT-105).
  const strict: Wish = way === 'manual' && wish.kind === 'again' ? { kind: 'only', type: wish.type } : wish
  const seat = await assignSeat(context, before.doc.id, strict, assignedBy(context, way))
  if (seat !== undefined) return seat
  await unchanged(context, [before])
  throw await noSeat(context, way, strict)
}

/**
 * To be asked before a refusal for want of a seat: users and seats were read one after the other, and the seat that is
 * missing may be the one that somebody has just given to this user.
 *
 * @throws ReadAgain
 */
export async function unchanged({ store, tenant }: Context, read: readonly Stored<User>[]): Promise<void> {
  const now = await Promise.all(read.map(({ doc }) => store.get(users, tenant, doc.id)))
  if (now.some((user, i) => user?.version !== read[i]?.version)) throw new ReadAgain('users who changed meanwhile')
}

/** What is told where there is no seat (SEAT-62, SEAT-63). */
export const noSeat = (context: Context, way: Way, wish: Wish): Promise<Refusal> =>
  way === 'manual' && wish.kind === 'only' ? seatLimitReached(context, wish.type) : noSeatForProvisioning(context)
