/** What operations make of a resource (RFC 7644 3.5.2). Pure: all of them, in order, or an error and nothing. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad, type ScimError } from '../errors.ts'
import { matches } from '../filter/evaluate.ts'
import { readResource } from '../read.ts'
import type { Attribute, ResourceType } from '../schema/types.ts'
import { elementForm } from '../search-form.ts'
import { addElements, changeElements } from './elements.ts'
import type { PatchOperation } from './operation.ts'
import { assigned, checkMutable, holderOf, unassigned, withHolder } from './stored.ts'

/**
 * Elements of multi-valued attributes that one PATCH may go through, all operations together; each costs about two
 * microseconds, and no request may hold up the others for long. The operation that reaches it is still carried out.
 */
export const elementVisitsMax = 20_000

/** Elements of multi-valued attributes that stand beside those of the resource, and that a PATCH sees and may not change. */
export interface Fixed {
  readonly of: (attribute: Attribute) => readonly Json[]
  readonly refusal: (attribute: Attribute, chosen: readonly Json[]) => ScimError
}

/**
 * Where RFC 7644 leaves room:
 *
 * - What is removed and is not there is removed already, and an equal value of an immutable attribute is no change.
 * - An `add` of an element of the same type and value changes that element.
 * - `password` and whatever else is never returned is accepted and not kept.
 * - Where there are `fixed` elements, an operation means the others. One whose filter chooses fixed ones only is refused.
 *
 * @param resource as `readResource` gives it; so is the result.
 * @throws ScimError 400 `noTarget`, `mutability`, `invalidValue`; `tooMany` beyond `elementVisitsMax`.
 */
export function applyPatch(
  type: ResourceType,
  resource: JsonObject,
  operations: readonly PatchOperation[],
  fixed?: Fixed
): JsonObject {
  let visits = 0
  let after = resource
  for (const operation of operations) {
    if (visits > elementVisitsMax) {
      throw bad('tooMany', 'These operations on so many elements cost too much at once: send fewer in one request.', {
        attribute: 'Operations',
        rfc: 'RFC 7644 3.5.2'
      })
    }
    visits += listAt(after, operation.attribute).length
    after = isOnFixed(after, operation, fixed) ? after : applyOne(after, operation)
  }
  checkKept(type, resource, after)
  readResource(type, after)
  return after
}

// A complex value comes in parts, so that only the whole tells whether it is another (RFC 7643 2.2: `immutable`).
function checkKept(type: ResourceType, before: JsonObject, after: JsonObject): void {
  for (const { attributes, urn } of [{ attributes: type.attributes, urn: undefined }, ...type.extensions.values()]) {
    const [was, is] = urn === undefined ? [before, after] : [before[urn], after[urn]]
    if (!isObject(was)) continue
    for (const attribute of attributes.values()) {
      const { name, mutability } = attribute
      if (mutability !== 'immutable' || attribute.type !== 'complex' || was[name] === undefined) continue
      if (!isDeepStrictEqual(was[name], isObject(is) ? is[name] : undefined)) checkMutable(attribute)
    }
  }
}

function listAt(resource: JsonObject, attribute: Attribute): readonly Json[] {
  const value = attribute.many ? holderOf(resource, attribute)[attribute.name] : undefined
  return Array.isArray(value) ? value : []
}

/** Whether the operation chooses fixed elements only, and they are already as it would have them. */
function isOnFixed(resource: JsonObject, operation: PatchOperation, fixed: Fixed | undefined): boolean {
  const { attribute, where } = operation
  if (fixed === undefined || where === undefined) return false
  const isChosen = (element: Json) => matches(where.filter, elementForm(attribute, element))
  const chosen = fixed.of(attribute).filter(isChosen)
  if (chosen.length === 0 || listAt(resource, attribute).some(isChosen)) return false
  if (isDeepStrictEqual(changeElements(chosen, operation), chosen)) return true
  throw fixed.refusal(attribute, chosen)
}

function applyOne(resource: JsonObject, operation: PatchOperation): JsonObject {
  const { attribute } = operation
  if (attribute.returned === 'never') return resource
  const holder = holderOf(resource, attribute)
  const value = valueAfter(resource, operation)
  const after =
    value === undefined ? unassigned(holder, attribute, operation.withExtension) : assigned(holder, attribute, value)
  return after === holder ? resource : withHolder(resource, attribute, after)
}

/** `undefined`: unassigned. */
function valueAfter(resource: JsonObject, operation: PatchOperation): Json | undefined {
  const { op, attribute, where, sub, value } = operation
  const before = listAt(resource, attribute)
  if (where !== undefined || sub !== undefined) return listOrNone(changeElements(before, operation))
  if (op === 'remove' || value === undefined) return undefined
  if (op === 'add' && attribute.many && Array.isArray(value)) return listOrNone(addElements(attribute, before, value))
  return value
}

function listOrNone(list: readonly Json[]): readonly Json[] | undefined {
  return list.length === 0 ? undefined : list
}
