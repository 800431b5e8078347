/**
 * Numbered steps from an empty database to the present one. Each runs once, in order, whatever node comes first. Never
 * change one that was released; add another.
 */
import type { Db } from 'mongodb'
import { commitQuorum } from './declared.ts'
import { commitsName, migrationsName, talliesName } from './names.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  /** May be begun again after it was interrupted anywhere. */
  readonly run: (db: Db) => Promise<void>
}

/** How long a repeat of a commit is recognised, in seconds. Nobody asks again after minutes. */
const commitSeconds = 24 * 60 * 60

const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'marks of commits and kept totals',
    async run(db) {
      await db
        .collection(commitsName)
        .createIndex({ at: 1 }, { name: 'old', expireAfterSeconds: commitSeconds, commitQuorum })
      await db.collection(talliesName).createIndex({ t: 1, k: 1 }, { name: 'key', commitQuorum })
    }
  }
]

/** Beside them stands the lock. */
interface Ran {
  readonly _id: number | 'lock'
  readonly name: string
  readonly at: Date
}

/** Runs what has not run yet. */
export async function migrate(db: Db): Promise<void> {
  const ran = db.collection<Ran>(migrationsName)
  const done = new Set((await ran.find().toArray()).map(row => row._id))
  for (const { number, name, run } of migrations) {
    if (done.has(number)) continue
    await run(db)
    await ran.insertOne({ _id: number, name, at: new Date() })
  }
}
