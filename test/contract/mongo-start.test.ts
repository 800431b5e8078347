/** Opening a MongoDB: what is refused, and what is made. */
import { MongoClient } from 'mongodb'
import t from 'tap'
import { field, is } from '../../src/scim/filter/filter.ts'
import { databaseOf, withoutPassword } from '../../src/store/mongo/client.ts'
import { type MongoStore, openMongo } from '../../src/store/mongo/open.ts'
import { type AnyCollection, type Collection, type Doc, insert } from '../../src/store/port.ts'
import { mongod, mongoOrSkip, newDatabase, startStandalone, startUninitiated } from '../support/mongo.ts'
import { people } from './collections.ts'
import { contractCollections as collections } from './suite.ts'

const mongo = await mongoOrSkip(t)
if (mongo !== undefined) {
  const { uri, database } = mongo
  const client = new MongoClient(uri)
  t.teardown(() => client.close())

  await t.test('a standalone server is refused with the way to a replica set', async t => {
    const { uri, stop } = await startStandalone()
    t.teardown(stop)
    await t.rejects(
      openMongo({ uri, collections }),
      /standalone.*replica set[\s\S]*--replSet rs0[\s\S]*rs\.initiate\(\)/
    )
  })

  await t.test('a replica set that was never made is refused with the command that makes it', async t => {
    const { uri, stop } = await startUninitiated()
    t.teardown(stop)
    await t.rejects(openMongo({ uri, collections }), /never made[\s\S]*rs\.initiate\(\)/)
  })

  await t.test('nobody there: the error comes within 5 s, names the address and hides the password', async t => {
    const from = performance.now()
    const error = await openMongo({ uri: 'mongodb://ada:s3cr%2Ft@127.0.0.1:1/?replicaSet=rs0', collections }).catch(
      e => e
    )
    t.ok(performance.now() - from < 5000)
    t.match(error.message, 'mongodb://ada:***@127.0.0.1:1/')
    t.match(error.message, 'ECONNREFUSED')
    t.notMatch(error.message, 's3cr')
  })

  await t.test('an address that is none is refused without a password in the error', async t => {
    const error = await openMongo({ uri: 'mongodb://ada:s3cret@/', collections }).catch(e => e)
    t.match(error.message, 'cannot be used')
    t.notMatch(error.message, 's3cret')
    t.equal(withoutPassword('mongodb+srv://ada:p@ss@host/db'), 'mongodb+srv://ada:***@host/db')
    t.equal(withoutPassword('mongodb://host/db'), 'mongodb://host/db')
  })

  t.test('the database is the one that the address names, or usher', async t => {
    t.equal(databaseOf('mongodb://a:b@h1:1,h2:2/vault?replicaSet=rs0'), 'vault')
    t.equal(databaseOf('mongodb://h1/?replicaSet=rs0'), 'usher')
    t.equal(databaseOf('mongodb://h1'), 'usher')
  })

  await t.test('six nodes that start together on an empty database make it once, and all work', async t => {
    const nodes = await Promise.all(Array.from({ length: 6 }, () => openMongo({ uri, database, collections })))
    t.teardown(() => Promise.all(nodes.map(node => node.close())))
    const migrations = await client
      .db(database)
      .collection<{ _id: number | string }>('store_migrations')
      .find()
      .toArray()
    t.same(
      migrations.map(({ _id }) => _id),
      [1],
      'each migration ran once, and the lock is gone'
    )
    t.same(new Set(await Promise.all(nodes.map((node, i) => add(node, `n${i}`)))), new Set(['committed']))
  })

  await t.test('the lock of a node that died is waited for until it lapses', async t => {
    const name = newDatabase()
    t.teardown(() => client.db(name).dropDatabase())
    const until = new Date(Date.now() + 600)
    const locks = client.db(name).collection<{ _id: string; holder: string; until: Date }>('store_migrations')
    await locks.insertOne({ _id: 'lock', holder: 'dead', until })
    const store = await openMongo({ uri, database: name, collections })
    t.ok(new Date() >= until)
    await store.close()
  })

  await t.test('an index declared later is made when a node starts, and one with other paths is refused', async t => {
    const name = newDatabase()
    t.teardown(() => client.db(name).dropDatabase())
    const open = (...indexes: Collection<Doc>['indexes']) => {
      const collection: Collection<Doc> = { name: 'later', search: ({ id }) => ({ id }), indexes }
      return openMongo({ uri, database: name, collections: [collection as unknown as AnyCollection] })
    }
    await (await open({ name: 'first', paths: [field('a')] })).close()
    await (
      await open({ name: 'first', paths: [field('a')] }, { name: 'second', paths: [field('b', 'c')], unique: true })
    ).close()
    const indexes = await client.db(name).collection('later').indexes()
    t.match(
      indexes.map(({ name, key, unique }) => ({ name, key, unique })),
      [
        { name: '_id_' },
        { name: 'first', key: { t: 1, 'f.a': 1, _id: 1 } },
        { name: 'second', key: { t: 1, 'f.b.c': 1 }, unique: true }
      ]
    )
    await t.rejects(open({ name: 'first', paths: [field('z')] }), /first/)
  })

  await t.test('a tenant with a colon would stand in the range of another: it is refused', async t => {
    const store = await openMongo({ uri, database, collections })
    t.teardown(() => store.close())
    await t.rejects(store.find(people, 'a:b', { limit: 1 }), RangeError)
    await t.rejects(store.find(people, 'a:b', { limit: 1, filter: is(field('id'), 'x') }), RangeError)
  })

  await t.test('MONGOD_BINARY wins, and one that does not run is an error', async t => {
    const before = process.env.MONGOD_BINARY
    t.teardown(() => {
      if (before === undefined) delete process.env.MONGOD_BINARY
      else process.env.MONGOD_BINARY = before
    })
    process.env.MONGOD_BINARY = '/bin/false'
    await t.rejects(mongod(), /MONGOD_BINARY=\/bin\/false does not run/)
  })
}

function add(node: MongoStore, id: string) {
  return node.commit([insert(people, 'ten', { id, userName: id })], { id: `c-${id}` })
}
