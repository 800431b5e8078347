/** The seat figures (SEAT-22): one moment, one answer. */
import type { Context } from '../audit/context.ts'
import { toDateTime } from '../base/clock.ts'
import { capacityOf } from './capacity.ts'
import { heldKey, spilledKey } from './collections.ts'
import { graceEndIn, policyOf } from './policy.ts'
import { type LicenseType, licenseTypes } from './types.ts'

export interface SeatFigures {
  readonly type: LicenseType
  readonly purchased: number
  readonly inUse: number
  readonly free: number
  readonly over: number
  /** PAM only: users who got it because PWM was full, and could be moved back (SEAT-45). */
  readonly spilledOver: number
  /** Quantity of purchases that have not begun (SEAT-112). */
  readonly upcoming: number
  /** Until when holders keep full use although nothing bought is valid (SEAT-114). */
  readonly graceEnds: string | null
  readonly suspended: boolean
  readonly warning: string | null
}

export async function seatReport(context: Context): Promise<readonly SeatFigures[]> {
  const { store, tenant, clock } = context
  const [policy, totals] = await Promise.all([
    policyOf(context, tenant, { fresh: true }),
    store.tallies(tenant, [...licenseTypes.map(heldKey), spilledKey])
  ])
  const now = clock.now()
  const spilled = totals[licenseTypes.length] ?? 0
  return licenseTypes.map((type, i) => {
    const purchased = capacityOf(type, policy.purchases, now)
    const inUse = totals[i] ?? 0
    const over = Math.max(0, inUse - purchased)
    const graceEnd = inUse === 0 ? null : graceEndIn(policy, type, now)
    const suspended = graceEnd !== null && now >= graceEnd
    const upcoming = policy.purchases.filter(p => p.type === type && p.start > now)
    return {
      type,
      purchased,
      inUse,
      free: Math.max(0, purchased - inUse),
      over,
      spilledOver: type === 'PAM' ? spilled : 0,
      upcoming: upcoming.reduce((sum, p) => sum + p.quantity, 0),
      graceEnds: graceEnd === null ? null : toDateTime(graceEnd),
      suspended,
      warning: over === 0 ? null : warningOf(type, over, graceEnd, suspended)
    }
  })
}

function warningOf(type: LicenseType, over: number, graceEnd: number | null, suspended: boolean): string {
  if (suspended)
    return `${type} licenses are suspended: no purchase of ${type} is valid. Buy ${type} seats to restore them.`
  if (graceEnd !== null) {
    return `No purchase of ${type} is valid any more. Its ${over} holders keep full use until ${toDateTime(graceEnd)}.`
  }
  return `${over} more ${type} seats are in use than were bought. Nobody loses a seat, and none can be assigned.`
}
