/** Members that nobody knows yet: listed while they wait, told in the audit log, and nobody is forgotten. */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { auditEvents } from '../../src/audit/events.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { waitingMembers } from '../../src/directory/waiting.ts'
import { groupUrn, type Method, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'

async function waiting(server: TestServer) {
  const settings = { unknownMembers: 'wait' } as const
  const { token } = await createConnector(server.context, 'One', 'generic', settings)
  return (method: Method, path: string, body?: JsonObject, headers: Record<string, string> = {}) =>
    server.request(
      {
        method,
        url: `/scim/v2${path}`,
        headers: body === undefined ? headers : { 'content-type': 'application/scim+json', ...headers },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) })
      },
      token
    )
}

const add = (...values: string[]) => patch({ op: 'add', path: 'members', value: values.map(value => ({ value })) })
const group = (...values: string[]) => ({
  schemas: [groupUrn],
  displayName: 'Eng',
  members: values.map(value => ({ value }))
})
const membersOf = async (server: TestServer, id: unknown) => {
  const { body } = await server.scim<{ members?: { value: string }[] }>('GET', `/Groups/${id}`)
  return (body.members ?? []).map(({ value }) => value).sort()
}
const listed = async (server: TestServer) =>
  (await server.api<{ items: JsonObject[] }>('GET', '/waiting-members?filter=waits eq true')).body.items

onBothStores(t, 'who waits is listed and told once, and joins by whatever way they arrive', async (t, server) => {
  const scim = await waiting(server)
  const { body: eng } = await scim('POST', '/Groups', group('X-1'))
  t.match(await listed(server), [{ group: eng.id, value: 'x-1', member: null }])
  await scim('PATCH', `/Groups/${eng.id}`, add('x-1', 'X-1'))
  t.equal((await listed(server)).length, 1)
  const ada = await provision(server, 'ada', { externalId: 'X-1' })
  t.same(await membersOf(server, eng.id), [ada], 'over another connector')
  t.same(await listed(server), [])
  t.match((await server.api('GET', '/waiting-members')).body, { items: [{ value: 'x-1', member: ada }] })
  const events = (await everyDocument(server.store, auditEvents, server.context.tenant)).map(({ doc }) => doc)
  t.match(
    events.filter(({ target }) => target.id === eng.id).map(({ action, detail }) => [action, detail]),
    [
      ['group.created', {}],
      ['group.membersWait', { waiting: ['x-1'] }],
      ['group.membersChanged', { added: [ada] }]
    ]
  )
})

onBothStores(
  t,
  'a name that two have is nobody’s, and a name of who was deleted waits for the next',
  async (t, server) => {
    const scim = await waiting(server)
    await provision(server, 'ada', { externalId: 'same' })
    const ben = await provision(server, 'ben', { externalId: 'same' })
    const { body: eng } = await scim('POST', '/Groups', group('same'))
    t.same(await membersOf(server, eng.id), [])
    t.equal((await listed(server)).length, 1)
    await server.scim('DELETE', `/Users/${ben}`)
    await scim('PATCH', `/Groups/${eng.id}`, add('same'))
    const [ada = ''] = await membersOf(server, eng.id)
    await server.scim('DELETE', `/Users/${ada}`)
    await scim('PATCH', `/Groups/${eng.id}`, add('same'))
    t.equal((await listed(server)).length, 1, 'whom it stood for is gone: it waits again')
    const next = await provision(server, 'next', { externalId: 'same' })
    t.same(await membersOf(server, eng.id), [next])
  }
)

onBothStores(
  t,
  'a refused request leaves nobody waiting, and with the group go those who wait for it',
  async (t, server) => {
    const scim = await waiting(server)
    const { body: eng } = await scim('POST', '/Groups', group())
    t.equal((await scim('PATCH', `/Groups/${eng.id}`, add('x'), { 'if-match': 'W/"0"' })).status, 412)
    t.equal((await scim('PATCH', '/Groups/nonesuch', add('x'))).status, 404)
    t.same(await listed(server), [])
    await scim('PATCH', `/Groups/${eng.id}`, add('x'))
    t.equal((await listed(server)).length, 1)
    t.equal((await scim('DELETE', `/Groups/${eng.id}`)).status, 204)
    t.same(await everyDocument(server.store, waitingMembers, server.context.tenant), [])
    t.equal((await scim('POST', '/Users', newUser('ada', { externalId: 'x' }))).status, 201)
  }
)

onBothStores(t, 'whoever comes first, the group or its members, all are in it in the end', async (t, server) => {
  const scim = await waiting(server)
  const other = await server.another()
  const names = Array.from({ length: 12 }, (_, i) => `r-${i}`)
  const { body: eng } = await scim('POST', '/Groups', group())
  await Promise.all(
    names.flatMap((name, i) => [
      scim('PATCH', `/Groups/${eng.id}`, add(name)),
      (i % 2 === 0 ? server : other).scim('POST', '/Users', newUser(name, { externalId: name, active: false }))
    ])
  )
  t.equal((await membersOf(server, eng.id)).length, names.length)
  t.same(await listed(server), [])
})
