/** Where a server keeps its data, and how to look into it without the server. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { collections } from '../../src/collections.ts'
import { openMongo } from '../../src/store/mongo/open.ts'
import type { Store } from '../../src/store/port.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { drop, newDatabase } from '../support/mongo.ts'

export interface Backend {
  /** For the server. */
  readonly env: Readonly<Record<string, string>>
  open(): Promise<Store>
  /** What the engine itself finds wrong with its files. */
  damage(): readonly string[]
  remove(): Promise<void>
}

/** @param folder of the caller's; absent: one of its own. */
export async function sqliteBackend(folder?: string): Promise<Backend> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'usher-faults-')))
  const file = join(dataDir, 'usher.db')
  return {
    env: { DATA_DIR: dataDir },
    open: () => openSqlite({ file, collections }),
    damage() {
      const db = new DatabaseSync(file, { timeout: 5000 })
      try {
        const rows = db.prepare('PRAGMA integrity_check').all()
        return rows.map(row => String(row.integrity_check)).filter(line => line !== 'ok')
      } finally {
        db.close()
      }
    },
    remove: () => rm(dataDir, { recursive: true, force: true })
  }
}

/**
 * A new database on a replica set.
 *
 * @param options.ownSet the set ends with the test. (To drop a database waits for the transactions of servers that were
 *   killed, which is a minute.)
 */
export function mongoBackend(setUri: string, { ownSet = false } = {}): Backend {
  const database = newDatabase()
  const uri = setUri.replace(/\/(?=\?|$)/, `/${database}`)
  return {
    env: { MONGODB_URI: uri },
    open: () => openMongo({ uri, collections }),
    damage: () => [],
    remove: async () => void (ownSet || (await drop(setUri, database)))
  }
}
