import t from 'tap'
import { openMongo } from '../../src/store/mongo/open.ts'
import { insert } from '../../src/store/port.ts'
import { drop, mongoOrSkip, newDatabase } from '../support/mongo.ts'
import { people } from './collections.ts'
import { contractCollections as collections, contract, type Opened } from './suite.ts'
import { everyDoc } from './support.ts'

const mongo = await mongoOrSkip(t)
if (mongo !== undefined) {
  const { uri } = mongo
  await contract(t, 'MongoDB', async (): Promise<Opened> => {
    const database = newDatabase()
    const open = () => openMongo({ uri, database, collections })
    let store = await open()
    const second = await open()
    return {
      store,
      second,
      async reopen() {
        await store.close()
        store = await open()
        return store
      },
      async close() {
        await Promise.all([store.close(), second.close()])
        await drop(uri, database)
      }
    }
  })
}

if (mongo !== undefined) {
  t.test('what cannot be written at all takes nobody with it who was to be written with it', async t => {
    const { uri } = mongo
    const database = newDatabase()
    const store = await openMongo({ uri, database, collections })
    // A colon would let documents of one tenant stand among those of another.
    const tenants = Array.from({ length: 20 }, (_, i) => (i === 13 ? 'te:n' : 'ten'))
    const answers = await Promise.allSettled(
      tenants.map((tenant, i) =>
        store.commit([insert(people, tenant, { id: `${i}`, userName: `${i}` })], { id: `${i}` })
      )
    )
    for (const [i, answer] of answers.entries()) {
      if (i === 13) t.match(answer, { status: 'rejected', reason: RangeError })
      else t.match(answer, { status: 'fulfilled', value: 'committed' })
    }
    t.equal((await everyDoc(store, people, 'ten')).length, 19)
    await store.close()
    await drop(uri, database)
  })
}
