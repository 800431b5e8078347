/**
 * A value that a client sent -> the value as it is stored, or a refusal that names the attribute and what it expects.
 * Strict: what identity providers spell differently (`"True"`, numbers for texts) is rewritten before it comes here.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { fold } from '../filter/filter.ts'
import { distinctElements } from './elements.ts'
import { normalise } from './normalise.ts'
import { isCleanText } from './text.ts'
import type { Attribute, AttributeType } from './types.ts'

/** Characters (UTF-16) of a text or reference: no address or name is longer, and filters ask for 1,024 at most. */
export const textCharsMax = 4096

/** Characters of a binary value: a certificate with a 16,384 bit key has about 6,000 in base64. */
export const binaryCharsMax = 16_384

type Table = ReadonlyMap<string, Attribute>

/**
 * Reads the value of a whole attribute. Absent is what RFC 7643 2.5 calls unassigned: null, an empty array for a
 * multi-valued attribute, a complex value in which nothing is assigned. Elements of the same type and value become one.
 *
 * @returns undefined when it is absent.
 * @throws ScimError 400 `invalidValue`.
 */
export function readValue(attribute: Attribute, value: unknown): Json | undefined {
  if (!attribute.many || value === null || value === undefined) return readElement(attribute, value)
  if (!Array.isArray(value)) throw wrong(attribute, `an array, each element ${expected[attribute.type]}`, value)
  if (value.length > attribute.elementsMax) {
    throw bad(
      'invalidValue',
      `${attribute.label} may have ${attribute.elementsMax} elements at most, not ${value.length}.`,
      { attribute: attribute.label, rfc: 'RFC 7643 2.4' }
    )
  }
  const elements = value.flatMap(element => {
    const read = readElement(attribute, element)
    if (read === undefined && element !== null) checkMayBeEmpty(attribute)
    return read === undefined ? [] : [read]
  })
  return elements.length === 0 ? undefined : distinctElements(attribute, elements)
}

// An element whose value never changes is that value. Passing one without it over would empty a list of them: a group, say.
function checkMayBeEmpty({ label, sub }: Attribute): void {
  if (sub.get('value')?.mutability !== 'immutable') return
  throw bad('invalidValue', `An element of ${label} must have a value.`, { attribute: label, rfc: 'RFC 7643 2.4' })
}

/** Reads one element of a multi-valued attribute, or the value of a single one. As `readValue` otherwise. */
export function readElement(attribute: Attribute, value: unknown): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (attribute.type !== 'complex') return readSimple(attribute, value)
  if (!isObject(value)) throw wrong(attribute, expected.complex, value)
  const read = readTable(attribute.sub, value)
  return Object.keys(read).length === 0 ? undefined : read
}

/**
 * Reads the members of `object` that `table` knows, in the table's order and spelling. Unknown and readOnly ones are
 * ignored (RFC 7644 3.3); those that are never returned are validated and then left out, for nobody has a use for them. Only names of
 * the table are ever written, so that `__proto__` is as unknown as any other.
 */
export function readTable(table: Table, object: JsonObject): JsonObject {
  const sent = byName(object, name => table.has(name))
  const read: Record<string, Json> = {}
  for (const [name, attribute] of table) {
    if (attribute.mutability === 'readOnly') continue
    const value = readValue(attribute, sent.get(name))
    if (attribute.required) checkThere(attribute, value)
    if (value !== undefined && attribute.returned !== 'never') read[attribute.name] = value
  }
  return read
}

/**
 * The assigned members by lower-case name (RFC 7643 2.1: names have no case).
 *
 * @throws ScimError 400 `invalidSyntax` where one name comes twice: which of them is meant?
 */
export function byName(object: JsonObject, isKnown: (name: string) => boolean): ReadonlyMap<string, Json> {
  const sent = new Map<string, Json>()
  for (const [key, value] of Object.entries(object)) {
    const name = key.toLowerCase()
    if (value === null || !isKnown(name)) continue
    if (sent.has(name))
      throw bad('invalidSyntax', `${key} is given twice, in different letter case.`, {
        attribute: key,
        rfc: 'RFC 7643 2.1'
      })
    sent.set(name, value)
  }
  return sent
}

function checkThere(attribute: Attribute, value: Json | undefined): void {
  if (value === undefined)
    throw bad('invalidValue', `${attribute.label} is required: it must be ${expectedOf(attribute)}.`, {
      attribute: attribute.label
    })
  if (typeof value === 'string' && value.trim() === '')
    throw bad('invalidValue', `${attribute.label} must not be empty.`, { attribute: attribute.label })
}

function readSimple(attribute: Attribute, value: unknown): Json {
  if (typeof value === 'string') checkText(attribute, value)
  if (!isScalar(value) || !fits(attribute, value)) throw wrong(attribute, expected[attribute.type], value)
  if (attribute.closed) return canonical(attribute, String(value))
  // A negative zero is a zero, to engines and to JSON.
  return value === 0 ? 0 : value
}

function checkText(attribute: Attribute, value: string): void {
  const max = attribute.type === 'binary' ? binaryCharsMax : textCharsMax
  if (value.length > max)
    throw bad('invalidValue', `${attribute.label} must have ${max} characters at most.`, {
      attribute: attribute.label,
      rfc: 'RFC 7643 2.3.1'
    })
  if (!isCleanText(value)) {
    throw bad('invalidValue', `${attribute.label} must be well-formed Unicode text without the character U+0000.`, {
      attribute: attribute.label,
      rfc: 'RFC 7643 2.3.1'
    })
  }
}

function fits(attribute: Attribute, value: string | number | boolean): boolean {
  if (attribute.type === 'string' || attribute.type === 'reference') return typeof value === 'string'
  if (attribute.type === 'binary') return typeof value === 'string' && isBase64(value)
  return normalise(attribute, value) !== undefined
}

// RFC 7643 2.3.6: base64 or base64url (RFC 4648 4, 5), with padding or without.
const base64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/

function isBase64(text: string): boolean {
  if (!base64.test(text)) return false
  const digits = text.replace(/=+$/, '').length
  return digits % 4 !== 1 && (digits === text.length || text.length % 4 === 0)
}

function canonical(attribute: Attribute, value: string): string {
  const found = attribute.canonicalValues.find(v => (attribute.caseExact ? v === value : fold(v) === fold(value)))
  if (found !== undefined) return found
  throw bad('invalidValue', `${attribute.label} must be one of: ${attribute.canonicalValues.join(', ')}.`, {
    attribute: attribute.label
  })
}

const expected: Readonly<Record<AttributeType, string>> = {
  string: 'a string',
  reference: 'a string with a URI',
  binary: 'a string of base64',
  boolean: 'true or false',
  integer: 'a whole number',
  decimal: 'a number',
  dateTime: 'a time such as "2011-05-13T04:42:34Z"',
  complex: 'an object'
}

function expectedOf({ many, type }: Attribute): string {
  return many ? `an array, each element ${expected[type]}` : expected[type]
}

// Values are not repeated: they may be secrets.
function wrong(attribute: Attribute, wanted: string, value: unknown) {
  const kind = Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
  return bad('invalidValue', `${attribute.label} must be ${wanted}. This was ${kind}.`, {
    attribute: attribute.label,
    rfc: 'RFC 7643 2.3'
  })
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
