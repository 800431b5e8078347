/** Makes the collections and indexes that the domain declares, as far as they are not there. */
import type { Db, IndexDescription } from 'mongodb'
import type { AnyCollection, Index } from '../port.ts'
import { rowField } from './names.ts'

/** So that a node can start while a member of the set is down: the default waits for all that vote. */
export const commitQuorum = 'majority'

/**
 * A collection must be there before a transaction writes to it. Indexes declared later are made later.
 *
 * @throws Error when an index of that name has other paths: a changed index needs a new name.
 */
export async function declare(db: Db, collections: readonly AnyCollection[]): Promise<void> {
  const present = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  await Promise.all(collections.map(collection => make(db, collection, present.has(collection.name))))
}

async function make(db: Db, { name, indexes }: AnyCollection, present: boolean): Promise<void> {
  const collection = present ? db.collection(name) : await db.createCollection(name)
  if (indexes.length > 0) await collection.createIndexes(indexes.map(description), { commitQuorum })
}

function description({ name, paths, unique }: Index): IndexDescription {
  const fields = paths.map(rowField)
  const key = Object.fromEntries(fields.map(field => [field, 1]))
  if (unique !== true) return { name, key: { t: 1, ...key, _id: 1 } }
  // Rows that lack a value are not in the index, so that any number of them may lack it.
  const partialFilterExpression = Object.fromEntries(fields.map(field => [field, { $exists: true }]))
  return { name, key: { t: 1, ...key }, unique, partialFilterExpression }
}
