/** Small sets of documents, found by an index, that certainly hold all that a filter can find. */
import type { Filter, Path } from '../../scim/filter/filter.ts'
import { compileLeaf, type Leaf } from './compile-filter.ts'
import { compileRanges, conditionsOf, isLeaf, isRange, matchIndex } from './match-index.ts'
import { nameOf, type Shape } from './shape.ts'
import { chain, joined, type Sql, sql } from './sql.ts'

export interface Bound {
  /** A SELECT of ids, perhaps with repeats. */
  readonly ids: Sql
  /** Known to be few without counting. */
  readonly few: boolean
}

/** Values in an `in` that are looked up without counting first what they find. */
const fewValues = 200

/** Parts of an `or` that are looked up one by one; SQLite's own limit for such a SELECT is 500. */
const unionMax = 100

/** The bounds that the indexes give, the surest first; none when only a look at every document can tell. */
export function boundsOf(shape: Shape, tenant: string, filter: Filter): readonly Bound[] {
  const conditions = conditionsOf(filter)
  const bounds = [
    ...shape.indexes.flatMap(index => {
      const match = matchIndex(index, conditions)
      const column = index.columns[match.fixed]
      const lists = conditions
        .filter(isLeaf)
        .filter(c => c.op === 'in' && column && nameOf(c.path) === nameOf(column.path))
      const value = `d.${column?.name}`
      const more = [...compileRanges(match.ranges, value), ...lists.map(l => compileLeaf(l, { value }))]
      if (match.fixed === 0 && more.length === 0) return []
      const few = (index.unique && match.whole) || (index.unique && index.columns.length === 1 && lists.some(isShort))
      return [{ ids: idsOf(shape, index.name, tenant, [...match.equalities, ...more]), few }]
    }),
    ...conditions.flatMap(condition => boundsOfOne(shape, tenant, condition))
  ]
  return bounds.toSorted((a, b) => Number(b.few) - Number(a.few))
}

function boundsOfOne(shape: Shape, tenant: string, condition: Filter): readonly Bound[] {
  if (condition.op === 'or') return unionOf(shape, tenant, condition.parts)
  if (condition.op === 'some') {
    // One element satisfies all of these, so that the values of any of them bound the documents.
    return conditionsOf(condition.part)
      .filter(isLeaf)
      .flatMap(leaf => sideBounds(shape, tenant, [...condition.path, ...leaf.path], leaf))
  }
  if (!isLeaf(condition)) return []
  if (nameOf(condition.path) !== 'id') return sideBounds(shape, tenant, condition.path, condition)
  if (!isServed(condition)) return []
  const ids = idsOf(shape, shape.byId.name, tenant, [compileLeaf(condition, { value: 'd.id', textOnly: true })])
  return [{ ids, few: condition.op === 'eq' || isShort(condition) }]
}

function sideBounds(shape: Shape, tenant: string, path: Path, leaf: Leaf): readonly Bound[] {
  if (!isServed(leaf)) return []
  return shape.sides
    .filter(side => nameOf(side.path) === nameOf(path))
    .map(side => ({
      ids: chain([
        sql(`SELECT s.id FROM ${side.name} AS s WHERE s.tenant = ? AND`, tenant),
        compileLeaf(leaf, { value: 's.value' })
      ]),
      few: side.unique && (leaf.op === 'eq' || isShort(leaf))
    }))
}

function unionOf(shape: Shape, tenant: string, parts: readonly Filter[]): readonly Bound[] {
  if (parts.length === 0 || parts.length > unionMax) return []
  const best = parts.map(part => boundsOf(shape, tenant, part)[0])
  const all = best.filter(bound => bound !== undefined)
  if (all.length < parts.length) return []
  return [
    {
      ids: chain(
        all.map(bound => bound.ids),
        ' UNION ALL '
      ),
      few: all.every(bound => bound.few)
    }
  ]
}

function idsOf(shape: Shape, index: string, tenant: string, conditions: readonly Sql[]): Sql {
  const where = joined([sql('d.tenant = ?', tenant), ...conditions], 'AND')
  return chain([sql(`SELECT d.id FROM ${shape.table} AS d INDEXED BY ${index} WHERE`), where])
}

function isServed(leaf: Leaf): boolean {
  return leaf.op === 'eq' || leaf.op === 'in' || isRange(leaf)
}

function isShort(leaf: Leaf): boolean {
  return leaf.op === 'in' && leaf.values.length <= fewValues
}
