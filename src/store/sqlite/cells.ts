/**
 * A value as it stands in a column: SQLite orders numbers before texts before blobs, so with booleans as blobs of one byte
 * no value is ever equal to, or in a range with, a value of another type.
 */
import { valuesAt } from '../../scim/filter/evaluate.ts'
import type { ComparisonOp, Path, Scalar, SearchForm } from '../../scim/filter/filter.ts'

export type Cell = string | number | Uint8Array | null

const no = new Uint8Array([0])
const yes = new Uint8Array([1])
const firstText = ''
const firstBlob = new Uint8Array()

/** Text is made well-formed: a lone surrogate has no UTF-8. */
export function cellOf(value: Scalar): Exclude<Cell, null> {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'boolean') return value ? yes : no
  return value
}

/** One end of a range. `kind`: it only keeps values of other types out. */
export interface End {
  readonly op: '>' | '>=' | '<' | '<='
  readonly cell: Exclude<Cell, null>
  readonly kind: boolean
}

export interface Range {
  readonly low?: End
  readonly high?: End
}

/** The range of cells that satisfies an order or a prefix; `undefined` for what is no range. */
export function rangeOf(op: ComparisonOp, value: Scalar): Range | undefined {
  if (op === 'sw') return typeof value === 'string' ? prefixRange(value.toWellFormed()) : undefined
  const cell = cellOf(value)
  switch (op) {
    case 'gt':
      return { low: { op: '>', cell, kind: false }, ...above(value) }
    case 'ge':
      return { low: { op: '>=', cell, kind: false }, ...above(value) }
    case 'lt':
      return { high: { op: '<', cell, kind: false }, ...below(value) }
    case 'le':
      return { high: { op: '<=', cell, kind: false }, ...below(value) }
    default:
      return undefined
  }
}

function above(value: Scalar): Range {
  if (typeof value === 'boolean') return {}
  return { high: { op: '<', cell: typeof value === 'number' ? firstText : firstBlob, kind: true } }
}

function below(value: Scalar): Range {
  if (typeof value === 'number') return {}
  return { low: { op: '>=', cell: typeof value === 'string' ? firstText : firstBlob, kind: true } }
}

function prefixRange(prefix: string): Range {
  const low: End = { op: '>=', cell: prefix, kind: prefix === '' }
  const next = successor(prefix)
  return { low, high: { op: '<', cell: next ?? firstBlob, kind: next === undefined } }
}

/** The first text behind all that start with `prefix`; `undefined` when every text behind it does. */
function successor(prefix: string): string | undefined {
  const points = Array.from(prefix, c => c.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

/** The values at a path of a search form, as cells. @throws Error where an object or an array stands: no index holds those. */
export function cellsAt(form: SearchForm, path: Path): readonly Exclude<Cell, null>[] {
  return valuesAt(path, form).map(value => {
    if (typeof value === 'object') throw new Error(`an index over ${path.map(s => s.name).join('.')} found an object`)
    return cellOf(value)
  })
}
