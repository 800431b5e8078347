/** Changes of the elements of one multi-valued attribute. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { matches } from '../filter/evaluate.ts'
import { distinctElements, isPrimary } from '../schema/elements.ts'
import { readElement } from '../schema/read-value.ts'
import type { Attribute } from '../schema/types.ts'
import { elementForm } from '../search-form.ts'
import type { PatchOperation } from './operation.ts'
import { assigned, unassigned } from './stored.ts'

/** Adds elements. One that is there already is not doubled: what is new in it goes into the one there. */
export function addElements(attribute: Attribute, before: readonly Json[], added: readonly Json[]): readonly Json[] {
  const kept = added.some(isPrimary) ? before.map(demoted) : before
  return distinctElements(attribute, withoutCopies([...kept, ...added]))
}

/**
 * Changes or removes the elements that the operation chooses.
 *
 * - `replace` puts its value in the place of each chosen element, `add` adds it to each (RFC 7644 3.5.2.1, 3.5.2.3).
 * - An `add` to one sub-attribute makes the element that the filter describes, where there is none; a `replace` is `noTarget`.
 * - A `remove` that finds nothing has nothing to do (quirk 22).
 *
 * @throws ScimError 400 `noTarget`, `mutability`, `invalidValue`.
 */
export function changeElements(before: readonly Json[], operation: PatchOperation): readonly Json[] {
  const { op, attribute, where } = operation
  const chosen = before.map(element => where === undefined || matches(where.filter, elementForm(attribute, element)))
  if (op === 'remove')
    return before.flatMap((element, i) => (chosen[i] === true ? rest(operation, element) : [element]))

  const count = chosen.filter(isIn => isIn).length
  if (count === 0) return addElements(attribute, before, [made(operation)])
  // One value for all of them would make them one: a guess that loses addresses.
  if (where === undefined && count > 1) throw unchosen(attribute)
  const others = raises(operation) ? demoted : (element: Json) => element
  const after = before.map((element, i) => (chosen[i] === true ? changed(operation, element) : others(element)))
  return distinctElements(attribute, withoutCopies(after))
}

function rest({ sub }: PatchOperation, element: Json): readonly Json[] {
  if (sub === undefined || !isObject(element)) return []
  const left = unassigned(element, sub)
  return Object.keys(left).length === 0 ? [] : [left]
}

function changed({ op, attribute, sub, value = null }: PatchOperation, element: Json): Json {
  if (!isObject(element)) return value
  if (sub !== undefined) return inOrder(attribute, assigned(element, sub, value))
  if (op === 'replace' || !isObject(value)) return value
  let after = element
  for (const member of attribute.sub.values()) {
    const added = value[member.name]
    if (added !== undefined) after = assigned(after, member, added)
  }
  return inOrder(attribute, after)
}

// RFC 7644 3.5.2.3: a replace whose filter matches nothing is noTarget.
function made({ op, attribute, where, sub, value = null }: PatchOperation): Json {
  if (op !== 'add' || where?.made === undefined || sub === undefined) throw noElement(attribute)
  if (where.made[sub.name] !== undefined) throw noElement(attribute)
  return inOrder(attribute, { ...where.made, [sub.name]: value })
}

// Read again, names are in the schema's order, by which copies are told.
function inOrder(attribute: Attribute, element: JsonObject): Json {
  return readElement(attribute, element) ?? {}
}

function noElement({ label }: Attribute) {
  return bad('noTarget', `No element of ${label} is the one that the path names.`, {
    attribute: label,
    rfc: 'RFC 7644 3.5.2.3'
  })
}

function unchosen({ label }: Attribute) {
  return bad('noTarget', `${label} has several elements: choose one in the path, as in ${label}[type eq "work"].`, {
    attribute: label,
    rfc: 'RFC 7644 3.5.2.3'
  })
}

/** Elements that are equal but for `primary` become one; what the later says of that holds. */
function withoutCopies(elements: readonly Json[]): readonly Json[] {
  const distinct = new Map<string, Json>()
  for (const element of elements) {
    const key = JSON.stringify(isObject(element) ? { ...element, primary: undefined } : element)
    const earlier = distinct.get(key)
    distinct.set(key, isObject(earlier) && isObject(element) ? { ...earlier, ...element } : element)
  }
  return [...distinct.values()]
}

function raises({ sub, value = null }: PatchOperation): boolean {
  return sub === undefined ? isPrimary(value) : sub.name === 'primary' && value === true
}

// RFC 7644 3.5.2: where a new primary is set, "the server SHALL set the value of the existing attribute to false".
function demoted(element: Json): Json {
  return isObject(element) && isPrimary(element) ? { ...element, primary: false } : element
}
