/** What an index can do for a filter. */
import type { Filter } from '../../scim/filter/filter.ts'
import { rangeOf } from './cells.ts'
import { compileEnd, compileLeaf, flat, type Leaf } from './compile-filter.ts'
import { type ColumnIndex, nameOf } from './shape.ts'
import { type Sql, sql } from './sql.ts'

/** How far the index narrows the documents by the conditions given. */
export interface IndexMatch {
  readonly index: ColumnIndex
  /** How many columns, from the first on, are held at one value each. */
  readonly fixed: number
  /** All those values are there: a unique index then finds one document. */
  readonly whole: boolean
  /** The conditions of the filter that the index answers; the others are left. */
  readonly used: ReadonlySet<Filter>
  /** Those on the fixed columns. */
  readonly equalities: readonly Sql[]
  /** Those on the column behind them. */
  readonly ranges: readonly Leaf[]
}

/** The conditions that must all hold. */
export function conditionsOf(filter: Filter): readonly Filter[] {
  return filter.op === 'and' ? flat('and', filter.parts) : [filter]
}

export function matchIndex(index: ColumnIndex, conditions: readonly Filter[]): IndexMatch {
  const used = new Set<Filter>()
  const equalities: Sql[] = []
  let whole = true
  for (const { path, name } of index.columns) {
    const source = `d.${name}`
    const equal = conditions.find(c => isEqualityAt(c, nameOf(path)))
    if (equal === undefined) break
    used.add(equal)
    if (equal.op === 'eq') equalities.push(compileLeaf(equal, { value: source }))
    else equalities.push(sql(`${source} IS NULL`))
    whole &&= equal.op === 'eq'
  }
  const fixed = equalities.length
  const next = index.columns[fixed]
  const ranges = conditions.filter(isLeaf).filter(c => {
    return next !== undefined && !used.has(c) && isRange(c) && nameOf(c.path) === nameOf(next.path)
  })
  for (const range of ranges) used.add(range)
  return { index, fixed, whole: whole && fixed === index.columns.length, used, equalities, ranges }
}

export function isLeaf(filter: Filter): filter is Leaf {
  return filter.op !== 'and' && filter.op !== 'or' && filter.op !== 'not' && filter.op !== 'some'
}

export function isRange(leaf: Leaf): boolean {
  return leaf.op !== 'in' && leaf.op !== 'pr' && rangeOf(leaf.op, leaf.value) !== undefined
}

/**
 * The ends of ranges, as conditions on `value`. A `shadowed` end is written so that SQLite does not walk by it, because
 * something else bounds the walk closer on that side.
 */
export function compileRanges(leaves: readonly Leaf[], value: string, shadowed?: 'low' | 'high'): readonly Sql[] {
  const ranges = leaves.flatMap(leaf => {
    if (leaf.op === 'in' || leaf.op === 'pr') return []
    return [{ type: typeof leaf.value, range: rangeOf(leaf.op, leaf.value) }]
  })
  return ranges.flatMap(({ type, range }) =>
    (['low', 'high'] as const).flatMap(side => {
      const end = range?.[side]
      if (end === undefined) return []
      // SQLite walks to one end only: it shall be the one that was asked for, and that keeps other types out as well.
      const closer = ranges.some(other => other.type === type && other.range?.[side]?.kind === false)
      return end.kind && closer ? [] : [compileEnd(side === shadowed ? `+${value}` : value, end)]
    })
  )
}

/** `eq`, or `not (x pr)`: to an index, absence is a value like any other. */
function isEqualityAt(filter: Filter, path: string): boolean {
  if (filter.op === 'eq') return nameOf(filter.path) === path
  return filter.op === 'not' && filter.part.op === 'pr' && nameOf(filter.part.path) === path
}
