/** Rules about the elements of a multi-valued attribute among each other (RFC 7643 2.4). */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { normalise } from './normalise.ts'
import type { Attribute } from './types.ts'

/**
 * The elements, where those of the same `type` and `value` have become one at the place of the first. "Service providers SHOULD NOT
 * return the same (type, value) combination more than once per attribute": what the later says wins, and what
 * only the earlier says is kept. Elements without a value (addresses) are never the same.
 *
 * @throws ScimError 400 `invalidValue` when more than one is primary. RFC 7643 2.4: true "MUST appear no more than
 *   once"; choosing one of two would be a guess.
 */
export function distinctElements(attribute: Attribute, elements: readonly Json[]): readonly Json[] {
  const distinct = new Map<string, Json>()
  for (const [i, element] of elements.entries()) {
    const key = keyOf(attribute, element) ?? `#${i}`
    const earlier = distinct.get(key)
    distinct.set(key, isObject(earlier) && isObject(element) ? { ...earlier, ...element } : element)
  }
  const result = [...distinct.values()]
  if (result.filter(isPrimary).length > 1) {
    throw bad('invalidValue', `${attribute.label} must have one element at most in which primary is true.`, {
      attribute: attribute.label,
      rfc: 'RFC 7643 2.4'
    })
  }
  return result
}

/** The element that stands for all: the primary, else the first (RFC 7644 3.4.2.3). */
export function leadingElement<T extends Json>(elements: readonly T[]): T | undefined {
  return elements.find(isPrimary) ?? elements[0]
}

export function isPrimary(element: Json): boolean {
  return isObject(element) && element.primary === true
}

function keyOf(attribute: Attribute, element: Json): string | undefined {
  if (!isObject(element)) return JSON.stringify(element)
  const value = comparable(attribute, element, 'value')
  return value === undefined ? undefined : JSON.stringify([value, comparable(attribute, element, 'type')])
}

function comparable(attribute: Attribute, element: JsonObject, name: string) {
  const sub = attribute.sub.get(name)
  const value = sub === undefined ? undefined : element[sub.name]
  if (sub === undefined || value === undefined || value === null || typeof value === 'object') return undefined
  return normalise(sub, value)
}
