/** Tokens for a signed proof, and tokens that others issue. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { accessTokenSeconds } from '../../src/admin/client-assertions.ts'
import { systemTenant, usedAssertions } from '../../src/admin/collections.ts'
import { tidy } from '../../src/admin/housekeeping.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { onBothStores, type TestServer } from '../support/app.ts'

const issuer = 'https://usher.example.com'
const settings = { PUBLIC_URL: issuer, USHER_OUTGOING_PRIVATE: 'true' }

interface Pair {
  readonly key: Parameters<SignJWT['sign']>[0]
  readonly jwk: JWK
}

async function pair(kid: string, algorithm = 'ES256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  return { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } }
}

const seconds = (server: TestServer, more = 0) => Math.floor(server.clock.now() / 1000) + more
let jtis = 0

type Header = Record<string, string>

/** A claim that is null is left out. */
function sign({ key, jwk }: Pair, claims: JsonObject, header: Header = {}): Promise<string> {
  const { kid = '', alg = 'ES256' } = jwk
  const said = Object.entries({ jti: `jti-${jtis++}`, ...claims }).filter(([, value]) => value !== null)
  return new SignJWT(Object.fromEntries(said)).setProtectedHeader({ alg, kid, ...header }).sign(key)
}

async function connect(server: TestServer, change: JsonObject) {
  const { status, body, text } = await server.api('POST', '/connectors', { name: 'One', settings: change })
  if (status !== 201) throw new Error(text)
  return { id: String(body.id), clientId: String(body.clientId) }
}

const form = (members: Record<string, string>) => new URLSearchParams(members).toString()
const withAssertion = (assertion: string) => ({
  grant_type: 'client_credentials',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion
})

const post = (server: TestServer, payload: string, type = 'application/x-www-form-urlencoded') =>
  server.request({ method: 'POST', url: '/oauth/token', payload, headers: { 'content-type': type } })

const lookUp = (server: TestServer, token: string) => server.request({ method: 'GET', url: '/scim/v2/Users' }, token)

onBothStores(
  t,
  'a signed proof gets a token for a short time, which is listed, used and ends',
  async (t, server) => {
    const client = await pair('one')
    const { id, clientId } = await connect(server, { clientKeys: { jwks: { keys: [client.jwk] } } })
    const claims = { iss: clientId, sub: clientId, aud: issuer, exp: seconds(server, 60), iat: seconds(server) }
    const answer = await post(server, form({ ...withAssertion(await sign(client, claims)), scope: 'scim' }))
    t.match(answer, {
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': /^application\/json/ },
      body: { token_type: 'Bearer', expires_in: accessTokenSeconds, scope: 'scim', access_token: /^usher_scim_/ }
    })
    const token = String(answer.body.access_token)
    t.equal((await lookUp(server, token)).status, 200)
    const { body: api } = await server.request({ method: 'GET', url: '/api/v1/connectors' }, token)
    t.match(api, { code: 'insufficient_scope' }, 'it opens SCIM only, as every token of a connector')
    const listed = async () => (await server.api<{ items: JsonObject[] }>('GET', `/connectors/${id}/tokens`)).body.items
    t.same((await listed()).map(({ issued }) => issued).sort(), ['administrator', 'oauth'])

    server.clock.advance(accessTokenSeconds * 1000 - 1)
    t.equal((await lookUp(server, token)).status, 200)
    server.clock.advance(1)
    t.match(await lookUp(server, token), { status: 401, headers: { 'www-authenticate': /expired/ } })
    server.clock.advance(1)
    await tidy(server.env)
    t.same(
      (await listed()).map(({ issued }) => issued),
      ['administrator']
    )
  },
  { settings }
)

onBothStores(
  t,
  'a proof is good once, on whatever node, and is forgotten when it is over',
  async (t, server) => {
    const client = await pair('one')
    const { clientId } = await connect(server, { clientKeys: { jwks: { keys: [client.jwk] } } })
    const claims = { iss: clientId, sub: clientId, aud: issuer, exp: seconds(server, 60) }
    const assertion = form(withAssertion(await sign(client, claims)))
    const other = await server.another()
    const answers = await Promise.all([server, other, server, other].map(node => post(node, assertion)))
    t.same(answers.map(({ status }) => status).sort(), [200, 401, 401, 401])
    t.match(answers.find(({ status }) => status === 401)?.body, {
      error: 'invalid_client',
      error_description: /used before/
    })
    server.clock.advance(60_000)
    await tidy(server.env)
    t.match(await post(server, assertion), { status: 401, body: { error_description: /used before/ } })
    server.clock.advance(60_001)
    await tidy(server.env)
    t.same(await server.store.find(usedAssertions, systemTenant, { limit: 1 }), [])
    t.match(await post(server, assertion), { status: 401, body: { error_description: /expired/ } })
  },
  { settings }
)

onBothStores(
  t,
  'what is no proof is refused, and says what is wrong with it',
  async (t, server) => {
    const client = await pair('one')
    const stranger = await pair('one')
    const { id, clientId } = await connect(server, { clientKeys: { jwks: { keys: [client.jwk] } } })
    const good = { iss: clientId, sub: clientId, aud: issuer, exp: seconds(server, 60) }
    const rows: [string, JsonObject, RegExp, Header?, Pair?][] = [
      ['the endpoint as audience', { aud: `${issuer}/oauth/token` }, /aud must be/],
      ['another audience beside ours', { aud: [issuer, 'https://other.example.com'] }, /aud must be/],
      ['no audience', { aud: null }, /aud must be/],
      ['another issuer', { iss: 'default.other' }, /iss/],
      ['an end that is far', { exp: seconds(server, 3600) }, /exp must be at most/],
      ['no end', { exp: null }, /exp/],
      ['an end that is over', { exp: seconds(server, -120) }, /expired/],
      ['a beginning that is not yet', { nbf: seconds(server, 600) }, /nbf/],
      ['no id', { jti: null }, /jti/],
      ['an id that is empty', { jti: '' }, /jti/],
      [
        'a client that is nobody',
        { iss: `default.${server.env.makeId()}`, sub: `default.${server.env.makeId()}` },
        /no such/
      ],
      ['a client without organization', { sub: id }, /no such/],
      ['a type of something else', {}, /typ/, { typ: 'at+jwt' }],
      ['a key of somebody else', {}, /signature/, {}, stranger]
    ]
    for (const [title, claims, description, header = {}, signer = client] of rows) {
      const answer = await post(
        server,
        form(withAssertion(await sign(signer, { ...good, jti: title, ...claims }, header)))
      )
      t.match(answer, { status: 401, body: { error: 'invalid_client', error_description: description } }, title)
    }
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good)).replaceAll('=', '')}.`
    for (const assertion of [unsigned, 'x', '..', 'a.b.c']) {
      t.match(await post(server, form(withAssertion(assertion))), { status: 401, body: { error: 'invalid_client' } })
    }
    const fine = withAssertion(await sign(client, good, { typ: 'client-authentication+jwt' }))
    const requests: [string, number, string][] = [
      [form({}), 400, 'invalid_request'],
      [form({ ...fine, grant_type: 'password' }), 400, 'unsupported_grant_type'],
      [form({ ...fine, scope: 'scim admin' }), 400, 'invalid_scope'],
      [form({ ...fine, client_id: 'default.other' }), 401, 'invalid_client'],
      [form({ ...fine, client_assertion_type: '' }), 401, 'invalid_client'],
      [`${form(fine)}&scope=scim&scope=scim`, 400, 'invalid_request']
    ]
    for (const [payload, status, error] of requests)
      t.match(await post(server, payload), { status, body: { error } }, error)
    t.match(await post(server, '{}', 'application/json'), { status: 400, body: { error: 'invalid_request' } })
    t.equal(
      (await post(server, form({ ...fine, client_id: clientId, scope: '' }))).status,
      200,
      'and it was a good one'
    )

    await server.api('PATCH', `/connectors/${id}`, { settings: { clientKeys: null } })
    t.match(await post(server, form(withAssertion(await sign(client, good)))), { status: 401 })
  },
  { settings }
)

onBothStores(
  t,
  'a client whose keys are changed has no token any more, and its own tokens stay',
  async (t, server) => {
    const [client, next] = [await pair('one', 'RS256'), await pair('two', 'EdDSA')]
    const { id, clientId } = await connect(server, { clientKeys: { jwks: { keys: [client.jwk] } } })
    const claims = { iss: clientId, sub: clientId, aud: issuer, exp: seconds(server, 60) }
    const { body } = await post(server, form(withAssertion(await sign(client, claims))))
    const { body: own } = await server.api('POST', `/connectors/${id}/tokens`, {})
    const both = { clientKeys: { jwks: { keys: [client.jwk, next.jwk] } } }
    t.equal((await server.api('PATCH', `/connectors/${id}`, { name: 'Renamed' })).status, 200)
    t.equal((await lookUp(server, String(body.access_token))).status, 200)
    t.equal((await server.api('PATCH', `/connectors/${id}`, { settings: both })).status, 200)
    t.equal((await lookUp(server, String(body.access_token))).status, 401)
    t.equal((await lookUp(server, String(own.token))).status, 200)
    for (const one of [client, next]) {
      t.equal((await post(server, form(withAssertion(await sign(one, claims))))).status, 200, String(one.jwk.alg))
    }
  },
  { settings }
)

/** An issuer that publishes its keys on this machine. */
async function publisher(t: Test) {
  let keys: JWK[] = []
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    if (request.url === '/away') response.writeHead(302, { location: '/keys' }).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/keys`,
    away: `http://127.0.0.1:${port}/away`,
    asked: () => asked,
    publish: (...pairs: Pair[]) => {
      keys = pairs.map(({ jwk }) => jwk)
    }
  }
}

onBothStores(
  t,
  'entra 32: a token that a trusted issuer signed opens its connector, and what only looks like one does not',
  async (t, server) => {
    const theirs = await publisher(t)
    const [key, stranger] = [await pair('k1', 'RS256'), await pair('k1', 'RS256')]
    theirs.publish(key)
    const tid = 'https://sts.windows.net/6f1a0000-0000-0000-0000-000000000000/'
    const audience = '8adf8e6e-67b2-4cf2-a259-e3dc5476c621'
    const tokenIssuer = { issuer: tid, audience, claims: { appid: 'the-provisioning-service' }, jwksUri: theirs.url }
    const { id } = await connect(server, { tokenIssuer })
    const good = {
      iss: tid,
      aud: audience,
      appid: 'the-provisioning-service',
      exp: seconds(server, 3600),
      sub: 'x'.repeat(900)
    }
    const token = await sign(key, good)
    t.equal((await lookUp(server, token)).status, 200)
    t.equal((await lookUp(server, token)).status, 200)
    t.equal(theirs.asked(), 1, 'the keys are fetched once')

    const rows: [string, JsonObject, Pair?][] = [
      ['another application of the same issuer', { appid: 'another' }],
      ['no application', { appid: null }],
      ['another audience', { aud: 'another' }],
      ['another issuer', { iss: `${tid}x` }],
      ['no end', { exp: null }],
      ['not yet', { nbf: seconds(server, 600) }],
      ['a key of somebody else', {}, stranger]
    ]
    for (const [title, claims, signer = key] of rows) {
      t.equal((await lookUp(server, await sign(signer, { ...good, ...claims }))).status, 401, title)
    }
    t.equal(theirs.asked(), 1, 'whatever is sent')
    const both = { iss: tid, aud: ['another', audience], appid: 'the-provisioning-service', exp: seconds(server, 60) }
    t.equal((await lookUp(server, await sign(key, both))).status, 200, 'one of several audiences is ours')

    const second = await server.api('POST', '/connectors', { name: 'Two', settings: { tokenIssuer } })
    t.match(second, { status: 409, body: { code: 'uniqueness' } })
    server.clock.advance(3661 * 1000)
    t.match(await lookUp(server, token), { status: 401, headers: { 'www-authenticate': /expired/ } })
    const late = await sign(key, { ...good, exp: seconds(server, 60) })
    t.equal((await lookUp(server, late)).status, 200)
    await server.api('PATCH', `/connectors/${id}`, { settings: { tokenIssuer: null } })
    t.equal((await lookUp(server, late)).status, 401, 'from the next request on nobody trusts it')
    t.equal((await server.api('POST', '/connectors', { name: 'Two', settings: { tokenIssuer } })).status, 201)
  },
  { settings }
)

onBothStores(
  t,
  'where the keys of an issuer cannot be fetched the answer is to come again, and the issuer is not asked each time',
  async (t, server) => {
    const theirs = await publisher(t)
    const key = await pair('k1', 'RS256')
    theirs.publish(key)
    const claims = { iss: 'theirs', aud: 'ours', exp: seconds(server, 60) }
    await connect(server, { tokenIssuer: { issuer: 'theirs', audience: 'ours', jwksUri: theirs.away } })
    for (let i = 0; i < 3; i++) {
      t.match(await lookUp(server, await sign(key, claims)), {
        status: 503,
        headers: { 'x-error-code': 'unavailable' }
      })
    }
    t.equal(theirs.asked(), 1, 'and a redirection is not followed')
  },
  { settings }
)

onBothStores(
  t,
  'keys that are none, that are secret or that lie in a private network are refused',
  async (t, server) => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const secret = await exportJWK(privateKey)
    const rows: [JsonObject, RegExp][] = [
      [{ clientKeys: {} }, /one of jwks and jwksUri/],
      [{ clientKeys: { jwks: { keys: [] } } }, /1 to 50 keys/],
      [{ clientKeys: { jwks: { keys: [secret as JsonObject] } } }, /private key/],
      [{ clientKeys: { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } } }, /private key/],
      [{ clientKeys: { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] } } }, /signs with none/],
      [{ clientKeys: { jwksUri: 'http://keys.example.com/' } }, /https/],
      [{ clientKeys: { jwksUri: 'https://127.0.0.1/keys' } }, /private network/],
      [{ clientKeys: { jwksUri: 'https://[::ffff:10.0.0.1]/keys' } }, /private network/],
      [{ clientKeys: { jwksUri: 'https://0x7f.1/keys' } }, /private network/],
      [{ clientKeys: { jwksUri: 'https://169.254.169.254/keys' } }, /private network/],
      [{ clientKeys: { jwksUri: 'https://me:secret@example.com/' } }, /user or password/],
      [{ clientKeys: { jwksUri: 'keys' } }, /absolute URL/],
      [{ tokenIssuer: { issuer: 'a', audience: 'b' } }, /one of jwks and jwksUri/],
      [{ tokenIssuer: { issuer: '', audience: 'b', jwksUri: 'https://example.com/' } }, /issuer/]
    ]
    for (const [settings, detail] of rows) {
      const { status, body } = await server.api('POST', '/connectors', { name: 'One', settings })
      t.match({ status, body }, { status: 400, body: { code: 'invalid_value', detail } }, JSON.stringify(settings))
      t.notMatch(JSON.stringify(body), /secret@|c2VjcmV0/)
    }
  },
  { settings: { PUBLIC_URL: issuer } }
)

onBothStores(
  t,
  'the token endpoint tells where it is, in its metadata and in ServiceProviderConfig',
  async (t, server) => {
    const { body } = await server.request({ method: 'GET', url: '/.well-known/oauth-authorization-server' })
    t.match(body, {
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt']
    })
    const config = await server.scim<{ authenticationSchemes: JsonObject[] }>('GET', '/ServiceProviderConfig')
    t.same(
      config.body.authenticationSchemes.map(({ type, primary }) => [type, primary]),
      [
        ['oauthbearertoken', true],
        ['oauth2', false]
      ]
    )
    const limited = []
    for (let i = 0; i < 3; i++) limited.push(await post(server, form({})))
    t.same(
      limited.map(({ status }) => status),
      [400, 400, 429]
    )
    t.match(limited[2]?.headers, { 'retry-after': /^\d+$/ })
  },
  { settings: { ...settings, USHER_TOKEN_REQUESTS_PER_MINUTE: '2' } }
)

onBothStores(
  t,
  'without PUBLIC_URL nobody knows our name: there is no token endpoint, and none is told of',
  async (t, server) => {
    const metadata = await server.request({ method: 'GET', url: '/.well-known/oauth-authorization-server' })
    t.match(metadata, { status: 404, body: { detail: /PUBLIC_URL/ } })
    t.match(await post(server, form({})), { status: 404, body: { detail: /PUBLIC_URL/ } })
    const { body } = await server.scim<{ authenticationSchemes: JsonObject[] }>('GET', '/ServiceProviderConfig')
    t.equal(body.authenticationSchemes.length, 1)
  }
)

onBothStores(
  t,
  'claims that are no texts make a token that opens nothing',
  async (t, server) => {
    const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const odd = [{ toString: 1 }, [{ toString: 1 }], 7, null, true]
    for (const value of odd) {
      for (const name of ['typ', 'sub', 'iss', 'aud', 'jti', 'exp']) {
        const claims = { sub: 'x', iss: 'x', aud: issuer, jti: 'x', exp: seconds(server, 60), [name]: value }
        const token = `${part({ alg: 'ES256', [name]: value })}.${part(claims)}.${part({})}`
        const asked = await post(server, form(withAssertion(token)))
        t.match(asked, { status: 401, body: { error: 'invalid_client' } }, `${name} ${JSON.stringify(value)}`)
        t.equal((await lookUp(server, token)).status, 401, `${name} ${JSON.stringify(value)} as a token`)
      }
    }
  },
  { settings }
)
