/** Who is calling: what a bearer token turned out to be. */
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import type { ConnectorSettings } from './connector-settings.ts'

/** A built-in role of administrators. Administrators may have other, custom ones: what is stored is any text. */
export type AdminRoleId = keyof typeof matrix.banners

export const adminRoleIds = Object.keys(matrix.banners) as readonly AdminRoleId[]

/** An identity provider. It belongs to one organisation and opens SCIM only (ADM-68). */
export interface ConnectorPrincipal {
  readonly kind: 'connector'
  readonly tenant: string
  readonly id: string
  readonly name: string
  /** The request rewrites it needs. */
  readonly profile: string
  readonly settings: ConnectorSettings
}

/** An administrator's API key. `id` and `name` are those of the administrator, whom it acts for (ADM-69). */
export interface AdministratorPrincipal {
  readonly kind: 'administrator'
  readonly tenant: string
  readonly id: string
  readonly keyId: string
  readonly keyPrefix: string
  readonly name: string
  /** null: sees its own profile only (ADM-28). */
  readonly role: string | null
  /** Id of the user who is the same person, where there is one. */
  readonly user?: string | undefined
}

/** The receiver of an event stream: it polls this one stream, and may nothing else. */
export interface ReceiverPrincipal {
  readonly kind: 'receiver'
  readonly tenant: string
  /** The stream's. */
  readonly id: string
  readonly name: string
}

export type Principal = ConnectorPrincipal | AdministratorPrincipal | ReceiverPrincipal
