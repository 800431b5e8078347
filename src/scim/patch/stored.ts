/** Reads and writes one attribute in a resource. Only names of the schema are ever used as keys. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import type { Attribute } from '../schema/types.ts'

/** What the attribute stands in: the resource, an extension's object, a complex value. Empty where that is absent. */
export function holderOf(resource: JsonObject, { parent, extension }: Attribute): JsonObject {
  if (parent !== undefined) return asObject(holderOf(resource, parent)[parent.name])
  return extension === undefined ? resource : asObject(resource[extension])
}

/** The resource with another holder. One in which nothing is left goes with its last member. */
export function withHolder(resource: JsonObject, { parent, extension }: Attribute, holder: JsonObject): JsonObject {
  const kept = Object.keys(holder).length === 0 ? undefined : holder
  if (parent !== undefined) {
    return withHolder(resource, parent, withMember(holderOf(resource, parent), parent.name, kept))
  }
  return extension === undefined ? holder : withMember(resource, extension, kept)
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _gone, ...rest } = object
  return rest
}

/**
 * The holder with a value of `attribute`. A `$ref` beside a `value` goes with the value that it belonged to.
 *
 * @throws ScimError 400 `mutability` where an immutable value would become another (RFC 7644 3.5.2).
 */
export function assigned(holder: JsonObject, attribute: Attribute, value: Json): JsonObject {
  const before = holder[attribute.name]
  if (isDeepStrictEqual(before, value)) return holder
  if (before !== undefined) checkMutable(attribute)
  const after = withMember(holder, attribute.name, value)
  return attribute.name === 'value' ? withMember(after, '$ref', undefined) : after
}

/**
 * The holder without the attribute.
 *
 * @param mayBeRequired all that it belongs to goes.
 * @throws ScimError 400 `mutability` where it is required or immutable (RFC 7644 3.5.2.2).
 */
export function unassigned(holder: JsonObject, attribute: Attribute, mayBeRequired = false): JsonObject {
  if (holder[attribute.name] === undefined) return holder
  checkMutable(attribute)
  if (attribute.required && !mayBeRequired)
    throw bad('mutability', `${attribute.label} is required: it cannot be removed.`, {
      attribute: attribute.label,
      rfc: 'RFC 7644 3.5.2.2'
    })
  const after = withMember(holder, attribute.name, undefined)
  return attribute.name === 'value' ? withMember(after, '$ref', undefined) : after
}

/** @throws ScimError 400 `mutability` where it keeps the value it has. */
export function checkMutable({ mutability, label }: Attribute): void {
  if (mutability === 'immutable')
    throw bad('mutability', `${label} is immutable: it keeps the value it has.`, {
      attribute: label,
      rfc: 'RFC 7644 3.5.2'
    })
}
