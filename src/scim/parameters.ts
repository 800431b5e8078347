/**
 * The parameters of a request, from its URL or from the body of `/.search`. Their names have no case (quirk 29), and an empty value
 * is none: `?filter=` asks for nothing.
 */
import { bad, type ScimType } from './errors.ts'

/** Values by lower-case name; several where the name came several times. */
export type Parameters = ReadonlyMap<string, readonly unknown[]>

export function parameters(query: Readonly<Record<string, unknown>>): Parameters {
  const sent = new Map<string, unknown[]>()
  for (const [key, value] of Object.entries(query)) {
    const name = key.toLowerCase()
    const values = (Array.isArray(value) ? value : [value]).filter(v => v !== null && v !== undefined && v !== '')
    sent.set(name, [...(sent.get(name) ?? []), ...values])
  }
  return sent
}

export function valuesOf(sent: Parameters, name: string): readonly unknown[] {
  return sent.get(name.toLowerCase()) ?? []
}

/** @throws ScimError 400 `invalidValue` when it was sent twice or is no text; so does `integer`. */
export function text(sent: Parameters, name: string): string | undefined {
  const value = one(sent, name)
  if (value === undefined || typeof value === 'string') return value
  throw bad('invalidValue', `${name} must be a string.`, { attribute: name, rfc: 'RFC 7644 3.4.2' })
}

/** A whole number, as text or as a number. */
export function integer(sent: Parameters, name: string, scimType: ScimType = 'invalidValue'): number | undefined {
  const value = one(sent, name, scimType)
  if (value === undefined) return undefined
  // The `+` before a number is a space once the URL is decoded.
  const isDigits = typeof value === 'string' && /^ ?[+-]?\d+$/.test(value)
  if (!isDigits && !Number.isInteger(value))
    throw bad(scimType, `${name} must be a whole number.`, { attribute: name, rfc: 'RFC 7644 3.4.2.4' })
  return Number(value)
}

function one(sent: Parameters, name: string, scimType: ScimType = 'invalidValue'): unknown {
  const [value, ...others] = valuesOf(sent, name)
  if (others.length > 0) throw bad(scimType, `${name} must be sent once.`, { attribute: name, rfc: 'RFC 7644 3.4.2' })
  return value
}
