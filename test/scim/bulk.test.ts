/** Bulk requests (RFC 7644 3.7): references in a circle, transactions, repeats, and what they cost others. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { bulkRequestUrn } from '../../src/scim/bulk.ts'
import { enterpriseUrn, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { fingerprint } from '../support/fingerprint.ts'
import { recount } from '../support/recount.ts'

interface Operation extends JsonObject {
  readonly status: string
  readonly location: string
}

function bulk(server: TestServer, operations: readonly JsonObject[], headers: Record<string, string> = {}) {
  const body = { schemas: [bulkRequestUrn], Operations: operations }
  return server.scim<{ Operations: Operation[] }>('POST', '/Bulk', body, headers)
}

const transaction = { 'usher-transaction': 'true' }
const create = (userName: string, more: JsonObject = {}): JsonObject => ({
  method: 'POST',
  path: '/Users',
  bulkId: userName,
  data: newUser(userName, more)
})
const group = (name: string, ...members: string[]): JsonObject => ({
  method: 'POST',
  path: '/Groups',
  bulkId: name,
  data: { displayName: name, members: members.map(value => ({ value })) }
})
const statuses = ({ body }: { body: { Operations: Operation[] } }) => body.Operations.map(({ status }) => status)
const countOf = async (server: TestServer, path: string) => (await server.scim('GET', path)).body.totalResults

/** What stands behind the location of a result, read as a client would. */
async function read(server: TestServer, { location }: Operation) {
  const { body } = await server.scim('GET', new URL(location).pathname.replace('/scim/v2', ''))
  return body
}

const membersOf = (group: JsonObject | undefined) =>
  ((group?.members ?? []) as readonly JsonObject[]).map(({ value }) => value).toSorted()

onBothStores(
  t,
  'groups that are members of one another, and users who manage one another, come to be',
  async (t, server) => {
    const manager = (name: string) => ({ [enterpriseUrn]: { department: 'D', manager: { value: `bulkId:${name}` } } })
    const answer = await bulk(server, [
      group('a', 'bulkId:b', 'bulkId:u'),
      create('u', manager('v')),
      group('b', 'bulkId:a'),
      create('v', manager('u')),
      create('own', manager('own'))
    ])
    t.same(statuses(answer), ['201', '201', '201', '201', '201'])
    const { Operations: results } = answer.body
    const [a, u, b, v, own] = await Promise.all(results.map(result => read(server, result)))
    t.same(membersOf(a), [b?.id, u?.id].toSorted())
    t.match(b, { members: [{ value: a?.id }] })
    t.match(u, { [enterpriseUrn]: { department: 'D', manager: { value: v?.id } } })
    t.match(v, { [enterpriseUrn]: { manager: { value: u?.id } } })
    t.match(own, { [enterpriseUrn]: { manager: { value: own?.id } } })
    for (const [i, resource] of [a, u, b, v, own].entries()) {
      t.match(resource, { meta: { version: results[i]?.version } }, 'the version is that of the last step')
      t.equal(results[i]?.method, 'POST')
    }
  },
  { seats: 'PWM=9,PAM=1' }
)

onBothStores(
  t,
  'of a circle in which one is refused nothing is left, and others are as they would be',
  async (t, server) => {
    await provision(server, 'taken')
    const before = await fingerprint(server.store, server.context.tenant)
    const taken = { ...create('taken', { [enterpriseUrn]: { manager: { value: 'bulkId:u' } } }) }
    const circle = [create('u', { [enterpriseUrn]: { manager: { value: 'bulkId:taken' } } }), taken]
    const answer = await bulk(server, circle)
    t.same(statuses(answer), ['409', '409'])
    t.match(answer.body.Operations[0], { response: { detail: /bulkId "taken"/ } })
    t.match(answer.body.Operations[1], { response: { scimType: 'uniqueness' } })
    t.equal(await fingerprint(server.store, server.context.tenant), before)
    t.same(statuses(await bulk(server, [...circle, group('g')])), ['409', '409', '201'])
  }
)

onBothStores(t, 'a transaction is done as a whole', async (t, server) => {
  const leaver = await provision(server, 'leaver')
  const operations = [
    create('u'),
    group('g', 'bulkId:u'),
    { method: 'PATCH', path: '/Groups/bulkId:g', data: patch({ op: 'replace', path: 'displayName', value: 'G' }) },
    { method: 'DELETE', path: `/Users/${leaver}`, version: 'W/"1"' },
    { ...create('again'), data: newUser('LEAVER') }
  ]
  const answer = await bulk(server, operations, transaction)
  t.equal(answer.headers['usher-transaction'], 'committed')
  t.same(statuses(answer), ['201', '201', '200', '204', '201'])
  const [, made] = answer.body.Operations
  t.match(made === undefined ? {} : await read(server, made), { displayName: 'G', members: [{ type: 'User' }] })
  await recount(t, server)
})

onBothStores(
  t,
  'of a transaction in which one operation fails nothing is left, and each is told why',
  async (t, server) => {
    const before = await fingerprint(server.store, server.context.tenant)
    const operations = [
      create('u'),
      group('g', 'bulkId:u', 'bulkId:nobody'),
      create('u2'),
      { method: 'DELETE', path: '/Users/nobody' }
    ]
    const answer = await bulk(server, operations, transaction)
    t.equal(answer.status, 200)
    t.equal(answer.headers['usher-transaction'], 'rolled-back')
    t.same(statuses(answer), ['424', '409', '424', '404'])
    t.match(answer.body.Operations[0], { bulkId: 'u', response: { status: '424', detail: /Operations\[1\] failed/ } })
    t.notOk('location' in (answer.body.Operations[0] ?? {}), 'what does not exist has no place')
    t.match(answer.body.Operations[3], { location: /\/Users\/nobody$/ })
    t.equal(await fingerprint(server.store, server.context.tenant), before)
    t.equal((await bulk(server, [create('x')], { 'usher-transaction': 'yes' })).status, 400)
    t.equal(await countOf(server, '/Users'), 1)
  }
)

onBothStores(
  t,
  'transactions that race for the last seats, and for them against others, never give one away twice',
  async (t, server) => {
    const other = await server.another()
    const five = (name: string) => Array.from({ length: 5 }, (_, i) => create(`${name}${i}`))
    const [one, two, ...singles] = await Promise.all([
      bulk(server, five('one'), transaction),
      bulk(other, five('two'), transaction),
      ...Array.from({ length: 4 }, (_, i) => server.scim('POST', '/Users', newUser(`single${i}`)))
    ])
    const made = [one, two].filter(({ headers }) => headers['usher-transaction'] === 'committed').length * 5
    const alone = singles.filter(({ status }) => status === 201).length
    for (const answer of [one, two]) {
      const all = answer.headers['usher-transaction'] === 'committed'
      t.ok(statuses(answer).every(status => (all ? status === '201' : status === '403' || status === '424')))
    }
    t.ok(singles.every(({ status }) => status === 201 || status === 403))
    t.ok(made + alone <= 8, `${made} and ${alone} on 8 seats`)
    t.equal(await countOf(server, '/Users'), 1 + made + alone)
    await recount(t, server)
  },
  { seats: 'PWM=7,PAM=2' }
)

onBothStores(t, 'a repeat with the same key gets the same answers, and does nothing', async (t, server) => {
  const operations = [create('u'), create('u'), group('g', 'bulkId:u')].map((one, i) => ({ ...one, bulkId: `b${i}` }))
  operations[2] = { ...group('g', 'bulkId:b0'), bulkId: 'b2' }
  for (const [i, headers] of [{}, transaction].entries()) {
    const keyed = { ...headers, 'idempotency-key': `key ${i}` }
    const wanted = i === 0 ? operations : [create(`v`), group('h', 'bulkId:v')]
    const [first, second] = [await bulk(server, wanted, keyed), await bulk(server, wanted, keyed)]
    t.same(statuses(first), i === 0 ? ['201', '409', '201'] : ['201', '201'])
    t.same(second.body, first.body)
    t.equal(await countOf(server, '/Users'), 2 + i)
    const another = await bulk(server, [create('w')], keyed)
    t.equal(another.status, 409)
    t.equal(another.headers['x-error-code'], 'idempotency_mismatch')
  }
})

onBothStores(
  t,
  'a thousand operations are one commit, seats included, or a commit for each hundred',
  async (t, server) => {
    const many = (n: number, name: string) => Array.from({ length: n }, (_, i) => create(`${name}${i}`))
    for (const [operations, headers] of [
      [many(1000, 'a'), transaction],
      [many(150, 'b'), {}]
    ] as const) {
      const answer = await bulk(server, operations, headers)
      t.ok(statuses(answer).every(status => status === '201'))
      t.equal(statuses(answer).length, operations.length)
    }
    t.equal(await countOf(server, '/Users'), 1151)
    const { seats } = (await server.api<{ seats: JsonObject[] }>('GET', '/seats')).body
    t.match(
      seats.find(({ type }) => type === 'PWM'),
      { inUse: 1150 }
    )
  },
  { seats: 'PWM=1200,PAM=1' }
)

onBothStores(
  t,
  'a request may be as long as discovery tells, which is more than that of one resource',
  async (t, server) => {
    const { bulk: told } = (await server.scim<{ bulk: JsonObject }>('GET', '/ServiceProviderConfig')).body
    t.same(told, { supported: true, maxOperations: 5, maxPayloadSize: 3000 })
    const some = (names: string, title: number) => [...names].map(name => create(name, { title: 'x'.repeat(title) }))
    t.equal((await bulk(server, some('abc', 900))).status, 413)
    t.same(statuses(await bulk(server, some('abc', 400))), ['201', '201', '201'])
    t.equal((await bulk(server, some('defghi', 1))).status, 413)
    t.equal(statuses(await bulk(server, some('defgh', 1))).length, 5)
  },
  { settings: { USHER_BODY_BYTES_MAX: '1024', USHER_BULK_BYTES_MAX: '3000', USHER_BULK_OPERATIONS_MAX: '5' } }
)
