/** The store on a MongoDB replica set or sharded cluster: any number of server processes share one database. */
import { randomUUID } from 'node:crypto'
import type { Db, MongoClient } from 'mongodb'
import { type AnyCollection, type Collection, type Doc, type Query, type Store, StoreUnavailable } from '../port.ts'
import { availability, type Log } from './availability.ts'
import { causality, type ReadOptions } from './causal.ts'
import { connect, databaseOf } from './client.ts'
import { tryCommit } from './commit.ts'
import { declare } from './declared.ts'
import { isBusy, isUnreachable } from './errors.ts'
import { type Explained, explain } from './explain.ts'
import { whileLocked } from './lock.ts'
import { migrate } from './migrations.ts'
import { keyOf } from './names.ts'
import { orphansOf } from './orphans.ts'
import { readCount, readPage } from './read.ts'
import { type Read, type Row, storedOf, wanted } from './rows.ts'
import { foldTotal, readTotals } from './tallies.ts'
import { turnstile } from './turnstile.ts'
import { keysHeld, writesOf } from './writes.ts'

export interface MongoOptions {
  /** `mongodb://…` or `mongodb+srv://…`, of a replica set. */
  readonly uri: string
  /** Default: the one that `uri` names, or `usher`. */
  readonly database?: string
  readonly collections: readonly AnyCollection[]
  readonly log?: Log
}

export interface MongoStore extends Store {
  /** How the database would find this page, a segment of it at a time. */
  explain<T extends Doc>(collection: Collection<T>, tenant: string, query: Query): Promise<readonly Explained[]>
}

const silent: Log = { info() {}, warn() {} }

/**
 * Connects, and makes the collections and indexes that are not there yet. Nodes that start together wait for each other.
 *
 * @throws Error in words for an operator: the address is wrong, nobody answers there within 4 s, the server is
 *   standalone, or a unique index does not hold for what is stored.
 */
export async function openMongo({
  uri,
  database = databaseOf(uri),
  collections,
  log = silent
}: MongoOptions): Promise<MongoStore> {
  await prepare(uri, database, collections)
  const client = await connect(uri)
  return storeOn(client, client.db(database), log)
}

/** On a connection of its own, because building an index may take longer than any request is allowed to. */
async function prepare(uri: string, database: string, collections: readonly AnyCollection[]): Promise<void> {
  const client = await connect(uri, { patient: true })
  try {
    const db = client.db(database)
    await whileLocked(db, async () => {
      await migrate(db)
      await declare(db, collections)
    })
  } finally {
    await client.close()
  }
}

function storeOn(client: MongoClient, db: Db, log: Log): MongoStore {
  const server = availability(() => client.db('admin').command({ ping: 1 }), log)
  const writers = turnstile()
  const orphans = orphansOf(client, log)
  const causal = causality(client)
  const reading = <T>(work: (options: ReadOptions) => Promise<T>) => server.reach(() => causal.read(work))
  const folding = new Map<string, Promise<void>>()
  const node = randomUUID()

  /** Behind the answer, once at a time for each total. A conflict means that another node folds. */
  function fold(tenant: string, key: string): void {
    const name = keyOf(tenant, key)
    if (folding.has(name)) return
    const done = foldTotal(client, db, tenant, key)
      .catch(err => {
        if (!isBusy(err) && !isUnreachable(err)) log.warn({ err, tenant, key }, 'a total could not be folded')
      })
      .finally(() => folding.delete(name))
    folding.set(name, done)
  }

  return {
    get: (collection, tenant, id) =>
      reading(async options => {
        const rows = db.collection<Row>(collection.name)
        const row = await rows.findOne<Read>({ _id: keyOf(tenant, id) }, { ...options, projection: wanted })
        return row === null ? undefined : storedOf(row)
      }),

    find: (collection, tenant, query) =>
      reading(async options =>
        (await readPage(db, asAny(collection), tenant, query, options)).map(row => storedOf(row))
      ),

    count: (collection, tenant, filter) =>
      reading(options => readCount(db, asAny(collection), tenant, filter, options)),

    tallies: (tenant, keys) =>
      reading(async options => {
        const { totals, long } = await readTotals(db, tenant, keys, options)
        for (const key of long) fold(tenant, key)
        return totals
      }),

    async commit(changes, { id }) {
      const since = performance.now()
      const answer = await writers.pass(keysHeld(changes), place => {
        const writes = writesOf(changes, id, `${node}:${place}`)
        return server.reach(tries => tryCommit(client, db, writes, tries, causal), since)
      })
      if (answer === 'full') throw new StoreUnavailable('Too much waits to be written.', { retryAfterSeconds: 1 })
      if (answer !== 'committed' && answer.conflict === 'busy') orphans.suspect()
      return answer
    },

    ping: () => server.ping(),

    explain: (collection, tenant, query) => explain(db, asAny(collection), tenant, query),

    async close() {
      await writers.empty()
      await Promise.all([...folding.values(), orphans.settled()])
      server.close()
      await client.close()
    }
  }
}

function asAny<T extends Doc>(collection: Collection<T>): AnyCollection {
  return collection as unknown as AnyCollection
}
