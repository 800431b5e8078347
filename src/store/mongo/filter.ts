/**
 * A filter as MongoDB's operators.
 *
 * Only the operators named here are ever sent, on fields whose names cannot hold a `$`, with values that are texts, numbers
 * or booleans: nothing of a request can become an operator. MongoDB compares texts by their bytes and a field with
 * an array by any of its elements, which is what a filter means.
 */
import type { Filter, Path, Scalar } from '../../scim/filter/filter.ts'
import { fieldsOf, isId, keyOf } from './names.ts'

export interface Match {
  readonly [field: string]: unknown
}

/** A match, or whether all documents match or none. */
export type Compiled = Match | boolean

const operators = { eq: '$eq', gt: '$gt', ge: '$gte', lt: '$lt', le: '$lte' } as const

/** @throws TypeError for a value that is no scalar or a path without steps, which only a broken caller can produce. */
export function compile(tenant: string, filter: Filter): Compiled {
  return compileAt({ fields: 'f.', tenant }, filter)
}

/** Where paths start: in a row, or in an element of an array (without a tenant). */
interface Place {
  readonly fields: string
  readonly tenant?: string
}

function compileAt(place: Place, filter: Filter): Compiled {
  switch (filter.op) {
    case 'and':
      return all(filter.parts.map(part => compileAt(place, part)))
    case 'or':
      return any(filter.parts.map(part => compileAt(place, part)))
    case 'not':
      return negated(compileAt(place, filter.part))
    case 'pr':
      return { [at(place, filter.path)]: { $exists: true } }
    case 'in':
      if (place.tenant !== undefined && isId(filter.path)) return { _id: { $in: keys(place.tenant, filter.values) } }
      return { [at(place, filter.path)]: { $in: filter.values.map(scalar) } }
    case 'some':
      return element(at(place, filter.path), compileAt({ fields: '' }, filter.part))
    case 'co':
    case 'sw':
    case 'ew':
      return text(at(place, filter.path), filter.op, scalar(filter.value))
    default:
      if (place.tenant !== undefined && isId(filter.path)) return byKey(place.tenant, filter.op, filter.value)
      return { [at(place, filter.path)]: { [operators[filter.op]]: scalar(filter.value) } }
  }
}

function at(place: Place, path: Path): string {
  if (path.length === 0) throw new TypeError('a path has at least one step')
  return place.fields + fieldsOf(path)
}

/** The id of a document is a part of its key, which has an index. */
function byKey(tenant: string, op: keyof typeof operators, value: Scalar): Compiled {
  return typeof value === 'string' && { _id: { [operators[op]]: keyOf(tenant, value) } }
}

function keys(tenant: string, values: readonly Scalar[]): readonly string[] {
  return values.filter(value => typeof value === 'string').map(value => keyOf(tenant, value))
}

function scalar(value: Scalar): Scalar {
  if (typeof value === 'object') throw new TypeError('a filter compares with a text, a number or a boolean')
  return value
}

/** Holds when all do. */
export function all(parts: readonly Compiled[]): Compiled {
  const matches = parts.filter(part => typeof part === 'object')
  if (parts.includes(false)) return false
  return joined('$and', matches) ?? true
}

function any(parts: readonly Compiled[]): Compiled {
  const matches = parts.filter(part => typeof part === 'object')
  if (parts.includes(true)) return true
  return joined('$or', matches) ?? false
}

function joined(operator: '$and' | '$or', matches: readonly Match[]): Match | undefined {
  return matches.length > 1 ? { [operator]: matches } : matches[0]
}

function negated(match: Compiled): Compiled {
  return typeof match === 'object' ? { $nor: [match] } : !match
}

/** One and the same element. (An array in a search form is never empty.) */
function element(field: string, match: Compiled): Compiled {
  return typeof match === 'object' ? { [field]: { $elemMatch: match } } : match && { [field]: { $exists: true } }
}

/** Part of a text, as a regular expression without any operator of the value's own. Only texts have parts. */
function text(field: string, op: 'co' | 'sw' | 'ew', value: Scalar): Compiled {
  if (typeof value !== 'string') return false
  const literal = value.replace(/[\\^$.*+?()[\]{}|#/-]/g, '\\$&').replaceAll('\0', '\\x00')
  // `^` is the start of the text and not of a line, and MongoDB walks an index by it. `$` would also stand before a last
  // line feed; `\z` does not.
  return { [field]: { $regex: op === 'sw' ? `^${literal}` : op === 'ew' ? `${literal}\\z` : literal } }
}
