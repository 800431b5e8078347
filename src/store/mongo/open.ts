/** The store on a MongoDB replica set or sharded cluster: any number of server processes share one database. */
import { randomUUID } from 'node:crypto'
import type { Db, MongoClient } from 'mongodb'
import { gather } from '../../base/gather.ts'
import type { AnyCollection, Change, Collection, Doc, Query, Store } from '../port.ts'
import { availability, type Log, tooMuchWaits } from './availability.ts'
import { causality, type ReadOptions } from './causal.ts'
import { answerMsMax, connect, databaseOf } from './client.ts'
import { isApplied, type Settled, tryCommits } from './commit.ts'
import { declare } from './declared.ts'
import { isBusy, isUnreachable } from './errors.ts'
import { type Explained, explain } from './explain.ts'
import { whileLocked } from './lock.ts'
import { migrate } from './migrations.ts'
import { keyOf } from './names.ts'
import { orphansOf } from './orphans.ts'
import { type Point, pointOfId, pointReader, pointsOf } from './points.ts'
import { readCount, readPage } from './read.ts'
import { storedOf } from './rows.ts'
import { foldTotal, readTotals } from './tallies.ts'
import { type Entrant, turnstile } from './turnstile.ts'
import { type Commit, holdsOf, markOf } from './writes.ts'

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

interface Waiting extends Commit, Entrant {
  readonly changes: readonly Change[]
  readonly since: number
}

function storeOn(client: MongoClient, db: Db, log: Log): MongoStore {
  const server = availability(() => client.db('admin').command({ ping: 1 }), log)
  const orphans = orphansOf(client, log)
  const causal = causality(client)
  const reading = <T>(work: (options: ReadOptions) => Promise<T>) => server.reach(() => causal.read(work))
  const point = pointReader(db, causal)
  const readPoint = (of: Point) => server.reach(() => point(of))
  const folding = new Map<string, Promise<void>>()
  const node = randomUUID()

  /** Those who ask at once are answered together: of one moment, as each of them must be. */
  const total = gather(
    async (asked: readonly { readonly tenant: string; readonly keys: readonly string[] }[]) => {
      const tenant = asked[0]?.tenant ?? ''
      const keys = [...new Set(asked.flatMap(one => one.keys))]
      const { totals, long } = await causal.read(options => readTotals(db, tenant, keys, options))
      for (const key of long) fold(tenant, key)
      const known = new Map(keys.map((key, i) => [key, totals[i] ?? 0]))
      return asked.map(one => one.keys.map(key => known.get(key) ?? 0))
    },
    { laneOf: one => one.tenant, activeMax: 2, togetherMax: 100 }
  )

  let abandoned = 0
  async function write(commits: readonly Waiting[], place: number): Promise<readonly Settled[]> {
    // Nobody waits any more for those whose time is over (`within`).
    const timely = commits.filter(({ since }) => performance.now() - since < answerMsMax)
    if (timely.length === 0) return commits.map(() => ({ failed: tooMuchWaits() }))
    const attempt = { client, db, causal, writer: `${node}:${place}:${abandoned}` }
    // The youngest has the most time.
    const since = Math.max(...timely.map(commit => commit.since))
    const settled = await server
      .reach(tries => tryCommits(attempt, timely, tries), since)
      .catch(error => {
        // It may be under way still, and whoever has the place next must not meet it at its totals.
        abandoned++
        throw error
      })
    const answers = new Map(timely.map((commit, i) => [commit, settled[i]]))
    return commits.map(commit => answers.get(commit) ?? { failed: tooMuchWaits() })
  }
  const writers = turnstile(write, answer => answer === 'committed')

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
    get: async <T extends Doc>(collection: Collection<T>, tenant: string, id: string) => {
      const row = await readPoint(pointOfId(collection, tenant, id))
      return row === undefined ? undefined : storedOf<T>(row)
    },

    find: async <T extends Doc>(collection: Collection<T>, tenant: string, query: Query) => {
      const points = pointsOf(asAny(collection), tenant, query)
      if (points !== undefined) {
        const rows = await Promise.all(points.map(readPoint))
        return rows.flatMap(row => (row === undefined ? [] : [storedOf<T>(row)]))
      }
      const rows = await reading(options => readPage(db, asAny(collection), tenant, query, options))
      return rows.map(row => storedOf<T>(row))
    },

    count: (collection, tenant, filter) =>
      reading(options => readCount(db, asAny(collection), tenant, filter, options)),

    tallies: (tenant, keys) => server.reach(() => total({ tenant, keys })),

    async commit(changes, { id }) {
      const since = performance.now()
      const commit = { id, changes, holds: holdsOf(changes), since }
      const answer = await server.within(since, writers.pass(commit))
      if (answer === 'full') throw tooMuchWaits()
      if (answer === 'committed') return answer
      if ('failed' in answer) throw answer.failed
      if ('outdated' in answer) {
        const { collection } = answer.outdated
        const applied = await server.reach(() => isApplied(db, markOf(commit), false), since)
        return applied ? 'committed' : { conflict: 'version', collection }
      }
      if (answer.conflict === 'busy') orphans.suspect()
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
