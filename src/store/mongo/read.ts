/** Pages and counts. */
import type { Collection, Db } from 'mongodb'
import { everything, type Filter, type Path } from '../../scim/filter/filter.ts'
import { type AnyCollection, type Query, QueryTooCostly, StoreUnavailable } from '../port.ts'
import type { ReadOptions } from './causal.ts'
import { scanMsMax } from './client.ts'
import { isTooCostly } from './errors.ts'
import { isServed, matchOf, type Segment, segmentsOf } from './query.ts'
import { type Read, type Row, wanted } from './rows.ts'

const scan = { maxTimeMS: scanMsMax, allowDiskUse: true } as const

/** The rows of a page. @throws QueryTooCostly */
export async function readPage(
  db: Db,
  collection: AnyCollection,
  tenant: string,
  query: Query,
  options: ReadOptions
): Promise<readonly Read[]> {
  const { offset = 0, limit, filter, sort } = query
  if (limit <= 0) return []
  const rows = db.collection<Row>(collection.name)
  return affordable(collection, filter, sort?.path, async () => {
    const page: Read[] = []
    let skip = offset
    const segments = segmentsOf(collection, tenant, query)
    for (const segment of segments) {
      const found = await readSegment(rows, segment, skip, limit - page.length, options)
      page.push(...found)
      if (page.length === limit) break
      if (found.length > 0) skip = 0
      else if (skip > 0 && segment !== segments.at(-1))
        skip -= Math.min(skip, await countMatch(rows, segment.match, options))
    }
    return page
  })
}

function readSegment(
  rows: Collection<Row>,
  { match, sort }: Segment,
  skip: number,
  limit: number,
  options: ReadOptions
): Promise<Read[]> {
  // One batch, so that MongoDB keeps no cursor.
  return rows
    .find<Read>(match, { ...options, ...scan, sort, skip, limit, batchSize: limit, projection: wanted })
    .toArray()
}

/** @throws QueryTooCostly */
export async function readCount(
  db: Db,
  collection: AnyCollection,
  tenant: string,
  filter: Filter,
  options: ReadOptions
): Promise<number> {
  const match = matchOf(collection, tenant, filter)
  if (match === undefined) return 0
  return affordable(collection, filter, undefined, () =>
    countMatch(db.collection<Row>(collection.name), match, options)
  )
}

function countMatch(rows: Collection<Row>, match: Segment['match'], options: ReadOptions): Promise<number> {
  return rows.countDocuments(match, { ...options, maxTimeMS: scanMsMax })
}

async function affordable<T>(
  collection: AnyCollection,
  filter: Filter | undefined,
  sort: Path | undefined,
  ask: () => Promise<T>
): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!isTooCostly(cause)) throw cause
    // With an index the time went elsewhere: the database is too busy, and the client did nothing wrong.
    if (isServed(collection, filter ?? everything, filter === undefined ? sort : undefined)) {
      throw new StoreUnavailable('MongoDB is too busy to answer in time.', { cause })
    }
    throw new QueryTooCostly(
      'No index serves this filter or order, and there is too much to look through: narrow the filter.',
      {
        cause
      }
    )
  }
}
