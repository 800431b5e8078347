/** Makes the tables and indexes of a collection what its declaration says now. */
import type { DatabaseSync } from 'node:sqlite'
import type { Doc } from '../port.ts'
import { reindexSqlOf, rowOf, tableSqlOf } from './rows.ts'
import type { Shape } from './shape.ts'
import { quoted } from './sql.ts'

const reindexBatch = 500

/**
 * Where a declared index is missing, or is not as declared, every document's search form is computed anew: a new index
 * often comes with a new member of the search form. Indexes that are no longer declared are dropped. Nothing is done, and
 * nothing but the catalogue read, when all is as it should be.
 */
export function fitCollection(db: DatabaseSync, shape: Shape, log: (message: string) => void): void {
  const { collection } = shape
  const there = catalogueOf(db, collection.name)
  if (!there.has(collection.name)) db.exec(shape.ddl)
  const wanted = new Set([
    ...shape.sides.flatMap(s => s.ddl),
    ...[shape.byId, ...shape.indexes].map(index => index.ddl)
  ])
  const stale = [...there].filter(([name, ddl]) => name !== collection.name && !wanted.has(ddl))
  const missing = [...wanted].filter(ddl => ![...there.values()].includes(ddl))
  if (stale.length === 0 && missing.length === 0) return

  addColumns(db, shape)
  // Indexes first: those of a side table go with it.
  for (const kind of ['INDEX', 'TABLE']) {
    for (const [name, ddl] of stale) if (isA(kind, ddl)) db.exec(`DROP ${kind} IF EXISTS ${quoted(name)}`)
  }
  for (const ddl of missing) if (isA('TABLE', ddl)) db.exec(ddl)
  for (const side of shape.sides) db.exec(`DELETE FROM ${side.name}`)
  const count = reindex(db, shape)
  for (const ddl of missing) if (!isA('TABLE', ddl)) db.exec(ddl)
  if (count > 0) log(`collection ${collection.name}: ${count} documents indexed anew`)
}

/** The tables and indexes of the collection: name → DDL. */
function catalogueOf(db: DatabaseSync, collection: string): Map<string, string> {
  const rows = db
    .prepare("SELECT name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index')")
    .all()
  const ours = rows.filter(({ tbl_name: table }) => table === collection || String(table).startsWith(`${collection}__`))
  return new Map(ours.map(row => [String(row.name), String(row.sql)]))
}

function isA(kind: string, ddl: string): boolean {
  return (kind === 'TABLE') === ddl.startsWith('CREATE TABLE')
}

function addColumns(db: DatabaseSync, shape: Shape): void {
  const rows = db.prepare(`SELECT name FROM pragma_table_info(?)`).all(shape.collection.name)
  const there = new Set(rows.map(row => quoted(String(row.name))))
  for (const { name } of shape.columns) {
    if (!there.has(name)) db.exec(`ALTER TABLE ${shape.table} ADD COLUMN ${name} ANY`)
  }
}

function reindex(db: DatabaseSync, shape: Shape): number {
  const page = db.prepare(
    `SELECT rid, tenant, doc FROM ${shape.table} WHERE rid > ? ORDER BY rid LIMIT ${reindexBatch}`
  )
  const update = db.prepare(reindexSqlOf(shape))
  const sides = tableSqlOf(shape).sides.map(side => db.prepare(side.add))
  let count = 0
  for (let rid = -1; ; ) {
    const rows = page.all(rid)
    for (const row of rows) {
      const {
        tenant,
        id,
        cells,
        form,
        sides: values
      } = rowOf(shape, String(row.tenant), JSON.parse(String(row.doc)) as Doc)
      update.run(...cells, form, Number(row.rid))
      for (const [i, add] of sides.entries()) for (const value of values[i] ?? []) add.run(tenant, value, id)
      rid = Number(row.rid)
    }
    count += rows.length
    if (rows.length < reindexBatch) return count
  }
}
