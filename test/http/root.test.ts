/** Lists over all resource types, at the root of the service (RFC 7644 3.4.2.1, 3.4.3). */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { groupUrn, onBothStores, provision, type TestServer } from '../support/app.ts'

interface List extends JsonObject {
  readonly totalResults: number
  readonly nextCursor?: string
  readonly previousCursor?: string
  readonly Resources: readonly { readonly id: string; readonly userName?: string; readonly displayName?: string }[]
}

const names = ({ Resources }: List) => Resources.map(({ userName, displayName }) => userName ?? displayName)

async function ask(server: TestServer, asked: Readonly<Record<string, string | number>>): Promise<List> {
  const query = Object.entries(asked).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const { status, body, text } = await server.scim<List>('GET', `?${query.join('&')}`)
  if (status !== 200) throw new Error(`${query.join('&')}: ${status} ${text}`)
  return body
}

/** The user admin is there from the start. */
async function company(server: TestServer): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {}
  // So that all have later ids than the user of the activation.
  server.clock.advance(1000)
  const group = async (displayName: string, more: JsonObject = {}) => {
    const { body } = await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName, ...more })
    ids[displayName] = String(body.id)
  }
  ids.ann = await provision(server, 'ann', { active: false, displayName: 'Ann', title: 'boss', externalId: 'x1' })
  await group('Alpha', { members: [{ value: ids.ann }] })
  ids.ben = await provision(server, 'ben', { active: false, displayName: 'ben', emails: [{ value: 'b@x.io' }] })
  await group('beta', { externalId: 'x1' })
  ids.cat = await provision(server, 'cat', { active: false, title: 'clerk' })
  await group('gamma')
  return ids
}

onBothStores(t, 'everything, with the slash and without, by GET and by POST', async (t, server) => {
  await company(server)
  const all = ['admin', 'ann', 'Alpha', 'ben', 'beta', 'cat', 'gamma']
  for (const path of ['', '/']) {
    const { body } = await server.scim<List>('GET', path)
    t.strictSame([names(body), body.totalResults], [all, 7], path)
  }
  const { body } = await server.scim<List>('POST', '/.search', { attributes: ['userName', 'displayName'], count: 3 })
  t.match(body, { totalResults: 7, itemsPerPage: 3, startIndex: 1 })
  t.strictSame(Object.keys(body.Resources[2] ?? {}), ['schemas', 'id', 'displayName'])
  const location = ({ Resources }: List) => Resources.map(({ meta }: JsonObject) => (meta as JsonObject).location)
  for (const url of location((await server.scim<List>('GET', '')).body)) {
    t.equal((await server.scim('GET', String(url).split('/scim/v2')[1] ?? '')).status, 200, String(url))
  }
})

const filters: readonly (readonly [string, readonly string[]])[] = [
  // The examples of RFC 7644 3.4.2.2.
  [
    '(meta.resourceType eq "User") or (meta.resourceType eq "Group")',
    ['admin', 'ann', 'Alpha', 'ben', 'beta', 'cat', 'gamma']
  ],
  ['meta.resourceType eq "User"', ['admin', 'ann', 'ben', 'cat']],
  ['meta.resourceType eq "Group"', ['Alpha', 'beta', 'gamma']],
  ['meta.resourceType ne "Group" and title pr', ['ann', 'cat']],
  ['not (meta.resourceType eq "User")', ['Alpha', 'beta', 'gamma']],
  ['meta.resourceType eq "Device"', []],
  ['meta.resourceType sw "Gr" and displayName co "a"', ['Alpha', 'beta', 'gamma']],
  ['displayName sw "a" or displayName eq "BEN"', ['admin', 'ann', 'Alpha', 'ben']],
  ['externalId eq "x1"', ['ann', 'beta']],
  ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group"', ['Alpha', 'beta', 'gamma']],
  // What only one type knows, nobody of the other has.
  ['userName eq "ann"', ['ann']],
  ['userName eq "ann" or displayName eq "beta"', ['ann', 'beta']],
  ['title pr', ['ann', 'cat']],
  ['not (title pr)', ['admin', 'Alpha', 'ben', 'beta', 'gamma']],
  ['title ne "boss"', ['admin', 'Alpha', 'ben', 'beta', 'cat', 'gamma']],
  ['title eq null', ['admin', 'Alpha', 'ben', 'beta', 'gamma']],
  ['title ne null', ['ann', 'cat']],
  ['emails[type eq "work" or value co "x"]', ['ben']],
  ['emails[value co "x"].type ne "home"', ['ben']],
  ['not (emails[value co "x"])', ['admin', 'ann', 'Alpha', 'beta', 'cat', 'gamma']],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "cat"', ['cat']],
  ['members.type eq "User"', ['Alpha']],
  ['groups.display eq "Alpha"', ['ann']],
  ['groups.display eq "Alpha" or members.type eq "User"', ['ann', 'Alpha']]
]

onBothStores(t, 'RFC 7644 3.4.2.1: filters on what all types have, and on what one has', async (t, server) => {
  await company(server)
  for (const [filter, expected] of filters) {
    const found = await ask(server, { filter })
    t.strictSame([names(found), found.totalResults], [expected, expected.length], filter)
    t.equal((await ask(server, { filter, count: 0 })).totalResults, expected.length)
    t.strictSame((await ask(server, { filter, startIndex: 2, count: 2 })).Resources, found.Resources.slice(1, 3))
  }
  const refused: readonly (readonly [Record<string, string>, string])[] = [
    [{ filter: 'nobodys eq "x"' }, 'invalidFilter'],
    [{ filter: 'userName eq "ann" or nobodys pr' }, 'invalidFilter'],
    [{ filter: 'emails[nobodys eq "x"]' }, 'invalidFilter'],
    [{ filter: 'Emails[type eq "work"].nobodys pr' }, 'invalidFilter'],
    [{ filter: 'nobodys[type eq "work"]' }, 'invalidFilter'],
    [{ filter: 'password eq "x"' }, 'invalidFilter'],
    [{ filter: 'active gt true' }, 'invalidFilter'],
    [{ filter: 'userName eq' }, 'invalidFilter'],
    [{ sortBy: 'nobodys' }, 'invalidValue'],
    [{ sortBy: 'password' }, 'invalidValue'],
    [{ sortBy: 'members' }, 'invalidValue'],
    [{ sortBy: 'groups.display' }, 'invalidValue']
  ]
  for (const [asked, scimType] of refused) {
    const { status, body } = await server.scim('POST', '/.search', asked)
    t.strictSame([status, body.scimType], [400, scimType], JSON.stringify(asked))
  }
})

const orders: readonly (readonly [Record<string, string>, readonly string[]])[] = [
  [{}, ['admin', 'ann', 'Alpha', 'ben', 'beta', 'cat', 'gamma']],
  [{ sortOrder: 'descending' }, ['admin', 'ann', 'Alpha', 'ben', 'beta', 'cat', 'gamma']],
  [{ sortBy: 'id', sortOrder: 'descending' }, ['gamma', 'cat', 'beta', 'ben', 'Alpha', 'ann', 'admin']],
  [{ sortBy: 'displayName' }, ['admin', 'Alpha', 'ann', 'ben', 'beta', 'gamma', 'cat']],
  [{ sortBy: 'displayName', sortOrder: 'descending' }, ['cat', 'gamma', 'beta', 'ben', 'ann', 'Alpha', 'admin']],
  [{ sortBy: 'title' }, ['ann', 'cat', 'admin', 'Alpha', 'ben', 'beta', 'gamma']],
  [{ sortBy: 'title', sortOrder: 'descending' }, ['gamma', 'beta', 'ben', 'Alpha', 'admin', 'cat', 'ann']],
  [{ sortBy: 'emails' }, ['ben', 'admin', 'ann', 'Alpha', 'beta', 'cat', 'gamma']],
  [{ sortBy: 'externalId', filter: 'externalId pr or title pr' }, ['ann', 'beta', 'cat']]
]

onBothStores(t, 'one order over all types, by index and by cursor, there and back', async (t, server) => {
  await company(server)
  for (const [asked, expected] of orders) {
    const title = JSON.stringify(asked)
    t.strictSame(names(await ask(server, asked)), expected, title)
    for (const count of [1, 2, 3]) {
      const byIndex: unknown[] = []
      for (let startIndex = 1; startIndex <= expected.length; startIndex += count) {
        byIndex.push(...names(await ask(server, { ...asked, startIndex, count })))
      }
      t.strictSame(byIndex, expected, `${title} by index, ${count}`)

      const there: List[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; cursor = there.at(-1)?.nextCursor) {
        there.push(await ask(server, { ...asked, count, cursor }))
      }
      t.strictSame(there.flatMap(names), expected, `${title} by cursor, ${count}`)
      t.ok(there.every(({ totalResults }) => totalResults === expected.length))
      const back: List[] = []
      for (let cursor = there.at(-1)?.previousCursor; cursor !== undefined; cursor = back.at(-1)?.previousCursor) {
        back.push(await ask(server, { ...asked, count, cursor }))
      }
      t.strictSame(back.map(names), there.slice(0, -1).map(names).reverse(), `${title} back, ${count}`)
    }
  }
})

onBothStores(t, 'cursors of the root are good there only, for one order', async (t, server) => {
  await company(server)
  const { nextCursor = '' } = await ask(server, { sortBy: 'displayName', count: 2, cursor: '' })
  const refused = async (path: string) => {
    const { status, body } = await server.scim('GET', `${path}&count=2&cursor=${nextCursor}`)
    t.strictSame([status, body.scimType], [400, 'invalidCursor'], path)
  }
  t.equal((await ask(server, { sortBy: 'DISPLAYNAME', count: 2, cursor: nextCursor })).Resources.length, 2)
  await refused('?sortBy=displayName&sortOrder=descending')
  await refused('?sortBy=userName')
  // The users in the same order as by displayName, and all groups behind them.
  await refused('?sortBy=urn:ietf:params:scim:schemas:core:2.0:User:displayName')
  await refused('?')
  await refused(`?sortBy=displayName&filter=${encodeURIComponent('displayName pr')}`)
  await refused('/Users?sortBy=displayName')
  await refused('/Groups?sortBy=displayName')
})

onBothStores(
  t,
  'pages by index end where too much would be read for them; by cursor they go on, and of one type',
  async (t, server) => {
    for (let i = 0; i < 600; i += 100) {
      const Operations = Array.from({ length: 100 }, (_, n) => [
        { method: 'POST', bulkId: `g${n}`, path: '/Groups', data: { schemas: [groupUrn], displayName: `g${i + n}` } },
        {
          method: 'POST',
          bulkId: `u${n}`,
          path: '/Users',
          data: { schemas: [userUrn], userName: `u${i + n}`, active: false }
        }
      ])
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
      t.equal((await server.scim('POST', '/Bulk', { schemas, Operations: Operations.flat() })).status, 200)
    }
    t.equal((await ask(server, { startIndex: 400, count: 10 })).Resources.length, 10)
    t.match(await server.scim('GET', '?startIndex=600&count=10'), {
      status: 400,
      body: { scimType: 'invalidValue', detail: /cursor/ }
    })
    const users = { filter: 'meta.resourceType eq "User"' }
    t.equal((await ask(server, { ...users, startIndex: 601, count: 10 })).Resources.length, 1)
    t.strictSame((await ask(server, { startIndex: 1202, count: 10 })).Resources, [])
    const seen = new Set<string>()
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: List = await ask(server, { count: 300, cursor, attributes: 'id' })
      for (const { id } of page.Resources) seen.add(id)
      cursor = page.nextCursor
    }
    t.equal(seen.size, 1201)
  },
  { settings: { USHER_MERGED_MAX: '1000' } }
)

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
