/** What the purchases come to at a moment. Pure. */
import type { EpochMs } from '../base/clock.ts'
import type { License, LicenseState, LicenseType, Pool, Purchase } from './types.ts'

const dayMs = 24 * 60 * 60 * 1000

export const isValid = (purchase: Purchase, now: EpochMs): boolean =>
  purchase.start <= now && (purchase.end === null || now < purchase.end)

/** Seats of a type that may be used now (SEAT-106). */
export function capacityOf(type: LicenseType, purchases: readonly Purchase[], now: EpochMs): number {
  return purchases.filter(p => p.type === type && isValid(p, now)).reduce((sum, p) => sum + p.quantity, 0)
}

/**
 * When the grace period ends for a type with no capacity left, or null where there is capacity or nothing was ever
 * bought (SEAT-114). It begins with the last end, or with the change that took the last seat away.
 */
export function graceEndOf(
  type: LicenseType,
  purchases: readonly Purchase[],
  pool: Pool | undefined,
  graceDays: number,
  now: EpochMs
): EpochMs | null {
  if (capacityOf(type, purchases, now) > 0) return null
  const ends = purchases.filter(p => p.type === type && p.quantity > 0).flatMap(p => (p.end === null ? [] : [p.end]))
  const begins = [...ends.filter(end => end <= now), ...(pool?.loweredAt == null ? [] : [pool.loweredAt])]
  return begins.length === 0 ? null : Math.max(...begins) + graceDays * dayMs
}

/** What a licence is worth now: held, or suspended once the grace period is over (SEAT-115). */
export function stateOf(license: License, graceEnd: EpochMs | null, now: EpochMs): LicenseState {
  return license.state === 'held' && graceEnd !== null && now >= graceEnd ? 'suspended' : license.state
}
