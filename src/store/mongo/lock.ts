/** One node at a time: a lease on a document, by MongoDB's own clock, which is the same for all nodes. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Db, MongoServerError } from 'mongodb'
import { duplicateIn } from './errors.ts'
import { migrationsName } from './names.ts'

interface Lock {
  readonly _id: 'lock'
  readonly holder: string
  readonly until: Date
}

/** A node that died is waited for so long. */
const leaseMs = 15_000
const renewMs = 5000
const pauseMs = 50

/** Runs `work` while no other node runs its own; waits as long as another one does. */
export async function whileLocked<T>(db: Db, work: () => Promise<T>): Promise<T> {
  const locks = db.collection<Lock>(migrationsName)
  const holder = randomUUID()
  while (!(await take())) await sleep(pauseMs)
  const renewal = setInterval(() => void take().catch(() => {}), renewMs)
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await locks.deleteOne({ _id: 'lock', holder })
  }

  /** Takes the lock if it is free or lapsed, or keeps it if it is ours. */
  async function take(): Promise<boolean> {
    const free = { $or: [{ $eq: ['$holder', holder] }, { $lt: ['$until', '$$NOW'] }] }
    const until = { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: leaseMs } }
    const lease = { holder: { $cond: [free, holder, '$holder'] }, until: { $cond: [free, until, '$until'] } }
    try {
      const after = { upsert: true, returnDocument: 'after' } as const
      return (await locks.findOneAndUpdate({ _id: 'lock' }, [{ $set: lease }], after))?.holder === holder
    } catch (error) {
      // Another node has just inserted it.
      if (error instanceof MongoServerError && duplicateIn(error) === '_id_') return false
      throw error
    }
  }
}
