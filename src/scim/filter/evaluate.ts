/**
 * What a filter means, said once: the stores' compiled queries must find exactly what this finds.
 * It looks at one search form and is written to be read; no store uses it to search.
 */
import type { ComparisonOp, Filter, Path, Scalar, SearchForm, SearchValue } from './filter.ts'

/** Whether the filter holds for a document of this search form. */
export function matches(filter: Filter, form: SearchForm): boolean {
  return holds(filter, form)
}

function holds(filter: Filter, value: SearchValue): boolean {
  switch (filter.op) {
    case 'and':
      return filter.parts.every(p => holds(p, value))
    case 'or':
      return filter.parts.some(p => holds(p, value))
    case 'not':
      return !holds(filter.part, value)
    case 'pr':
      return valuesAt(filter.path, value).length > 0
    case 'in':
      return valuesAt(filter.path, value).some(v => filter.values.some(wanted => v === wanted))
    case 'some':
      return valuesAt(filter.path, value).some(element => holds(filter.part, element))
    default:
      return valuesAt(filter.path, value).some(v => satisfies(filter.op, v, filter.value))
  }
}

/** All values at the path: at most one, but for `many` steps, which go on from each element. @param from the first step to go. */
export function valuesAt(path: Path, start: SearchValue, from = 0): readonly SearchValue[] {
  let value: SearchValue | undefined = start
  for (let i = from; i < path.length; i++) {
    const step = path[i]
    value = step === undefined ? undefined : member(value, step.name)
    if (value === undefined) return []
    if (step?.many === true) return isArray(value) ? value.flatMap(element => valuesAt(path, element, i + 1)) : []
  }
  return [value]
}

function member(value: SearchValue, name: string): SearchValue | undefined {
  return typeof value === 'object' && !isArray(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isArray(value: SearchValue): value is readonly SearchValue[] {
  return Array.isArray(value)
}

function satisfies(op: ComparisonOp, found: SearchValue, wanted: Scalar): boolean {
  if (typeof found === 'string' && typeof wanted === 'string') return satisfiesText(op, found, wanted)
  if (typeof found === 'number' && typeof wanted === 'number') return ordered(op, found - wanted)
  if (typeof found === 'boolean' && typeof wanted === 'boolean') return ordered(op, Number(found) - Number(wanted))
  return false
}

function satisfiesText(op: ComparisonOp, found: string, wanted: string): boolean {
  switch (op) {
    case 'co':
      return found.includes(wanted)
    case 'sw':
      return found.startsWith(wanted)
    case 'ew':
      return found.endsWith(wanted)
    default:
      return ordered(op, compareText(found, wanted))
  }
}

function ordered(op: ComparisonOp, difference: number): boolean {
  switch (op) {
    case 'eq':
      return difference === 0
    case 'gt':
      return difference > 0
    case 'ge':
      return difference >= 0
    case 'lt':
      return difference < 0
    case 'le':
      return difference <= 0
    default:
      return false
  }
}

/**
 * Orders well-formed texts by Unicode code point, which is the order of their UTF-8 bytes. JavaScript's own `<` goes by
 * UTF-16 unit and puts an emoji before U+FF21.
 *
 * @returns below 0, 0 or above 0.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

// Surrogates (U+D800 to U+DFFF) stand for code points above U+FFFF: they go behind U+E000 to U+FFFF.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
