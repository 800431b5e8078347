/** Requests that the server makes to itself. */
import t from 'tap'
import { defaultConnectorSettings } from '../../src/admin/connector-settings.ts'
import type { Principal } from '../../src/admin/principal.ts'
import { within } from '../../src/http/within.ts'
import { stage } from '../../src/store/staged.ts'
import { newUser, onBothStores, sqliteStore, startServer, type TestServer } from '../support/app.ts'

const connector = ({ context: { tenant } }: TestServer): Principal => ({
  kind: 'connector',
  tenant,
  id: 'c',
  name: 'an identity provider',
  profile: 'generic',
  settings: defaultConnectorSettings
})
const create = (userName: string) => ({
  method: 'POST' as const,
  url: '/scim/v2/Users',
  headers: { 'content-type': 'application/scim+json' },
  payload: JSON.stringify(newUser(userName))
})

onBothStores(
  t,
  'what runs on a staged store is not seen outside, and is there when it is committed',
  async (t, server) => {
    const staged = stage(server.store)
    const inner = await within({ store: staged, principal: connector(server) }, () => server.app.inject(create('ada')))
    t.equal(inner.statusCode, 201)
    const { id } = inner.json<{ id: string }>()
    t.equal((await server.scim('GET', `/Users/${id}`)).status, 404)
    const report = async () => (await server.api<{ items: { type: string; inUse: number }[] }>('GET', '/seats')).text
    const before = await report()
    t.equal(await server.store.commit(staged.changes(), { id: 'once' }), 'committed')
    t.match((await server.scim('GET', `/Users/${id}`)).body, { userName: 'ada' })
    t.not(await report(), before)
  }
)

onBothStores(t, 'a caller who is known needs no token, and may do no more than ever', async (t, server) => {
  const as = (principal: Principal, url: string) => within({ principal }, () => server.app.inject({ url }))
  t.equal((await as(connector(server), '/scim/v2/Users')).statusCode, 200)
  t.equal((await as(connector(server), '/api/v1/users')).statusCode, 403)
})

t.test('who comes over the network stands in nothing', async t => {
  const server = await startServer(t, await sqliteStore(t))
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const [outside, inside] = await within({ principal: connector(server) }, () =>
    Promise.all([fetch(`${url}/scim/v2/Users`), server.app.inject('/scim/v2/Users')])
  )
  t.equal(outside.status, 401)
  t.equal(inside.statusCode, 200)
})
