/** Tokens of a connector: several, each with an end, and one changed for another without a moment in between. */
import t from 'tap'
import { activate } from '../../src/admin/activate.ts'
import { usedEveryMs } from '../../src/admin/authenticate.ts'
import { connectors } from '../../src/admin/collections.ts'
import { createToken, tokensMax } from '../../src/admin/connector-tokens.ts'
import { endedTokensMs, tidy } from '../../src/admin/housekeeping.ts'
import { auditEvents } from '../../src/audit/events.ts'
import { toDateTime } from '../../src/base/clock.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { onBothStores, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'

interface Token extends JsonObject {
  readonly id: string
  readonly token: string
}

const open = (server: TestServer, token: string) => server.request({ method: 'GET', url: '/scim/v2/Users' }, token)

async function connect(server: TestServer) {
  const { body } = await server.api('POST', '/connectors', { name: 'One' })
  const path = `/connectors/${body.id}/tokens`
  const list = async () => (await server.api<{ items: Token[] }>('GET', path)).body.items
  return { id: String(body.id), token: String(body.token), path, list }
}

const wait = () => new Promise(resolve => setTimeout(resolve, 10))

onBothStores(t, 'a new token opens beside the old one, until that is revoked', async (t, server) => {
  const { id, token, path, list } = await connect(server)
  const made = await server.api<Token>('POST', path, {})
  t.match(made, {
    status: 201,
    body: { prefix: /^usher_scim_/, expires: null, lastUsed: null, issued: 'administrator' }
  })
  for (const one of [token, made.body.token]) t.equal((await open(server, one)).status, 200)

  const listed = await list()
  t.equal(listed.length, 2, 'all that live are listed')
  const text = JSON.stringify(listed)
  for (const one of [token, made.body.token]) t.notOk(text.includes(one.slice(15)), 'and none of them is shown')
  const first = listed.find(one => one.id !== made.body.id)
  t.equal((await server.api('DELETE', `${path}/${first?.id}`)).status, 204)
  t.equal((await open(server, token)).status, 401, 'from the next request on')
  t.equal((await open(server, made.body.token)).status, 200)
  t.equal((await server.api('DELETE', `${path}/${first?.id}`)).status, 404)
  t.equal((await list()).length, 1)
  const events = (await everyDocument(server.store, auditEvents, server.context.tenant)).map(({ doc }) => doc)
  t.match(
    events.filter(({ target }) => target.id === id).map(({ action, detail }) => [action, detail]),
    [
      ['connector.created', {}],
      ['connector.tokenCreated', { token: made.body.prefix, expires: null }],
      ['connector.tokenRevoked', { token: first?.prefix }]
    ]
  )
})

onBothStores(t, 'a rotation gives the old tokens an end, and what ends sooner ends sooner', async (t, server) => {
  const { token, path, list } = await connect(server)
  const expires = toDateTime(server.clock.now() + 5000)
  const short = await server.api<Token>('POST', path, { expires })
  t.match(short.body, { expires })
  const next = await server.api<Token>('POST', path, { overlap: 60 })
  const end = toDateTime(server.clock.now() + 60_000)
  t.same(
    (await list()).map(one => one.expires).sort(),
    [end, expires, null].sort(),
    'what ended sooner has its own end'
  )
  server.clock.advance(59_999)
  t.equal((await open(server, token)).status, 200)
  server.clock.advance(1)
  const refused = await open(server, token)
  t.match(refused, {
    status: 401,
    headers: { 'www-authenticate': /error="invalid_token", error_description="The token has expired\."/ },
    body: { detail: /expired/ }
  })
  t.equal((await open(server, next.body.token)).status, 200)
  t.equal((await list()).length, 3, 'what became of them is seen for a while')
  server.clock.advance(endedTokensMs + 1)
  await tidy(server.env)
  t.same(
    (await list()).map(({ id }) => id),
    [next.body.id]
  )
  t.notMatch((await open(server, token)).headers['www-authenticate'], /expired/, 'it is unknown then')
})

onBothStores(t, 'when a token was last used is told to within ten minutes', async (t, server) => {
  const { token, list } = await connect(server)
  const lastUsed = async () => {
    await open(server, token)
    // The note is written beside the answer.
    for (let tries = 0; tries < 200; tries++) {
      const [one] = await list()
      if (one?.lastUsed !== null && one?.lastUsed !== before) return one?.lastUsed
      await wait()
    }
    return before
  }
  let before: unknown = null
  t.same(
    (await list()).map(one => one.lastUsed),
    [null]
  )
  const first = toDateTime(server.clock.now())
  before = await lastUsed()
  t.equal(before, first)
  server.clock.advance(usedEveryMs - 1)
  await open(server, token)
  server.clock.advance(1001)
  t.equal(await lastUsed(), toDateTime(server.clock.now()))
})

onBothStores(t, 'what cannot be is refused and makes no token', async (t, server) => {
  const { id, path, list } = await connect(server)
  const past = toDateTime(server.clock.now())
  for (const body of [{ expires: past }, { expires: 'tomorrow' }, { overlap: -1 }, { overlap: 1.5 }, { ends: past }]) {
    const { status, body: problem } = await server.api('POST', path, body)
    t.match({ status, problem }, { status: 400, problem: { code: 'invalid_value' } }, JSON.stringify(body))
  }
  t.equal((await list()).length, 1)
  for (let i = 1; i < tokensMax; i++) await createToken(server.context, id)
  t.match(await server.api('POST', path, {}), { status: 400, body: { code: 'too_many', detail: /revoke/ } })
  t.equal((await server.api<{ items: Token[] }>('GET', `${path}?limit=7`)).body.items.length, 7)
  t.equal((await server.api('DELETE', `/connectors/${id}`)).status, 204)
  t.equal((await server.api('GET', path)).status, 404)
})

onBothStores(t, 'tokens of a connector are nobody else’s', async (t, server) => {
  const one = await connect(server)
  const other = await connect(server)
  const [token] = await other.list()
  t.equal((await server.api('DELETE', `${one.path}/${token?.id}`)).status, 404)
  t.equal((await open(server, other.token)).status, 200)
  const tenant = server.env.makeId()
  await activate(server.env, { seats: { PWM: 1, PAM: 0 } }, tenant)
  const [foreign] = await server.store.find(connectors, tenant, { limit: 1 })
  t.equal((await server.api('GET', `/connectors/${foreign?.doc.id}/tokens`)).status, 404)
  t.equal((await server.api('POST', `/connectors/${foreign?.doc.id}/tokens`, {})).status, 404)
})
