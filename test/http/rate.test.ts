/** Limits of requests: of each connector, in SCIM's form, with when to come again. */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { onBothStores, type TestServer } from '../support/app.ts'
import { bulkUrn } from '../support/urns.ts'

const lookUp = (server: TestServer, token: string, path = '/Users') =>
  server.request({ method: 'GET', url: `/scim/v2${path}` }, token)

const connect = async ({ context }: TestServer, requests: number, seconds = 3600) =>
  (await createConnector(context, 'limited', 'generic', { rateLimit: { requests, seconds } })).token

onBothStores(
  t,
  'what is beyond the limit of its connector is 429 on every SCIM endpoint, and of no other connector',
  async (t, server) => {
    const token = await connect(server, 3)
    const another = await connect(server, 1)
    for (const path of ['/Users', '/ServiceProviderConfig', '/Groups/none']) {
      t.equal((await lookUp(server, token, path)).status, path === '/Groups/none' ? 404 : 200)
    }
    for (const path of ['/Users', '/Groups/none', '/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
      const { status, headers, body } = await lookUp(server, token, path)
      t.match(
        { status, headers, body },
        {
          status: 429,
          headers: {
            'x-error-code': 'too_many_requests',
            'content-type': /scim\+json/,
            'retry-after': /^3[56]\d\d$/,
            'x-ratelimit-limit': '3'
          },
          body: { status: '429', detail: /3 requests in 3600 s/ }
        }
      )
      t.notOk('scimType' in body, 'RFC 7644 has no word for it')
    }
    t.equal((await lookUp(server, another)).status, 200)
    t.equal((await lookUp(server, 'usher_scim_nonesuch')).status, 401, 'who has no token is told that first')
    const { status } = await server.request({ method: 'GET', url: '/api/v1/connectors' }, server.adminKey)
    t.equal(status, 200)
  }
)

onBothStores(t, 'the limit ends with its window', async (t, server) => {
  const token = await connect(server, 1, 1)
  let answer = await lookUp(server, token)
  t.equal(answer.status, 200)
  // On a slow machine a window may end between two requests.
  for (let tries = 0; tries < 50 && answer.status === 200; tries++) answer = await lookUp(server, token)
  t.match(answer, { status: 429, headers: { 'retry-after': '1' } })
  await new Promise(resolve => setTimeout(resolve, 1000 * Number(answer.headers['retry-after'])))
  t.equal((await lookUp(server, token)).status, 200)
})

onBothStores(t, 'each operation of a Bulk request is a request', async (t, server) => {
  const token = await connect(server, 3)
  const post = (userName: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId: userName,
    data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName }
  })
  const { body } = await server.request<{ Operations: { status: string }[] }>(
    {
      method: 'POST',
      url: '/scim/v2/Bulk',
      headers: { 'content-type': 'application/scim+json' },
      payload: JSON.stringify({ schemas: [bulkUrn], Operations: ['a', 'b', 'c'].map(post) })
    },
    token
  )
  t.same(
    body.Operations.map(({ status }) => status),
    ['201', '201', '429']
  )
  t.match((await server.scim('GET', '/Users?filter=userName ne "admin"')).body, { totalResults: 2 })
})

onBothStores(
  t,
  'connectors without a limit of their own have that of the server, and keys of administrators too',
  async (t, server) => {
    for (const token of [server.scimToken, server.adminKey]) {
      t.equal((await lookUp(server, token)).status, 200)
      t.equal((await lookUp(server, token)).status, 200)
      t.equal((await lookUp(server, token)).status, 429)
    }
    const own = await connect(server, 1_000_000)
    for (let i = 0; i < 4; i++) t.equal((await lookUp(server, own)).status, 200)
  },
  { settings: { USHER_SCIM_REQUESTS_PER_MINUTE: '2' } }
)

onBothStores(
  t,
  'a setting of 0 is no limit',
  async (t, server) => {
    for (let i = 0; i < 4; i++) t.equal((await lookUp(server, server.scimToken)).status, 200)
  },
  { settings: { USHER_SCIM_REQUESTS_PER_MINUTE: '0' } }
)
