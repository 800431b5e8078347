import t from 'tap'
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import { errorUrn } from '../support/urns.ts'
import { ask, keyOf, listening, raw, scimToken, smallServer } from './small-server.ts'

const scimJson = 'application/scim+json; charset=utf-8'
const withBearer = (authorization: string) => ({ headers: { authorization } })

t.test('only the token as it is opens a route', async t => {
  const app = await smallServer(t)
  t.equal((await ask(app, { url: '/scim/v2/Users' }, scimToken)).status, 200)
  t.equal(
    (await app.inject({ url: '/scim/v2/Users', ...withBearer(`bearer  ${scimToken}`) })).statusCode,
    200,
    'RFC 7235: the scheme has no case'
  )
  const rows: Array<[string, string | undefined]> = [
    ['none', undefined],
    ['empty', ''],
    ['no token', 'Bearer'],
    ['a blank', 'Bearer '],
    ['blanks', 'Bearer    '],
    ['without the scheme', scimToken],
    ['another scheme', `Basic ${scimToken}`],
    ['two in one', `Bearer ${scimToken} ${scimToken}`],
    ['two in a list', `Bearer ${scimToken}, Bearer ${scimToken}`],
    ['shortened', `Bearer ${scimToken.slice(0, -1)}`],
    ['longer', `Bearer ${scimToken}x`],
    ['padded', `Bearer ${scimToken}=`],
    ['in another case', `Bearer ${scimToken.toUpperCase()}`],
    ['quoted', `Bearer "${scimToken}"`],
    ['a control character', `Bearer ${scimToken}\t`.replace('\t', '%00')],
    ['a byte above ASCII', `Bearer ${scimToken}\xff`],
    ['unknown', 'Bearer usher_scim_000000000000000000000000000000'],
    ['a name of every object', 'Bearer constructor'],
    ['10 kB', `Bearer ${'a'.repeat(10_000)}`]
  ]
  for (const [name, authorization] of rows) {
    const headers = authorization === undefined ? {} : { authorization }
    const { status, body, headers: answered } = await ask(app, { url: '/scim/v2/Users', headers }, null)
    t.equal(status, 401, name)
    t.match(answered['www-authenticate'], /^Bearer realm="usher"/, name)
    t.strictSame(Object.keys(body), ['schemas', 'status', 'detail'], name)
    t.equal((await ask(app, { url: '/api/v1/users', headers }, null)).body.code, 'unauthorized', name)
  }
})

t.test('a token too long to be one is not looked up', async t => {
  const asked: string[] = []
  const app = await smallServer(t, { authenticate: async token => void asked.push(token) })
  await ask(app, { url: '/scim/v2/Users' }, 'a'.repeat(513))
  t.strictSame(asked, [])
  await ask(app, { url: '/scim/v2/Users' }, `a.b.${'c'.repeat(8189)}`)
  t.strictSame(asked, [], 'a JWT may be longer, and not any length')
  await ask(app, { url: '/scim/v2/Users' }, 'a'.repeat(512))
  t.equal(asked.length, 1)
})

t.test('no way to write the URL of a protected route leads past the token', async t => {
  const app = await smallServer(t)
  const urls = [
    '/%73cim/v2/Users',
    '/scim/%76%32/Users',
    '/scim/v2/%55sers',
    '/%73%63%69%6d/v2/Users',
    '/scim%2Fv2%2FUsers',
    '/scim%2fv2/Users',
    '/%2573cim/v2/Users',
    '//scim/v2/Users',
    '/scim//v2/Users',
    '/scim/v2//Users',
    '/./scim/v2/Users',
    '/x/../scim/v2/Users',
    '/health/live/../../scim/v2/Users',
    '/health/live/%2e%2e/%2e%2e/scim/v2/Users',
    '/docs/..%2fscim/v2/Users',
    '/SCIM/v2/Users',
    '/scim/v2/Users/',
    '/scim/v2/Users;a=b',
    '/scim/v2/Users%00',
    '/scim/v2/Users%20',
    '/scim/v2/Users?',
    '/scim/v2/Users#',
    '/scim\\v2\\Users',
    '/scim/v2/Users%3Fx',
    '/\uff53cim/v2/Users',
    'http://127.0.0.1/scim/v2/Users',
    '/%73cim/v2/Users?x=/health/live'
  ]
  const { port } = await listening(app)
  for (const url of urls) {
    const answer = await ask(app, { url }, null)
    t.ok(answer.status >= 400 && answer.status < 500, `${url}: ${answer.status}`)
    // inject resolves dots before it asks; a socket does not.
    const [line] = await raw(
      port,
      `GET ${url.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
    )
    t.match(line, /^HTTP\/1.1 4\d\d /, `${url} over a socket`)
  }
})

t.test('two Authorization headers are none', async t => {
  const app = await smallServer(t)
  const { port } = await listening(app)
  const request = (...tokens: string[]) =>
    raw(
      port,
      `GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${tokens.map(token => `Authorization: Bearer ${token}\r\n`).join('')}\r\n`
    )
  t.match((await request(scimToken))[0], / 200 /)
  t.match((await request(scimToken, scimToken))[0], / 401 /)
  t.match((await request(scimToken, 'x'))[0], / 401 /)
})

t.test('ADM-55 a route that the table does not know ends the start', async t => {
  const app = await smallServer(t, { routes: () => undefined })
  t.throws(() => app.get('/api/v1/secrets', async () => ({})), /GET \/api\/v1\/secrets/)
  t.throws(() => app.put('/api/v1/seats', async () => ({})), /PUT \/api\/v1\/seats/, 'known, but not with this method')
  t.throws(() => app.all('/api/v1/seats', async () => ({})))
  t.throws(() => app.get('/', async () => ({})))
  t.throws(() => app.get('/healthy', async () => ({})))
  await t.rejects(
    Promise.resolve(app.register(async scope => void scope.get('/hidden', async () => ({})), { prefix: '/deep' }))
  )
})

t.test('ADM-66 a denied request says which scope and level is missing', async t => {
  const denied: unknown[] = []
  const app = await smallServer(t, {
    onDenied: async (request, missing) => void denied.push([request.principal?.name, request.routeOptions.url, missing])
  })
  const { status, body, headers } = await ask(
    app,
    { method: 'POST', url: '/api/v1/users', payload: 'not json' },
    keyOf('read_only')
  )
  t.equal(status, 403)
  t.match(headers, {
    'content-type': /^application\/problem\+json/,
    'www-authenticate': /^Bearer .*error="insufficient_scope"$/
  })
  t.match(body, {
    status: 403,
    code: 'insufficient_scope',
    scope: 'users',
    level: 'edit',
    type: String,
    title: String,
    detail: /users at edit/
  })
  t.strictSame(denied, [['Ada', '/api/v1/users', { scope: 'users', level: 'edit' }]])
  t.equal((await ask(app, { url: '/api/v1/users' }, 'expired')).status, 401)
})

t.test('ADM-68 SCIM takes a connector, or a key with Directory: reading at Read Only, writing at Edit', async t => {
  const app = await smallServer(t)
  const rows: Array<[string, number, number]> = [
    [scimToken, 200, 200],
    [keyOf('administrator'), 200, 200],
    [keyOf('manager'), 200, 403],
    [keyOf('read_only'), 200, 403],
    [keyOf('command_runner'), 403, 403],
    [keyOf('nobody'), 403, 403]
  ]
  for (const [token, reading, writing] of rows) {
    t.equal((await ask(app, { url: '/scim/v2/Users' }, token)).status, reading, token)
    t.equal((await ask(app, { method: 'POST', url: '/scim/v2/Users', payload: {} }, token)).status, writing, token)
  }
  const { status, body } = await ask(app, { url: '/api/v1/users' }, scimToken)
  t.match({ status, body }, { status: 403, body: { code: 'insufficient_scope' } }, 'a connector opens nothing else')
})

t.test('every row of the table, asked with each of the seven roles, answers as the matrix says', async t => {
  const rows = matrix.endpoints.flatMap(({ method, path, builtin }) =>
    method
      .split(', ')
      .map(one => ({ method: one as 'GET', builtin, url: path.replaceAll(/\{(\w+)\}/g, ':$1').replace('*', 'Users') }))
  )
  const app = await smallServer(t, {
    routes: app => {
      for (const { method, url } of rows) app.route({ method, url, handler: async () => ({}) })
    }
  })
  for (const { id: role, superAdmin } of matrix.roles) {
    const has = (need: string) => {
      const [scope, wanted] = need.split(':')
      const level = (matrix.scopes.find(({ id }) => id === scope)?.access as Record<string, string> | undefined)?.[role]
      if (need === 'super_admin') return superAdmin
      return level === undefined ? ['own', 'any'].includes(need) : level === 'edit' || level === wanted
    }
    for (const { method, url, builtin } of rows) {
      const payload = method === 'GET' ? {} : { payload: {} }
      const { status } = await ask(app, { method, url: url.replaceAll(/:\w+/g, '7'), ...payload }, keyOf(role))
      t.equal(status, builtin?.every(has) ? 200 : 403, `${method} ${url} as ${role}`)
    }
  }
})

t.test('what is not there: first the token, then 404 or 405, and the body is never looked at', async t => {
  const app = await smallServer(t)
  const rows: Array<[string, string, number, string | undefined]> = [
    ['GET', '/scim/v2/Nothing', 404, undefined],
    ['GET', '/scim', 404, undefined],
    ['GET', '/api/v1/nothing', 404, undefined],
    ['PATCH', '/scim/v2/Users', 405, 'GET, POST'],
    ['POST', '/scim/v2/Schemas', 405, 'GET'],
    ['POST', '/scim/v2/Schemas/', 405, 'GET'],
    ['POST', '/scim/v2/%53chemas', 405, 'GET'],
    ['GET', '/scim/v2/Users/7', 405, 'DELETE, PUT'],
    ['HEAD', '/scim/v2/Users', 405, 'GET, POST'],
    ['OPTIONS', '/api/v1/users', 405, 'GET, POST'],
    ['DELETE', '/api/v1/users', 405, 'GET, POST']
  ]
  for (const [method, url, status, allow] of rows) {
    const options = {
      method: method as 'GET',
      url,
      ...(method === 'POST' ? { payload: '{"broken', headers: { 'content-type': 'text/odd' } } : {})
    }
    t.equal((await ask(app, options, null)).status, 401, `${method} ${url} without a token`)
    const answer = await ask(app, options, scimToken)
    t.equal(answer.status, status, `${method} ${url}`)
    t.equal(answer.headers.allow, allow, `${method} ${url}`)
    const scim = url.startsWith('/scim')
    t.match(answer.headers['content-type'], scim ? scimJson : 'application/problem+json', `${method} ${url}`)
    if (method !== 'HEAD')
      t.match(answer.body, scim ? { schemas: [errorUrn], status: String(status) } : { status, code: String }, url)
  }
  t.match(
    await ask(app, { url: '/nothing' }, null),
    { status: 404, body: { code: 'not_found' } },
    'elsewhere there is no secret'
  )
  t.match(await ask(app, { method: 'POST', url: '/health/live' }, null), { status: 405, headers: { allow: 'GET' } })
})

t.test('URLs as clients write them', async t => {
  const app = await smallServer(t)
  const rows: Array<[string, object]> = [
    ['/scim/v2/Users/', {}],
    ['/scim/v2/Users?', {}],
    ['/scim/v2/Users/?filter=userName+eq+%22x%22&', { filter: 'userName eq "x"' }],
    ['/scim/v2/Users?startindex=0&count=5', { startindex: '0', count: '5' }],
    ['/scim/v2/Users?a=%zz', { a: '%zz' }],
    ['/scim/v2/Users?a=1&a=2', { a: ['1', '2'] }],
    ['/scim/v2/Users?__proto__=1', { ['__proto__']: '1' }]
  ]
  for (const [url, query] of rows) {
    const { status, body } = await ask(app, { url })
    t.equal(status, 200, url)
    t.equal(JSON.stringify(body.query), JSON.stringify(query), url)
  }
  t.equal((await ask(app, { method: 'DELETE', url: '/scim/v2/Users/7?' })).status, 204)
  t.match(await ask(app, { url: '/scim/v2/Users/%zz' }), {
    status: 400,
    headers: { 'content-type': scimJson, 'x-request-id': String }
  })
  t.match(await ask(app, { method: 'DELETE', url: `/scim/v2/Users/${'a'.repeat(257)}` }), {
    status: 414,
    body: { schemas: [errorUrn] }
  })
})

t.test('every answer has its request id, and headers that keep browsers and caches away', async t => {
  const app = await smallServer(t)
  const idOf = async (given?: string) =>
    (await ask(app, { url: '/api/v1/users', ...(given === undefined ? {} : { headers: { 'x-request-id': given } }) }))
      .headers['x-request-id']
  t.equal(await idOf('0af7651916cd43dd8448eb211c80319c'), '0af7651916cd43dd8448eb211c80319c')
  t.equal(await idOf('a'.repeat(128)), 'a'.repeat(128))
  for (const odd of [undefined, '', 'a'.repeat(129), 'a b', 'a"b', '{"x":1}', 'ü'])
    t.match(await idOf(odd), /^[0-9a-f-]{36}$/, `${odd}`)
  const kept = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'/
  }
  t.match((await ask(app, { url: '/scim/v2/Users' })).headers, kept)
  t.match((await ask(app, { url: '/scim/v2/Users' }, null)).headers, { ...kept, 'x-request-id': String })
})

t.test('what is no HTTP is answered all the same', async t => {
  const app = await smallServer(t)
  const { port } = await listening(app)
  t.match((await raw(port, 'NONSENSE\r\n\r\n'))[0], /^HTTP\/1.1 400 /)
  const [line, text] = await raw(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)
  t.match(line, /^HTTP\/1.1 431 /)
  t.match(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))), { status: 431, code: 'header_too_large' })
  t.match(
    (await raw(port, 'POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'))[0],
    /^HTTP\/1.1 400 /
  )
})
