/**
 * Texts that a client carries for us, and can neither read nor change nor use elsewhere. The code that proves the text is also what
 * starts the cipher (a synthetic initialisation vector, as in RFC 5297): there is no nonce that could be used twice.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

const codeBytes = 16
const keyBytes = 32
const cipher = 'aes-256-ctr'

/**
 * @param key 64 bytes.
 * @param bound what `unseal` has to be told again: it is proved and not contained.
 * @returns letters, digits, `-` and `_` only: what needs no escape in a URL (RFC 3986 2.3).
 */
export function seal(key: Buffer, bound: string, text: string): string {
  const code = codeOf(key, bound, text)
  const hidden = createCipheriv(cipher, key.subarray(keyBytes), code)
  return Buffer.concat([code, hidden.update(text, 'utf8'), hidden.final()]).toString('base64url')
}

/** The text; undefined where `seal` did not make this with this key for this. */
export function unseal(key: Buffer, bound: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  // Several texts decode to the same bytes, and only one of them was made here.
  if (bytes.length < codeBytes || bytes.toString('base64url') !== sealed) return undefined
  const code = bytes.subarray(0, codeBytes)
  const shown = createDecipheriv(cipher, key.subarray(keyBytes), code)
  const text = Buffer.concat([shown.update(bytes.subarray(codeBytes)), shown.final()]).toString('utf8')
  return timingSafeEqual(codeOf(key, bound, text), code) ? text : undefined
}

function codeOf(key: Buffer, bound: string, text: string): Buffer {
  const code = createHmac('sha256', key.subarray(0, keyBytes))
  // The length stands in front, so that no text can lend its beginning to what it is bound to.
  code.update(`${Buffer.byteLength(bound)}:${bound}`).update(text)
  return code.digest().subarray(0, codeBytes)
}
