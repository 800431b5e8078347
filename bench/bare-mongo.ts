/** The plainest use of the MongoDB driver that does the same work, as durable as ours. */
import { MongoBulkWriteError, MongoClient } from 'mongodb'
import type { BareDoc, BareStore, BareUser } from './bare.ts'

interface UserRow {
  readonly _id: string
  readonly userName: string
  readonly v: number
  /** JSON text, as ours: the cheapest there is for the driver. */
  readonly doc: string
}
interface DocRow {
  readonly _id: string
  readonly doc: string
}
interface EdgeRow {
  readonly _id: string
  readonly group: string
  readonly member: string
}

const durable = { w: 'majority', journal: true } as const
const doc = { projection: { _id: 0, doc: 1 } } as const

export async function bareMongo(uri: string): Promise<BareStore> {
  const client = await MongoClient.connect(uri, { writeConcern: durable, readConcernLevel: 'majority' })
  const db = client.db()
  const users = db.collection<UserRow>('users')
  const [seats, audit, edges] = [
    db.collection<DocRow>('seats'),
    db.collection<DocRow>('audit'),
    db.collection<EdgeRow>('edges')
  ]
  // A transaction that makes its collections gets in the way of others.
  const there = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  for (const name of ['users', 'seats', 'audit', 'edges']) if (!there.has(name)) await db.createCollection(name)
  await users.createIndex({ userName: 1 }, { unique: true })
  await edges.createIndex({ group: 1, member: 1 })

  return {
    get: async id => (await users.findOne({ _id: id }, doc))?.doc,
    byName: async userName => (await users.findOne({ userName }, doc))?.doc,
    async page(limit, after) {
      const found = users.find({ _id: { $gt: after } }, { ...doc, sort: { _id: 1 }, limit, batchSize: limit })
      return (await found.toArray()).map(row => row.doc)
    },
    async create({ id, userName, doc: text }, seat, event) {
      const session = client.startSession()
      try {
        session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: durable })
        await users.insertOne({ _id: id, userName, v: 1, doc: text }, { session })
        await seats.insertOne({ _id: seat.id, doc: seat.doc }, { session })
        await audit.insertOne({ _id: event.id, doc: event.doc }, { session })
        await session.commitTransaction()
      } finally {
        await session.endSession()
      }
    },
    async createAll(made) {
      const session = client.startSession()
      try {
        session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: durable })
        const rows = made.map(({ user }): UserRow => ({ _id: user.id, userName: user.userName, v: 1, doc: user.doc }))
        const row = ({ id, doc }: BareDoc): DocRow => ({ _id: id, doc })
        await users.insertMany(rows, { session })
        await seats.insertMany(
          made.map(({ seat }) => row(seat)),
          { session }
        )
        await audit.insertMany(
          made.map(({ audit: event }) => row(event)),
          { session }
        )
        await session.commitTransaction()
      } finally {
        await session.endSession()
      }
    },
    async change(id, edit) {
      const row = await users.findOne({ _id: id }, { projection: { _id: 0, doc: 1, v: 1 } })
      if (row === null) return undefined
      const text = edit(row.doc)
      const { modifiedCount } = await users.updateOne({ _id: id, v: row.v }, { $set: { doc: text }, $inc: { v: 1 } })
      return modifiedCount === 1 ? text : undefined
    },
    async removeAll(ids) {
      await users.deleteMany({ _id: { $in: [...ids] } })
    },
    remove: async id => (await users.deleteOne({ _id: id })).deletedCount === 1,
    async addEdges(added) {
      const rows = Array.from(added, ({ id, group, member }): EdgeRow => ({ _id: id, group, member }))
      for (let from = 0; from < rows.length; from += 5000) {
        // One that an earlier run left behind is there already.
        await edges.insertMany(rows.slice(from, from + 5000), { ordered: false }).catch(unlessThere)
      }
    },
    async removeEdges(ids) {
      await edges.deleteMany({ _id: { $in: [...ids] } })
    },
    async members(group) {
      const found = edges.find({ group }, { projection: { _id: 0, member: 1 }, sort: { member: 1 } })
      return (await found.toArray()).map(row => row.member)
    },
    async fill(people: Iterable<BareUser>) {
      let rows: UserRow[] = []
      const send = async () => {
        if (rows.length > 0) await users.insertMany(rows, { ordered: false, writeConcern: { w: 1, j: false } })
        rows = []
      }
      for (const { id, userName, doc: text } of people) {
        rows.push({ _id: id, userName, v: 1, doc: text })
        if (rows.length === 5000) await send()
      }
      await send()
    },
    close: () => client.close()
  }
}

function unlessThere(error: unknown): void {
  if (error instanceof MongoBulkWriteError && error.code === 11000) return
  throw error
}
