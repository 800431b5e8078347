/** Many documents at once, as rows that the adapters themselves make, written without waiting for the disk. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MongoClient } from 'mongodb'
import { collections } from '../src/collections.ts'
import { openMongo } from '../src/store/mongo/open.ts'
import { newRow, type Row } from '../src/store/mongo/rows.ts'
import type { AnyCollection, Collection, Doc, Store } from '../src/store/port.ts'
import { openSqlite } from '../src/store/sqlite/open.ts'
import { seedSqlite } from '../src/store/sqlite/seed.ts'

/** A database to be filled: through the port as the server does it, or in bulk. Not both at once. */
export interface Target {
  readonly store: 'sqlite' | 'mongodb'
  /** What the server is started with. */
  readonly settings: Readonly<Record<string, string>>
  open(): Promise<Store>
  bulk(): Promise<Bulk>
}

export interface Bulk {
  add<T extends Doc>(collection: Collection<T>, tenant: string, docs: Iterable<T>): Promise<void>
  /** Marks the documents with ids from `first` to `last` as pointed at, as their first `reference` would. */
  refer<T extends Doc>(collection: Collection<T>, tenant: string, first: string, last: string): Promise<void>
  close(): Promise<void>
}

export function sqliteTarget(folder: string): Target {
  const file = join(folder, 'usher.db')
  return {
    store: 'sqlite',
    settings: { DATA_DIR: folder },
    open: () => openSqlite({ file, collections }),
    async bulk() {
      const seeder = seedSqlite(file, collections)
      return {
        async add(collection, tenant, docs) {
          seeder.add(collection, tenant, docs)
        },
        async refer({ name }, tenant, first, last) {
          const db = new DatabaseSync(file, { timeout: 5000 })
          const mark = `UPDATE "${name}" SET referenced = 1, version = version + 1 WHERE tenant = ? AND id BETWEEN ? AND ?`
          db.prepare(mark).run(tenant, first, last)
          db.close()
        },
        close: async () => seeder.close()
      }
    }
  }
}

/** Rows sent at a time. */
const batch = 5000

export function mongoTarget(uri: string, database: string): Target {
  const named = uri.replace(/^(mongodb:\/\/[^/]+)\/?(\?.*)?$/, `$1/${database}$2`)
  return {
    store: 'mongodb',
    settings: { MONGODB_URI: named },
    open: () => openMongo({ uri: named, collections }),
    async bulk() {
      const client = await MongoClient.connect(named, { writeConcern: { w: 1, j: false } })
      const db = client.db(database)
      const rowsOf = (collection: AnyCollection) => db.collection<Row>(collection.name)
      return {
        async add(collection, tenant, docs) {
          const any = collection as unknown as AnyCollection
          const commit = collection.appendOnly === true ? 'seeded' : undefined
          let sent: Promise<unknown> = Promise.resolve()
          for (const rows of batches(docs, doc => newRow(any, tenant, doc, commit))) {
            // The next batch is made while the last one is written.
            await sent
            sent = rowsOf(any).insertMany(rows, { ordered: false })
          }
          await sent
        },
        async refer(collection, tenant, first, last) {
          const range = { _id: { $gte: `${tenant}:${first}`, $lte: `${tenant}:${last}` } }
          await rowsOf(collection as unknown as AnyCollection).updateMany(range, {
            $set: { r: true, h: 1 },
            $inc: { v: 1 }
          })
        },
        close: () => client.close()
      }
    }
  }
}

function* batches<T extends Doc>(docs: Iterable<T>, rowOf: (doc: T) => Row): Generator<Row[]> {
  let rows: Row[] = []
  for (const doc of docs) {
    rows.push(rowOf(doc))
    if (rows.length < batch) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}
