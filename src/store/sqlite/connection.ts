import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Param } from './sql.ts'

/** How long a connection waits for another one's lock: longer than any commit takes, shorter than a client's patience. */
const busyTimeoutMs = 5000

/** The statements that a connection keeps prepared. Filters come in endless shapes; the usual ones are few. */
const statementsMax = 500

/** A connection that may write: durable at every commit, with its log kept small. */
export function connectToWrite(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs })
  db.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA journal_size_limit = 67108864')
  return db
}

/**
 * A connection that only reads. (Not opened read-only: the last one to close tidies up the log.)
 *
 * @param goesOn called for each document that a scan looks at; it ends the scan by throwing, which nothing else can.
 */
export function connectToRead(file: string, goesOn: () => void = () => {}): Connection {
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs })
  db.exec('PRAGMA query_only = ON; PRAGMA cache_size = -32768')
  db.function(goesOnSql, () => {
    goesOn()
    return 1
  })
  return new Connection(db)
}

/** The name of that function in SQL. */
export const goesOnSql = 'scan_goes_on'

export type SqlRow = Record<string, unknown>

/** A database with its prepared statements, the least recently used of which are let go. */
export class Connection {
  readonly db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  all(text: string, params: readonly Param[]): readonly SqlRow[] {
    return this.#prepare(text).all(...params)
  }

  get(text: string, params: readonly Param[]): SqlRow | undefined {
    return this.#prepare(text).get(...params)
  }

  /** @returns how many rows changed. */
  run(text: string, params: readonly Param[]): number {
    return Number(this.#prepare(text).run(...params).changes)
  }

  close(): void {
    this.#statements.clear()
    this.db.close()
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text)
    const statement = known ?? this.db.prepare(text)
    this.#statements.delete(text)
    this.#statements.set(text, statement)
    if (this.#statements.size > statementsMax) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    return statement
  }
}
