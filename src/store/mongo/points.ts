/**
 * Reads of one document by its key: its id, or its value in a unique index. Nearly all reads of a server are such, and what
 * a command costs the driver is many times what one more key in it costs (measured: 66 µs alone, 15 µs each of eight). So
 * while some are under way, what is asked meanwhile waits and then goes together.
 */
import type { Db, Document } from 'mongodb'
import { gather } from '../../base/gather.ts'
import type { Filter, Path } from '../../scim/filter/filter.ts'
import type { AnyCollection, Query } from '../port.ts'
import type { Causality } from './causal.ts'
import type { Match } from './filter.ts'
import { isId, keyOf, rowField } from './names.ts'
import { isUnique } from './query.ts'
import { type Read, wanted } from './rows.ts'

/** What at most one document can have. */
export interface Point {
  readonly collection: string
  readonly tenant: string
  /** The dotted field of a row. */
  readonly field: string
  readonly key: string
}

/** Commands under way for one field of one tenant; more at once would leave each with fewer keys. */
const activeMax = 2
const togetherMax = 500
/** A reply of documents with fewer characters than this ends where they end: each is three bytes at most. */
const wholeReplyMax = 4_000_000

export function pointOfId(collection: { readonly name: string }, tenant: string, id: string): Point {
  return { collection: collection.name, tenant, field: '_id', key: keyOf(tenant, id.toWellFormed()) }
}

/**
 * The points that a query means, in the order of its page as far as that is known: that of ids. Undefined where more than one
 * document could match one of them, or where the page is not all of them.
 */
export function pointsOf(collection: AnyCollection, tenant: string, query: Query): readonly Point[] | undefined {
  const { filter, offset = 0, after, sort, limit } = query
  const asked = filter === undefined ? undefined : valuesOf(filter)
  if (asked === undefined || offset > 0 || after !== undefined || limit < asked.values.length) return undefined
  const { path, values } = asked
  if (isId(path)) {
    if (values.length > 1 && (sort !== undefined || query.newestFirst === true)) return undefined
    return inOrder(values).map(id => pointOfId(collection, tenant, id))
  }
  if (values.length !== 1 || !isUnique(collection, path)) return undefined
  return values.map(key => ({ collection: collection.name, tenant, field: rowField(path), key: key.toWellFormed() }))
}

function valuesOf(filter: Filter): { readonly path: Path; readonly values: readonly string[] } | undefined {
  if ((filter.op !== 'eq' && filter.op !== 'in') || filter.path.some(step => step.many)) return undefined
  const given = [...new Set('values' in filter ? filter.values : [filter.value])]
  const values = given.filter(value => typeof value === 'string')
  const fits = values.length === given.length && values.length > 0 && values.length <= togetherMax
  return fits ? { path: filter.path, values } : undefined
}

/** By their bytes in UTF-8, as MongoDB has them. */
const inOrder = (ids: readonly string[]) =>
  ids.length === 1 ? ids : ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

/** What the documents of some keys of one field match. */
export function matchOfKeys({ field, tenant }: Omit<Point, 'key'>, keys: readonly string[]): Match {
  const [only] = keys
  const match = { [field]: keys.length === 1 ? only : { $in: keys } }
  return field === '_id' ? match : { t: tenant, ...match }
}

/** @returns reads one point. Whatever it reads was so after it was called. */
export function pointReader(
  db: Db,
  causal: Pick<Causality, 'readConcern'>
): (point: Point) => Promise<Read | undefined> {
  async function find(of: Point, keys: readonly string[]) {
    const { collection, field } = of
    const reply = await db.command({
      find: collection,
      filter: matchOfKeys(of, keys),
      projection: { ...wanted, [field]: 1 },
      limit: keys.length,
      // All in one batch, which by itself would be 101.
      batchSize: keys.length,
      singleBatch: true,
      readConcern: causal.readConcern()
    })
    const rows: readonly Document[] = reply.cursor.firstBatch
    return new Map(rows.map(row => [valueAt(row, field), row as Read]))
  }

  async function read(points: readonly Point[]): Promise<readonly (Read | undefined)[]> {
    const [first] = points
    if (first === undefined) return []
    const keys = [...new Set(points.map(({ key }) => key))]
    const found = await find(first, keys)
    // A reply ends at 16 MB. What is missing in one that may have, is certain only when it was asked for alone.
    const size = found.values().reduce((sum, { doc }) => sum + doc.length, 0)
    const missing = size < wholeReplyMax ? [] : keys.filter(key => !found.has(key))
    for (const key of missing) for (const [k, row] of await find(first, [key])) found.set(k, row)
    return points.map(({ key }) => found.get(key))
  }

  const laneOf = ({ collection, tenant, field }: Point) => `${collection}/${tenant}/${field}`
  return gather(read, { laneOf, activeMax, togetherMax })
}

function valueAt(row: Document, field: string): unknown {
  return field.split('.').reduce<unknown>((value, name) => (value as Document | undefined)?.[name], row)
}
