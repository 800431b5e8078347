/**
 * A parsed filter -> the store's query language, by the attribute table: names become paths, values become what
 * they compare as, and what cannot be asked is refused instead of answered wrongly.
 */
import { bad } from '../errors.ts'
import { resolveTarget, type Target } from '../schema/path.ts'
import type { Attribute, ResourceType } from '../schema/types.ts'
import { whyHidden } from '../search-form.ts'
import { compare, everything, type Filter, not, nothing, type Path } from './filter.ts'
import type { Literal, Operand, ParsedComparison, ParsedFilter } from './parsed.ts'
import { checkOperator, scalarOf } from './typing.ts'

/**
 * What is asked, of whom, in terms of the search form. Where RFC 7644 3.4.2.2 leaves room:
 *
 * - A complex attribute compares by its `value`: `manager eq "2819"`, `emails eq "a@b"` (quirks 4, 62).
 * - `ne` is "not equal to any": a resource without the attribute, or with other values only, matches. `eq null` is
 *   "has none", `ne null` is `pr`.
 * - `pr` of a text needs a character in it: an empty text is not present.
 * - `emails[F].value op x` is `emails[F and value op x]`: brackets choose elements, and one chosen element must satisfy the rest.
 *   With `ne` this is "a work address other than x", not "no work address x", which is `not (emails[F].value eq x)`.
 *
 * @throws ScimError 400 `invalidFilter` for an unknown attribute, one that `whyHidden` tells of, an operator that the attribute's
 *   type has not, or a value of another type; the detail names the attribute.
 *
 * @param onUnknown told of unknown attributes, instead of the error: a resource without the attribute is what they are taken for.
 */
export function resolveFilter(
  type: ResourceType,
  parsed: ParsedFilter,
  { onUnknown = refuse }: { readonly onUnknown?: (name: string) => void } = {}
): Filter {
  return resolveIn({ find: name => resolveTarget(type, name), onUnknown, inside: '', from: 0 }, parsed)
}

function refuse(name: string): never {
  throw bad('invalidFilter', `There is no attribute ${name}.`, { attribute: name })
}

/** Where names are looked up, and how many steps of an attribute's path lie before that place. */
interface Scope {
  readonly find: (name: string) => Target | undefined
  readonly onUnknown: (name: string) => void
  /** What stands in front of a name, as it was sent. */
  readonly inside: string
  readonly from: number
}

function resolveIn(scope: Scope, parsed: ParsedFilter): Filter {
  switch (parsed.op) {
    case 'and':
    case 'or':
      return { op: parsed.op, parts: parsed.parts.map(p => resolveIn(scope, p)) }
    case 'not':
      return not(resolveIn(scope, parsed.part))
    case 'element':
      return elements(scope, parsed.attr, inner => resolveIn(inner, parsed.part))
    default:
      return parsed.op === 'pr'
        ? operand(scope, parsed, present)
        : operand(scope, parsed, comparing(parsed.op, parsed.value))
  }
}

/** An expression about one attribute. */
type Expression = Extract<ParsedFilter, { readonly on: Operand }>

/** What to make of the attribute that an expression speaks of. */
type Ask = (scope: Scope, target: Target) => Filter

function operand(scope: Scope, expression: Expression, ask: Ask): Filter {
  const { attr, where, sub } = expression.on
  const asked = (at: Scope, name: string) => {
    const target = find(at, name)
    return target === undefined ? ofNone(expression) : ask(at, target)
  }
  if (where === undefined || sub === undefined) return asked(scope, attr)
  return elements(scope, attr, inner => ({ op: 'and', parts: [resolveIn(inner, where), asked(inner, sub)] }))
}

/** What is said of a resource that has no such attribute. */
function ofNone(expression: Expression): Filter {
  if (expression.op === 'pr') return nothing
  const isNull = expression.value === null
  return (expression.op === 'eq' && isNull) || (expression.op === 'ne' && !isNull) ? everything : nothing
}

// A single complex value is its own only element, so that its filter is one about the resource.
function elements(scope: Scope, name: string, part: (inner: Scope) => Filter): Filter {
  const target = find(scope, name)
  if (target === undefined) {
    part({ ...scope, find: () => undefined, inside: `${scope.inside}${name}.` })
    return nothing
  }
  if (target.kind === 'extension' || target.attribute.type !== 'complex') {
    throw bad('invalidFilter', `${label(target)} has no sub-attributes to filter by.`, { attribute: label(target) })
  }
  const { attribute } = target
  const path = attribute.path.slice(scope.from)
  const inner = {
    find: subAttributesOf(attribute),
    onUnknown: scope.onUnknown,
    inside: `${scope.inside}${name}.`,
    from: attribute.many ? attribute.path.length : scope.from
  }
  return attribute.many ? { op: 'some', path, part: part(inner) } : part(inner)
}

/** What is asked of one element of a multi-valued attribute: paths start at the element. Of a simple one, its `value` is asked. */
export function resolveOfElement(attribute: Attribute, parsed: ParsedFilter): Filter {
  const complex = attribute.type === 'complex' ? attribute : asComplex(attribute)
  return resolveIn(
    { find: subAttributesOf(complex), onUnknown: refuse, inside: `${attribute.label}.`, from: attribute.path.length },
    parsed
  )
}

// RFC 7643 2.4: what elements are is their `value`, also where nothing stands beside it.
function asComplex(attribute: Attribute): Attribute {
  const name = 'value'
  const value: Attribute = {
    ...attribute,
    name,
    label: `${attribute.label}.${name}`,
    many: false,
    path: [...attribute.path, { name, many: false }]
  }
  return { ...attribute, type: 'complex', sub: new Map([[name, value]]) }
}

function subAttributesOf(attribute: Attribute): Scope['find'] {
  return name => {
    const sub = attribute.sub.get(name.toLowerCase())
    return sub === undefined ? undefined : { kind: 'attribute', attribute: sub }
  }
}

// A filter on an attribute that is never shown would show it bit by bit (RFC 7643 7: `returned` "never"), and one on what no
// search form holds would find nobody and look as if there were nobody.
function find(scope: Scope, name: string): Target | undefined {
  const target = scope.find(name)
  if (target === undefined) {
    scope.onUnknown(`${scope.inside}${name}`)
    return undefined
  }
  if (target.kind === 'attribute') refuseHidden(target.attribute, scope.inside + name)
  return target
}

function refuseHidden(attribute: Attribute, named: string): void {
  const hidden = whyHidden(attribute)
  if (hidden !== undefined) throw bad('invalidFilter', `${hidden}, so it cannot be filtered by.`, { attribute: named })
}

function label(target: Target): string {
  return target.kind === 'extension' ? target.extension.urn : target.attribute.label
}

function present(scope: Scope, target: Target): Filter {
  if (target.kind === 'extension') return { op: 'pr', path: target.extension.path }
  const { type, path } = target.attribute
  const isText = type === 'string' || type === 'reference' || type === 'binary'
  return isText ? compare('gt', path.slice(scope.from), '') : { op: 'pr', path: path.slice(scope.from) }
}

function comparing(op: ParsedComparison, value: Literal): Ask {
  return (scope, target) => {
    if (value === null) return comparingNull(op, scope, target)
    if (target.kind === 'extension')
      throw bad('invalidFilter', `${label(target)} can only be compared with pr.`, { attribute: label(target) })
    const attribute = comparable(target.attribute)
    checkOperator(attribute, op)
    const path: Path = attribute.path.slice(scope.from)
    const wanted = scalarOf(attribute, value)
    return op === 'ne' ? not(compare('eq', path, wanted)) : compare(op, path, wanted)
  }
}

// RFC 7643 2.5: null and "unassigned" are the same.
function comparingNull(op: ParsedComparison, scope: Scope, target: Target): Filter {
  if (op === 'eq') return not(present(scope, target))
  if (op === 'ne') return present(scope, target)
  throw bad('invalidFilter', `null has no order: ${label(target)} can be compared with it by eq and ne only.`, {
    attribute: label(target)
  })
}

function comparable(attribute: Attribute): Attribute {
  if (attribute.type !== 'complex') return attribute
  const value = attribute.sub.get('value')
  if (value !== undefined) {
    refuseHidden(value, value.label)
    return value
  }
  const names = [...attribute.sub.values()].map(s => s.name).join(', ')
  throw bad('invalidFilter', `${attribute.label} is complex: compare one of its sub-attributes (${names}).`, {
    attribute: attribute.label
  })
}
