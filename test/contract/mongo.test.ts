import t from 'tap'
import { openMongo } from '../../src/store/mongo/open.ts'
import { drop, mongoOrSkip, newDatabase } from '../support/mongo.ts'
import { contractCollections as collections, contract, type Opened } from './suite.ts'

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
