/** Many commits in one transaction: one wait for the disk serves them all. */
import type { Conflict } from '../port.ts'
import { applyCommit, type PreparedCommit } from './apply.ts'
import type { Connection } from './connection.ts'
import { outageOf } from './errors.ts'
import type { TableSql } from './rows.ts'

/** `unavailable`: the database failed, in words. `failed`: this commit could not be written, whatever the database does. */
export type Outcome = 'committed' | Conflict | { readonly unavailable: string } | { readonly failed: unknown }

/** How long the id of a commit is known. Whoever lost an answer asks again within seconds. */
const rememberedMs = 48 * 3600 * 1000

/**
 * Writes the commits in their order, each whole or not at all, and makes them durable. When the database fails, the
 * outcome of every one is `unavailable`: none was written, unless the very last step failed and its outcome is unknown.
 */
export function writeGroup(
  db: Connection,
  tables: readonly TableSql[],
  commits: readonly PreparedCommit[],
  now: number
): readonly Outcome[] {
  try {
    db.db.exec('BEGIN IMMEDIATE')
    const outcomes = commits.map(commit => writeOne(db, tables, commit, now))
    forget(db, commits.length, now)
    db.db.exec('COMMIT')
    return outcomes
  } catch (error) {
    if (db.db.isTransaction) db.db.exec('ROLLBACK')
    const unavailable = outageOf(error) ?? `unexpected: ${error instanceof Error ? error.message : String(error)}`
    return commits.map(() => ({ unavailable }))
  }
}

function writeOne(db: Connection, tables: readonly TableSql[], commit: PreparedCommit, now: number): Outcome {
  db.run('SAVEPOINT one', [])
  try {
    const outcome = applyCommit(db, tables, commit, now)
    if (outcome !== 'committed') db.run('ROLLBACK TO one', [])
    db.run('RELEASE one', [])
    return outcome
  } catch (error) {
    // A failing database fails the group; SQLite may have ended the transaction by itself.
    if (outageOf(error) !== undefined || !db.db.isTransaction) throw error
    db.run('ROLLBACK TO one', [])
    db.run('RELEASE one', [])
    return { failed: error }
  }
}

/** Forgets old commit ids, some more than the group adds. */
function forget(db: Connection, added: number, now: number): void {
  const oldest = db.get('SELECT at FROM _commits ORDER BY n LIMIT 1', [])
  if (oldest === undefined || Number(oldest.at) > now - rememberedMs) return
  const some = 'SELECT n, at FROM _commits ORDER BY n LIMIT ?'
  db.run(`DELETE FROM _commits WHERE n <= (SELECT max(n) FROM (${some}) WHERE at <= ?)`, [
    2 * added + 8,
    now - rememberedMs
  ])
}
