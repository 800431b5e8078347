/**
 * Keys that the server makes for itself and shows to nobody: made at first need, kept in the store, and so the same on every
 * node and after every restart. Whoever can read the store can read them, as everything that they protect.
 */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { type Collection, insert, type Store } from '../store/port.ts'
import { systemTenant } from './collections.ts'

export interface Secret {
  /** What it is for: `cursors`. */
  readonly id: string
  /** Base64url. */
  readonly key: string
  readonly created: EpochMs
}

export const secrets: Collection<Secret> = { name: 'secrets', search: ({ id }) => ({ id }), indexes: [] }

/** Enough for two keys of 256 bits: one to prove and one to hide. */
export const secretBytes = 64

const known = new WeakMap<Store, Map<string, Promise<Buffer>>>()

/**
 * The secret of this name, made now where there is none. Nodes that want it at the same time all get that of the first.
 *
 * @returns `secretBytes` bytes. @throws StoreUnavailable
 */
export function secretOf(env: Env, name: string): Promise<Buffer> {
  const here = known.get(env.store) ?? new Map<string, Promise<Buffer>>()
  known.set(env.store, here)
  const found = here.get(name) ?? readOrMake(env, name)
  here.set(name, found)
  found.catch(() => here.delete(name))
  return found
}

async function readOrMake({ store, clock, random, makeId }: Env, name: string): Promise<Buffer> {
  for (;;) {
    const kept = await store.get(secrets, systemTenant, name)
    if (kept !== undefined) return Buffer.from(kept.doc.key, 'base64url')
    const secret = { id: name, key: random.bytes(secretBytes).toString('base64url'), created: clock.now() }
    // Whatever becomes of it, what is kept then is what all have.
    await store.commit([insert(secrets, systemTenant, secret)], { id: makeId() })
  }
}
