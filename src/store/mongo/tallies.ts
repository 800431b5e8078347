/**
 * Kept totals. A total is the sum of a few rows, one for each writer there is: a place among those who write at once
 * (`turnstile.ts`), in one node. Two commits never add to the same row, and so never meet, as they would in one counter
 * (measured in a transaction: 857 commits a second without a common row, 117 with one).
 *
 * A row for each addition would do that too, but the rows would have to be folded all the time, and MongoDB keeps what
 * was deleted in the way of every later read for five minutes (measured: 150 ms a read after 8000 additions).
 */
import { randomUUID } from 'node:crypto'
import type { Db, MongoClient } from 'mongodb'
import type { ReadOptions } from './causal.ts'
import { keyOf, talliesName } from './names.ts'

export interface TallyRow {
  /** `<tenant>:<key>:<writer>` */
  readonly _id: string
  readonly t: string
  readonly k: string
  readonly n: number
  /** When it was last added to. */
  readonly at: Date
}

/** Each start of a node leaves at most as many rows as it has writers. Reading so many costs about a millisecond. */
const rowsMax = 1000
/** A row that nobody added to for so long is that of a node that is gone, or has nothing to do. */
const idleMs = 10 * 60 * 1000

/** The statement that adds to a writer's own row. */
export function adding(tenant: string, key: string, n: number, writer: string): object {
  const u = { $inc: { n }, $setOnInsert: { t: tenant, k: key }, $currentDate: { at: true } }
  return { q: { _id: keyOf(tenant, `${key}:${writer}`) }, u, upsert: true }
}

export interface Totals {
  readonly totals: readonly number[]
  /** Keys with more rows than a read should have to add up. */
  readonly long: readonly string[]
}

/** One aggregate is one moment: with `snapshot` it does not see a commit that ends while it runs. */
export async function readTotals(
  db: Db,
  tenant: string,
  keys: readonly string[],
  { session }: Pick<ReadOptions, 'session'>
): Promise<Totals> {
  const groups = await db
    .collection<TallyRow>(talliesName)
    .aggregate<{ _id: string; n: number; rows: number }>(
      [{ $match: { t: tenant, k: { $in: keys } } }, { $group: { _id: '$k', n: { $sum: '$n' }, rows: { $sum: 1 } } }],
      { session, readConcern: { level: 'snapshot' } }
    )
    .toArray()
  const sums = new Map(groups.map(group => [group._id, group.n]))
  return {
    totals: keys.map(key => sums.get(key) ?? 0),
    long: groups.filter(group => group.rows > rowsMax).map(group => group._id)
  }
}

/**
 * Puts one row in the place of the idle ones. Either all of it happens or nothing; where two nodes fold at once, or a row is
 * added to meanwhile, this fails with a conflict, which changes nothing.
 */
export async function foldTotal(client: MongoClient, db: Db, tenant: string, key: string): Promise<void> {
  const rows = db.collection<TallyRow>(talliesName)
  const session = client.startSession()
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', j: true } })
    const idle = { t: tenant, k: key, at: { $lt: new Date(Date.now() - idleMs) } }
    const found = await rows.find(idle, { session, limit: 2 * rowsMax }).toArray()
    if (found.length > 1) {
      const n = found.reduce((sum, row) => sum + row.n, 0)
      await rows.deleteMany({ _id: { $in: found.map(row => row._id) } }, { session })
      await rows.insertOne(
        { _id: keyOf(tenant, `${key}:${randomUUID()}`), t: tenant, k: key, n, at: new Date() },
        { session }
      )
    }
    await session.commitTransaction()
  } finally {
    await session.endSession()
  }
}
