/** From a bearer token to who is calling. */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { eventStreams } from '../events/streams.ts'
import { insert, replace } from '../store/port.ts'
import {
  administrators,
  type Connector,
  type Credential,
  connectors,
  credentials,
  settingsOf,
  systemTenant,
  tokenUses
} from './collections.ts'
import { isLive } from './connector-tokens.ts'
import { type KeySets, keySets } from './key-sets.ts'
import type { Principal } from './principal.ts'
import { hashToken, isJwt, isPlausible } from './tokens.ts'
import { trusted } from './trusted-issuers.ts'

/**
 * How long a token that was looked up is taken for good. What is revoked through this process ends at once; on
 * other nodes after this time at the latest.
 */
const maxAgeMs = 1000
/** Tokens remembered: more are in use only where somebody guesses. */
const rememberedMax = 10_000
/** How exactly it is known when a token was last used: one write for each token in that time, at most. */
export const usedEveryMs = 10 * 60 * 1000

interface Known {
  readonly principal: Principal
  /** Absent: the token was issued elsewhere. */
  readonly credential?: Credential
  readonly expires: EpochMs | null
}

interface Remembered extends Known {
  readonly readAt: EpochMs
}

/** Who calls; undefined for a token that opens nothing: unknown, or of a suspended owner. */
export type Authenticated = Principal | 'expired' | undefined

export interface Authenticator {
  authenticate(token: string): Promise<Authenticated>
  /** By which tokens of others are checked. */
  readonly keys: KeySets
  /** After a change of credentials, administrators or connectors. */
  forget(): void
}

/** @param keys of the issuers whose tokens connectors trust. */
export function authenticator(env: Env, keys: KeySets = keySets({ privateAllowed: false })): Authenticator {
  const remembered = new Map<string, Remembered>()
  const used = new Map<string, EpochMs>()
  // What was looked up before something was revoked is not remembered after it.
  let forgotten = 0

  function note(credential: Credential, now: EpochMs): void {
    if (used.size >= rememberedMax) used.clear()
    if (now - (used.get(credential.id) ?? 0) < usedEveryMs) return
    used.set(credential.id, now)
    // Nobody waits for it, and where it fails the next one tells.
    noteUse(env, credential, now).catch(() => used.delete(credential.id))
  }

  return {
    keys,
    async authenticate(token) {
      const hash = hashToken(token)
      const now = env.clock.now()
      const known = remembered.get(hash)
      if (known !== undefined && Math.abs(now - known.readAt) < maxAgeMs && isLive(known, now)) return known.principal
      remembered.delete(hash)
      const before = forgotten
      // A token that an operator chose may look like a JWT, so ours come first.
      const own = isPlausible(token) ? await lookUp(env, hash, now) : undefined
      const found = own ?? (isJwt(token) ? await lookUpJwt(env, keys, token) : undefined)
      if (found === undefined || found === 'expired') return found
      if (found.credential !== undefined) note(found.credential, now)
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

async function noteUse({ store, makeId }: Env, { id, owner }: Credential, at: EpochMs): Promise<void> {
  const before = await store.get(tokenUses, systemTenant, id)
  if (before !== undefined && at - before.doc.at < usedEveryMs) return
  const use = { id, owner, at }
  const change =
    before === undefined ? insert(tokenUses, systemTenant, use) : replace(tokenUses, systemTenant, use, before.version)
  // Another node may have noted it meanwhile: that is as good.
  await store.commit([change], { id: makeId() })
}

async function lookUp({ store }: Env, hash: string, now: EpochMs): Promise<Known | 'expired' | undefined> {
  const credential = (await store.get(credentials, systemTenant, hash))?.doc
  if (credential === undefined) return undefined
  if (!isLive(credential, now)) return 'expired'
  const principal = await owners[credential.kind](store, credential)
  return principal === undefined ? undefined : { principal, credential, expires: credential.expires }
}

async function lookUpJwt(env: Env, keys: KeySets, token: string): Promise<Known | 'expired' | undefined> {
  const found = await trusted(env, keys, token)
  if (found === undefined || found === 'expired') return found
  return { principal: principalFor(found.tenant, found.connector), expires: found.expires }
}

type OwnerOf = (store: Env['store'], credential: Credential) => Promise<Principal | undefined>

const owners: Readonly<Record<Credential['kind'], OwnerOf>> = {
  connector: (store, { tenant, owner }) => connectorFor(store, tenant, owner),
  administrator: (store, { id, tenant, owner, prefix }) => administratorFor(store, tenant, owner, { id, prefix }),
  receiver: receiverOf
}

async function receiverOf(store: Env['store'], { tenant, owner }: Credential): Promise<Principal | undefined> {
  const stream = (await store.get(eventStreams, tenant, owner))?.doc
  return stream === undefined ? undefined : { kind: 'receiver', tenant, id: stream.id, name: stream.name }
}

/** A connector as it is now. */
export async function connectorFor(store: Env['store'], tenant: string, id: string): Promise<Principal | undefined> {
  const connector = (await store.get(connectors, tenant, id))?.doc
  return connector === undefined ? undefined : principalFor(tenant, connector)
}

export function principalFor(tenant: string, connector: Connector): Principal {
  const { id, name, profile } = connector
  return { kind: 'connector', tenant, id, name, profile, settings: settingsOf(connector) }
}

/** An administrator as it is now, by one of its keys. */
export async function administratorFor(
  store: Env['store'],
  tenant: string,
  owner: string,
  { id: keyId, prefix: keyPrefix }: { readonly id: string; readonly prefix: string }
): Promise<Principal | undefined> {
  const administrator = (await store.get(administrators, tenant, owner))?.doc
  if (administrator === undefined || administrator.suspended) return undefined
  const { id, name, role, user } = administrator
  return { kind: 'administrator', tenant, id, keyId, keyPrefix, name, role, user }
}
