/** `/Me`: the user whose person the caller is (RFC 7644 3.11). */
import t from 'tap'
import { createAdministrator } from '../../src/admin/accounts.ts'
import { newUser, onBothStores, patch, provision } from '../support/app.ts'

onBothStores(t, 'the first administrator is the user admin', async (t, server) => {
  const mine = await server.request({ url: '/scim/v2/Me' }, server.adminKey)
  t.match(mine, { status: 200, body: { userName: 'admin', meta: { resourceType: 'User' } } })
  const { location } = mine.body.meta as { location: string }
  t.match(location, /\/scim\/v2\/Users\/[0-9a-f-]{36}$/, 'its location is permanent')
  t.equal(mine.headers.location, location)
  t.equal((await server.request({ url: location }, server.adminKey)).text, mine.text)

  const etag = String(mine.headers.etag)
  const known = await server.request({ url: '/scim/v2/Me', headers: { 'if-none-match': etag } }, server.adminKey)
  t.equal(known.status, 304)
  t.equal(known.headers.location, location, 'in any response')
  const some = await server.request({ url: '/scim/v2/Me/?attributes=userName' }, server.adminKey)
  t.strictSame(Object.keys(some.body), ['schemas', 'id', 'userName'])
  t.equal(
    (await server.request({ method: 'DELETE', url: '/scim/v2/Me' }, server.adminKey)).body.detail,
    (await server.request({ method: 'DELETE', url: location }, server.adminKey)).body.detail,
    'what cannot be done to the user cannot be done to oneself'
  )
})

onBothStores(
  t,
  'one changes oneself as any user is changed, and is nobody any more when deleted',
  async (t, server) => {
    const id = await provision(server, 'ann')
    const { token } = await createAdministrator(server.context, 'Ann', 'administrator', id)
    const call = (method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', body?: object, headers = {}) =>
      server.request(
        {
          method,
          url: '/scim/v2/Me',
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers }
        },
        token
      )
    t.match(await call('PATCH', patch({ op: 'replace', path: 'title', value: 'boss' })), {
      status: 200,
      body: { id, title: 'boss' }
    })
    t.match(await call('PUT', newUser('ann', { nickName: 'A' })), { status: 200, body: { id, nickName: 'A' } })
    const { body } = await server.scim('GET', `/Users/${id}`)
    t.match(body, { userName: 'ann', nickName: 'A' })
    t.notOk('title' in body)
    t.equal((await call('PATCH', patch({ op: 'remove', path: 'nickName' }), { 'if-match': 'W/"1"' })).status, 412)
    const refused = await call('PATCH', patch({ op: 'replace', path: 'active', value: 'maybe' }))
    t.equal(refused.status, 400)
    t.match(refused.headers.location, new RegExp(`/scim/v2/Users/${id}$`), 'errors too tell who one is')
    t.equal((await call('DELETE')).status, 204)
    t.equal((await server.scim('GET', `/Users/${id}`)).status, 404)
    t.match(await call('GET'), { status: 404, body: { detail: /no user/ } })
  }
)

onBothStores(t, 'a token that stands for nobody is told so', async (t, server) => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    const answer = await server.scim(method, '/Me', method === 'GET' || method === 'DELETE' ? undefined : {})
    t.match(answer, {
      status: 404,
      body: { status: '404', detail: /connector "Identity provider".*stands for no user/ }
    })
    t.notOk('location' in answer.headers)
  }
  const { body } = await server.request({ url: '/scim/v2/Me' }, await server.keyOf('read_only'))
  t.match(body.detail, /administrator "a read_only".*RFC 7644 3\.11/)
  t.equal((await server.request({ url: '/scim/v2/Me' })).status, 401)
  t.equal((await server.request({ url: '/scim/v2/Me' }, await server.keyOf('command_runner'))).status, 403)
  t.match(await server.scim('POST', '/Me', {}), { status: 405, headers: { allow: 'DELETE, GET, PATCH, PUT' } })

  const admin = (await server.request({ url: '/scim/v2/Me' }, server.adminKey)).body.id
  const reader = await createAdministrator(server.context, 'Reader', 'read_only', String(admin))
  t.equal((await server.request({ url: '/scim/v2/Me' }, reader.token)).status, 200)
  const change = { method: 'DELETE', url: '/scim/v2/Me' } as const
  t.equal((await server.request(change, reader.token)).status, 403, 'who may only read may not change oneself')
})
