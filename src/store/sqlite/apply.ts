/** Writes one commit inside the transaction that is open. */
import type { Conflict } from '../port.ts'
import type { Connection } from './connection.ts'
import { isConstraint } from './errors.ts'
import type { PreparedChange } from './prepare.ts'
import type { Row, TableSql } from './rows.ts'

export interface PreparedCommit {
  readonly id: string
  readonly changes: readonly PreparedChange[]
}

const tallySql =
  'INSERT INTO _tallies (tenant, key, n) VALUES (?, ?, ?) ON CONFLICT (tenant, key) DO UPDATE SET n = n + excluded.n'

/**
 * Applies the commit or, where it was applied before, nothing. After a conflict some of it may be written: the caller
 * rolls it back.
 */
export function applyCommit(
  db: Connection,
  tables: readonly TableSql[],
  commit: PreparedCommit,
  now: number
): 'committed' | Conflict {
  if (db.get('SELECT 1 FROM _commits WHERE id = ?', [commit.id]) !== undefined) return 'committed'
  for (const change of commit.changes) {
    const conflict = applyChange(db, tables, change)
    if (conflict !== undefined) return conflict
  }
  db.run('INSERT INTO _commits (id, at) VALUES (?, ?)', [commit.id, now])
  return 'committed'
}

function applyChange(db: Connection, tables: readonly TableSql[], change: PreparedChange): Conflict | undefined {
  if (change.do === 'tally') {
    db.run(tallySql, [change.tenant, change.key, change.n])
    return undefined
  }
  const table = tables[change.table]
  if (table === undefined) throw new Error(`there is no table ${change.table}`)
  const { collection } = table
  switch (change.do) {
    case 'insert': {
      const { tenant, id, cells, form, doc } = change.row
      return (
        guarded(db, table, change.row, 'exists', () => db.run(table.insert, [tenant, id, ...cells, form, doc])) ??
        addSides(db, table, change.row)
      )
    }
    case 'replace': {
      const { tenant, id, cells, form, doc } = change.row
      const params = [...cells, form, doc, tenant, id, change.version]
      const conflict = guarded(db, table, change.row, 'version', () => db.run(table.replace, params))
      if (conflict !== undefined) return conflict
      clearSides(db, table, tenant, id)
      return addSides(db, table, change.row)
    }
    case 'remove': {
      const { tenant, id, version } = change
      if (db.run(table.remove, [tenant, id, version]) === 0) return { conflict: 'version', collection }
      clearSides(db, table, tenant, id)
      return undefined
    }
    case 'removeWhere': {
      const { tenant, statement } = change
      for (const row of db.all(statement.text, statement.params)) clearSides(db, table, tenant, String(row.id))
      return undefined
    }
    case 'reference': {
      const found = db.get(table.find, [change.tenant, change.id])
      if (found === undefined) return { conflict: 'gone', collection }
      if (found.referenced === 0) db.run(table.reference, [change.tenant, change.id])
      return undefined
    }
  }
}

/** Runs a write that meets the unique indexes; `missed` is what it means that no row was written, or the id was taken. */
function guarded(
  db: Connection,
  table: TableSql,
  row: Row,
  missed: 'exists' | 'version',
  write: () => number
): Conflict | undefined {
  try {
    return write() === 0 ? { conflict: missed, collection: table.collection } : undefined
  } catch (error) {
    if (!isConstraint(error)) throw error
    if (missed === 'exists' && db.get(table.find, [row.tenant, row.id]) !== undefined) {
      return { conflict: 'exists', collection: table.collection }
    }
    const index = takenIn(db, table, row)
    if (index === undefined) throw error
    return { conflict: 'unique', collection: table.collection, index }
  }
}

function takenIn(db: Connection, table: TableSql, row: Row): string | undefined {
  return table.uniques.find(({ cells, taken }) => {
    const values = cells.map(place => row.cells[place] ?? null)
    return db.get(taken, [row.tenant, row.id, ...values]) !== undefined
  })?.index
}

function clearSides(db: Connection, table: TableSql, tenant: string, id: string): void {
  for (const side of table.sides) db.run(side.clear, [tenant, id])
}

function addSides(db: Connection, table: TableSql, row: Row): Conflict | undefined {
  for (const [place, side] of table.sides.entries()) {
    try {
      for (const value of row.sides[place] ?? []) db.run(side.add, [row.tenant, value, row.id])
    } catch (error) {
      if (!isConstraint(error) || !side.unique) throw error
      return { conflict: 'unique', collection: table.collection, index: side.index }
    }
  }
  return undefined
}
