/**
 * Every query that the server makes by itself, and every filter that identity providers send, is served by an index. The
 * requests run on a store that notes what it is asked; then the engine explains each question.
 */
import t, { type Test } from 'tap'
import { everything, type Filter } from '../../src/scim/filter/filter.ts'
import type { MongoStore } from '../../src/store/mongo/open.ts'
import type { Collection, Doc, Query, Store } from '../../src/store/port.ts'
import type { SqliteStore } from '../../src/store/sqlite/open.ts'
import {
  mongoStore,
  newUser,
  type OpenedStore,
  patch,
  provision,
  sqliteStore,
  startServer,
  type TestServer
} from '../support/app.ts'

interface Asked {
  readonly collection: Collection<Doc>
  readonly tenant: string
  readonly query: Query
}

/** The same store, with its questions written down. */
function noting<S extends Store>(store: S): { store: S; asked: Asked[] } {
  const asked: Asked[] = []
  const note = (collection: unknown, tenant: string, query: Query) =>
    asked.push({ collection: collection as Collection<Doc>, tenant, query })
  const noted = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: [unknown, string, Query & Filter]) => {
        if (name === 'find') note(args[0], args[1], args[2])
        if (name === 'count') note(args[0], args[1], { filter: args[2], limit: 1 })
        return (value as (...all: unknown[]) => unknown).apply(target, args)
      }
    }
  })
  return { store: noted, asked }
}

/** What a day brings: every route that asks the store something, with the filters of quirks 1 to 5, 35 and 62. */
async function aDay(server: TestServer): Promise<void> {
  const ana = await provision(server, 'ana@example.com', {
    externalId: '00u1',
    emails: [{ type: 'work', value: 'ana@example.com' }]
  })
  const bob = await provision(server, 'bob')
  const group = await server.scim('POST', '/Groups', { displayName: 'Eng', members: [{ value: ana }] })
  const outer = await server.scim('POST', '/Groups', {
    displayName: 'All',
    members: [{ value: String(group.body.id) }]
  })
  await server.scim('PATCH', `/Groups/${group.body.id}`, patch({ op: 'add', path: 'members', value: [{ value: bob }] }))
  await server.scim('PATCH', `/Groups/${group.body.id}`, patch({ op: 'remove', path: `members[value eq "${bob}"]` }))
  for (const filter of [
    'userName eq "ANA@example.com"',
    'externalId eq "00u1"',
    'emails[type eq "work"].value eq "ana@example.com"',
    'emails[type eq "work" and value eq "ana@example.com"]',
    'meta.resourceType eq "User"',
    'emails.value eq "ana@example.com"',
    'emails eq "ana@example.com"',
    `id eq "${ana}"`,
    `id eq "${ana}" and manager eq "x"`,
    'userName sw "a"',
    'displayName eq "Ana"',
    'meta.lastModified gt "2026-01-01T00:00:00Z"',
    'urn:ietf:params:scim:schemas:extension:license:2.0:User:licenseType eq "PWM"',
    `groups.value eq "${outer.body.id}"`
  ]) {
    await server.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
  }
  for (const filter of [
    'displayName eq "Eng"',
    'externalId eq "1"',
    `members.value eq "${ana}"`,
    `id eq "${group.body.id}" and members eq "${ana}"`
  ]) {
    await server.scim('GET', `/Groups?filter=${encodeURIComponent(filter)}`)
  }
  for (const path of [
    '/Users',
    '/Users?startIndex=2&count=1',
    '/Users?sortBy=userName',
    '/Users?sortBy=userName&sortOrder=descending',
    `/Users/${ana}`,
    '/Groups',
    `/Groups/${group.body.id}`
  ]) {
    await server.scim('GET', path)
  }
  for (const filter of [
    'emails[type eq "work" and value eq "ana@example.com"]',
    'externalId eq "00u1"',
    'userName eq "bob" or displayName eq "Eng"',
    'meta.resourceType eq "Group"'
  ]) {
    for (const path of ['/.search', '/Users/.search']) await server.scim('POST', path, { filter, cursor: '' })
  }
  for (const path of ['', '/Users', '/Groups']) {
    for (const order of ['', '&sortBy=displayName', '&sortBy=displayName&sortOrder=descending']) {
      const there = await server.scim('GET', `${path}?count=1${order}&cursor=`)
      const next = await server.scim('GET', `${path}?count=1${order}&cursor=${there.body.nextCursor}`)
      await server.scim('GET', `${path}?count=1${order}&cursor=${next.body.previousCursor}`)
    }
  }
  await server.scim('PUT', `/Groups/${group.body.id}`, { displayName: 'Eng', members: [{ value: bob }] })
  await server.scim('PATCH', `/Users/${ana}`, patch({ op: 'replace', path: 'active', value: false }))
  await server.scim('POST', '/Users', newUser('ana@example.com'))
  for (const name of ['c', 'd', 'e', 'f']) await server.scim('POST', '/Users', newUser(name))
  await server.api('PUT', `/users/${bob}/license`, { type: 'PAM' })
  await server.api('POST', '/seats/purchases', { type: 'PWM', quantity: 5 })
  for (const path of [
    '/seats',
    '/seats/refusals',
    '/seats/purchases',
    '/users',
    '/users?license=PAM',
    '/audit',
    '/audit?filter=action%20eq%20%22user.created%22',
    `/audit?filter=target.id%20eq%20%22${ana}%22`,
    '/notifications',
    '/roles',
    '/connectors'
  ]) {
    await server.api('GET', path)
  }
  await server.scim('DELETE', `/Users/${ana}`)
  await server.scim('DELETE', `/Groups/${group.body.id}`)
}

async function questionsOfADay<S extends Store>(
  t: Test,
  opened: OpenedStore & { store: S }
): Promise<readonly Asked[]> {
  const { store, asked } = noting(opened.store)
  const server = await startServer(t, { ...opened, store }, { seats: 'PWM=2,PAM=2' })
  asked.length = 0
  await aDay(server)
  t.ok(asked.length > 50, `${asked.length} questions were asked`)
  return asked
}

const titleOf = ({ collection, query }: Asked) =>
  `${collection.name} ${JSON.stringify(query.filter ?? everything)} ${JSON.stringify(query.sort ?? 'by id')}`

t.test('no request makes SQLite scan a table', async t => {
  const opened = (await sqliteStore(t)) as OpenedStore & { store: SqliteStore }
  for (const asked of await questionsOfADay(t, opened)) {
    const { kind, lines } = opened.store.explain(asked.collection, asked.tenant, asked.query)
    t.not(kind, 'scan', titleOf(asked))
    // `d` stands for the documents; what else is scanned are the few rows that an index found.
    t.notOk(
      lines.some(line => /^SCAN d\b/.test(line)),
      `${titleOf(asked)}\n${lines.join('\n')}`
    )
  }
})

t.test('no request makes MongoDB scan a collection', async t => {
  const opened = (await mongoStore(t)) as (OpenedStore & { store: MongoStore }) | undefined
  if (opened === undefined) return
  for (const asked of await questionsOfADay(t, opened)) {
    for (const { stages } of await opened.store.explain(asked.collection, asked.tenant, asked.query)) {
      t.notOk(stages.includes('COLLSCAN'), `${titleOf(asked)}: ${stages.join(' < ')}`)
    }
  }
})
