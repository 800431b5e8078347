import { hash } from 'node:crypto'
import type { EpochMs } from '../base/clock.ts'
import { field, fold } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'
import { type ConnectorSettings, defaultConnectorSettings } from './connector-settings.ts'

/** A login for the admin API, with one administrator role. Not a user: it uses no seat (SEAT-06). */
export interface Administrator {
  readonly id: string
  readonly name: string
  /** Of schemas/admin-roles.json; null: sees its own profile only (ADM-28). */
  readonly role: string | null
  readonly suspended: boolean
  readonly created: EpochMs
  /** Id of the user who is the same person, where there is one. */
  readonly user?: string
}

export const administrators: Collection<Administrator> = {
  name: 'administrators',
  search: ({ id, name, role, suspended }) => ({ id, name: fold(name), suspended, ...(role === null ? {} : { role }) }),
  indexes: []
}

/** An identity provider's door: SCIM only, with its profile of request rewrites. */
export interface Connector {
  readonly id: string
  readonly name: string
  readonly profile: string
  readonly created: EpochMs
  /** What is not there is as by default. */
  readonly settings?: Partial<ConnectorSettings>
}

export const settingsOf = ({ settings }: Connector): ConnectorSettings => ({ ...defaultConnectorSettings, ...settings })

export const connectors: Collection<Connector> = {
  name: 'connectors',
  search: ({ id, name, profile }) => ({ id, name: fold(name), profile }),
  indexes: []
}

/**
 * What a bearer token opens. Its id is the token's hash, so that finding it compares nothing but an index key.
 * All stand under one tenant of their own: which organisation a request concerns is not known before.
 */
export interface Credential {
  readonly id: string
  readonly tenant: string
  readonly kind: 'administrator' | 'connector' | 'receiver'
  /** The administrator or connector it acts for; of a receiver, the event stream. */
  readonly owner: string
  readonly prefix: string
  readonly created: EpochMs
  readonly expires: EpochMs | null
  /** Set by `USHER_ADMIN_TOKEN`, and replaced when that changes. */
  readonly fromEnvironment: boolean
  /** By the token endpoint, for a short time; absent: by an administrator. */
  readonly issued?: 'oauth'
}

export { systemTenant } from '../audit/context.ts'

export const credentials: Collection<Credential> = {
  name: 'credentials',
  search: ({ id, tenant, kind, owner, prefix, created, expires, fromEnvironment, issued = 'administrator' }) => ({
    ...{ id, tenant, kind, owner, prefix, created, fromEnvironment, issued },
    ...(expires === null ? {} : { expires })
  }),
  indexes: [
    { name: 'owner', paths: [field('owner')] },
    { name: 'expires', paths: [field('expires')] }
  ]
}

/** Which connector a token of another issuer opens. Under the system's tenant, for the token does not say whose it is. */
export interface TrustedIssuer {
  /** As `trustedIssuerId` makes it: an issuer and audience open one connector. */
  readonly id: string
  readonly tenant: string
  readonly connector: string
}

export const trustedIssuers: Collection<TrustedIssuer> = {
  name: 'trustedIssuers',
  search: ({ id, connector }) => ({ id, connector }),
  indexes: [{ name: 'connector', paths: [field('connector')] }]
}

export const trustedIssuerId = (issuer: string, audience: string): string =>
  hash('sha256', JSON.stringify([issuer, audience]))

/** Assertions that were used at the token endpoint, until they expire: no second one of the same id is taken. */
export interface UsedAssertion {
  readonly id: string
  readonly expires: EpochMs
}

export const usedAssertions: Collection<UsedAssertion> = {
  name: 'usedAssertions',
  search: ({ id, expires }) => ({ id, expires }),
  indexes: [{ name: 'expires', paths: [field('expires')] }]
}

/** When a token was last used. Beside it, because it tells of requests and changes nothing. */
export interface TokenUse {
  /** As of the credential. */
  readonly id: string
  readonly owner: string
  readonly at: EpochMs
}

export const tokenUses: Collection<TokenUse> = {
  name: 'tokenUses',
  search: ({ id, owner }) => ({ id, owner }),
  indexes: [{ name: 'owner', paths: [field('owner')] }]
}
