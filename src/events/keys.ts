/**
 * The keys that sign tokens of ours, and their public halves for whoever checks them (RFC 7517).
 *
 * All of them are one document: it is made once, however many nodes start together, and a rotation is one conditional write.
 * A new key is published a while before it signs, so that nobody meets a token whose key he can't have heard of; an old one
 * stays published for as long as something that it signed may have to be checked. Whoever can read the store can read the
 * private keys; no interface shows them, and no log.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { type Context, type Env, systemTenant } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import type { EpochMs } from '../base/clock.ts'
import { Refusal } from '../base/domain-error.ts'
import { kept } from '../base/kept.ts'
import { type Collection, insert, replace, type Stored } from '../store/port.ts'
import { type Algorithm, algorithms } from './streams.ts'

export interface SigningKey {
  /** RFC 7638. */
  readonly kid: string
  readonly alg: Algorithm
  readonly publicKey: JWK
  /** null once it signs no more. */
  readonly privateKey: JWK | null
  readonly signsFrom: EpochMs
  /** From when it is published no more; null for the newest. */
  readonly publishedUntil: EpochMs | null
}

export interface KeyRing {
  readonly id: 'signing'
  /** The newest last. */
  readonly keys: readonly SigningKey[]
}

export const keyRings: Collection<KeyRing> = { name: 'keyRings', search: ({ id }) => ({ id }), indexes: [] }

/** How long others may keep what `jwks` answers: so long is a new key published before it signs. */
export const jwksMaxAgeSeconds = 300
/** A cache that is a little late, and the second for which a node does not look. */
const leadMs = (jwksMaxAgeSeconds + 60) * 1000
/** Longer than any token of ours is valid, or waits to be checked. */
const publishedMs = 7 * 24 * 60 * 60 * 1000

const rings = kept(async (env: Env) => (await readOrMake(env)).doc, 1000)
const ringOf = (env: Env): Promise<KeyRing> => rings.of(env, systemTenant)

async function readOrMake({ store, clock, makeId }: Env): Promise<Stored<KeyRing>> {
  for (;;) {
    const found = await store.get(keyRings, systemTenant, 'signing')
    if (found !== undefined) return found
    const ring: KeyRing = { id: 'signing', keys: await newKeys(clock.now()) }
    // Whatever becomes of it, what is there then is what all have.
    await store.commit([insert(keyRings, systemTenant, ring)], { id: makeId() })
  }
}

const newKeys = (signsFrom: EpochMs) => Promise.all(algorithms.map(alg => newKey(alg, signsFrom)))

async function newKey(alg: Algorithm, signsFrom: EpochMs): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true })
  const publicKey = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicKey)
  return { kid, alg, publicKey, privateKey: await exportJWK(pair.privateKey), signsFrom, publishedUntil: null }
}

const isPublished = ({ publishedUntil }: SigningKey, now: EpochMs) => publishedUntil === null || now < publishedUntil

/** The key that signs now: the newest whose time has come. */
function signerIn({ keys }: KeyRing, alg: Algorithm, now: EpochMs): SigningKey {
  const mine = keys.filter(key => key.alg === alg && key.privateKey !== null)
  const signer = mine.findLast(({ signsFrom }) => signsFrom <= now) ?? mine[0]
  if (signer === undefined) throw new Error(`no key signs ${alg}`)
  return signer
}

export interface SignOptions {
  /** `typ` of the header: `secevent+jwt`. */
  readonly typ: string
  readonly alg?: Algorithm
}

/** A signed token with exactly these claims, in the compact form. */
export async function sign(env: Env, claims: JWTPayload, { typ, alg = 'EdDSA' }: SignOptions): Promise<string> {
  const { kid, privateKey } = signerIn(await ringOf(env), alg, env.clock.now())
  return new SignJWT(claims).setProtectedHeader({ alg, typ, kid }).sign(await imported(kid, privateKey ?? {}, alg))
}

const importedKeys = new Map<string, ReturnType<typeof importJWK>>()

function imported(kid: string, key: JWK, alg: Algorithm): ReturnType<typeof importJWK> {
  const known = importedKeys.get(kid) ?? importJWK(key, alg)
  importedKeys.set(kid, known)
  return known
}

/** The public keys, as `/.well-known/jwks.json` has them. */
export async function jwks(env: Env): Promise<{ readonly keys: readonly JWK[] }> {
  const now = env.clock.now()
  const published = (await ringOf(env)).keys.filter(key => isPublished(key, now))
  return { keys: published.map(({ kid, alg, publicKey }) => ({ ...publicKey, kid, alg, use: 'sig' })) }
}

export interface RotateOptions {
  /** The keys there were are worth nothing from now on: what they signed is not to be believed any more. */
  readonly compromised?: boolean
}

/** What may be told of a key. */
export interface KeyState {
  readonly kid: string
  readonly alg: Algorithm
  readonly signsFrom: EpochMs
  readonly publishedUntil: EpochMs | null
}

/**
 * New keys take over: after some minutes, in which the old ones sign on, or at once where those are compromised.
 *
 * @throws Refusal `conflict` while the last rotation is still under way: there would be a third key at the same time.
 */
export async function rotateKeys(
  context: Context,
  { compromised = false }: RotateOptions = {}
): Promise<readonly KeyState[]> {
  const rotated = await operate({ ...context, idempotency: undefined }, async () => {
    const { doc, version } = await readOrMake(context)
    const now = context.clock.now()
    if (!compromised && doc.keys.some(({ signsFrom }) => signsFrom > now)) {
      throw new Refusal(
        'conflict',
        'New keys are published already and sign in a few minutes. Rotate again after that.'
      )
    }
    const signsFrom = compromised ? now : now + leadMs
    const old = compromised
      ? []
      : doc.keys.filter(key => isPublished(key, now)).map(key => retired(key, signsFrom, now))
    const ring: KeyRing = { id: 'signing', keys: [...old, ...(await newKeys(signsFrom))] }
    const kids = ring.keys.map(({ kid }) => kid)
    const event = happened(
      context,
      'signingKeys.rotated',
      { kind: 'signingKeys', id: 'signing' },
      { kids, compromised }
    )
    return { answer: ring, changes: [replace(keyRings, systemTenant, ring, version), event] }
  })
  rings.forget(context, systemTenant)
  return rotated.keys.map(({ kid, alg, signsFrom, publishedUntil }) => ({ kid, alg, signsFrom, publishedUntil }))
}

/** A key whose successor signs from then on. One that has had a successor already signs nothing any more. */
function retired(key: SigningKey, successorFrom: EpochMs, now: EpochMs): SigningKey {
  if (key.publishedUntil === null) return { ...key, publishedUntil: successorFrom + publishedMs }
  return key.publishedUntil - publishedMs <= now ? { ...key, privateKey: null } : key
}
