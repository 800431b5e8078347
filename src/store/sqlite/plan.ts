/**
 * How a query is answered, and where. In this order:
 *
 * 1. *Walk*: one index answers the whole filter and has the order asked for. It is read from where the page begins to
 *    where it ends, whatever the size of the tenant.
 * 2. *Few*: some index bounds the documents that can match to a small number (a probe counts the index's entries, up to
 *    a limit). They are looked at and sorted.
 * 3. *Scan*: all else. SQLite goes through the tenant's documents as it sees fit.
 *
 * Walks, and at most `fewHere` documents, are cheap enough for the thread that answers requests. The rest goes to a thread
 * of its own.
 */
import { everything, type Filter, type Path } from '../../scim/filter/filter.ts'
import type { Query } from '../port.ts'
import { type Bound, boundsOf } from './bounds.ts'
import { cellOf } from './cells.ts'
import { compileFilter, compileLeaf, jsonSource, type Leaf } from './compile-filter.ts'
import { goesOnSql } from './connection.ts'
import { compileRanges, conditionsOf, type IndexMatch, isLeaf, isRange, matchIndex } from './match-index.ts'
import { type From, type Page, pageOf } from './page.ts'
import { isMany, nameOf, type Shape } from './shape.ts'
import { simplified } from './simplify.ts'
import { chain, joined, type Sql, sql } from './sql.ts'

/** Documents looked at in the thread that answers requests: some 5 microseconds each. */
const fewHere = 2000
/** More than this are not gathered by id before they are looked at: going through all of them in order is no slower. */
const fewAnywhere = 20_000
/** Indexes that a query is tried on. */
const probesMax = 4
/** Documents skipped in the thread that answers requests: some 20 nanoseconds each. */
const offsetHere = 1_000_000

export interface Plan {
  readonly kind: 'walk' | 'few' | 'scan'
  /** Whether the calling thread may run it. */
  readonly here: boolean
  readonly page: Page
}

/** Counts the rows of a SELECT, up to a limit. */
export type Probe = (rows: Sql, limit: number) => number

/** @throws RangeError for a sort path with `many` steps. */
export function planFind(shape: Shape, tenant: string, query: Query, probe: Probe): Plan {
  const point = pointOf(shape, tenant, query)
  if (point !== undefined) return { kind: 'walk', here: true, page: { statements: [point], limit: 1 } }
  const asked = normalised(query)
  const filter = asked.filter ?? everything
  const walk = walkOf(shape, tenant, filter, asked)
  if (walk !== undefined) {
    return { kind: 'walk', here: (asked.offset ?? 0) <= offsetHere, page: pageOf(walk, asked) }
  }
  const bound = smallest(boundsOf(shape, tenant, filter), probe)
  const source = looked(shape, tenant, filter, bound, asked.sort?.path)
  return {
    kind: bound === undefined ? 'scan' : 'few',
    here: isHere(bound),
    page: pageOf(source, asked)
  }
}

/** What reads the one document that a query can mean: most queries are of this kind, and need no plan. */
function pointOf(shape: Shape, tenant: string, { filter, offset = 0, after, limit }: Query): Sql | undefined {
  if (filter?.op !== 'eq' || typeof filter.value !== 'string') return undefined
  if (offset > 0 || after !== undefined || limit < 1) return undefined
  const text = shape.points.get(nameOf(filter.path))
  return text === undefined ? undefined : sql(text, tenant, cellOf(filter.value))
}

/** The number, where the probe went to the end of a walk, else a statement that yields `n`. */
export type CountPlan = { readonly n: number } | { readonly here: boolean; readonly statement: Sql }

export function planCount(shape: Shape, tenant: string, asked: Filter, probe: Probe): CountPlan {
  const filter = simplified(asked)
  const walk = walkOf(shape, tenant, filter, {})
  if (walk !== undefined) {
    const rows = chain([sql('FROM'), walk.from, sql('WHERE'), joined(walk.where, 'AND')])
    const n = probe(chain([sql('SELECT 1'), rows]), fewAnywhere)
    return n < fewAnywhere ? { n } : { here: false, statement: chain([sql('SELECT count(*) AS n'), rows]) }
  }
  const bound = smallest(boundsOf(shape, tenant, filter), probe)
  const source = looked(shape, tenant, filter, bound, undefined)
  const statement = chain([sql('SELECT count(*) AS n FROM'), source.from, sql('WHERE'), joined(source.where, 'AND')])
  return { here: isHere(bound), statement }
}

/** Removes what matches and yields the ids. The best bound is taken as it is: the writer has no time to probe. */
export function removeSql(shape: Shape, tenant: string, asked: Filter): Sql {
  const filter = simplified(asked)
  const [bound] = boundsOf(shape, tenant, filter)
  const within = bound === undefined ? [] : [chain([sql('d.id IN ('), bound.ids, sql(')')])]
  const where = joined([sql('d.tenant = ?', tenant), ...within, compileFilter(filter, shape.columnsOf)], 'AND')
  return chain([sql(`DELETE FROM ${shape.table} AS d WHERE`), where, sql('RETURNING id')])
}

/** An order by the id is what there is without a sort. */
function normalised(query: Query): Query {
  const filter = query.filter === undefined ? everything : simplified(query.filter)
  const { sort, ...rest } = query
  if (sort === undefined) return { ...rest, filter }
  if (isMany(sort.path)) throw new RangeError(`no order by ${nameOf(sort.path)}: it has many values`)
  if (nameOf(sort.path) !== 'id') return { ...query, filter }
  return { ...rest, filter, newestFirst: sort.descending === true }
}

function walkOf(shape: Shape, tenant: string, filter: Filter, order: Pick<Query, 'sort' | 'after'>): From | undefined {
  const conditions = conditionsOf(filter)
  const { sort, after } = order
  if (sort === undefined) {
    const ids = conditions.filter(c => isLeaf(c) && nameOf(c.path) === 'id' && (c.op === 'eq' || isRange(c)))
    const others = conditions.filter(c => !ids.includes(c))
    const match = [shape.byId, ...shape.indexes]
      .map(index => matchIndex(index, others))
      .find(
        m =>
          m.used.size === others.length &&
          m.fixed === m.index.columns.length &&
          (ids.length === 0 || m.index.tie === 'd.id')
      )
    if (match === undefined) return sideWalkOf(shape, tenant, conditions)
    const where = ids.map(id => compileFilter(id, shape.columnsOf))
    return { ...walked(shape, tenant, match, where), tie: match.index.tie, keyed: false }
  }
  const match = shape.indexes
    .map(index => matchIndex(index, conditions))
    .find(m => {
      const next = m.index.columns[m.fixed]
      const isLast = m.fixed === m.index.columns.length - 1
      return (
        m.used.size === conditions.length && isLast && next !== undefined && nameOf(next.path) === nameOf(sort.path)
      )
    })
  const column = match?.index.columns[match.fixed]
  if (match === undefined || column === undefined) return undefined
  const key = `d.${column.name}`
  const shadowed = after?.value === undefined ? undefined : sort.descending === true ? 'high' : 'low'
  const ranges = compileRanges(match.ranges, key, shadowed)
  return { ...walked(shape, tenant, match, ranges), key, tie: match.index.tie, keyed: ranges.length > 0 }
}

function walked(shape: Shape, tenant: string, match: IndexMatch, more: readonly Sql[]): Pick<From, 'from' | 'where'> {
  return {
    from: sql(`${shape.table} AS d INDEXED BY ${match.index.name}`),
    where: [sql('d.tenant = ?', tenant), ...match.equalities, ...more]
  }
}

/** One value of an array: its entries are in order of id. */
function sideWalkOf(shape: Shape, tenant: string, conditions: readonly Filter[]): From | undefined {
  const [only] = conditions
  if (conditions.length !== 1 || only === undefined || only.op !== 'eq') return undefined
  const leaf: Leaf = only
  const side = shape.sides.find(s => nameOf(s.path) === nameOf(only.path))
  if (side === undefined) return undefined
  return {
    from: sql(
      `${side.name} AS s CROSS JOIN ${shape.table} AS d INDEXED BY ${shape.byId.name} ON d.tenant = s.tenant AND d.id = s.id`
    ),
    where: [sql('s.tenant = ?', tenant), compileLeaf(leaf, { value: 's.value' })],
    tie: 's.id',
    keyed: false
  }
}

function isHere(bound: Counted | undefined): boolean {
  return bound !== undefined && bound.count <= fewHere
}

interface Counted extends Bound {
  readonly count: number
}

function smallest(bounds: readonly Bound[], probe: Probe): Counted | undefined {
  let best: Counted | undefined
  for (const bound of bounds.slice(0, probesMax)) {
    const counted = { ...bound, count: bound.few ? 0 : probe(bound.ids, fewAnywhere) }
    if (counted.count < (best?.count ?? fewAnywhere)) best = counted
    if (counted.count <= fewHere) break
  }
  return best
}

/** The documents within the bound, or all of them, each looked at. */
function looked(
  shape: Shape,
  tenant: string,
  filter: Filter,
  bound: Counted | undefined,
  sort: Path | undefined
): From {
  // First in line, so that it is asked for every document that is looked at.
  const patience = isHere(bound) ? [] : [sql(`${goesOnSql}()`)]
  const where = [sql('d.tenant = ?', tenant), ...patience, compileFilter(filter, shape.columnsOf)]
  const order = {
    tie: 'd.id',
    keyed: false,
    ...(sort === undefined ? {} : { key: keyOf(shape, sort), table: shape.table })
  }
  if (bound === undefined) return { from: sql(`${shape.table} AS d`), where, ...order }
  const from = chain([
    sql('(SELECT DISTINCT id FROM ('),
    bound.ids,
    sql(`)) AS b CROSS JOIN ${shape.table} AS d INDEXED BY ${shape.byId.name} ON d.id = b.id`)
  ])
  return { from, where, ...order }
}

/** A sort value as a cell, wherever it stands. */
function keyOf(shape: Shape, path: Path): string {
  const { value, type } = shape.columnsOf(path) ?? jsonSource('d.form', path)
  if (type === undefined) return value
  return `CASE ${type} WHEN 'true' THEN x'01' WHEN 'false' THEN x'00' ELSE ${value} END`
}
