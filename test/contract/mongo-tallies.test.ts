/** Kept totals on MongoDB are sums of rows, which are folded behind the back of whoever reads them. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import t from 'tap'
import { openMongo } from '../../src/store/mongo/open.ts'
import type { TallyRow } from '../../src/store/mongo/tallies.ts'
import { type Store, tally } from '../../src/store/port.ts'
import { mongoOrSkip } from '../support/mongo.ts'

const mongo = await mongoOrSkip(t)
if (mongo !== undefined) {
  const { uri, database } = mongo
  const nodes = await Promise.all([1, 2].map(() => openMongo({ uri, database, collections: [] })))
  const client = new MongoClient(uri)
  t.teardown(() => Promise.all([...nodes.map(node => node.close()), client.close()]))
  const rows = client.db(database).collection<TallyRow>('store_tallies')
  const add = (node: Store, key: string, n: number) => node.commit([tally('ten', key, n)], { id: randomUUID() })

  /** What nodes that are gone have left. */
  const left = (count: number, tenant: string, n: number, at: Date) =>
    rows.insertMany(
      Array.from({ length: count }, () => ({ _id: `${tenant}:users:${randomUUID()}`, t: tenant, k: 'users', n, at }))
    )

  await t.test('a total has few rows, however often it is added to', async t => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(nodes.flatMap(node => [1, 2, 3, 4].map(n => add(node, 'few', n))))
      t.same(new Set(answers), new Set(['committed']), 'nobody meets anybody')
    }
    t.same(await nodes[0]?.tallies('ten', ['few']), [400])
    t.ok((await rows.countDocuments({ t: 'ten', k: 'few' })) <= 8)
  })

  await t.test(
    'what gone nodes left is folded by two nodes at once, while it is added to, and stays right',
    async t => {
      const long = new Date(Date.now() - 3_600_000)
      await left(1500, 'ten', 2, long)
      await left(30, 'ten', 1, new Date())
      await left(1500, 'other', 1, long)
      let expected = 3030
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(nodes.flatMap(node => [add(node, 'users', 1), add(node, 'users', -3)]))
        t.same(new Set(answers), new Set(['committed']))
        expected -= 4
        const totals = await Promise.all(nodes.map(node => node.tallies('ten', ['users', 'none'])))
        t.same(totals, [
          [expected, 0],
          [expected, 0]
        ])
      }
      const count = () => rows.countDocuments({ t: 'ten', k: 'users' })
      for (let i = 0; i < 100 && (await count()) > 1000; i++) await sleep(20)
      t.ok((await count()) <= 1 + 30 + 4, 'the sum, what was added to lately, and the rows of these two nodes')
      t.same(await nodes[1]?.tallies('ten', ['users']), [expected])
      t.equal(await rows.countDocuments({ t: 'other' }), 1500, 'another tenant is left alone')
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
