/** The `path` of an operation -> the place in the schema that it means. */
import type { JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { parsePath } from '../filter/parse.ts'
import type { FilterLimits, Literal, ParsedFilter } from '../filter/parsed.ts'
import { resolveFilter, resolveOfElement } from '../filter/resolve.ts'
import { resolveTarget } from '../schema/path.ts'
import { readElement } from '../schema/read-value.ts'
import { booleanIn } from '../schema/text.ts'
import type { Attribute, Extension, ResourceType } from '../schema/types.ts'
import type { ElementChoice } from './operation.ts'

export type Place =
  | { readonly kind: 'resource' }
  | { readonly kind: 'extension'; readonly extension: Extension }
  /** A whole attribute, or a sub-attribute of a single complex one. */
  | { readonly kind: 'attribute'; readonly attribute: Attribute }
  /** Elements of a multi-valued attribute, or one sub-attribute of each. One of `where` and `sub` is there. */
  | {
      readonly kind: 'elements'
      readonly attribute: Attribute
      readonly where?: ElementChoice
      readonly sub?: Attribute
    }

/**
 * @throws ScimError 400: `invalidPath` where the text is no path or names nothing; `invalidFilter` where the filter asks for what an
 *   attribute has not.
 */
export function placeOf(type: ResourceType, path: string, limits: Partial<FilterLimits> = {}): Place {
  const { attr, filter, sub } = parsePath(path, limits)
  const target = resolveTarget(type, attr)
  if (target === undefined)
    throw bad('invalidPath', `There is no attribute ${attr}.`, { attribute: attr, rfc: 'RFC 7644 3.10' })
  if (filter !== undefined) {
    const attribute = target.kind === 'attribute' ? target.attribute : undefined
    if (attribute === undefined || !attribute.many) {
      throw bad('invalidPath', `${attr} has no elements to choose from.`, { attribute: attr, rfc: 'RFC 7644 3.5.2' })
    }
    const where = choiceOf(type, attr, attribute, filter)
    // Of a simple attribute, each element is its value.
    const whole = sub === undefined || (attribute.type !== 'complex' && sub.toLowerCase() === 'value')
    return { kind: 'elements', attribute, where, ...(whole ? {} : { sub: subAttribute(attribute, sub) }) }
  }
  if (target.kind === 'extension') return target
  const { attribute } = target
  if (attribute.parent?.many === true) return { kind: 'elements', attribute: attribute.parent, sub: attribute }
  return target
}

function subAttribute(attribute: Attribute, name: string): Attribute {
  const found = attribute.sub.get(name.toLowerCase())
  if (found === undefined)
    throw bad('invalidPath', `There is no attribute ${attribute.label}.${name}.`, {
      attribute: `${attribute.label}.${name}`,
      rfc: 'RFC 7644 3.10'
    })
  return found
}

function choiceOf(type: ResourceType, attr: string, attribute: Attribute, parsed: ParsedFilter): ElementChoice {
  if (attribute.type !== 'complex') return { filter: resolveOfElement(attribute, parsed) }
  const resolved = resolveFilter(type, { op: 'element', attr, part: parsed })
  const filter = resolved.op === 'some' ? resolved.part : resolved
  const made = madeBy(attribute, parsed)
  return made === undefined ? { filter } : { filter, made }
}

/** The element that the filter describes, if it describes exactly one (scim-quirks, "noTarget or create"). */
function madeBy(attribute: Attribute, filter: ParsedFilter): JsonObject | undefined {
  if (filter.op === 'and') {
    const parts = filter.parts.map(part => madeBy(attribute, part))
    if (parts.includes(undefined)) return undefined
    const members = parts.flatMap(part => Object.entries(part ?? {}))
    const made = Object.fromEntries(members)
    return Object.keys(made).length === members.length ? made : undefined
  }
  if (filter.op !== 'eq') return undefined
  const sub = attribute.sub.get(filter.on.attr.toLowerCase())
  if (sub === undefined || sub.mutability === 'readOnly') return undefined
  const value = readElement(sub, typed(sub, filter.value))
  return value === undefined ? undefined : { [sub.name]: value }
}

// Filters take "True" for a boolean and a number for its digits; so does the element made from one.
function typed(sub: Attribute, value: Literal): Literal {
  if (sub.type === 'boolean' && typeof value === 'string') return booleanIn(value) ?? value
  return typeof value === 'number' && sub.type !== 'integer' && sub.type !== 'decimal' ? String(value) : value
}
