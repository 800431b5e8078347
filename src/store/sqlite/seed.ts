/** Fills a store by the million, for benchmarks and trials: quickly, and not safe against a crash on the way. */
import type { AnyCollection, Collection, Doc } from '../port.ts'
import { connectToWrite } from './connection.ts'
import { migrate } from './migrate.ts'
import { rowOf, tableSqlOf } from './rows.ts'
import { shapeOf } from './shape.ts'

/** Documents in a transaction. */
const batch = 20_000

export interface Seeder {
  /** Inserts new documents. @returns how many. @throws Error when an id or a unique value is taken. */
  add<T extends Doc>(collection: Collection<T>, tenant: string, docs: Iterable<T>): number
  /** Sets a kept total. */
  tally(tenant: string, key: string, n: number): void
  close(): void
}

/** Opens the file, or makes it, with the tables and indexes that `openSqlite` would make. No store may be open on it. */
export function seedSqlite(file: string, collections: readonly AnyCollection[]): Seeder {
  const db = connectToWrite(file)
  migrate(db, collections.map(shapeOf), () => {})
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -262144')
  return {
    add(collection, tenant, docs) {
      const shape = shapeOf(collection as unknown as AnyCollection)
      const sql = tableSqlOf(shape)
      const insert = db.prepare(sql.insert)
      const sides = sql.sides.map(side => db.prepare(side.add))
      let count = 0
      db.exec('BEGIN')
      for (const doc of docs) {
        const { id, cells, form, doc: text, sides: values } = rowOf(shape, tenant, doc)
        insert.run(tenant, id, ...cells, form, text)
        for (const [i, add] of sides.entries()) for (const value of values[i] ?? []) add.run(tenant, value, id)
        if (++count % batch === 0) db.exec('COMMIT; BEGIN')
      }
      db.exec('COMMIT')
      return count
    },
    tally(tenant, key, n) {
      db.prepare('INSERT OR REPLACE INTO _tallies (tenant, key, n) VALUES (?, ?, ?)').run(tenant, key, n)
    },
    close: () => db.close()
  }
}
