import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { contract, contractCollections } from './suite.ts'

await contract(t, 'SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-contract-'))
  const file = join(folder, 'store.db')
  const opened = [await openSqlite({ file, collections: contractCollections })]
  const again = async () => {
    const store = await openSqlite({ file, collections: contractCollections })
    opened.push(store)
    return store
  }
  const [store, second] = [opened[0] ?? (await again()), await again()]
  return {
    store,
    second,
    reopen: async () => {
      await Promise.all(opened.map(o => o.close()))
      return again()
    },
    close: async () => {
      await Promise.all(opened.map(o => o.close()))
      rmSync(folder, { recursive: true })
    }
  }
})
