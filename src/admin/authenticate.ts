/** From a bearer token to who is calling. */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { administrators, type Credential, connectors, credentials, systemTenant } from './collections.ts'
import type { Principal } from './principal.ts'
import { hashToken, isPlausible } from './tokens.ts'

/**
 * How long a token that was looked up is taken for good. What is revoked through this process ends at once; on
 * other nodes after this time at the latest.
 */
const maxAgeMs = 1000
/** Tokens remembered: more are in use only where somebody guesses. */
const rememberedMax = 10_000

interface Remembered {
  readonly readAt: EpochMs
  readonly principal: Principal
}

export interface Authenticator {
  /** @returns undefined for a token that opens nothing: unknown, expired, or of a suspended owner. */
  authenticate(token: string): Promise<Principal | undefined>
  /** After a change of credentials, administrators or connectors. */
  forget(): void
}

export function authenticator(env: Env): Authenticator {
  const remembered = new Map<string, Remembered>()
  return {
    async authenticate(token) {
      if (!isPlausible(token)) return undefined
      const hash = hashToken(token)
      const now = env.clock.now()
      const known = remembered.get(hash)
      if (known !== undefined && Math.abs(now - known.readAt) < maxAgeMs) return known.principal
      remembered.delete(hash)
      const principal = await lookUp(env, hash, now)
      if (principal === undefined) return undefined
      if (remembered.size >= rememberedMax) remembered.clear()
      remembered.set(hash, { readAt: now, principal })
      return principal
    },
    forget: () => remembered.clear()
  }
}

async function lookUp({ store }: Env, hash: string, now: EpochMs): Promise<Principal | undefined> {
  const credential = (await store.get(credentials, systemTenant, hash))?.doc
  if (credential === undefined || (credential.expires !== null && credential.expires <= now)) return undefined
  return credential.kind === 'connector' ? connectorOf(store, credential) : administratorOf(store, credential)
}

async function connectorOf(store: Env['store'], { tenant, owner }: Credential): Promise<Principal | undefined> {
  const connector = (await store.get(connectors, tenant, owner))?.doc
  if (connector === undefined) return undefined
  const { id, name, profile } = connector
  return { kind: 'connector', tenant, id, name, profile }
}

async function administratorOf(store: Env['store'], credential: Credential): Promise<Principal | undefined> {
  const { id: keyId, tenant, owner, prefix: keyPrefix } = credential
  const administrator = (await store.get(administrators, tenant, owner))?.doc
  if (administrator === undefined || administrator.suspended) return undefined
  const { id, name, role } = administrator
  return { kind: 'administrator', tenant, id, keyId, keyPrefix, name, role }
}
