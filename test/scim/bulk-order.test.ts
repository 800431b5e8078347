/** RFC 7644 3.7.2: operations refer to one another by bulkId, forwards and backwards. */
import t from 'tap'
import type { BulkOperation } from '../../src/scim/bulk.ts'
import { inOrder } from '../../src/scim/bulk-order.ts'

/** A group of this name with these members; `!` in front: it is refused. */
const group = (bulkId: string, ...members: string[]): BulkOperation => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  version: undefined,
  data: { members: members.map(name => ({ value: `bulkId:${name}` })) }
})

interface Answer {
  readonly bulkId: string
  readonly status: number
  readonly data?: string
  readonly missing?: readonly string[]
}

async function carriedOut(operations: readonly BulkOperation[], errorsMax = Number.POSITIVE_INFINITY) {
  const order: string[] = []
  const results = await inOrder<Answer>(operations, {
    errorsMax,
    perform: async ({ bulkId = '', data }) => {
      order.push(bulkId)
      if (bulkId.startsWith('!')) return { result: { bulkId, status: 400 }, id: undefined }
      return { result: { bulkId, status: 201, data: JSON.stringify(data) }, id: `id-${bulkId}` }
    },
    unresolved: ({ bulkId = '' }, missing) => ({ bulkId, status: 409, missing })
  })
  return { order: order.join(' '), results }
}

const statuses = async (operations: readonly BulkOperation[], errorsMax?: number) =>
  (await carriedOut(operations, errorsMax)).results.map(({ bulkId, status }) => `${bulkId} ${status}`)

t.test('who refers to nobody keeps its place, who refers to a later one waits, and answers stand in order', async t => {
  const { order, results } = await carriedOut([group('a', 'c'), group('b'), group('c'), group('d', 'b')])
  t.equal(order, 'b c d a')
  t.same(
    results.map(({ bulkId }) => bulkId),
    ['a', 'b', 'c', 'd']
  )
  t.match(results[0], { data: '{"members":[{"value":"id-c"}]}' })
})

t.test('who waits for several waits for all of them', async t => {
  t.equal((await carriedOut([group('a', 'b', 'c', 'd'), group('b', 'd'), group('c'), group('d')])).order, 'c d b a')
})

t.test('what never comes to be is told, whatever it is for want of', async t => {
  const cases: readonly (readonly [string, BulkOperation[], string[], number?])[] = [
    ['nobody of that name', [group('a', 'x')], ['a 409']],
    ['itself', [group('a', 'a')], ['a 409']],
    ['one that is refused', [group('a', '!b'), group('!b')], ['a 409', '!b 400']],
    ['one that was refused', [group('!b'), group('a', '!b')], ['!b 400', 'a 409']],
    ['one that waited in vain', [group('a', 'b'), group('b', '!c'), group('!c')], ['a 409', 'b 409', '!c 400']],
    ['a circle', [group('a', 'b'), group('b', 'a'), group('c')], ['a 409', 'b 409', 'c 201']],
    ['a circle that others wait for', [group('x', 'a'), group('a', 'b'), group('b', 'a')], ['x 409', 'a 409', 'b 409']],
    ['errors end it', [group('!a'), group('b', '!c'), group('!c'), group('d')], ['!a 400', '!c 400'], 2],
    ['what waits is an error too', [group('b', 'x'), group('c')], ['b 409'], 1]
  ]
  for (const [name, operations, expected, errorsMax] of cases)
    t.same(await statuses(operations, errorsMax), expected, name)
})

t.test('10,000 that each wait for the one behind them take as many steps', async t => {
  const n = 10_000
  const chain = Array.from({ length: n }, (_, i) => group(`${i}`, ...(i + 1 < n ? [`${i + 1}`] : [])))
  const before = process.cpuUsage()
  const { results } = await carriedOut(chain)
  const { user, system } = process.cpuUsage(before)
  t.ok(results.every(({ status }) => status === 201) && results.length === n)
  t.ok(user + system < 2_000_000, `${Math.round((user + system) / 1000)} ms of the processor`)
})
