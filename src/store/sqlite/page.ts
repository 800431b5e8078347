/** A page as one or two SELECTs. */
import type { Query } from '../port.ts'
import { cellOf } from './cells.ts'
import { chain, joined, type Sql, sql } from './sql.ts'

/** Where the documents of a page come from, and what puts them in order. */
export interface From {
  readonly from: Sql
  /** All must hold. */
  readonly where: readonly Sql[]
  /** SQL of the sort value, over the row `d`. Absent: the order is by id. */
  readonly key?: string
  /** SQL of what orders equal values: the id, or what a unique index has in its place. */
  readonly tie: string
  /** The filter lets nothing through that has no sort value. */
  readonly keyed: boolean
}

/** Run in order until `limit` rows are there. */
export interface Page {
  readonly statements: readonly Sql[]
  readonly limit: number
}

/**
 * Behind a document with a sort value come those with further values and then, when ascending, those without; behind one
 * without a value come the others without and then, when descending, those with one. Each is a SELECT that an index can
 * walk from its start to its end, where one OR over both would read and sort everything.
 */
export function pageOf(source: From, query: Query): Page {
  const { after, sort, limit } = query
  const down = sort === undefined ? query.newestFirst === true : sort.descending === true
  const select = (order: string, ...more: readonly Sql[]) => selectOf(source, [...source.where, ...more], order)
  const direction = down ? 'DESC' : 'ASC'
  const beyond = down ? '<' : '>'
  const byTie = `${source.tie} ${direction}`
  const { key, keyed } = source

  if (key === undefined || sort === undefined) {
    const behind = after === undefined ? [] : [sql(`d.id ${beyond} ?`, after.id.toWellFormed())]
    return page(query, select(byTie, ...behind))
  }
  const byKey = `${key} ${direction}${keyed ? '' : down ? ' NULLS FIRST' : ' NULLS LAST'}, ${byTie}`
  if (after === undefined) return page(query, select(byKey))

  const id = after.id.toWellFormed()
  const valueless = (...more: readonly Sql[]) => (keyed ? [] : [select(byTie, sql(`${key} IS NULL`), ...more)])
  const valued = (...more: readonly Sql[]) =>
    select(`${key} ${direction}, ${byTie}`, sql(`${key} IS NOT NULL`), ...more)
  if (after.value === undefined) {
    const others = valueless(sql(`${source.tie} ${beyond} ?`, id))
    return page({ limit }, ...others, ...(down ? [valued()] : []))
  }
  const value = cellOf(after.value)
  // A unique index has no ids behind its values, and needs none: only a document that took the value since can stand there.
  const behind =
    source.tie === 'd.id'
      ? sql(`(${key}, d.id) ${beyond} (?, ?)`, value, id)
      : sql(`${key} ${beyond}= ? AND (${key} ${beyond} ? OR d.id ${beyond} ?)`, value, value, id)
  return page({ limit }, valued(behind), ...(down ? [] : valueless()))
}

function page({ limit, offset = 0 }: Pick<Query, 'limit' | 'offset'>, ...statements: readonly Sql[]): Page {
  const cut = offset === 0 ? sql('LIMIT ?', limit) : sql('LIMIT ? OFFSET ?', limit, offset)
  return { statements: statements.map(statement => chain([statement, cut])), limit }
}

function selectOf(source: From, where: readonly Sql[], order: string): Sql {
  const head = sql('SELECT d.version, d.referenced, d.doc FROM')
  return chain([head, source.from, sql('WHERE'), joined(where, 'AND'), sql(`ORDER BY ${order}`)])
}
