/** The body of a PUT and the stored attributes -> the attributes to store. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { type ReadOptions, readResource } from './read.ts'
import type { Attribute, ResourceType } from './schema/types.ts'

export interface ReplaceOptions extends ReadOptions {
  /** What the body does not name stays as it is, in the resource and in each extension (quirks 40, 55). null names, and clears. */
  readonly preserveUnmapped?: boolean
}

/**
 * What a PUT makes of the stored attributes (RFC 7644 3.5.1): writable ones become those sent, so that one that is left out is
 * cleared; readOnly ones stay; an immutable one that has a value stays, and must not be sent with another. What an
 * element holds comes and goes with it, also where its sub-attributes are immutable (quirk 46); so does a single complex value that is
 * left out.
 *
 * @param before as `readResource` or this function gave it.
 * @throws ScimError 400: `mutability`, and what `readResource` throws.
 */
export function replaceResource(
  type: ResourceType,
  before: JsonObject,
  body: unknown,
  { preserveUnmapped = false, ...options }: ReplaceOptions = {}
): JsonObject {
  const sent = readResource(type, body, options)
  const members = preserveUnmapped ? membersOf(body) : undefined
  const keeps = (name: string) => members !== undefined && !members.has(name)
  const after: Record<string, Json> = { ...withKept(type.attributes, before, sent, keeps) }
  for (const [name, { urn, attributes }] of type.extensions) {
    const inside = membersOf(members?.get(name))
    // An extension that is set to null is named whole, and so cleared.
    const keepsInside = (sub: string) => keeps(name) || (inside !== undefined && !inside.has(sub))
    const is = withKept(attributes, objectAt(before, urn), objectAt(sent, urn), keepsInside)
    if (Object.keys(is).length > 0) after[urn] = is
  }
  return after
}

/** By lower-case name, those set to null too. */
function membersOf(value: unknown): ReadonlyMap<string, Json> | undefined {
  return isObject(value)
    ? new Map(Object.entries(value).map(([key, member]) => [key.toLowerCase(), member]))
    : undefined
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  return isObject(value) ? value : {}
}

function withKept(
  table: ReadonlyMap<string, Attribute>,
  before: JsonObject,
  sent: JsonObject,
  keeps: (lowerCaseName: string) => boolean
): JsonObject {
  const after: Record<string, Json> = { ...sent }
  for (const [name, attribute] of table) {
    const was = before[attribute.name]
    if (was === undefined) continue
    if (attribute.mutability === 'readOnly' || keeps(name)) after[attribute.name] = was
    const is = sent[attribute.name]
    if (attribute.mutability === 'immutable') after[attribute.name] = unchanged(attribute, was, is)
    // Elements of a list come and go with what they hold; a single complex value that is sent again is the same one.
    else if (isObject(was) && isObject(is)) after[attribute.name] = withKept(attribute.sub, was, is, () => false)
  }
  return after
}

function unchanged(attribute: Attribute, was: Json, sent: Json | undefined): Json {
  if (sent === undefined || isDeepStrictEqual(sent, was)) return was
  throw bad('mutability', `${attribute.label} is immutable: it keeps the value it has.`, {
    attribute: attribute.label,
    rfc: 'RFC 7644 3.5.1'
  })
}
