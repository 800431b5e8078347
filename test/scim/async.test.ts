/** Requests that are carried out later (RFC 7240 4.1, RFC 9967 2.5.1). */
import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { systemTenant } from '../../src/audit/context.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { outbox } from '../../src/events/outbox.ts'
import { asyncResponseUri } from '../../src/events/uris.ts'
import { accept, asyncPlaces, asyncRequests, firstPlaces, takePlace } from '../../src/provisioning/async-requests.ts'
import { bulkRequestUrn } from '../../src/scim/bulk.ts'
import { type Answer, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'

const later = { prefer: 'respond-async' }
const pathOf = ({ headers }: Answer) => new URL(String(headers.location)).pathname.replace('/scim/v2', '')
const countOf = async (server: TestServer) => (await server.scim('GET', '/Users')).body.totalResults

interface State extends JsonObject {
  readonly state: string
  readonly Operations: readonly JsonObject[]
}

/** Asks until it is done. */
async function outcomeOf(server: TestServer, accepted: Answer): Promise<State> {
  for (let tries = 0; ; tries++) {
    const { body, status } = await server.scim<State>('GET', pathOf(accepted))
    if (body.state === 'done' || tries === 600) return body
    if (status !== 200) throw new Error(`${status}`)
    await wait(25)
  }
}

/** A stream for how requests ended; it is told as soon as it is made, in the tests. */
async function listen(server: TestServer): Promise<() => Promise<readonly JsonObject[]>> {
  const { tenant } = server.context
  const made = await server.api('POST', '/event-streams', {
    name: 'outcomes',
    audience: 'https://example.com',
    events: [asyncResponseUri],
    delivery: { method: 'poll' }
  })
  if (made.status !== 201) throw new Error(made.text)
  server.clock.advance(60_000)
  return async () => {
    const rows = await everyDocument(server.store, outbox, tenant)
    return rows.map(({ doc }) => ({
      txn: doc.txn,
      uri: doc.subject.uri,
      ...(doc.events[asyncResponseUri] as JsonObject)
    }))
  }
}

const quick = { settings: { USHER_ASYNC_LEASE_SECONDS: '1' } }

onBothStores(
  t,
  'it is answered with 202 and an empty body, done once, and told to streams',
  async (t, server) => {
    const told = await listen(server)
    const accepted = await server.scim('POST', '/Users', newUser('ada', { password: 'not-kept-4711' }), later)
    t.equal(accepted.status, 202)
    t.equal(accepted.text, '')
    t.equal(accepted.headers['preference-applied'], 'respond-async')
    const txn = accepted.headers['set-txn']
    t.equal(pathOf(accepted), `/AsyncRequests/${txn}`)
    const { Operations, txn: named } = await outcomeOf(server, accepted)
    t.equal(named, txn)
    t.match(Operations, [{ method: 'POST', status: '201', version: 'W/"1"', location: /\/scim\/v2\/Users\/[\w-]+$/ }])
    t.match(await told(), [{ txn, uri: /^\/Users\/[\w-]+$/, method: 'POST', status: '201' }])
    t.equal(await countOf(server), 2)
    t.equal((await server.request({ method: 'GET', url: `/scim/v2${pathOf(accepted)}` }, server.adminKey)).status, 404)
    const refused = await server.scim('DELETE', '/Users/nobody', undefined, later)
    t.match((await outcomeOf(server, refused)).Operations, [
      { method: 'DELETE', status: '404', location: /\/Users\/nobody$/, response: { status: '404' } }
    ])
    const kept = await everyDocument(server.store, asyncRequests, server.context.tenant)
    t.ok(
      kept.every(({ doc }) => doc.sent === null),
      'what was sent is forgotten when it is done'
    )
    t.match((await server.scim('GET', '/ServiceProviderConfig')).body, { securityEvents: { asyncRequest: 'request' } })
  },
  quick
)

onBothStores(
  t,
  'requests of one caller are carried out in the order in which they were accepted',
  async (t, server) => {
    const id = await provision(server, 'ada')
    const accepted: Answer[] = []
    for (let i = 0; i < 12; i++) {
      const change = patch({ op: 'replace', path: 'title', value: `${i}` })
      accepted.push(await server.scim('PATCH', `/Users/${id}`, change, later))
    }
    const outcomes = await Promise.all(accepted.map(one => outcomeOf(server, one)))
    t.same(
      outcomes.map(({ Operations }) => Operations[0]?.version),
      accepted.map((_, i) => `W/"${i + 2}"`)
    )
  },
  quick
)

onBothStores(
  t,
  'who waits first gets the answer itself, and a repeat with the same key is accepted once',
  async (t, server) => {
    const answer = await server.scim('POST', '/Users', newUser('ada'), { prefer: 'respond-async, wait=20' })
    t.equal(answer.status, 201)
    t.match(answer.body, { userName: 'ada', meta: { version: 'W/"1"' } })
    t.equal(answer.headers.etag, 'W/"1"')
    const keyed = { ...later, 'idempotency-key': 'k' }
    const [one, two] = [
      await server.scim('POST', '/Users', newUser('bob'), keyed),
      await server.scim('POST', '/Users', newUser('bob'), keyed)
    ]
    t.equal(two.headers['set-txn'], one.headers['set-txn'])
    t.match((await outcomeOf(server, one)).Operations, [{ status: '201' }])
    t.equal((await server.scim('POST', '/Users/.search', {}, later)).status, 200, 'what only reads is answered at once')
    t.equal((await server.scim('POST', '/Users', newUser('eve'), { prefer: 'return=minimal' })).status, 201)
  }
)

onBothStores(
  t,
  'each operation of a Bulk request has its own event',
  async (t, server) => {
    const told = await listen(server)
    const Operations = [
      { method: 'DELETE', path: '/Users/nobody' },
      { method: 'POST', path: '/Users', bulkId: 'u', data: newUser('ada') },
      { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'G', members: [{ value: 'bulkId:u' }] } }
    ]
    const bulk = { schemas: [bulkRequestUrn], Operations }
    const all = await server.scim('POST', '/Bulk', bulk, later)
    const txn = all.headers['set-txn']
    t.match((await outcomeOf(server, all)).Operations, [{ status: '404' }, { status: '201' }, { status: '201' }])
    t.match(await told(), [
      { txn: `${txn}:0`, status: '404', response: { status: '404' } },
      { txn: `${txn}:1`, status: '201', bulkId: 'u' },
      { txn: `${txn}:2`, status: '201', bulkId: 'g' }
    ])
    const stopped = await server.scim('POST', '/Bulk', { ...bulk, failOnErrors: 1 }, later)
    t.match((await outcomeOf(server, stopped)).Operations, [{ status: '404' }, { status: '424' }, { status: '424' }])
    t.equal((await told()).length, 6)
  },
  quick
)

onBothStores(
  t,
  'what a killed node had accepted or begun is carried out by the others, once and in order',
  async (t, server) => {
    const { env, context } = server
    const { body } = await server.api<{ items: { id: string; name: string }[] }>('GET', '/connectors')
    const [connector] = body.items
    if (connector === undefined) throw new Error('there is no connector')
    await server.app.close()
    const caller = { kind: 'connector' as const, ...connector }
    const actor = { kind: 'connector' as const, id: connector.id, name: connector.name }
    const base = 'http://localhost/scim/v2'
    const txns: string[] = []
    for (const userName of ['ada', 'ada', 'bob']) {
      const sent = { headers: {}, body: newUser(userName) }
      txns.push(await accept({ ...context, actor }, { caller, method: 'POST', url: '/Users', base, sent }, 10))
    }
    const [first] = await firstPlaces(env)
    t.ok(first !== undefined && (await takePlace(env, first, 'a node that was killed')))
    const others = [await server.another(), await server.another()]
    const [other] = others
    if (other === undefined) return
    const outcomes: (readonly JsonObject[])[] = []
    for (const txn of txns) {
      const accepted = { headers: { location: `${base}/AsyncRequests/${txn}` }, status: 202, body: {}, text: '' }
      outcomes.push((await outcomeOf(other, accepted)).Operations)
    }
    t.match(outcomes, [[{ status: '201' }], [{ status: '409' }], [{ status: '201' }]])
    t.equal(await countOf(other), 3)
    t.same(await everyDocument(server.store, asyncPlaces, systemTenant), [])
  },
  quick
)

onBothStores(
  t,
  'so many of one caller wait and no more; what it may not do by now is not done',
  async (t, server) => {
    const { env, context } = server
    await server.app.close()
    const caller = { kind: 'connector' as const, id: 'gone', name: 'gone' }
    const sent = { headers: {}, body: newUser('ada') }
    const request = { caller, method: 'POST', url: '/Users', base: 'http://localhost/scim/v2', sent }
    const txn = await accept(context, request, 1)
    await t.rejects(accept(context, request, 1), { code: 'too_many_requests' })
    const other = await server.another()
    for (let tries = 0; tries < 200 && (await firstPlaces(env)).length > 0; tries++) await wait(25)
    const row = await env.store.get(asyncRequests, context.tenant, txn)
    t.match(row?.doc, { sent: null, outcome: { operations: [{ status: '403' }] } })
    t.equal(await countOf(other), 1)
  },
  quick
)

onBothStores(t, 'what changes nothing, and what is open to everybody, is answered at once', async (t, server) => {
  const ask = async (url: string, token?: string) => (await server.request({ url, headers: later }, token)).status
  for (const url of ['/health/live', '/health/ready', '/openapi.json']) t.equal(await ask(url), 200, url)
  for (const url of ['/scim/v2/Users', '/scim/v2/Schemas']) t.equal(await ask(url, server.scimToken), 200, url)
  // It would have to be kept until it is carried out.
  t.equal((await server.scim('POST', '/Users', newUser('ben', { secretWord: 'x' }), later)).status, 201)
  const url = '/%73cim/v2/Users'
  const payload = newUser('ada')
  t.equal((await server.request({ method: 'POST', url, payload, headers: later }, server.scimToken)).status, 201)
})
