/** RFC 7644 3.7.2: operations refer to one another by bulkId, forwards and backwards. */
import t from 'tap'
import type { BulkOperation } from '../../src/scim/bulk.ts'
import { BulkOrder, carryOut, type Performing, replay } from '../../src/scim/bulk-order.ts'

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

function performing(order: string[]): Performing<Answer> {
  return {
    perform: async ({ method, path, data }, { bulkId = '' }) => {
      order.push(method === 'POST' ? bulkId : `+${bulkId}`)
      if (bulkId.startsWith('!')) return { result: { bulkId, status: 400 }, id: undefined }
      if (method === 'POST') return { result: { bulkId, status: 201, data: JSON.stringify(data) }, id: `id-${bulkId}` }
      return { result: { bulkId, status: 200, data: `${path} ${JSON.stringify(data)}` }, id: `id-${bulkId}` }
    },
    unresolved: ({ bulkId = '' }, missing) => ({ bulkId, status: 409, missing }),
    joined: (first, last) => ({ ...first, data: `${first.data} ${last.data}` }),
    asOne: async work => {
      const before = order.length
      if (!(await work())) order.splice(before)
    }
  }
}

async function carriedOut(operations: readonly BulkOperation[], errorsMax?: number) {
  const done: string[] = []
  const order = BulkOrder.of<Answer>(operations, errorsMax)
  await carryOut(order, performing(done))
  return { order: done.join(' '), results: order.results() }
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
    ['one that is refused', [group('a', '!b'), group('!b')], ['a 409', '!b 400']],
    ['one that was refused', [group('!b'), group('a', '!b')], ['!b 400', 'a 409']],
    ['one that waited in vain', [group('a', 'b'), group('b', '!c'), group('!c')], ['a 409', 'b 409', '!c 400']],
    [
      'a circle with one that is refused',
      [group('a', '!b'), group('!b', 'a'), group('c')],
      ['a 409', '!b 400', 'c 201']
    ],
    ['a circle that lacks another', [group('a', 'b'), group('b', 'a', 'x')], ['a 409', 'b 409']],
    [
      'a circle that others wait for',
      [group('x', 'a'), group('a', '!b'), group('!b', 'a')],
      ['x 409', 'a 409', '!b 400']
    ],
    ['errors end it', [group('!a'), group('b', '!c'), group('!c'), group('d')], ['!a 400', '!c 400'], 2],
    ['what waits is an error too', [group('b', 'x'), group('c')], ['b 409'], 1]
  ]
  for (const [name, operations, expected, errorsMax] of cases)
    t.same(await statuses(operations, errorsMax), expected, name)
})

t.test('those in a circle are created without what they lack, which is added then', async t => {
  const patched = (...names: string[]) =>
    JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'add', path: 'members', value: names.map(name => ({ value: `id-${name}` })) }]
    })
  const { order, results } = await carriedOut([group('x', 'a'), group('a', 'b', 'c'), group('c'), group('b', 'a')])
  t.equal(order, 'c a b +a x')
  t.same(
    results.map(({ status, data }) => `${status} ${data}`),
    [
      '201 {"members":[{"value":"id-a"}]}',
      `201 {"members":[{"value":"id-c"}]} /Groups/id-a ${patched('b')}`,
      '201 {"members":[]}',
      '201 {"members":[{"value":"id-a"}]}'
    ]
  )
  t.equal((await carriedOut([group('a', 'a')])).results[0]?.data, `{"members":[]} /Groups/id-a ${patched('a')}`)
})

t.test('a circle waits for the circles that it refers to', async t => {
  const operations = [group('a', 'b', 'c'), group('b', 'a'), group('c', 'd'), group('d', 'c')]
  t.equal((await carriedOut(operations)).order, 'c d +c a b +a')
})

t.test('what is left out of a user in a circle is its manager, and nothing that can be known', async t => {
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const user = (bulkId: string, manager: string): BulkOperation => ({
    ...group(bulkId),
    path: '/Users',
    data: { userName: bulkId, [urn]: { department: 'D', manager: { value: `bulkId:${manager}` } } }
  })
  const { results } = await carriedOut([user('a', 'b'), user('b', 'a')])
  t.match(results[0]?.data, `{"userName":"a","${urn}":{"department":"D"}} /Users/id-a`)
  t.match(results[0]?.data, `{"op":"add","path":"${urn}:manager","value":{"value":"id-b"}}`)
  t.equal(results[1]?.data, `{"userName":"b","${urn}":{"department":"D","manager":{"value":"id-a"}}}`)
})

t.test('a reference is found wherever it stands, however it is written', async t => {
  const naming = (data: unknown): BulkOperation => ({ ...group('g'), data: data as never })
  const named: BulkOperation = { ...group('my name'), path: '/Users' }
  for (const [data, expected] of [
    [{ members: [{ value: 'bulkId:my name' }] }, '{"members":[{"value":"id-my name"}]}'],
    [{ members: [{ value: 'BulkID:my name' }] }, '{"members":[{"value":"id-my name"}]}'],
    [{ members: [{ $ref: '../Users/bulkId:u' }] }, '{"members":[{"$ref":"../Users/id-u"}]}'],
    [{ members: '[{"value":"bulkId:u"}]' }, '{"members":"[{\\"value\\":\\"id-u\\"}]"}'],
    [{ members: [{ value: 'bulkid:nobody' }] }, undefined],
    [{ displayName: 'bulkId:' }, undefined]
  ] as const) {
    const { results } = await carriedOut([named, group('u'), naming(data)])
    t.equal(results[2]?.data, expected)
    if (expected === undefined) t.equal(results[2]?.status, 409)
  }
})

t.test('some at a time, and replayed, they come to the same', async t => {
  const operations = [group('a', 'c'), group('b', 'a', 'd'), group('c'), group('d', 'b'), group('e', '!f'), group('!f')]
  const order = BulkOrder.of<Answer>(operations)
  for (;;) {
    const trial = order.copy()
    const done = await carryOut(trial, performing([]), 2)
    if (done.size === 0) break
    replay(order, done)
    t.same(order.results(), trial.results())
  }
  t.same(order.results(), (await carriedOut(operations)).results)
})

t.test('10,000 that each wait for the one behind them take as many steps', async t => {
  const n = 10_000
  const chain = Array.from({ length: n }, (_, i) => group(`${i}`, ...(i + 1 < n ? [`${i + 1}`] : [])))
  const circle = [...chain.slice(0, -1), group(`${n - 1}`, '0')]
  const before = process.cpuUsage()
  const { results } = await carriedOut(chain)
  t.ok((await carriedOut(circle)).results.every(({ status }) => status === 201))
  const { user, system } = process.cpuUsage(before)
  t.ok(results.every(({ status }) => status === 201) && results.length === n)
  t.ok(user + system < 2_000_000, `${Math.round((user + system) / 1000)} ms of the processor`)
})
