/** From a bearer token to who is calling. */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { administrators, type Credential, connectors, credentials, settingsOf, systemTenant } from './collections.ts'
import type { Principal } from './principal.ts'
import { hashToken, isPlausible } from './tokens.ts'

/**
 * How long a token that was looked up is taken for good. What is revoked through this process ends at once; on
 * other nodes after this time at the latest.
 */
const maxAgeMs = 1000
/** Tokens remembered: more are in use only where somebody guesses. */
const rememberedMax = 10_000

interface Known {
  readonly principal: Principal
  readonly expires: EpochMs | null
}

interface Remembered extends Known {
  readonly readAt: EpochMs
}

export interface Authenticator {
  /** @returns undefined for a token that opens nothing: unknown, expired, or of a suspended owner. */
  authenticate(token: string): Promise<Principal | undefined>
  /** After a change of credentials, administrators or connectors. */
  forget(): void
}

export function authenticator(env: Env): Authenticator {
  const remembered = new Map<string, Remembered>()
  // What was looked up before something was revoked is not remembered after it.
  let forgotten = 0
  return {
    async authenticate(token) {
      const hash = hashToken(token)
      const now = env.clock.now()
      const known = remembered.get(hash)
      if (known !== undefined && Math.abs(now - known.readAt) < maxAgeMs && isLive(known, now)) return known.principal
      remembered.delete(hash)
      if (!isPlausible(token)) return undefined
      const before = forgotten
      const found = await lookUp(env, hash, now)
      if (found === undefined) return undefined
      if (remembered.size >= rememberedMax) remembered.clear()
      if (forgotten === before) remembered.set(hash, { readAt: now, ...found })
      return found.principal
    },
    forget() {
      forgotten++
      remembered.clear()
    }
  }
}

const isLive = ({ expires }: { readonly expires: EpochMs | null }, now: EpochMs) => expires === null || now < expires

async function lookUp({ store }: Env, hash: string, now: EpochMs): Promise<Known | undefined> {
  const credential = (await store.get(credentials, systemTenant, hash))?.doc
  if (credential === undefined || !isLive(credential, now)) return undefined
  const ownerOf = credential.kind === 'connector' ? connectorOf : administratorOf
  const principal = await ownerOf(store, credential)
  return principal === undefined ? undefined : { principal, expires: credential.expires }
}

async function connectorOf(store: Env['store'], { tenant, owner }: Credential): Promise<Principal | undefined> {
  const connector = (await store.get(connectors, tenant, owner))?.doc
  if (connector === undefined) return undefined
  const { id, name, profile } = connector
  return { kind: 'connector', tenant, id, name, profile, settings: settingsOf(connector) }
}

async function administratorOf(store: Env['store'], credential: Credential): Promise<Principal | undefined> {
  const { id: keyId, tenant, owner, prefix: keyPrefix } = credential
  const administrator = (await store.get(administrators, tenant, owner))?.doc
  if (administrator === undefined || administrator.suspended) return undefined
  const { id, name, role } = administrator
  return { kind: 'administrator', tenant, id, keyId, keyPrefix, name, role }
}
