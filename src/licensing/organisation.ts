import type { EpochMs } from '../base/clock.ts'
import type { Collection } from '../store/port.ts'

/** Settings of spec/README.md that exist so far. */
export interface OrganisationSettings {
  /** Whether PAM is given where PWM is full (SEAT-44, SEAT-46). */
  readonly seatSpillover: boolean
  /** Whether an identity provider may choose the licence (SEAT-50, SEAT-51). */
  readonly allowLicenseTypeFromIdp: boolean
  /** Whether an identity provider may assign roles and the licence through `roles` and `entitlements`. */
  readonly allowRolesAndEntitlementsFromIdp: boolean
  /** How long holders keep full use when nothing bought is valid any more (SEAT-114). */
  readonly seatGraceDays: number
  /** Branches of the permission tree that a licence hides. */
  readonly licenseMask: { readonly PAM: readonly string[]; readonly PWM: readonly string[] }
}

/** The tenant. Stored under itself: its id is the tenant of everything that belongs to it. */
export interface Organisation {
  readonly id: string
  readonly name: string
  readonly created: EpochMs
  readonly settings: OrganisationSettings
}

export const organisations: Collection<Organisation> = {
  name: 'organisations',
  search: ({ id, name }) => ({ id, name }),
  indexes: []
}
