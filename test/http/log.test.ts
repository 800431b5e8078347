import t from 'tap'
import { Refusal } from '../../src/base/domain-error.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { ask, scimToken, smallServer, superKey, throwing } from './small-server.ts'

const canary = 'canary-7f3a'

function lines() {
  const written: string[] = []
  const parsed = () => written.map(line => JSON.parse(line) as Record<string, unknown>)
  return { log: { write: (line: string) => void written.push(line) }, text: () => written.join(''), parsed }
}

t.test('a request is one line: its route and its caller, not its URL', async t => {
  const { log, parsed } = lines()
  const app = await smallServer(t, { log })
  await ask(
    app,
    {
      method: 'DELETE',
      url: '/scim/v2/Users/ada@example.com?reason=fired&x=1',
      headers: { 'x-request-id': 'trace-1' }
    },
    scimToken
  )
  const requests = parsed().filter(line => line.msg === 'request')
  t.equal(requests.length, 1)
  t.match(requests[0], {
    level: 30,
    requestId: 'trace-1',
    method: 'DELETE',
    route: '/scim/v2/Users/:id',
    parameters: 2,
    status: 204,
    tenant: 'default',
    caller: 'c1',
    ms: Number
  })
})

t.test('no secret and nothing personal gets into the log, whatever is sent where', async t => {
  const { log, text, parsed } = lines()
  const app = await smallServer(t, { log })
  const headers = {
    authorization: `Bearer ${canary}`,
    cookie: canary,
    'x-api-key': canary,
    'x-request-id': `"${canary}`
  }
  const body = { userName: canary, password: canary, token: canary }
  for (const url of [
    '/scim/v2/Users',
    `/scim/v2/Users?filter=${canary}`,
    `/scim/v2/${canary}`,
    `/${canary}`,
    `/scim/v2/%zz${canary}`
  ]) {
    for (const token of [null, superKey]) {
      const authorization = token === null ? headers.authorization : `Bearer ${token}`
      await ask(app, { method: 'POST', url, payload: body, headers: { ...headers, authorization } }, null)
      await ask(
        app,
        {
          method: 'POST',
          url,
          payload: `{"${canary}`,
          headers: { ...headers, authorization, 'content-type': 'application/json' }
        },
        null
      )
    }
  }
  await ask(app, { method: 'POST', url: '/api/v1/users', payload: { ...body, [canary]: 1 }, headers })
  await ask(app, { url: `/api/v1/users?limit=${canary}`, headers })
  app.log.info(
    { authorization: canary, body: { password: canary }, req: { headers: { cookie: canary } }, token: canary },
    'x'
  )
  t.ok(parsed().length > 20)
  t.notMatch(text(), new RegExp(canary))
})

t.test('a failure is logged once, with its causes, and not with what a driver hangs onto it', async t => {
  const { log, parsed } = lines()
  const cause = Object.assign(new Error('E11000'), { keyValue: { userName: canary }, code: 11000 })
  const app = await throwing(t, Object.assign(new Error('no luck', { cause }), { document: canary }), { log })
  const { headers } = await ask(app, { url: '/api/v1/seats' })
  const errors = parsed().filter(line => Number(line.level) >= 40)
  t.equal(errors.length, 1)
  t.match(errors[0], {
    level: 50,
    requestId: headers['x-request-id'],
    err: { message: 'no luck', stack: /log\.test/, cause: { message: 'E11000', code: 11000 } }
  })
  t.notMatch(JSON.stringify(errors), canary)
})

t.test('what a client does wrong is no error; a database that is away is a warning', async t => {
  const levels = async (error: unknown) => {
    const { log, parsed } = lines()
    await ask(await throwing(t, error, { log }), { url: '/api/v1/seats' })
    return Math.max(...parsed().map(line => Number(line.level)))
  }
  t.equal(await levels(new Refusal('invalid_value', 'x')), 30)
  t.equal(await levels(new StoreUnavailable('x')), 40)
  t.equal(await levels(new Error('x')), 50)
  t.equal(await levels('thrown'), 50)
})
