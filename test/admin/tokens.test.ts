/** What a bearer token opens, and when it stops to. */
import t from 'tap'
import { administrators, credentials, systemTenant } from '../../src/admin/collections.ts'
import { hashToken } from '../../src/admin/tokens.ts'
import { remove, replace } from '../../src/store/port.ts'
import { onBothStores, type TestServer } from '../support/app.ts'

const open = (server: TestServer, token: string, url = '/api/v1/me') => server.request({ method: 'GET', url }, token)

/** Changes the administrator behind a key in the store: there is no endpoint for it yet. */
async function changeOwner(server: TestServer, key: string, change: object | undefined): Promise<void> {
  const { store, context } = server
  const credential = await store.get(credentials, systemTenant, hashToken(key))
  const owner = await store.get(administrators, context.tenant, credential?.doc.owner ?? '')
  if (owner === undefined) throw new Error('nobody owns this key')
  const written =
    change === undefined
      ? remove(administrators, context.tenant, owner.doc.id, owner.version)
      : replace(administrators, context.tenant, { ...owner.doc, ...change }, owner.version)
  if ((await store.commit([written], { id: context.makeId() })) !== 'committed') throw new Error('not changed')
  // What another process changed is known here after a second.
  server.clock.advance(1000)
}

onBothStores(
  t,
  'ADM-69 ADM-70 ADM-73 a key does what its owner may at present, and nothing once the owner is suspended or gone',
  async (t, server) => {
    const key = await server.keyOf('read_only')
    const write = () =>
      server.request(
        {
          method: 'PATCH',
          url: '/api/v1/organization',
          payload: '{}',
          headers: { 'content-type': 'application/json' }
        },
        key
      )
    t.equal((await open(server, key, '/api/v1/users')).status, 200)
    t.equal((await write()).status, 403, 'what the role of the owner forbids')
    await changeOwner(server, key, { role: 'administrator' })
    t.equal((await write()).status, 200, 'the owner may more')
    await changeOwner(server, key, { role: 'command_runner' })
    t.equal((await write()).status, 403)
    t.equal((await open(server, key, '/api/v1/users')).status, 403, 'the owner may less')

    t.equal((await open(server, key)).status, 200)
    await changeOwner(server, key, { suspended: true })
    t.equal((await open(server, key)).status, 401, 'suspended')
    await changeOwner(server, key, { suspended: false })
    t.equal((await open(server, key)).status, 200)
    await changeOwner(server, key, undefined)
    t.equal((await open(server, key)).status, 401, 'gone')
  }
)

onBothStores(
  t,
  'an expired key is 401 with the next request, also when it was used a moment before',
  async (t, server) => {
    const key = await server.keyOf('read_only')
    const { store, clock, context } = server
    const stored = await store.get(credentials, systemTenant, hashToken(key))
    if (stored === undefined) throw new Error('no such key')
    const expiring = { ...stored.doc, expires: clock.now() + 500 }
    await store.commit([replace(credentials, systemTenant, expiring, stored.version)], { id: context.makeId() })
    clock.advance(499)
    t.equal((await open(server, key)).status, 200)
    clock.advance(1)
    t.equal((await open(server, key)).status, 401)
  }
)

onBothStores(t, 'a connector that is deleted opens nothing from the next request on', async (t, server) => {
  const made = await server.api('POST', '/connectors', { name: 'Okta', profile: 'okta' })
  t.match(made, { status: 201, body: { name: 'Okta', profile: 'okta', token: /^usher_scim_/ } })
  const token = String(made.body.token)
  t.equal((await open(server, token, '/scim/v2/Users')).status, 200)
  t.equal((await server.api('DELETE', `/connectors/${made.body.id}`)).status, 204)
  t.equal((await open(server, token, '/scim/v2/Users')).status, 401)
  t.notMatch((await server.api('GET', '/connectors')).text, token.slice(15), 'no list shows a token')
  t.equal(await server.store.get(credentials, systemTenant, token), undefined, 'and none is stored but as a hash')
  t.equal(await server.store.get(credentials, systemTenant, hashToken(token)), undefined)
  t.equal((await server.api('DELETE', `/connectors/${made.body.id}`)).status, 404)
})
