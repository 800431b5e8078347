/** The outbox: what happened to users and groups waits for every stream that wants to know, in the order of each resource. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import { changeLicenses } from '../../src/directory/license-changes.ts'
import type { User } from '../../src/directory/types.ts'
import { getUser } from '../../src/directory/users.ts'
import { outbox } from '../../src/events/outbox.ts'
import { eventUris } from '../../src/events/uris.ts'
import { insert } from '../../src/store/port.ts'
import { groupUrn, licenseUrn, newUser, patch, provision, type TestServer } from '../support/app.ts'
import { kinds, payload, rulesOnBothStores, stream, waiting } from './support.ts'

const replaced = (path: string, value: string | boolean) => patch({ op: 'replace', path, value })

async function group(server: TestServer, displayName: string, members: readonly string[] = []): Promise<string> {
  const body = { schemas: [groupUrn], displayName, members: members.map(value => ({ value })) }
  return String((await server.scim('POST', '/Groups', body)).body.id)
}

const rule = rulesOnBothStores(t, 'the outbox')

rule('without a stream nothing is written', async (t, server) => {
  await provision(server, 'ada0')
  t.same(await server.store.find(outbox, server.context.tenant, { limit: 10 }), [])
})

rule('the life of a user is one token for each change, with the seat in it', async (t, server) => {
  const told = await stream(t, server)
  const id = await provision(server, 'ada1', { externalId: 'A1', title: 'Countess', password: 'secret-of-ada' })
  await server.scim('PATCH', `/Users/${id}`, replaced('title', 'Analyst'))
  await server.scim('PUT', `/Users/${id}`, newUser('ada1', { externalId: 'A1' }))
  await server.scim('PATCH', `/Users/${id}`, replaced('active', false))
  await server.scim('PATCH', `/Users/${id}`, replaced('active', true))
  await changeLicenses(server.context, [{ user: id, type: 'PAM' }])
  await server.scim('DELETE', `/Users/${id}`)

  const rows = await waiting(server, told)
  t.same(rows.map(kinds), [
    ['prov:create:full', 'seat:granted'],
    ['prov:patch:full'],
    ['prov:put:full'],
    ['prov:patch:full', 'prov:deactivate', 'seat:released'],
    ['prov:patch:full', 'prov:activate', 'seat:granted'],
    ['prov:patch:full', 'seat:released', 'seat:granted'],
    ['prov:delete', 'seat:released']
  ])
  const [created, changed, , , , moved] = rows
  for (const row of rows) t.same(row.subject, { uri: `/Users/${id}`, externalId: 'A1' })
  const { version, data } = payload(created as never, 'create:full') as { version: string; data: JsonObject }
  t.equal(version, 'W/"1"')
  t.match(data, { id, userName: 'ada1', title: 'Countess', [licenseUrn]: { licenseType: 'PWM', licenseState: 'held' } })
  t.notMatch(JSON.stringify(rows), 'secret-of-ada')
  t.match(payload(changed as never, 'patch:full'), { version: 'W/"2"', data: { title: 'Analyst' } })
  t.same(payload(moved as never, 'seat:released'), { licenseType: 'PWM' })
  t.same(payload(moved as never, 'seat:granted'), { licenseType: 'PAM' })
})

rule('what was refused or changed nothing is not told', async (t, server) => {
  const id = await provision(server, 'ada2', { title: 'Countess' })
  const told = await stream(t, server)
  t.equal((await server.scim('POST', '/Users', newUser('ada2'))).status, 409)
  await server.scim('PATCH', `/Users/${id}`, replaced('title', 'Countess'))
  t.same(await waiting(server, told), [])
})

rule('a stream gets the events it wants, as a notice or in full', async (t, server) => {
  const uris = (...ends: string[]) => eventUris.filter(uri => ends.some(end => uri.endsWith(end)))
  const notices = await stream(t, server, { events: uris('create:notice', 'patch:notice') })
  const full = await stream(t, server, { events: uris('create:full', 'create:notice') })
  const seats = await stream(t, server, { events: uris('seat:granted') })
  const id = await provision(server, 'ada3', { title: 'Countess' })
  await server.scim('PATCH', `/Users/${id}`, replaced('title', 'Analyst'))

  const noticed = await waiting(server, notices)
  t.same(noticed.map(kinds), [['prov:create:notice'], ['prov:patch:notice']])
  t.same(
    noticed.map(row => payload(row, 'notice').attributes),
    [['id', 'userName', 'title', 'active', 'roles', 'entitlements', licenseUrn], ['title']]
  )
  t.same((await waiting(server, full)).map(kinds), [['prov:create:full']])
  t.same((await waiting(server, seats)).map(kinds), [['seat:granted']])
})

rule('the txn is the id of the request that did it', async (t, server) => {
  const told = await stream(t, server)
  await server.scim('POST', '/Users', newUser('ada4'), { 'x-request-id': 'from-the-provider-4' })
  t.same(
    (await waiting(server, told)).map(({ txn }) => txn),
    ['from-the-provider-4']
  )
})

rule('a group tells what was added and removed, and is never told whole for it', async (t, server) => {
  const [ada, bob] = [await provision(server, 'ada5'), await provision(server, 'bob5')]
  const told = await stream(t, server)
  const id = await group(server, 'Staff', [ada])
  const members = (op: string, value: string) => ({ op, path: 'members', value: [{ value }] })
  await server.scim('PATCH', `/Groups/${id}`, patch(members('add', bob)))
  await server.scim('PATCH', `/Groups/${id}`, patch({ op: 'remove', path: `members[value eq "${ada}"]` }))
  await server.scim('PATCH', `/Groups/${id}`, replaced('displayName', 'Everybody'))
  await server.scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'All', members: [{ value: ada }] })
  await server.scim('DELETE', `/Groups/${id}`)

  const rows = await waiting(server, told)
  t.same(rows.flatMap(kinds), [
    'prov:create:full',
    'prov:patch:full',
    'prov:patch:full',
    'prov:patch:full',
    'prov:put:full',
    'prov:delete'
  ])
  const data = rows.map(row => Object.values(row.events)[0] as { data?: JsonObject }).map(event => event.data)
  t.match(data[0], { id, displayName: 'Staff', members: [{ value: ada }] })
  t.same(
    data.slice(1, 4).map(patched => patched?.Operations),
    [
      [{ op: 'add', path: 'members', value: [{ value: bob }] }],
      [{ op: 'remove', path: `members[value eq "${ada}"]` }],
      [{ op: 'replace', path: 'displayName', value: 'Everybody' }]
    ]
  )
  t.match(data[4], { displayName: 'All', members: [{ value: ada }] })
})

rule('more members than an event lists are a notice', async (t, server) => {
  const { context, store } = server
  const like = await getUser(context, await provision(server, 'ada6', { active: false }))
  const crowd = Array.from({ length: 1001 }, (_, i): User => {
    return { ...like.doc, id: context.makeId(), resource: { ...like.doc.resource, userName: `user6x${i}` } }
  })
  const made = crowd.map(user => insert(users, context.tenant, user))
  t.equal(await store.commit(made, { id: context.makeId() }), 'committed')
  const told = await stream(t, server)
  const id = await group(server, 'Crowd')
  const put = (count: number) => {
    const members = crowd.slice(0, count).map(({ id }) => ({ value: id }))
    return server.scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'Crowd', members })
  }
  await put(1000)
  await put(1001)
  const rows = await waiting(server, told)
  t.same(rows.flatMap(kinds), ['prov:create:full', 'prov:put:full', 'prov:put:notice'])
  t.same(rows.map(row => payload(row, 'put:notice').attributes).at(-1), ['members'])
})

rule('changes of one resource keep their order, though the clocks of their nodes differ', async (t, server) => {
  const other = await server.another()
  const told = await stream(t, server)
  const id = await provision(server, 'ada7', { active: false })
  const staff = await group(server, 'Staff')
  for (let i = 0; i < 6; i++) {
    // The clocks of both are the same one here: each node reads it as its own, an hour off.
    server.clock.advance(i % 2 === 0 ? -3_600_000 : 3_600_000)
    const node = i % 2 === 0 ? other : server
    await node.scim('PATCH', `/Users/${id}`, replaced('title', `T${i}`))
    await node.scim('PATCH', `/Groups/${staff}`, replaced('displayName', `G${i}`))
  }
  const rows = await waiting(server, told)
  const titles = rows.map(row => (payload(row, 'patch:full').data as { title?: string } | undefined)?.title)
  t.same(
    titles.filter(title => title !== undefined),
    ['T0', 'T1', 'T2', 'T3', 'T4', 'T5']
  )
  const names = rows
    .map(row => payload(row, 'patch:full').data as { Operations?: { value: string }[] } | undefined)
    .flatMap(data => data?.Operations?.map(({ value }) => value) ?? [])
  t.same(names, ['G0', 'G1', 'G2', 'G3', 'G4', 'G5'])
})

rule('members that many change at once come in an order that leads to what the group has', async (t, server) => {
  const other = await server.another()
  const ids = await Promise.all(
    Array.from({ length: 12 }, (_, i) => provision(server, `user8x${i}`, { active: false }))
  )
  const told = await stream(t, server)
  const staff = await group(server, 'Staff')
  await Promise.all(
    ids.map(async (value, i) => {
      const node = i % 2 === 0 ? server : other
      const add = patch({ op: 'add', path: 'members', value: [{ value }] })
      const removal = patch({ op: 'remove', path: `members[value eq "${value}"]` })
      for (const body of i % 3 === 0 ? [add, removal] : [add, removal, add]) {
        const { status, text } = await node.scim('PATCH', `/Groups/${staff}`, body)
        if (status !== 200 && status !== 204) throw new Error(text)
      }
    })
  )
  const copy = new Set<string>()
  for (const row of await waiting(server, told)) {
    const { Operations = [] } = (payload(row, 'patch:full').data ?? {}) as {
      Operations?: { op: string; path: string; value?: { value: string }[] }[]
    }
    for (const { op, path, value } of Operations) {
      const named = /"(.+)"/.exec(path)?.[1] ?? value?.[0]?.value ?? ''
      if (op === 'add') {
        t.notOk(copy.has(named), 'nobody is added twice')
        copy.add(named)
      } else t.ok(copy.delete(named), 'who is removed was there')
    }
  }
  const { body } = await server.scim<{ members: { value: string }[] }>('GET', `/Groups/${staff}`)
  t.same([...copy].sort(), body.members.map(({ value }) => value).sort())
})
