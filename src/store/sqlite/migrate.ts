/**
 * Brings the database to what the code expects: numbered steps that run once, then the tables and indexes that the
 * collections declare. All of it is one transaction that one process holds at a time, so that any number of processes may
 * start at once, and one that dies leaves nothing half done.
 */
import type { DatabaseSync } from 'node:sqlite'
import { isBusy } from './errors.ts'
import { fitCollection } from './fit-collection.ts'
import type { Shape } from './shape.ts'

interface Migration {
  readonly number: number
  readonly name: string
  readonly up: (db: DatabaseSync) => void
}

/** Add to the end; never change one that was released. Names of ours begin with `_`, which no collection's does. */
const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'tallies and commits',
    up: db =>
      db.exec(`
        CREATE TABLE _tallies (tenant TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (tenant, key)) STRICT, WITHOUT ROWID;
        CREATE TABLE _commits (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL) STRICT;
      `)
  }
]

/** How long a start waits for another process that brings the database up to date. */
const patienceMs = 60_000

/** @throws Error when the database was made by a later version, or holds what a new unique index forbids. */
export function migrate(db: DatabaseSync, shapes: readonly Shape[], log: (message: string) => void): void {
  // Switching to WAL, unlike all else, does not wait for another process by itself.
  patiently(() => db.exec('PRAGMA journal_mode = WAL'))
  patiently(() => db.exec('BEGIN IMMEDIATE'))
  try {
    runMigrations(db, log)
    for (const shape of shapes) fitCollection(db, shape, log)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function runMigrations(db: DatabaseSync, log: (message: string) => void): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS _migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL) STRICT'
  )
  const done = new Set(
    db
      .prepare('SELECT number FROM _migrations')
      .all()
      .map(row => Number(row.number))
  )
  const last = migrations.at(-1)?.number ?? 0
  for (const number of done) {
    if (number > last)
      throw new Error(`the database was made by a later version (its migration ${number} is unknown here)`)
  }
  for (const { number, name, up } of migrations) {
    if (done.has(number)) continue
    up(db)
    db.prepare('INSERT INTO _migrations (number, name, at) VALUES (?, ?, ?)').run(number, name, Date.now())
    log(`migration ${number}: ${name}`)
  }
}

function patiently(act: () => void): void {
  const until = Date.now() + patienceMs
  for (;;) {
    try {
      act()
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}
