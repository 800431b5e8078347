/**
 * A filter as a condition of SQL over the row `d` of a document: on its columns where there are some, otherwise on its
 * search form. Names of paths are fixed by code, values are always parameters.
 *
 * A condition may be NULL where a value is absent. NULL is not true to `AND`, `OR` and `WHERE`, and `IS NOT TRUE` takes it
 * as false: so `not` needs no rewriting.
 */
import type { ComparisonOp, Filter, Path, Scalar } from '../../scim/filter/filter.ts'
import { cellOf, type End, rangeOf } from './cells.ts'
import { always, chain, joined, jsonPath, never, type Sql, sql, wrapped } from './sql.ts'

/** Where a single value comes from. */
export interface Source {
  readonly value: string
  /**
   * SQL for the JSON type, where the value is JSON's own: booleans are then 1 and 0. Absent: it is a cell (see
   * `cells.ts`).
   */
  readonly type?: string
  /** Only texts stand here. */
  readonly textOnly?: boolean
}

/** The columns that hold values of single-valued paths. */
export type Columns = (path: Path) => Source | undefined

/** What paths start from: a document, or an element of an array in it. */
interface Scope {
  readonly root: string
  readonly self?: Source
  readonly columns: Columns
  readonly depth: number
}

export function compileFilter(filter: Filter, columns: Columns): Sql {
  return compile(filter, { root: 'd.form', columns, depth: 0 })
}

function compile(filter: Filter, scope: Scope): Sql {
  switch (filter.op) {
    case 'and':
    case 'or':
      return joined(
        flat(filter.op, filter.parts).map(part => compile(part, scope)),
        filter.op === 'and' ? 'AND' : 'OR'
      )
    case 'not':
      return wrapped(compile(filter.part, scope), '((', ') IS NOT TRUE)')
    case 'some':
      return descend(filter.path, scope, (element, rest) => {
        if (rest.length > 0) throw new Error('the last step of a path of `some` is many')
        return compile(filter.part, element)
      })
    default:
      return descend(filter.path, scope, (at, rest) => compileLeaf(filter, sourceAt(at, rest)))
  }
}

/** Nested `and`s are one `and`, nested `or`s one `or`. */
export function flat(op: 'and' | 'or', parts: readonly Filter[]): readonly Filter[] {
  return parts.flatMap(part => (part.op === op ? flat(op, part.parts) : [part]))
}

/** Goes through the `many` steps of the path; `inside` gets the innermost element and the steps that are left. */
function descend(path: Path, scope: Scope, inside: (scope: Scope, rest: Path) => Sql): Sql {
  const at = path.findIndex(step => step.many)
  if (at < 0) return inside(scope, path)
  const e = `e${scope.depth}`
  const element: Scope = {
    root: `CASE ${e}.type WHEN 'object' THEN ${e}.value END`,
    self: { value: `${e}.value`, type: `${e}.type` },
    columns: () => undefined,
    depth: scope.depth + 1
  }
  // Elements have numbers for keys; the members of an object that stands where an array should do not count.
  const each = `EXISTS (SELECT 1 FROM json_each(${scope.root}, ${jsonPath(path.slice(0, at + 1))}) AS ${e} WHERE typeof(${e}.key) = 'integer' AND `
  return wrapped(descend(path.slice(at + 1), element, inside), each)
}

function sourceAt(scope: Scope, path: Path): Source {
  if (path.length === 0 && scope.self !== undefined) return scope.self
  return scope.columns(path) ?? jsonSource(scope.root, path)
}

/** A value of the search form where no column has it. */
export function jsonSource(root: string, path: Path): Source {
  return { value: `(${root} ->> ${jsonPath(path)})`, type: `json_type(${root}, ${jsonPath(path)})` }
}

/** A filter about the values of one path. */
export type Leaf = Extract<Filter, { readonly path: Path }> & { readonly op: Exclude<Filter['op'], 'some'> }

export function compileLeaf(leaf: Leaf, source: Source): Sql {
  switch (leaf.op) {
    case 'pr':
      return sql(`${source.type ?? source.value} IS NOT NULL`)
    case 'in':
      return compileIn(source, leaf.values)
    default:
      return compileComparison(source, leaf.op, leaf.value)
  }
}

function compileComparison(source: Source, op: ComparisonOp, value: Scalar): Sql {
  if (source.textOnly === true && typeof value !== 'string') return never
  if (source.type !== undefined && typeof value === 'boolean') return compileBoolean(source.type, op, value)
  const range = rangeOf(op, value)
  if (range !== undefined) {
    const ends = [range.low, range.high].filter(end => end !== undefined && !(end.kind && source.type !== undefined))
    return ofKind(
      source,
      value,
      joined(
        ends.map(end => (end === undefined ? always : compileEnd(source.value, end))),
        'AND'
      )
    )
  }
  if (op === 'eq') return ofKind(source, value, sql(`${source.value} = ?`, cellOf(value)))
  return typeof value === 'string' ? compileText(source, op, value.toWellFormed()) : never
}

export function compileEnd(value: string, end: End): Sql {
  return sql(`${value} ${end.op} ?`, end.cell)
}

function compileText(source: Source, op: ComparisonOp, text: string): Sql {
  const isText = source.type === undefined ? `typeof(${source.value}) = 'text'` : `${source.type} = 'text'`
  const bytes = Buffer.from(text)
  if (bytes.length === 0) return sql(isText)
  if (op === 'co') return sql(`(${isText} AND instr(${source.value}, ?) > 0)`, text)
  // By bytes: UTF-8 cannot match in the middle of a character, and length() of a text ends at a NUL.
  if (op === 'ew') {
    return sql(`(${isText} AND substr(CAST(${source.value} AS BLOB), ?) = ?)`, -bytes.length, new Uint8Array(bytes))
  }
  return never
}

/** JSON's numbers, texts and booleans are told apart by their type. */
function ofKind(source: Source, value: Scalar, condition: Sql): Sql {
  if (source.type === undefined) return condition
  const kind = typeof value === 'string' ? `${source.type} = 'text'` : `${source.type} IN ('integer', 'real')`
  return wrapped(chain([sql(kind), condition], ' AND '))
}

function compileBoolean(type: string, op: ComparisonOp, value: boolean): Sql {
  const satisfying = [false, true].filter(found => {
    const difference = Number(found) - Number(value)
    if (op === 'eq') return difference === 0
    if (op === 'gt' || op === 'ge') return difference > 0 || (op === 'ge' && difference === 0)
    if (op === 'lt' || op === 'le') return difference < 0 || (op === 'le' && difference === 0)
    return false
  })
  return satisfying.length === 0 ? never : sql(`${type} IN (${satisfying.map(b => `'${b}'`).join(', ')})`)
}

/** From this many values on they are one parameter. */
const listMax = 16

function compileIn(source: Source, values: readonly Scalar[]): Sql {
  const texts = values.filter(v => typeof v === 'string').map(v => v.toWellFormed())
  const numbers = values.filter(v => typeof v === 'number')
  const booleans = [...new Set(values.filter(v => typeof v === 'boolean'))]
  const lists = [texts, source.textOnly === true ? [] : numbers].flatMap(list => {
    const [first] = list
    return first === undefined ? [] : [ofKind(source, first, compileList(source.value, list))]
  })
  return joined([...lists, ...booleans.map(b => compileComparison(source, 'eq', b))], 'OR')
}

function compileList(value: string, list: readonly (string | number)[]): Sql {
  const [first] = list
  if (list.length === 1 && first !== undefined) return sql(`${value} = ?`, first)
  if (list.length <= listMax) return sql(`${value} IN (${list.map(() => '?').join(', ')})`, ...list)
  return sql(`${value} IN (SELECT value FROM json_each(?))`, JSON.stringify(list))
}
