/**
 * The embedded store: one SQLite file. One thread writes, in groups; reads happen beside it, on the calling thread when an
 * index serves them and on a third thread when not.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Filter } from '../../scim/filter/filter.ts'
import {
  type AnyCollection,
  type Change,
  type Collection,
  type Conflict,
  type Doc,
  type Query,
  type Store,
  type Stored,
  StoreUnavailable
} from '../port.ts'
import { type Connection, connectToRead, connectToWrite } from './connection.ts'
import { reading } from './errors.ts'
import { migrate } from './migrate.ts'
import { type Plan, type Probe, planCount, planFind } from './plan.ts'
import { prepare, type Tables } from './prepare.ts'
import { tableSqlOf } from './rows.ts'
import { readRowOf, runPage, storedOf } from './run-page.ts'
import { type ScanLimits, Scans } from './scans.ts'
import { nameOf, type Shape, shapeOf } from './shape.ts'
import { atMost, chain, sql } from './sql.ts'
import { Writer } from './writer.ts'

export interface SqliteOptions {
  /** Its folder is made where it is missing. */
  readonly file: string
  /** All that will be read or written; their tables and indexes are made to fit. */
  readonly collections: readonly AnyCollection[]
  readonly log?: { info(message: string): void }
  readonly scanLimits?: ScanLimits
}

/**
 * Opens the database, or makes it.
 *
 * @throws Error when it was made by a later version, or holds what a new unique index forbids.
 * @throws StoreUnavailable when the file cannot be opened or another process keeps it.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStore> {
  const { file, collections, log } = options
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const shapes = collections.map(shapeOf)
  const db = reading(() => connectToWrite(file))
  try {
    reading(() => migrate(db, shapes, message => log?.info(message)))
    const writer = new Writer({ file, tables: shapes.map(tableSqlOf) })
    await writer.start()
    return new SqliteStore(
      shapes,
      writer,
      reading(() => connectToRead(file)),
      new Scans(file, options.scanLimits)
    )
  } finally {
    db.close()
  }
}

export class SqliteStore implements Store {
  readonly #shapes: ReadonlyMap<string, Shape>
  readonly #tables: Tables
  readonly #writer: Writer
  readonly #reader: Connection
  readonly #scans: Scans
  #closed: Promise<void> | undefined

  constructor(shapes: readonly Shape[], writer: Writer, reader: Connection, scans: Scans) {
    this.#shapes = new Map(shapes.map(shape => [shape.collection.name, shape]))
    this.#writer = writer
    this.#reader = reader
    this.#scans = scans
    const places = new Map(shapes.map((shape, place) => [shape.collection.name, place]))
    this.#tables = {
      shapeOf: collection => this.#shapeOf(collection),
      placeOf: collection => places.get(collection.name) ?? -1
    }
  }

  async get<T extends Doc>(collection: Collection<T>, tenant: string, id: string): Promise<Stored<T> | undefined> {
    this.#open()
    const { read } = this.#shapeOf(collection)
    const row = reading(() => this.#reader.get(read, [tenant, id]))
    return row === undefined ? undefined : storedOf<T>(readRowOf(row))
  }

  async find<T extends Doc>(collection: Collection<T>, tenant: string, query: Query): Promise<readonly Stored<T>[]> {
    this.#open()
    const shape = this.#shapeOf(collection)
    const { here, page } = reading(() => planFind(shape, tenant, query, this.#probe))
    const rows = here ? reading(() => runPage(this.#reader, page)) : await this.#scans.rows(page, servedBy(shape))
    return rows.map(row => storedOf<T>(row))
  }

  async count<T extends Doc>(collection: Collection<T>, tenant: string, filter: Filter): Promise<number> {
    this.#open()
    const shape = this.#shapeOf(collection)
    const plan = reading(() => planCount(shape, tenant, filter, this.#probe))
    if ('n' in plan) return plan.n
    const { here, statement } = plan
    if (!here) return this.#scans.count(statement, servedBy(shape))
    return Number(reading(() => this.#reader.get(statement.text, statement.params))?.n)
  }

  async tallies(tenant: string, keys: readonly string[]): Promise<readonly number[]> {
    this.#open()
    const text = 'SELECT key, n FROM _tallies WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))'
    const rows = reading(() => this.#reader.all(text, [tenant, JSON.stringify(keys)]))
    const known = new Map(rows.map(row => [String(row.key), Number(row.n)]))
    return keys.map(key => known.get(key) ?? 0)
  }

  async commit(changes: readonly Change[], options: { readonly id: string }): Promise<'committed' | Conflict> {
    this.#open()
    return this.#writer.commit({ id: options.id, changes: changes.map(change => prepare(change, this.#tables)) })
  }

  async ping(): Promise<void> {
    this.#open()
    reading(() => this.#reader.get('SELECT 1', []))
    await this.#writer.ping()
  }

  async close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#scans.close()
      await this.#writer.close()
      this.#reader.close()
    })()
    await this.#closed
  }

  /** How a query is answered, and SQLite's own words for it. For tests and for people. */
  explain<T extends Doc>(collection: Collection<T>, tenant: string, query: Query): Explained {
    const plan = planFind(this.#shapeOf(collection), tenant, query, this.#probe)
    const lines = plan.page.statements.flatMap(({ text, params }) => {
      return this.#reader.all(`EXPLAIN QUERY PLAN ${text}`, params).map(row => String(row.detail))
    })
    return { kind: plan.kind, here: plan.here, lines }
  }

  readonly #probe: Probe = (rows, limit) => {
    const counted = chain([sql('SELECT count(*) AS n FROM ('), rows, atMost(limit), sql(')')])
    return Number(this.#reader.get(counted.text, counted.params)?.n)
  }

  #open(): void {
    if (this.#closed !== undefined) throw new StoreUnavailable('the store is closed')
  }

  #shapeOf(collection: { readonly name: string }): Shape {
    const shape = this.#shapes.get(collection.name)
    if (shape === undefined) throw new Error(`the store was not opened with the collection ${collection.name}`)
    return shape
  }
}

export interface Explained extends Pick<Plan, 'kind' | 'here'> {
  readonly lines: readonly string[]
}

function servedBy(shape: Shape): string {
  const paths = [...shape.indexes.map(index => index.columns[0]?.path), ...shape.sides.map(side => side.path)]
  const names = paths.flatMap(path => (path === undefined ? [] : [nameOf(path).replaceAll('[]', '')]))
  return [...new Set(['id', ...names])].join(', ')
}
