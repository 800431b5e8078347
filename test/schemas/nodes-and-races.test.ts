/** Definitions on several nodes, values that one alone may have, and the index that serves what is asked. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import { resources } from '../../src/directory/resource-collection.ts'
import { uniqueValues } from '../../src/directory/schemas/custom.ts'
import { everything, type Filter } from '../../src/scim/filter/filter.ts'
import type { MongoStore } from '../../src/store/mongo/open.ts'
import { type Collection, type Doc, type Query, replace, type Store } from '../../src/store/port.ts'
import type { SqliteStore } from '../../src/store/sqlite/open.ts'
import {
  mongoStore,
  newUser,
  type OpenedStore,
  onBothStores,
  patch,
  provision,
  sqliteStore,
  startServer,
  type TestServer
} from '../support/app.ts'
import { badgeUrn, deviceUrn, expectStatus, found, roomUrn, userTypeWith, withBadge, withDevices } from './support.ts'

onBothStores(t, 'a second node knows a definition within a second, and nobody is restarted', async (t, server) => {
  const other = await server.another()
  await expectStatus(200, other.scim('GET', '/Users'))
  t.equal((await other.scim('GET', `/Schemas/${badgeUrn}`)).status, 404)
  await withBadge(server)
  await withDevices(server)
  t.equal((await server.scim('GET', `/Schemas/${badgeUrn}`)).status, 200, 'at once where it was made')
  server.clock.advance(1000)
  t.equal((await other.scim('GET', `/Schemas/${badgeUrn}`)).status, 200)
  t.equal((await other.scim('GET', '/ResourceTypes/Device')).status, 200)
  const { body: ada } = await expectStatus(
    201,
    other.scim('POST', '/Users', newUser('ada', { [badgeUrn]: { number: '1' } }))
  )
  t.strictSame(await found(other, '/Users', `${badgeUrn}:number eq "1"`), [ada.id])
  await expectStatus(201, other.scim('POST', '/Devices', { schemas: [deviceUrn], serial: '1' }))
  t.equal((await server.scim('GET', '/Devices')).body.totalResults, 1)
})

onBothStores(t, 'who does not know of a change yet writes nothing by what was', async (t, server) => {
  const other = await server.another()
  await withBadge(server)
  const { body: ada } = await expectStatus(
    201,
    server.scim('POST', '/Users', newUser('ada', { [badgeUrn]: { number: '1' } }))
  )
  server.clock.advance(1000)
  await expectStatus(200, other.scim('GET', '/Users'))
  const { body: schema } = await server.api('GET', `/schemas/${badgeUrn}`)
  const attributes = [...(schema.attributes as JsonObject[]), { name: 'room', uniqueness: 'server' }]
  await expectStatus(200, server.api('PUT', `/schemas/${badgeUrn}`, { ...schema, attributes }))
  const set = (value: string) => patch({ op: 'add', path: `${badgeUrn}:room`, value })
  await expectStatus(200, server.scim('PATCH', `/Users/${ada.id}`, set('7')))
  const late = await other.scim('PATCH', `/Users/${ada.id}`, patch({ op: 'add', path: `${badgeUrn}:level`, value: 1 }))
  t.match(late.body, { status: '503', detail: /schemas of this organization changed.*Nothing was written/ })
  t.equal(late.headers['retry-after'], '1')
  await expectStatus(
    200,
    other.scim('PATCH', `/Users/${ada.id}`, patch({ op: 'add', path: `${badgeUrn}:level`, value: 1 }))
  )
  t.strictSame(await found(server, '/Users', `${badgeUrn}:room eq "7" and ${badgeUrn}:level eq 1`), [ada.id])
})

onBothStores(t, 'what is taken from a type meanwhile is not written by who still knows it', async (t, server) => {
  const other = await server.another()
  await withDevices(server)
  server.clock.advance(1000)
  await expectStatus(200, other.scim('GET', '/Devices'))
  await expectStatus(200, server.api('PUT', '/resource-types/Device', { endpoint: '/Devices', schema: deviceUrn }))
  const sent = { schemas: [deviceUrn, roomUrn], serial: '1', [roomUrn]: { floor: 1 } }
  t.equal((await other.scim('POST', '/Devices', sent)).status, 503)
  const { body } = await expectStatus(201, other.scim('POST', '/Devices', sent))
  t.notOk(roomUrn in body)
  await expectStatus(204, other.scim('DELETE', `/Devices/${body.id}`))
  await expectStatus(204, server.api('DELETE', '/resource-types/Device'))
  t.equal((await other.scim('POST', '/Devices', sent)).status, 503)
  t.equal((await other.scim('POST', '/Devices', sent)).status, 404)
})

onBothStores(t, 'of a hundred at once who want one value, one gets it', async (t, server) => {
  const other = await server.another()
  await withDevices(server)
  server.clock.advance(1000)
  const create = (i: number) =>
    (i % 2 === 0 ? server : other).scim('POST', '/Devices', {
      schemas: [deviceUrn],
      serial: i % 3 === 0 ? 'Same' : 'SAME'
    })
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => create(i)))
  const made = answers.filter(({ status }) => status === 201)
  t.equal(made.length, 1)
  const others = answers.filter(answer => !made.includes(answer))
  t.ok(others.every(({ status }) => status === 409))
  t.match(others[0]?.body, { scimType: 'uniqueness', detail: /^serial is unique/ })
  t.equal(await server.store.count(resources, 'default', everything), 1)
  t.equal(await server.store.count(uniqueValues, 'default', everything), 1)
  const [one] = made
  await expectStatus(204, server.scim('DELETE', `/Devices/${one?.body.id}`))
  t.equal(await server.store.count(uniqueValues, 'default', everything), 0)
})

onBothStores(t, 'a unique value moves with changes, in bulk too', async (t, server) => {
  await withBadge(server)
  const { body: type } = await server.api('GET', `/schemas/${badgeUrn}`)
  const attributes = (type.attributes as JsonObject[]).map(a =>
    a.name === 'number' ? { ...a, mutability: 'readWrite' } : a
  )
  await expectStatus(200, server.api('PUT', `/schemas/${badgeUrn}`, { attributes }))
  const ada = await provision(server, 'ada', { [badgeUrn]: { number: '1' } })
  const ben = await provision(server, 'ben', { [badgeUrn]: { number: '2' } })
  const set = (id: string, value: string) =>
    server.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: `${badgeUrn}:number`, value }))
  t.match((await set(ben, '1')).body, {
    status: '409',
    scimType: 'uniqueness',
    detail: /badge:1\.0:User:number is unique/
  })
  t.equal((await set(ada, '3')).status, 200)
  t.equal((await set(ben, '1')).status, 200, 'it is free')
  const operation = (bulkId: string, number: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId,
    data: newUser(bulkId, { [badgeUrn]: { number } })
  })
  const { body } = await expectStatus(
    200,
    server.scim('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [operation('cleo', '4'), operation('dan', '4'), operation('eve', '1')]
    })
  )
  t.strictSame(
    (body.Operations as JsonObject[]).map(({ status }) => status),
    ['201', '409', '409']
  )
})

onBothStores(t, 'in one transaction a unique value goes from one to another, and on again', async (t, server) => {
  await withDevices(server)
  const { body: schema } = await server.api('GET', `/schemas/${deviceUrn}`)
  const attributes = (schema.attributes as JsonObject[]).map(a =>
    a.name === 'serial' ? { ...a, mutability: 'readWrite' } : a
  )
  await expectStatus(200, server.api('PUT', `/schemas/${deviceUrn}`, { attributes }))
  const device = async (serial: string) =>
    String((await expectStatus(201, server.scim('POST', '/Devices', { schemas: [deviceUrn], serial }))).body.id)
  const [one, two] = [await device('1'), await device('2')]
  const set = (id: string, value: string) => ({
    method: 'PATCH',
    path: `/Devices/${id}`,
    data: patch({ op: 'replace', path: 'serial', value })
  })
  const swap = (first: string, second: string) =>
    server.scim(
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [set(one, 'between'), set(two, first), set(one, second)]
      },
      { 'usher-transaction': 'true' }
    )
  for (const [first, second] of [
    ['1', '2'],
    ['2', '1']
  ] as const) {
    const { headers, body } = await expectStatus(200, swap(first, second))
    t.equal(headers['usher-transaction'], 'committed', JSON.stringify(body))
  }
  t.strictSame(await found(server, '/Devices', 'serial eq "1"'), [one])
  t.equal(await server.store.count(uniqueValues, 'default', everything), 2)
  for (const id of [one, two]) await expectStatus(204, server.scim('DELETE', `/Devices/${id}`))
  t.equal(await server.store.count(uniqueValues, 'default', everything), 0)
})

onBothStores(
  t,
  'what a write under way left of an extension is gone before one of that name comes again',
  async (t, server) => {
    await withBadge(server)
    const ada = await provision(server, 'ada')
    await expectStatus(200, server.api('PUT', '/resource-types/User', userTypeWith()))
    // As a write leaves it that was decided before, and committed after the extension was taken away.
    const stored = await server.store.get(users, 'default', ada)
    if (stored === undefined) throw new Error('no ada')
    const form = { [badgeUrn.replaceAll('.', '_')]: { level: 'high' }, _terms: [`User:${badgeUrn}`] }
    const resource = { ...stored.doc.resource, [badgeUrn]: { level: 'high' } }
    const left = { ...stored.doc, resource, custom: { revision: 1, form } }
    await server.store.commit([replace(users, 'default', left, stored.version)], { id: server.env.makeId() })
    t.notOk(badgeUrn in (await server.scim('GET', `/Users/${ada}`)).body, 'nobody sees it')
    await expectStatus(200, server.api('PUT', '/resource-types/User', userTypeWith(badgeUrn)))
    t.strictSame(await found(server, '/Users', `${badgeUrn} pr`), [])
    t.notOk(badgeUrn in ((await server.store.get(users, 'default', ada))?.doc.resource ?? {}))
  }
)

interface Asked {
  readonly collection: Collection<Doc>
  readonly query: Query
}

/** The same store, with its questions written down. */
function noting<S extends Store>(store: S): { readonly store: S; readonly asked: Asked[] } {
  const asked: Asked[] = []
  const noted = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: [Collection<Doc>, string, Query & Filter]) => {
        if (name === 'find') asked.push({ collection: args[0], query: args[2] })
        return (value as (...all: unknown[]) => unknown).apply(target, args)
      }
    }
  })
  return { store: noted, asked }
}

const served = [
  `${badgeUrn}:number eq "B-77"`,
  `${badgeUrn}:number sw "B-7"`,
  `${badgeUrn}:level eq 77`,
  `${badgeUrn}:validUntil eq "2026-01-01T00:00:00Z"`,
  `${badgeUrn}:tags eq "tag7"`,
  `${badgeUrn}:doors[value eq "door77" and type eq "main"]`,
  `${badgeUrn}:level pr and ${badgeUrn}:number eq "B-5"`,
  `${badgeUrn} pr and userName sw "user1"`
]

/** Runs the filters of `served`, and what was asked of the store for them. */
async function ask(t: Test, opened: OpenedStore): Promise<readonly Asked[]> {
  const { store, asked } = noting(opened.store)
  const server: TestServer = await startServer(t, { ...opened, store }, { seats: 'PWM=300,PAM=2' })
  await withBadge(server)
  await Promise.all(
    Array.from({ length: 120 }, (_, i) => {
      const doors = [{ value: `door${i}`, type: 'main' }]
      const own =
        i % 40 === 0
          ? {}
          : { [badgeUrn]: { number: `B-${i}`, level: i, tags: [`tag${i}`], doors, validUntil: '2026-01-01T00:00:00Z' } }
      return provision(server, `user${i}`, own)
    })
  )
  asked.length = 0
  for (const filter of served) t.ok((await found(server, '/Users', filter)).length > 0, filter)
  await sleep(0)
  return asked.filter(({ collection }) => collection.name === 'users')
}

t.test('filters on indexed attributes are served by an index (sqlite)', async t => {
  const opened = await sqliteStore(t)
  const store = opened.store as SqliteStore
  const asked = await ask(t, opened)
  t.ok(asked.length >= served.length)
  for (const { collection, query } of asked) {
    const { lines } = store.explain(collection, 'default', query)
    t.match(
      lines.join('; '),
      /SEARCH s USING PRIMARY KEY \(tenant=\? AND value|users__userName/,
      JSON.stringify(query.filter)
    )
    t.notMatch(lines.join('; '), /SCAN d/, lines.join('; '))
  }
})

t.test('filters on indexed attributes are served by an index (mongodb)', async t => {
  const opened = await mongoStore(t)
  if (opened === undefined) return
  const store = opened.store as MongoStore
  for (const { collection, query } of await ask(t, opened)) {
    const plans = await store.explain(collection, 'default', query)
    const used = plans.flatMap(({ indexes }) => indexes)
    t.ok(used.length > 0 && used.every(index => index !== '_id_'), `${used.join()} for ${JSON.stringify(query.filter)}`)
    t.notOk(plans.some(({ stages }) => stages.includes('COLLSCAN')))
  }
})
