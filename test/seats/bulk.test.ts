/** Many operations in one request are each what they would be alone (RFC 7644 3.7). */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { bulkRequestUrn, bulkResponseUrn } from '../../src/scim/bulk.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'

interface Operation extends JsonObject {
  readonly status: string
}

function bulk(server: TestServer, operations: readonly JsonObject[], more: JsonObject = {}) {
  const body = { schemas: [bulkRequestUrn], Operations: operations, ...more }
  return server.scim<{ schemas: string[]; Operations: Operation[] }>('POST', '/Bulk', body)
}

const create = (userName: string): JsonObject => ({
  method: 'POST',
  path: '/Users',
  bulkId: userName,
  data: newUser(userName)
})
const statuses = ({ body }: { body: { Operations: Operation[] } }) => body.Operations.map(operation => operation.status)

onBothStores(
  t,
  'SEAT-77 more creates than seats: in order, each with its own status, and the first ones stay',
  async (t, server) => {
    const answer = await bulk(server, [create('a'), create('b'), create('c'), create('d')])
    t.equal(answer.status, 200)
    t.same(answer.body.schemas, [bulkResponseUrn])
    t.same(statuses(answer), ['201', '201', '403', '403'])
    t.match(answer.body.Operations[0], { bulkId: 'a', version: 'W/"1"', location: /\/scim\/v2\/Users\/[\w-]+$/ })
    t.match(answer.body.Operations[2], { response: { status: '403', detail: /No license seat is free/ } })
    await recount(t, server)
  },
  { seats: 'PWM=2,PAM=1' }
)

onBothStores(
  t,
  'SEAT-78 failOnErrors 1 stops at the first refusal; those before keep their seats',
  async (t, server) => {
    const answer = await bulk(server, [create('a'), create('b'), create('c'), create('d')], { failOnErrors: 1 })
    t.same(statuses(answer), ['201', '201', '403'], 'what was not tried has no answer')
    const found = await server.scim('GET', '/Users?filter=userName%20eq%20%22d%22')
    t.equal(found.body.totalResults, 0)
    await recount(t, server)
  },
  { seats: 'PWM=2,PAM=1' }
)

onBothStores(
  t,
  'SEAT-79 a seat that an operation frees is there for a later one',
  async (t, server) => {
    const [leaver, gone] = [await provision(server, 'leaver'), await provision(server, 'gone')]
    const answer = await bulk(server, [
      create('too-early'),
      { method: 'PATCH', path: `/Users/${leaver}`, data: patch({ op: 'replace', path: 'active', value: false }) },
      create('first'),
      { method: 'DELETE', path: `/Users/${gone}` },
      create('second')
    ])
    t.same(statuses(answer), ['403', '200', '201', '204', '201'])
    await recount(t, server)
  },
  { seats: 'PWM=2,PAM=1' }
)

onBothStores(
  t,
  'what a bulkId stands for is filled in, also before it is there; what never comes is 409',
  async (t, server) => {
    const group = {
      method: 'POST',
      path: '/Groups',
      bulkId: 'g',
      data: { displayName: 'G', members: [{ value: 'bulkId:u' }] }
    }
    const answer = await bulk(server, [
      group,
      create('u'),
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'h',
        data: { displayName: 'H', members: [{ value: 'bulkId:nobody' }] }
      }
    ])
    t.same(statuses(answer), ['201', '201', '409'])
    const found = await server.scim<{ Resources: { members: { value: string }[] }[] }>('GET', '/Groups')
    const user = await server.scim<{ Resources: { id: string }[] }>('GET', '/Users?filter=userName%20eq%20%22u%22')
    t.same(
      found.body.Resources.map(each => each.members.map(member => member.value)),
      [[user.body.Resources[0]?.id]]
    )
  }
)

onBothStores(t, 'a bulk request that cannot be read does nothing', async (t, server) => {
  for (const [body, status] of [
    [{ Operations: [] }, 400],
    [{ schemas: [bulkRequestUrn] }, 400],
    [{ schemas: [bulkRequestUrn], Operations: [create('x'), { method: 'GET', path: '/Users' }] }, 400],
    [
      { schemas: [bulkRequestUrn], Operations: [create('x'), { ...create('y'), path: '/Users/../../api/v1/users' }] },
      400
    ],
    [{ schemas: [bulkRequestUrn], Operations: [create('x'), { ...create('y'), path: '/Users/..' }] }, 400],
    [{ schemas: [bulkRequestUrn], Operations: [create('x'), { ...create('y'), bulkId: 1 }] }, 400],
    [{ schemas: [bulkRequestUrn], failOnErrors: 0, Operations: [create('x')] }, 400],
    [{ schemas: [bulkRequestUrn], Operations: Array.from({ length: 1001 }, (_, i) => create(`u${i}`)) }, 413]
  ] as const) {
    t.equal((await server.scim('POST', '/Bulk', body)).status, status)
  }
  t.equal((await server.scim('GET', '/Users')).body.totalResults, 1, 'only admin is there')
})
