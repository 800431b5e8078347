/** Kept totals on MongoDB are sums of rows, which are folded behind the back of whoever reads them. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import t from 'tap'
import { openMongo } from '../../src/store/mongo/open.ts'
import { type Store, tally } from '../../src/store/port.ts'
import { mongoOrSkip } from '../support/mongo.ts'

const mongo = await mongoOrSkip(t)
if (mongo !== undefined) {
  const { uri, database } = mongo
  const nodes = await Promise.all([1, 2].map(() => openMongo({ uri, database, collections: [] })))
  const client = new MongoClient(uri)
  t.teardown(() => Promise.all([...nodes.map(node => node.close()), client.close()]))
  const rows = client.db(database).collection<{ t: string; k: string; n: number }>('store_tallies')
  const add = (node: Store, key: string, n: number) => node.commit([tally('ten', key, n)], { id: randomUUID() })

  await t.test(
    'a total of many rows is folded, by two nodes at once and while it is added to, and stays right',
    async t => {
      await rows.insertMany(Array.from({ length: 900 }, () => ({ t: 'ten', k: 'users', n: 2 })))
      await rows.insertMany(Array.from({ length: 150 }, () => ({ t: 'other', k: 'users', n: 1 })))
      let added = 0
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(nodes.flatMap(node => [add(node, 'users', 1), add(node, 'users', -3)]))
        t.same(new Set(answers), new Set(['committed']))
        added -= 4
        const totals = await Promise.all(nodes.map(node => node.tallies('ten', ['users', 'none'])))
        t.same(totals, [
          [1800 + added, 0],
          [1800 + added, 0]
        ])
      }
      const few = async () => (await rows.countDocuments({ t: 'ten', k: 'users' })) <= 100
      for (let i = 0; i < 100 && !(await few()); i++) {
        await nodes[0]?.tallies('ten', ['users'])
        await sleep(20)
      }
      t.ok(await few(), 'few rows are left')
      t.same(await nodes[1]?.tallies('ten', ['users']), [1800 + added])
      t.equal(await rows.countDocuments({ t: 'other' }), 150, 'another tenant is left alone')
    }
  )

  await t.test(
    'totals of one answer are of one moment: what one commit moves from one to the other is never seen twice',
    async t => {
      let moving = true
      const [mover, reader] = nodes
      const move = async () => {
        for (let i = 0; moving; i++) {
          const n = i % 2 === 0 ? 1 : -1
          await mover?.commit([tally('ten', 'left', n), tally('ten', 'right', -n)], { id: randomUUID() })
        }
      }
      const movers = [move(), move(), move()]
      for (let i = 0; i < 150; i++) {
        const [left = Number.NaN, right = Number.NaN] = (await reader?.tallies('ten', ['left', 'right'])) ?? []
        if (left + right !== 0) t.fail(`${left} and ${right}`)
      }
      moving = false
      await Promise.all(movers)
      t.same(await reader?.tallies('ten', ['left', 'right']), (await mover?.tallies('ten', ['left', 'right'])) ?? [])
    }
  )
}
