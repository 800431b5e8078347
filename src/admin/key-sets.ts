/** Public keys of others, by which their tokens are checked: given once, or kept at an address of theirs. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  importJWK,
  type JWK,
  type JWTVerifyGetKey
} from 'jose'
import { Refusal } from '../base/domain-error.ts'
import { ask, OutgoingFailed, type OutgoingOptions, whyNot } from '../base/outgoing.ts'

/** One of the two. */
export interface KeySource {
  readonly jwks?: { readonly keys: readonly JWK[] }
  readonly jwksUri?: string
}

/** What a signature may be made with. Never a shared secret, and never nothing. */
export const signatureAlgorithms = [
  ...['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'],
  ...['RS256', 'RS384', 'RS512', 'EdDSA', 'Ed25519']
]

/** Keys in one set: a rotation has two, and large providers publish about ten. */
const keysMax = 50
const uriLengthMax = 1024
/** How long keys that were fetched are good; with a key that is not among them, they are fetched anew. */
const keptMs = 10 * 60 * 1000
/** Between two fetches, whatever is asked. */
const cooldownMs = 30 * 1000
/** The same where there was no answer. */
const pauseMs = 5000
const timeoutMs = 5000
const bytesMax = 256 << 10
/** Addresses whose keys are kept. */
const addressesMax = 1000

export type KeySets = (source: KeySource) => JWTVerifyGetKey

export function keySets(options: OutgoingOptions): KeySets {
  const remote = new Map<string, JWTVerifyGetKey>()
  const failedAt = new Map<string, number>()
  const fetched = (address: string): JWTVerifyGetKey => {
    const found = remote.get(address)
    if (found !== undefined) return found
    if (remote.size >= addressesMax) {
      remote.clear()
      failedAt.clear()
    }
    const made = createRemoteJWKSet(new URL(address), {
      cacheMaxAge: keptMs,
      cooldownDuration: cooldownMs,
      timeoutDuration: timeoutMs,
      [customFetch]: async url => {
        // Who has no key yet must not make us ask again and again.
        if (performance.now() - (failedAt.get(url) ?? -pauseMs) < pauseMs)
          throw new OutgoingFailed('it failed just now')
        failedAt.set(url, performance.now())
        const { status, text } = await ask(
          url,
          { headers: { accept: 'application/json' }, timeoutMs, bytesMax },
          options
        )
        if (status === 200) failedAt.delete(url)
        return new Response(text, { status })
      }
    })
    remote.set(address, made)
    return made
  }
  return ({ jwks, jwksUri }) =>
    jwksUri === undefined ? createLocalJWKSet({ keys: [...(jwks?.keys ?? [])] }) : fetched(jwksUri)
}

/** For `catch`: keys that could not be fetched are nobody's fault who sent a token. @returns undefined for other errors. */
export function keysMissing(error: unknown): Refusal | undefined {
  const generic = error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'
  const missing =
    generic ||
    error instanceof OutgoingFailed ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid
  return missing
    ? new Refusal('unavailable', 'The keys of the issuer of this token cannot be fetched now: try again.')
    : undefined
}

/** @throws Refusal `invalid_value` for what no signature could be checked by, or what should have stayed secret. */
export async function checkKeySource(
  { jwks, jwksUri }: KeySource,
  field: string,
  options: OutgoingOptions
): Promise<void> {
  const wrong = (problem: string) => new Refusal('invalid_value', `${field} ${problem}.`, { field })
  if ((jwks === undefined) === (jwksUri === undefined)) throw wrong('needs one of jwks and jwksUri')
  if (jwksUri !== undefined) {
    const why = jwksUri.length > uriLengthMax ? 'is too long' : whyNot(jwksUri, options)
    if (why !== undefined) throw wrong(`.jwksUri ${why}`)
    return
  }
  const keys = jwks?.keys ?? []
  if (keys.length === 0 || keys.length > keysMax) throw wrong(`.jwks needs 1 to ${keysMax} keys`)
  for (const key of keys) {
    if (secretMembers.some(name => name in key)) throw wrong('.jwks has a private key in it: send the public ones only')
    const algorithm = algorithmOf(key)
    const usable = algorithm !== undefined && (await importJWK(key, algorithm).catch(() => undefined)) !== undefined
    if (!usable) throw wrong(`.jwks has a key that signs with none of ${signatureAlgorithms.join(', ')}`)
  }
}

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

function algorithmOf({ kty, crv, alg }: JWK): string | undefined {
  if (alg !== undefined) return signatureAlgorithms.includes(alg) ? alg : undefined
  if (kty === 'RSA') return 'RS256'
  if (kty === 'OKP') return crv === 'Ed25519' ? 'EdDSA' : undefined
  return kty === 'EC'
    ? new Map([
        ['P-256', 'ES256'],
        ['P-384', 'ES384'],
        ['P-521', 'ES512']
      ]).get(crv ?? '')
    : undefined
}
