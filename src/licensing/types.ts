import type { EpochMs } from '../base/clock.ts'

/** The two licences of the vault. PWM is the more basic tier. */
export const licenseTypes = ['PAM', 'PWM'] as const
export type LicenseType = (typeof licenseTypes)[number]

export const isLicenseType = (value: unknown): value is LicenseType => licenseTypes.some(type => type === value)

/**
 * What was bought. It counts while start ≤ now < end (SEAT-106); without an end, for good.
 */
export interface Purchase {
  readonly id: string
  readonly type: LicenseType
  /** Seats, 0 or more. */
  readonly quantity: number
  readonly start: EpochMs
  readonly end: EpochMs | null
  readonly created: EpochMs
}

/**
 * The seats of one licence type. Purchases feed it: what it can hold is computed from them and the time, so that
 * a start, an end or a reduction moves no document.
 */
export interface Pool {
  readonly id: LicenseType
  /** How many seat documents there are: n = 0 … slots − 1. Grows when more may be used, never shrinks. */
  readonly slots: number
  /** When an administrator last lowered or removed a purchase of this type: a grace period may begin here. */
  readonly loweredAt: EpochMs | null
}

/** One numbered seat. It may be given to somebody while n < capacity(now). */
export interface Seat {
  readonly id: string
  readonly pool: string
  readonly n: number
  /** The one who holds it, or nobody. */
  readonly holder: string | null
  /** Grows with every change of holder. */
  readonly epoch: number
}

/** A user's licence, kept with the user. */
export interface License {
  /** The type held, or remembered after release; null where there never was one. */
  readonly type: LicenseType | null
  readonly state: 'held' | 'released' | 'none'
  readonly assignedAt: EpochMs | null
  /** `provisioning`, or the administrator who chose. */
  readonly assignedBy: string | null
  /** PAM was given because no PWM seat was free (SEAT-45). */
  readonly spilledOver?: true
}

export const noLicense: License = { type: null, state: 'none', assignedAt: null, assignedBy: null }

/** `suspended` is not stored: it follows from the purchases and the time (SEAT-115, SEAT-116). */
export type LicenseState = License['state'] | 'suspended'
