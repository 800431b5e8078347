/** A page as one or two SELECTs. */
import type { Query } from '../port.ts'
import { cellOf } from './cells.ts'
import { atMost, chain, joined, type Sql, sql } from './sql.ts'

/** Where the documents of a page come from, and what puts them in order. */
export interface From {
  readonly from: Sql
  /** All must hold. */
  readonly where: readonly Sql[]
  /** SQL of the sort value, over the row `d`. Absent: the order is by id. */
  readonly key?: string
  /** SQL of what orders equal values: the id (`d.id`, `s.id`), or what a unique index has in its place. */
  readonly tie: string
  /** The filter lets nothing through that has no sort value. */
  readonly keyed: boolean
  /** Given, the rows are first put in order and cut to the page, and only then their documents are read from this table. */
  readonly table?: string
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
  const select = (order: string, ...more: readonly Sql[]) => selectOf(source, [...source.where, ...more], order, query)
  const direction = down ? 'DESC' : 'ASC'
  const beyond = down ? '<' : '>'
  const byTie = `${source.tie} ${direction}`
  const { key, keyed } = source

  if (key === undefined || sort === undefined) {
    const id = source.tie === 's.id' ? source.tie : 'd.id'
    const behind = after === undefined ? [] : [sql(`${id} ${beyond} ?`, after.id.toWellFormed())]
    return { statements: [select(byTie, ...behind)], limit }
  }
  const byKey = `${key} ${direction}${keyed ? '' : down ? ' NULLS FIRST' : ' NULLS LAST'}, ${byTie}`
  if (after === undefined) return { statements: [select(byKey)], limit }

  const id = after.id.toWellFormed()
  const valueless = (...more: readonly Sql[]) => (keyed ? [] : [select(byTie, sql(`${key} IS NULL`), ...more)])
  const valued = (...more: readonly Sql[]) =>
    select(`${key} ${direction}, ${byTie}`, sql(`${key} IS NOT NULL`), ...more)
  if (after.value === undefined) {
    const others = valueless(sql(`${source.tie} ${beyond} ?`, id))
    return { statements: [...others, ...(down ? [valued()] : [])], limit }
  }
  const value = cellOf(after.value)
  // A unique index has no ids behind its values, and needs none: only a document that took the value since can stand there.
  const behind =
    source.tie === 'd.id'
      ? sql(`(${key}, d.id) ${beyond} (?, ?)`, value, id)
      : sql(`${key} ${beyond}= ? AND (${key} ${beyond} ? OR d.id ${beyond} ?)`, value, value, id)
  return { statements: [valued(behind), ...(down ? [] : valueless())], limit }
}

function selectOf(source: From, where: readonly Sql[], order: string, { limit, offset = 0 }: Query): Sql {
  const columns = 'SELECT d.version, d.referenced, d.doc'
  const rows = [sql('FROM'), source.from, sql('WHERE'), joined(where, 'AND'), sql(`ORDER BY ${order}`)]
  const cut = offset === 0 ? atMost(limit) : sql(`${atMost(limit).text} OFFSET ?`, limit, offset)
  if (source.table === undefined) return chain([sql(columns), ...rows, cut])
  // A sorter carries along all that is selected: rids are lighter than documents.
  const rids = chain([sql('SELECT d.rid'), ...rows, cut])
  return chain([sql(`${columns} FROM ${source.table} AS d WHERE d.rid IN (`), rids, sql(`) ORDER BY ${order}`)])
}
