/** Event streams over the API: made, polled, pushed, bounded, removed. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import t, { type Test } from 'tap'
import { auditEvents } from '../../src/audit/events.ts'
import { readConfig } from '../../src/config.ts'
import { bound } from '../../src/events/bounds.ts'
import { deliveryOf } from '../../src/events/deliveries.ts'
import { outbox } from '../../src/events/outbox.ts'
import { eventUris } from '../../src/events/uris.ts'
import { eventLimitsOf } from '../../src/http/event-limits.ts'
import { field, is } from '../../src/scim/filter/filter.ts'
import { newUser, patch, provision, type TestServer } from '../support/app.ts'
import { receiver } from './receiver.ts'
import { rulesOnBothStores } from './support.ts'

const audience = 'https://receiver.example.com'
const polled = { name: 'HR', audience, events: eventUris, delivery: { method: 'poll' } }

interface Polled {
  readonly sets: Readonly<Record<string, string>>
  readonly moreAvailable: boolean
}

async function make(t: Test, server: TestServer, body: object = polled): Promise<{ id: string; token: string }> {
  const { status, body: made, text } = await server.api('POST', '/event-streams', body)
  if (status !== 201) throw new Error(text)
  t.teardown(() => server.api('DELETE', `/event-streams/${made.id}`))
  return { id: String(made.id), token: String(made.token) }
}

const poll = (server: TestServer, { id, token }: { id: string; token: string }, body: object = {}) =>
  server.request<Polled>(
    { method: 'POST', url: `/api/v1/event-streams/${id}/poll`, payload: { returnImmediately: true, ...body } },
    token
  )

const title = (value: string) => patch({ op: 'replace', path: 'title', value })
const stateOf = async (server: TestServer, id: string) =>
  (await server.api<{ state: Record<string, unknown> }>('GET', `/event-streams/${id}`)).body.state

const local = { settings: { USHER_OUTGOING_PRIVATE: 'true', USHER_EVENT_PUSH_TIMEOUT_SECONDS: '1' } }

const rule = rulesOnBothStores(t, 'event streams', local)

rule('a receiver polls signed tokens, acknowledges them and gets the next', async (t, server) => {
  const stream = await make(t, server)
  const id = await provision(server, 'ada0', { externalId: 'A1' })
  await server.scim('PATCH', `/Users/${id}`, title('Countess'))
  await server.scim('PATCH', `/Users/${id}`, title('Analyst'))

  const first = (await poll(server, stream, { maxEvents: 2 })).body
  t.equal(first.moreAvailable, true)
  const keys = createLocalJWKSet((await server.request<JSONWebKeySet>({ url: '/.well-known/jwks.json' })).body)
  const issuer = String((await server.api('GET', `/event-streams/${stream.id}`)).body.issuer)
  const [created, changed] = await Promise.all(
    Object.values(first.sets).map(token => jwtVerify(token, keys, { issuer, audience, typ: 'secevent+jwt' }))
  )
  const now = Math.floor(server.clock.now() / 1000)
  t.match(created?.payload, { iat: now, toe: now, sub_id: { format: 'scim', uri: `/Users/${id}`, externalId: 'A1' } })
  t.equal(created?.payload.sub, undefined)
  t.equal(created?.payload.exp, undefined)
  t.same([created?.payload.jti, changed?.payload.jti], Object.keys(first.sets))
  t.match(created?.payload.events, {
    'urn:ietf:params:scim:event:prov:create:full': { data: { id, meta: { location: `${issuer}/scim/v2/Users/${id}` } } }
  })

  t.same(
    (await poll(server, stream, { maxEvents: 2 })).body,
    first,
    'what was not acknowledged comes again, byte by byte'
  )
  const rest = (await poll(server, stream, { ack: Object.keys(first.sets) })).body
  t.equal(Object.keys(rest.sets).length, 1)
  t.equal(rest.moreAvailable, false)
  const only = await poll(server, stream, { maxEvents: 0, ack: [...Object.keys(rest.sets), 'unknown', 'unknown'] })
  t.same(only.body, { sets: {}, moreAvailable: false })
  t.same((await poll(server, stream)).body.sets, {})
  t.match(await stateOf(server, stream.id), { waiting: 0, acknowledged: 3, dropped: 0 })
})

rule('a poll waits until something happens, on whichever node, and a new one takes its place', async (t, server) => {
  const stream = await make(t, server)
  const other = await server.another()
  const polls = [1, 2].map(() => poll(other, stream, { returnImmediately: false }))
  t.same((await Promise.race(polls)).body.sets, {}, 'the first one is answered')
  await provision(server, 'ada1')
  const counts = (await Promise.all(polls)).map(({ body }) => Object.keys(body.sets).length)
  t.same(counts.sort(), [0, 1])
})

rule('what a receiver refuses is shown, and comes again', async (t, server) => {
  const stream = await make(t, server)
  await provision(server, 'ada2')
  const [jti = ''] = Object.keys((await poll(server, stream)).body.sets)
  const setErrs = { [jti]: { err: 'invalid_audience', description: 'not for us' } }
  t.same((await poll(server, stream, { setErrs })).body.sets, {}, 'not in the same breath')
  t.match(await stateOf(server, stream.id), {
    lastError: { text: `the receiver refused ${jti}: invalid_audience, not for us` }
  })
  t.same(Object.keys((await poll(server, stream)).body.sets), [jti])
})

rule('the token of a receiver opens its own stream and nothing else, until it is renewed', async (t, server) => {
  const [stream, another] = [await make(t, server), await make(t, server)]
  t.equal((await poll(server, { ...another, token: stream.token })).status, 404)
  t.equal((await poll(server, { ...stream, token: server.adminKey })).status, 403)
  for (const url of ['/scim/v2/Users', '/api/v1/users', '/api/v1/event-streams', '/api/v1/me']) {
    t.equal((await server.request({ url }, stream.token)).status, 403, url)
  }
  const { token } = (await server.api<{ token: string }>('POST', `/event-streams/${stream.id}/token`)).body
  t.equal((await poll(server, stream)).status, 401)
  t.equal((await poll(server, { ...stream, token })).status, 200)
  t.equal((await server.api('DELETE', `/event-streams/${stream.id}`)).status, 204)
  t.equal((await poll(server, { ...stream, token })).status, 401)
  t.equal((await server.api('GET', `/event-streams/${stream.id}`)).status, 404)
})

/** Until it holds; the dispatcher looks four times a second. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('it does not come to be')
}

rule(
  'tokens are pushed with the authorization that nobody is shown, in the order of each resource',
  async (t, server) => {
    const here = await receiver(t)
    const authorization = 'Basic cmVjZWl2ZXI6Y2FuYXJ5'
    const delivery = { method: 'push', url: here.url, authorization }
    const made = await server.api('POST', '/event-streams', { ...polled, delivery })
    t.match(made.body, { token: null, delivery: { method: 'push', url: here.url, authorized: true } })
    const ids = await Promise.all(['ada4', 'bob4', 'cyd4'].map(name => provision(server, name, { active: false })))
    for (const value of ['1', '2', '3']) {
      await Promise.all(ids.map(id => server.scim('PATCH', `/Users/${id}`, title(value))))
    }
    await until(() => here.got.length >= 12)
    t.equal(here.got[0]?.headers['content-type'], 'application/secevent+jwt')
    t.ok(here.got.every(({ headers }) => headers.authorization === authorization))
    for (const id of ids) {
      const own = here.got.map(({ claims }) => claims).filter(({ sub_id }) => sub_id?.uri === `/Users/${id}`)
      const jtis = own.map(({ jti = '' }) => jti)
      t.same(jtis, [...jtis].sort())
      t.equal(new Set(jtis).size, 4)
    }
    await until(async () => (await stateOf(server, String(made.body.id))).waiting === 0)
    t.match(await stateOf(server, String(made.body.id)), { acknowledged: 12, failures: 0, lastError: null })
    const shown = [made, await server.api('GET', '/event-streams'), await server.api('GET', '/audit')]
    for (const { text } of shown) t.notMatch(text, 'cmVjZWl2ZXI6Y2FuYXJ5')
  }
)

rule('a token that the receiver refuses holds back its resource alone, and is tried again', async (t, server) => {
  const here = await receiver(t)
  const { id: stream } = await make(t, server, { ...polled, delivery: { method: 'push', url: here.url } })
  const [ada, bob] = [
    await provision(server, 'ada5', { active: false }),
    await provision(server, 'bob5', { active: false })
  ]
  await until(() => here.got.length >= 2)
  here.answer = ({ claims }) =>
    claims.sub_id?.uri === `/Users/${ada}`
      ? { status: 400, body: { err: 'invalid_request', description: 'not now' } }
      : { status: 202 }
  for (const value of ['1', '2']) {
    for (const id of [ada, bob]) await server.scim('PATCH', `/Users/${id}`, title(value))
  }
  const tried = (id: string) =>
    here.got.filter(({ claims }) => claims.sub_id?.uri === `/Users/${id}`).map(({ claims }) => claims.jti)
  await until(() => new Set(tried(bob)).size === 3)
  t.equal(new Set(tried(ada)).size, 2, 'what comes behind it waits')
  await until(async () => (await stateOf(server, stream)).waiting === 2)
  t.match(await stateOf(server, stream), {
    lastError: { text: 'the receiver answered 400: invalid_request, not now' }
  })
  here.answer = () => ({ status: 202 })
  server.clock.advance(60_000)
  await until(async () => (await stateOf(server, stream)).waiting === 0)
  const jtis = tried(ada).map(String)
  t.same(jtis, [...jtis].sort(), 'still in order')
  t.equal(new Set(jtis).size, 3)
})

rule(
  'a receiver that is overloaded or gone is left alone as long as it wishes, and misses nothing',
  async (t, server) => {
    const here = await receiver(t)
    const { id: stream } = await make(t, server, { ...polled, delivery: { method: 'push', url: here.url } })
    here.answer = () => ({ status: 503, headers: { 'retry-after': '120' } })
    await provision(server, 'ada6')
    await until(async () => (await stateOf(server, stream)).failures === 1)
    const { nextTryAt, lastError } = await stateOf(server, stream)
    t.equal(nextTryAt, new Date(server.clock.now() + 120_000).toISOString())
    t.match(lastError, { text: 'the receiver answered 503' })
    const before = here.got.length
    here.answer = () => ({ status: 302, headers: { location: `${here.url}/elsewhere` } })
    server.clock.advance(120_000)
    await until(async () => (await stateOf(server, stream)).failures === 2)
    t.equal(here.got.length, before + 1, 'a redirect is not followed')
    here.answer = () => ({ status: 202 })
    server.clock.advance(600_000)
    await until(async () => (await stateOf(server, stream)).waiting === 0)
    t.match(await stateOf(server, stream), { acknowledged: 1, failures: 0 })
  }
)

rule('several nodes push one after the other, and others go on when one stops', async (t, server) => {
  const here = await receiver(t)
  const [other, third] = [await server.another(), await server.another()]
  const { id: stream } = await make(t, server, { ...polled, delivery: { method: 'push', url: here.url } })
  let [now, most] = [0, 0]
  here.answer = async () => {
    most = Math.max(most, ++now)
    await new Promise(resolve => setTimeout(resolve, 20))
    now--
    return { status: 202 }
  }
  const id = await provision(server, 'ada7', { active: false })
  for (let i = 0; i < 10; i++) await (i % 2 ? third : other).scim('PATCH', `/Users/${id}`, title(String(i)))
  await until(async () => (await stateOf(server, stream)).waiting === 0)
  t.equal(most, 1, 'what is about one resource is never pushed twice at a time')
  const jtis = here.got.map(({ claims }) => String(claims.jti))
  t.same(jtis, [...jtis].sort())
  t.equal(jtis.length, 11)
  await third.app.close()
  await other.scim('PATCH', `/Users/${id}`, title('after'))
  await until(() => here.got.length === 12)
})

rule('a paused stream delivers nothing and misses nothing', async (t, server) => {
  const stream = await make(t, server)
  t.match((await server.api('PATCH', `/event-streams/${stream.id}`, { paused: true })).body, { paused: true })
  await provision(server, 'ada8')
  t.same((await poll(server, stream)).body, { sets: {}, moreAvailable: false })
  await server.api('PATCH', `/event-streams/${stream.id}`, { paused: false })
  t.equal(Object.keys((await poll(server, stream)).body.sets).length, 1)
})

rule('what waits is bounded in number and time, and what is given up is counted and told', async (t, server) => {
  const { context, clock, store } = server
  const { id } = await make(t, server)
  const limits = { ...eventLimitsOf(readConfig({})), queueMax: 3 }
  const boundNow = async () => {
    const delivery = await deliveryOf(context, id)
    if (delivery !== undefined) await bound(context, delivery, limits)
  }
  const user = await provision(server, 'ada9', { active: false })
  for (const value of ['1', '2']) await server.scim('PATCH', `/Users/${user}`, title(value))
  await boundNow()
  t.match(await stateOf(server, id), { waiting: 3, dropped: 0 }, 'as many as there may be')
  await server.scim('PATCH', `/Users/${user}`, title('3'))
  await boundNow()
  t.match(await stateOf(server, id), { waiting: 3, dropped: 1 })
  clock.advance(limits.keepMs + 1)
  await boundNow()
  t.match(await stateOf(server, id), { waiting: 0, dropped: 4 })
  const filter = is(field('action'), 'eventStream.eventsDropped')
  const told = await store.find(auditEvents, context.tenant, { filter, limit: 10 })
  t.same(
    told.map(({ doc }) => doc.detail.dropped),
    [1, 3]
  )
})

rule('nothing is kept of a stream that was removed, whoever still wrote to it', async (t, server) => {
  const other = await server.another()
  const { id } = await make(t, server)
  await provision(other, 'ada10')
  await server.api('DELETE', `/event-streams/${id}`)
  // The other node looked a moment ago, and writes on.
  await provision(other, 'bob10')
  const filter = is(field('stream'), id)
  const waiting = () => server.store.find(outbox, server.context.tenant, { filter, limit: 10 })
  t.equal((await waiting()).length, 1)
  server.clock.advance(60_000)
  const delivery = await deliveryOf(server.context, id)
  const { clear } = await import('../../src/events/bounds.ts')
  if (delivery !== undefined) await clear(server.context, delivery, eventLimitsOf(readConfig({})))
  t.same(await waiting(), [])
  t.equal(await deliveryOf(server.context, id), undefined)
})

rule('a node that has just looked knows of a stream once it is made', async (t, server) => {
  const other = await server.another()
  await provision(other, 'before11')
  const made = make(t, server)
  server.clock.advance(1000)
  const stream = await made
  await provision(other, 'ada11')
  t.equal(Object.keys((await poll(server, stream)).body.sets).length, 1)
})

t.test('a stream that could not work is refused', async t => {
  const { sqliteStore, startServer } = await import('../support/app.ts')
  const server = await startServer(t, await sqliteStore(t))
  const push = (url: string) => ({ ...polled, delivery: { method: 'push', url } })
  const rows: ReadonlyArray<readonly [string, object, string]> = [
    ['no events', { ...polled, events: [] }, 'invalid_value'],
    ['an event that never happens', { ...polled, events: ['urn:ietf:params:scim:event:feed:add'] }, 'invalid_value'],
    ['http', push('http://receiver.example.com/'), 'invalid_destination'],
    ['a file', push('file:///etc/passwd'), 'invalid_destination'],
    ['a password in the address', push('https://a:b@receiver.example.com/'), 'invalid_destination'],
    ['this machine', push('https://127.0.0.1/'), 'invalid_destination'],
    ['this machine in one number', push('https://2130706433/'), 'invalid_destination'],
    ['this machine, octal', push('https://0177.0.0.1/'), 'invalid_destination'],
    ['a cloud that tells its secrets', push('https://169.254.169.254/latest'), 'invalid_destination'],
    ['a private network', push('https://10.1.2.3/'), 'invalid_destination'],
    ['IPv6 loopback', push('https://[::1]/'), 'invalid_destination'],
    ['IPv4 within IPv6', push('https://[::ffff:127.0.0.1]/'), 'invalid_destination'],
    [
      'a header of two lines',
      { ...polled, delivery: { method: 'push', url: 'https://r.example/', authorization: 'a\r\nb: c' } },
      'invalid_value'
    ]
  ]
  for (const [name, body, code] of rows)
    t.match(await server.api('POST', '/event-streams', body), { status: 400, body: { code } }, name)
  for (let i = 0; i < 10; i++) await make(t, server)
  t.match(
    await server.api('POST', '/event-streams', polled),
    { status: 409, body: { code: 'conflict' } },
    'an eleventh'
  )
  t.equal((await server.scim('POST', '/Users', newUser('ada'))).status, 201)
})

t.test('a name that leads into a private network is not connected to', async t => {
  const { postToken } = await import('../../src/events/post-token.ts')
  const limits = { ...eventLimitsOf(readConfig({})), pushTimeoutMs: 2000 }
  const pushed = await postToken({ url: 'https://localhost/events', authorization: null }, 'token', limits)
  t.match(pushed, { acknowledged: false, text: /address of a private network/ })
})
