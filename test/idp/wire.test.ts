/** What of the numbered cases is not in a JSON body: bytes on a real connection, lines of the log, what the store keeps. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { authenticator } from '../../src/admin/authenticate.ts'
import { readConfig } from '../../src/config.ts'
import { scimUserRoutes } from '../../src/http/routes/scim/users.ts'
import { watchSeats } from '../../src/licensing/watch.ts'
import { openLog } from '../../src/provisioning/log.ts'
import { smallServer } from '../http/small-server.ts'
import { newUser, onBothStores, patch, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { wholeFingerprint } from '../support/fingerprint.ts'

/** Sends the bytes of one request and answers the bytes that come back, until the server closes. */
async function spoken(server: TestServer, url: string, head: readonly string[], body: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const answer: Buffer[] = []
  socket.on('data', data => answer.push(data))
  const lines = [...head, 'Host: scim.example.com', `Authorization: Bearer ${server.scimToken}`, 'Connection: close']
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  await once(socket, 'close')
  return Buffer.concat(answer).toString()
}

const userOf = async (server: TestServer, name: string) => {
  const { body } = await server.scim<{ Resources: { userName: string }[] }>(
    'GET',
    `/Users?filter=userName eq "${name}"`
  )
  return body.Resources.map(({ userName }) => userName)
}

onBothStores(t, 'any 65: a chunked body, without content type and without Accept, is read', async (t, server) => {
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
  const [one, two] = ['{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],', '"userName":"ada@example.com"}']
  const chunks = `${one.length.toString(16)}\r\n${one}\r\n${two.length.toString(16)}\r\n${two}\r\n0\r\n\r\n`
  const answer = await spoken(server, url, ['POST /scim/v2/Users HTTP/1.1', 'Transfer-Encoding: chunked'], chunks)
  t.match(answer, /^HTTP\/1\.1 201 Created\r\n/)
  t.match(answer, /\r\ncontent-type: application\/scim\+json; charset=utf-8\r\n/)
  t.match(answer, /\r\nlocation: http:\/\/scim\.example\.com\/scim\/v2\/Users\/[\w-]+\r\n/)
  t.same(await userOf(server, 'ada@example.com'), ['ada@example.com'])
})

onBothStores(
  t,
  'okta 50: a request as its agent writes it, to a base without a slash at the end',
  async (t, server) => {
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
    const body = JSON.stringify(newUser('test.user@okta.local', { displayName: 'Åda' }))
    const head = [
      'POST /scim/v2/Users HTTP/1.1',
      'User-Agent: Okta SCIM Client 1.0.0',
      'Accept: application/scim+json',
      'Accept-Charset: utf-8',
      'Content-Type: application/scim+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`
    ]
    t.match(await spoken(server, url, head, body), /^HTTP\/1\.1 201 Created\r\n[\s\S]*"displayName":"Åda"/)
    const list = [
      'GET /scim/v2/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100 HTTP/1.1'
    ]
    t.match(await spoken(server, url, list, ''), /^HTTP\/1\.1 200 OK\r\n[\s\S]*"totalResults":1,/)
  }
)

onBothStores(t, 'okta 36, 42: no password is kept anywhere, nor told in the audit log', async (t, server) => {
  const { body } = await server.scim('POST', '/Users', newUser('ada@okta.local', { password: '1mz050nq' }))
  await server.scim('PUT', `/Users/${body.id}`, newUser('ada@okta.local', { password: '1mz050nq', title: 'x' }))
  const operation = { op: 'replace', value: { password: '1mz050nq', title: 'y' } }
  t.match(await server.scim('PATCH', `/Users/${body.id}`, patch(operation)), { status: 200, body: { title: 'y' } })
  const kept = await wholeFingerprint(server.store, server.context.tenant)
  t.ok(kept.includes('ada@okta.local') && kept.includes('user.changed'), 'what is kept is looked at')
  t.notOk(kept.includes('1mz050nq'))
})

t.test('entra 6, any 64: the log names the rewrites that a request went through, and no value of it', async t => {
  const lines: string[] = []
  const opened = await sqliteStore(t)
  const { env, context, scim } = await startServer(t, opened)
  const { body: user } = await scim('POST', '/Users', newUser('ada@contoso.com'))
  const { token } = await createConnector(context, 'entra', 'entra')
  const tokens = authenticator(env)
  const seatWatch = watchSeats(opened.store, () => undefined)
  t.teardown(() => seatWatch.close())
  const provisioningLog = openLog(env, {
    days: 1,
    entriesMax: 1,
    sizeMax: 1,
    readsPerSecond: 1,
    onError: () => undefined
  })
  const app = await smallServer(t, {
    store: opened.store,
    authenticate: token => tokens.authenticate(token),
    log: { write: line => void lines.push(line) },
    routes: app =>
      scimUserRoutes(app, { env, config: readConfig({}), seatWatch, authenticator: tokens, provisioningLog })
  })
  const answer = await app.inject({
    method: 'PATCH',
    url: `/scim/v2/Users/${user.id}`,
    headers: { authorization: `Bearer ${token}` },
    payload: {
      Operations: [
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Replace', path: 'nickName', value: 'canary' }
      ]
    }
  })
  t.match(answer.json(), { active: false, nickName: 'canary' })
  const told = lines.map(line => JSON.parse(line) as { rewrites?: unknown }).flatMap(({ rewrites }) => rewrites ?? [])
  t.same(told, ['default-schemas', 'op-case', 'string-booleans'])
  t.notOk(lines.join('').includes('canary'))
})
