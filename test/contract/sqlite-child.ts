/**
 * A process that commits until it is killed, or so many times: `sqlite-child.ts <file> <prefix> <count>`. Each commit is a
 * person, an edge to it and a tally. A line on the standard output names each that was answered with `committed`.
 */
import { writeSync } from 'node:fs'
import { insert, tally } from '../../src/store/port.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { contractCollections, edges, people } from './collections.ts'

const [file = '', prefix = '', count = '0'] = process.argv.slice(2)
const store = await openSqlite({ file, collections: contractCollections })
let n = 0

await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (n < Number(count)) {
      const id = `${prefix}-${n++}`
      const changes = [
        insert(people, 't', { id, userName: id }),
        insert(edges, 't', { id, to: id }),
        tally('t', 'n', 1)
      ]
      if ((await store.commit(changes, { id })) === 'committed') writeSync(1, `${id}\n`)
    }
  })
)
await store.close()
