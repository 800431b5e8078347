/** Bearer tokens: what they look like, and what is kept of them. */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Random } from '../base/random.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^30 possibilities: 178 bits. */
const secretLength = 30
const checkLength = 6
/** Longer than any token of ours: more is not looked at. */
export const tokenLengthMax = 512
/** A JWT of another issuer: those of Entra ID have about 2,000 characters. */
export const jwtLengthMax = 8192

/** Whether a token has the form of a JWT: three parts, of which ours have one. */
export const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)

export type TokenKind = 'scim' | 'key' | 'event'

/** `usher_scim_` + 30 random characters + 6 of their checksum, so that a typing error needs no look into the store. */
export function makeToken(kind: TokenKind, random: Random): string {
  const body = `usher_${kind}_${randomText(random)}`
  return body + checksum(body)
}

/** Whether a token can be one at all. Tokens an operator chose himself (`USHER_ADMIN_TOKEN`) carry no checksum. */
export function isPlausible(token: string): boolean {
  if (token.length > tokenLengthMax) return false
  return !token.startsWith('usher_') || token.slice(-checkLength) === checksum(token.slice(0, -checkLength))
}

/** What the store keeps: enough to recognise a token, useless to whoever reads it. */
export const hashToken = (token: string): string => hash('sha256', token)

/** What lists and the audit log show of it. */
export const prefixOf = (token: string): string => token.slice(0, token.startsWith('usher_') ? 15 : 4)

function randomText(random: Random): string {
  return Array.from({ length: secretLength }, () => alphabet[random.int(alphabet.length)]).join('')
}

function checksum(text: string): string {
  let rest = crc32(text)
  let out = ''
  for (let i = 0; i < checkLength; i++) {
    out = `${alphabet[rest % alphabet.length]}${out}`
    rest = Math.floor(rest / alphabet.length)
  }
  return out
}
