import type { Doc, Stored } from '../port.ts'
import type { Connection, SqlRow } from './connection.ts'
import type { Page } from './page.ts'

/** A document as it is read, before its JSON is parsed. */
export interface ReadRow {
  readonly version: number
  readonly referenced: number
  readonly doc: string
}

/** The rows of a page, all of one moment. */
export function runPage(connection: Connection, page: Page): readonly ReadRow[] {
  const [first, second] = page.statements
  if (first === undefined) return []
  if (second === undefined) return rowsOf(connection, first)
  connection.db.exec('BEGIN')
  try {
    const rows = rowsOf(connection, first)
    return rows.length >= page.limit ? rows : [...rows, ...rowsOf(connection, second)].slice(0, page.limit)
  } finally {
    connection.db.exec('COMMIT')
  }
}

function rowsOf(connection: Connection, { text, params }: Page['statements'][number]): readonly ReadRow[] {
  return connection.all(text, params).map(readRowOf)
}

export function readRowOf({ version, referenced, doc }: SqlRow): ReadRow {
  return { version: Number(version), referenced: Number(referenced), doc: String(doc) }
}

export function storedOf<T extends Doc>(row: ReadRow): Stored<T> {
  return { doc: JSON.parse(row.doc) as T, version: row.version, referenced: row.referenced === 1 }
}
