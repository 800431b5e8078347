import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { ask, listening, raw, scimToken, smallServer } from './small-server.ts'

const scimJson = 'application/scim+json; charset=utf-8'

t.test('bodies are JSON by whatever name', async t => {
  const app = await smallServer(t)
  const payload = '{"userName":"ü"}'
  const types = [
    'application/scim+json',
    'application/json',
    'application/json; charset=utf-8',
    'application/scim+json;charset=UTF-8',
    'application/json; charset="utf8"',
    'application/json; charset=iso-8859-1',
    'Application/SCIM+JSON',
    'application/vnd.api+json',
    'application/json; odata=verbose'
  ]
  for (const type of types) {
    const answer = await ask(app, { method: 'POST', url: '/scim/v2/Users', payload, headers: { 'content-type': type } })
    t.match(answer, { status: 200, headers: { 'content-type': scimJson }, body: { echo: { userName: 'ü' } } }, type)
  }
  t.match(await withoutType(app, payload), / 200 /, 'none at all (quirk 65)')
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'nonsense',
    'json'
  ]) {
    const answer = await ask(app, { method: 'POST', url: '/scim/v2/Users', payload, headers: { 'content-type': type } })
    t.match(answer, { status: 415, headers: { 'content-type': scimJson } }, type)
  }
})

t.test('an empty body is no body', async t => {
  const app = await smallServer(t)
  const headers = { 'content-type': 'application/scim+json' }
  t.equal((await ask(app, { method: 'DELETE', url: '/scim/v2/Users/7', headers })).status, 204)
  t.equal(
    (await ask(app, { method: 'DELETE', url: '/scim/v2/Users/7', headers: { 'content-type': 'text/plain' } })).status,
    204
  )
  t.equal(
    (
      await ask(app, {
        method: 'POST',
        url: '/api/v1/users/7/suspend',
        headers: { 'content-type': 'application/json' }
      })
    ).status,
    200
  )
  const without = { method: 'POST', url: '/scim/v2/Users' } as const
  for (const options of [without, { ...without, headers }, { ...without, headers, payload: '' }]) {
    t.match(await ask(app, options), { status: 400, body: { scimType: 'invalidSyntax' } })
  }
  t.match(await ask(app, { method: 'POST', url: '/api/v1/users' }), { status: 400, body: { code: 'invalid_value' } })
})

t.test('bodies that are refused before anything is built of them', async t => {
  const app = await smallServer(t, {
    settings: { USHER_JSON_DEPTH_MAX: '8', USHER_JSON_VALUES_MAX: '1000', USHER_BODY_BYTES_MAX: '10000' }
  })
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const many = (values: number) => JSON.stringify({ list: Array.from({ length: values - 1 }, (_, i) => i % 2) })
  const rows: Array<[string, string | Buffer, number, string | undefined]> = [
    ['as deep as it may be', nested(8), 200, undefined],
    ['a level too deep', nested(9), 400, 'invalidSyntax'],
    ['deep beyond reason', '['.repeat(9000), 400, 'invalidSyntax'],
    ['as many values as there may be', many(1000), 200, undefined],
    ['one value too many', many(1001), 400, 'invalidSyntax'],
    [
      'brackets and commas in a text are neither',
      JSON.stringify({ a: '[{,'.repeat(2000), b: '\\"[[[[[[[[[[[' }),
      200,
      undefined
    ],
    ['as long as it may be', `{"a":"${'x'.repeat(9992)}"}`, 200, undefined],
    ['a byte too long', `{"a":"${'x'.repeat(9993)}"}`, 413, undefined],
    ['cut off', '{"a":', 400, 'invalidSyntax'],
    ['two of them', '{}{}', 400, 'invalidSyntax'],
    ['no JSON', 'userName=x', 400, 'invalidSyntax'],
    ['a comma too many', '{"a":1,}', 400, 'invalidSyntax'],
    ['NaN', '{"a":NaN}', 400, 'invalidSyntax'],
    ['only blanks', '   ', 400, 'invalidSyntax'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', 400, 'invalidSyntax'],
    ['__proto__ escaped', '{"\\u005f_proto__":{"isAdmin":true}}', 400, 'invalidSyntax'],
    ['__proto__ inside', '{"a":[{"__proto__":1}]}', 400, 'invalidSyntax'],
    ['constructor.prototype', '{"constructor":{"prototype":{"isAdmin":true}}}', 400, 'invalidSyntax'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), 400, 'invalidSyntax'],
    ['UTF-8 cut in a character', Buffer.from([0x22, 0xc3, 0x22]), 400, 'invalidSyntax'],
    ['UTF-16', Buffer.from('\ufeff{"a":1}', 'utf16le'), 400, 'invalidSyntax'],
    ['a byte order mark', '\ufeff{"a":1}', 200, undefined]
  ]
  for (const [name, payload, status, scimType] of rows) {
    const answer = await ask(app, {
      method: 'POST',
      url: '/scim/v2/Users',
      payload,
      headers: { 'content-type': 'application/json' }
    })
    t.equal(answer.status, status, name)
    t.equal(answer.body.scimType, scimType, name)
    const api = await ask(app, {
      method: 'POST',
      url: '/api/v1/users/7/suspend',
      payload,
      headers: { 'content-type': 'application/json' }
    })
    t.equal(api.status, status, `${name}, over the API`)
  }
  t.equal(({} as { isAdmin?: boolean }).isAdmin, undefined)
})

t.test('the schema of a route judges what was sent, and changes nothing of it', async t => {
  const app = await smallServer(t)
  const rows: Array<[object, string | undefined, RegExp]> = [
    [{}, 'userName', /userName is required/],
    [{ userName: 5 }, 'userName', /userName must be string/],
    [{ userName: '' }, 'userName', /userName must NOT have fewer than 1 char/],
    [{ userName: ['a'] }, 'userName', /must be string/],
    [{ userName: 'a', seats: '5' }, 'seats', /seats must be integer/],
    [{ userName: 'a', seats: true }, 'seats', /seats must be integer/],
    [{ userName: 'a', kind: 'gold' }, 'kind', /kind must be one of named, floating/],
    [{ userName: 'a', role: 'admin' }, 'role', /role is not known here/],
    [[], undefined, /The body must be object/]
  ]
  for (const [payload, field, detail] of rows) {
    const { status, body } = await ask(app, { method: 'POST', url: '/api/v1/users', payload })
    t.match({ status, ...body }, { status: 400, code: 'invalid_value', detail }, JSON.stringify(payload))
    t.equal(body.field, field, JSON.stringify(payload))
  }
  t.strictSame((await ask(app, { method: 'POST', url: '/api/v1/users', payload: { userName: 'a' } })).body, {
    echo: { userName: 'a' }
  })
})

t.test('whole numbers in a query are numbers where the schema wants them', async t => {
  const app = await smallServer(t)
  t.strictSame((await ask(app, { url: '/api/v1/users?limit=5&filter=7' })).body, { query: { limit: 5, filter: '7' } })
  for (const limit of ['', 'x', '5.5', '0x10', '1e2', 'true', '0', '1001', '99999999999999999999', '5&limit=6']) {
    t.match(
      await ask(app, { url: `/api/v1/users?limit=${limit}` }),
      { status: 400, body: { code: 'invalid_value', field: 'limit' } },
      limit
    )
  }
})

async function withoutType(app: FastifyInstance, payload: string): Promise<string> {
  const { port } = await listening(app)
  const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${scimToken}\r\n`
  const [line] = await raw(port, `${head}Content-Length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`)
  return line
}
