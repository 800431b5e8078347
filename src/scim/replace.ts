/** The body of a PUT and the stored attributes -> the attributes to store. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { type ReadOptions, readResource } from './read.ts'
import type { Attribute, ResourceType } from './schema/types.ts'

export interface ReplaceOptions extends ReadOptions {
  /** URNs of extensions that stay as they are when the body does not name them (quirks 40, 55). */
  readonly preserve?: readonly string[]
}

/**
 * What a PUT makes of the stored attributes (RFC 7644 3.5.1): writable ones become those sent, so that one that is left out is
 * cleared; readOnly ones stay; an immutable one that has a value stays, and must not be sent with another. What a
 * complex value holds comes and goes with it, also where its sub-attributes are immutable (quirk 46).
 *
 * @param before as `readResource` or this function gave it.
 * @throws ScimError 400: `mutability`, and what `readResource` throws.
 */
export function replaceResource(
  type: ResourceType,
  before: JsonObject,
  body: unknown,
  { preserve = [], ...options }: ReplaceOptions = {}
): JsonObject {
  const sent = readResource(type, body, options)
  const kept = notNamed(preserve, body)
  const after: Record<string, Json> = { ...withUnwritable(type.attributes, before, sent) }
  for (const [name, { urn, attributes }] of type.extensions) {
    const was = objectAt(before, urn)
    const is = kept.has(name) ? was : withUnwritable(attributes, was, objectAt(sent, urn))
    if (Object.keys(is).length > 0) after[urn] = is
  }
  return after
}

// An extension that the body sets to null is named, and so cleared.
function notNamed(urns: readonly string[], body: unknown): ReadonlySet<string> {
  const named = new Set(isObject(body) ? Object.keys(body).map(key => key.toLowerCase()) : [])
  return new Set(urns.map(urn => urn.toLowerCase()).filter(urn => !named.has(urn)))
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  return isObject(value) ? value : {}
}

function withUnwritable(table: ReadonlyMap<string, Attribute>, before: JsonObject, sent: JsonObject): JsonObject {
  const after: Record<string, Json> = { ...sent }
  for (const attribute of table.values()) {
    const was = before[attribute.name]
    if (was === undefined) continue
    if (attribute.mutability === 'readOnly') after[attribute.name] = was
    if (attribute.mutability === 'immutable') after[attribute.name] = unchanged(attribute, was, sent[attribute.name])
  }
  return after
}

function unchanged(attribute: Attribute, was: Json, sent: Json | undefined): Json {
  if (sent === undefined || isDeepStrictEqual(sent, was)) return was
  throw bad('mutability', `${attribute.label} is immutable: it keeps the value it has.`)
}
