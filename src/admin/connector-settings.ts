/** What one connection does differently, beside its profile. */
import { Refusal } from '../base/domain-error.ts'
import { isProfile, profiles, type RewriteSwitches, rewriteNames } from '../scim/rewrites/profiles.ts'
import type { KeySource } from './key-sets.ts'

/** So many requests in so many seconds; each operation of a Bulk request is one. */
export interface RequestRate {
  readonly requests: number
  readonly seconds: number
}

export interface TokenIssuer extends KeySource {
  readonly issuer: string
  readonly audience: string
  /** What a token must say besides: `appid`, or `sub`. Everybody can get a token of a large issuer. */
  readonly claims?: Readonly<Record<string, string>>
}

export interface ConnectorSettings {
  readonly rewrites: RewriteSwitches
  /** What DELETE does to a user: either way it is answered 204, the seat is free and the user in no group. */
  readonly onDelete: 'delete' | 'deactivate'
  /** A PUT leaves as it is what it does not name (quirk 40). */
  readonly preserveUnmapped: boolean
  /** A member of a group that is nobody's id: refuse the request, or let it wait for who has it as `externalId` (quirk 67). */
  readonly unknownMembers: 'refuse' | 'wait'
  /** The token may come without `Bearer` in front (quirk 51). */
  readonly bareToken: boolean
  /** By which the connector proves who it is at the token endpoint (RFC 7523); null: it has no client there. */
  readonly clientKeys: KeySource | null
  /** Whose JWTs are taken for tokens of the connector (quirk 32); null: nobody's. */
  readonly tokenIssuer: TokenIssuer | null
  /** null: that of the server (`USHER_SCIM_REQUESTS_PER_MINUTE`). */
  readonly rateLimit: RequestRate | null
}

export const defaultConnectorSettings: ConnectorSettings = {
  rewrites: {},
  onDelete: 'delete',
  preserveUnmapped: false,
  unknownMembers: 'refuse',
  bareToken: false,
  rateLimit: null,
  clientKeys: null,
  tokenIssuer: null
}

/** A rewrite set to null is as the profile says. */
export interface SettingsChange extends Partial<Omit<ConnectorSettings, 'rewrites'>> {
  readonly rewrites?: Readonly<Record<string, boolean | null>>
}

/**
 * The settings after a change: what it does not name stays.
 *
 * @throws Refusal `invalid_value` for a rewrite that there is not.
 */
export function withSettings(
  before: ConnectorSettings,
  { rewrites = {}, ...others }: SettingsChange
): ConnectorSettings {
  const unknown = Object.keys(rewrites).find(name => !rewriteNames.some(known => known === name))
  if (unknown !== undefined) throw noSuch('rewrite', unknown, rewriteNames, 'settings.rewrites')
  const switches: Readonly<Record<string, boolean | null>> = { ...before.rewrites, ...rewrites }
  const entries = rewriteNames.flatMap(name => {
    const on = switches[name]
    return typeof on === 'boolean' ? [[name, on] as const] : []
  })
  return { ...before, ...others, rewrites: Object.fromEntries(entries) }
}

/** @throws Refusal `invalid_value` for a profile that nobody wrote rewrites for. */
export function checkProfile(name: string): void {
  if (!isProfile(name)) throw noSuch('profile', name, Object.keys(profiles), 'profile')
}

function noSuch(what: string, name: string, known: readonly string[], field: string): Refusal {
  return new Refusal('invalid_value', `There is no ${what} ${JSON.stringify(name)}. Known are ${known.join(', ')}.`, {
    field
  })
}
