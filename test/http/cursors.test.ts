/** Pages by cursor (RFC 9865), beside pages by index. */
import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { groupUrn, onBothStores, patch, provision, type TestServer } from '../support/app.ts'

interface List extends JsonObject {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly startIndex?: number
  readonly nextCursor?: string
  readonly previousCursor?: string
  readonly Resources: readonly { readonly id: string; readonly userName: string }[]
}

const searchUrn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const names = ({ Resources }: List) => Resources.map(({ userName }) => userName)

async function list(server: TestServer, query: string): Promise<List> {
  const { status, body, text } = await server.scim<List>('GET', `/Users?${query}`)
  if (status !== 200) throw new Error(`${query}: ${status} ${text}`)
  return body
}

async function refused(t: Test, server: TestServer, query: string, scimType: string, endpoint = '/Users') {
  const { status, body } = await server.scim('GET', `${endpoint}?${query}`)
  t.strictSame([status, body.scimType], [400, scimType], query)
  t.match(body.detail, /RFC 9865|whole number|sent once/, query)
}

const people = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']

async function staffed(server: TestServer): Promise<void> {
  for (const name of people) await provision(server, name, { active: false })
}

onBothStores(t, 'RFC 9865 2: a walk there and back', async (t, server) => {
  await staffed(server)
  const asked = `filter=${encodeURIComponent('active eq false')}&sortBy=userName&count=2`

  const first = await list(server, `${asked}&cursor`)
  t.strictSame(names(first), ['ann', 'ben'])
  t.strictSame(
    Object.keys(first),
    ['schemas', 'totalResults', 'itemsPerPage', 'nextCursor', 'Resources'],
    'there is no startIndex, and no page before the first'
  )
  t.has(first, { totalResults: 6, itemsPerPage: 2 })
  // The example of RFC 9865 writes the filter anew, in another letter case.
  const sameFilter = `filter=${encodeURIComponent('ACTIVE  eq False')}&sortBy=username&count=2&sortOrder=Ascending`
  const second = await list(server, `${sameFilter}&cursor=${first.nextCursor}`)
  t.strictSame(names(second), ['cat', 'dan'])
  const third = await list(server, `${asked}&cursor=${second.nextCursor}`)
  t.strictSame(names(third), ['eve', 'fay'])
  t.notOk('nextCursor' in third, 'nothing is behind the last page')
  t.match(third, { totalResults: 6, previousCursor: String })

  const back = await list(server, `${asked}&cursor=${third.previousCursor}`)
  t.strictSame(names(back), ['cat', 'dan'])
  t.strictSame(names(await list(server, `${asked}&cursor=${back.nextCursor}`)), ['eve', 'fay'])
  const begun = await list(server, `${asked}&cursor=${back.previousCursor}`)
  t.strictSame(names(begun), ['ann', 'ben'])
  t.notOk('previousCursor' in begun, 'nothing is before the first page')
  t.strictSame(names(await list(server, `${asked}&cursor=${begun.nextCursor}`)), ['cat', 'dan'])
  for (const { nextCursor = 'x', previousCursor = 'x' } of [first, second, third, back, begun]) {
    t.match(nextCursor + previousCursor, /^[A-Za-z0-9._~-]+$/, 'RFC 3986 2.3: unreserved characters')
  }
})

onBothStores(t, 'RFC 9865 3: a walk in the bodies of /.search', async (t, server) => {
  await staffed(server)
  const seen: string[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const asked: JsonObject = { schemas: [searchUrn], attributes: ['userName'], sortBy: 'userName', count: 4, cursor }
    const { status, body }: { status: number; body: List } = await server.scim('POST', '/Users/.search', asked)
    t.equal(status, 200)
    seen.push(...names(body))
    cursor = body.nextCursor
  }
  t.strictSame(seen, ['admin', ...people])
  t.match(await server.scim('POST', '/Users/.search', { schemas: [searchUrn], cursor: 7 }), {
    status: 400,
    body: { scimType: 'invalidCursor' }
  })
})

onBothStores(t, 'groups have cursors too, and theirs are not those of users', async (t, server) => {
  await staffed(server)
  for (const displayName of ['x', 'y', 'z']) await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName })
  const { body } = await server.scim<List>('GET', '/Groups?cursor=&count=2')
  t.has(body, { totalResults: 3, itemsPerPage: 2 })
  const rest = await server.scim<List>('GET', `/Groups?cursor=${body.nextCursor}&count=2`)
  t.match(rest.body.Resources, [{ displayName: 'z' }])
  await refused(t, server, `cursor=${body.nextCursor}&count=2`, 'invalidCursor')
})

onBothStores(t, 'by index unless a cursor is there, also an empty one', async (t, server) => {
  await staffed(server)
  for (const query of ['', 'count=2', 'startIndex=3&count=2']) {
    t.notOk('nextCursor' in (await list(server, query)))
    t.match(await list(server, query), { startIndex: Number })
  }
  for (const query of ['cursor&count=2', 'cursor=&count=2', 'CURSOR=&count=2', 'startIndex=1&cursor=&count=2']) {
    t.match(await list(server, query), { nextCursor: String, itemsPerPage: 2 })
  }
  const { body } = await server.scim<List>('POST', '/Users/.search', { count: 2, cursor: null })
  t.has(body, { startIndex: 1 }, 'null is none')
  t.match(await server.scim('GET', '/Users?cursor=&startIndex=2'), { status: 400, body: { scimType: 'invalidValue' } })
})

onBothStores(
  t,
  'RFC 9865 2: count',
  async (t, server) => {
    await staffed(server)
    for (const count of ['0', '-1', '-7']) {
      const none = await list(server, `cursor=&count=${count}`)
      t.has(none, { totalResults: 7, itemsPerPage: 0, Resources: [] })
      t.notOk('nextCursor' in none, 'no page stands behind nothing')
    }
    t.equal((await list(server, 'cursor=')).itemsPerPage, 3, 'the default')
    const most = await list(server, 'cursor=&count=1000')
    t.equal(most.itemsPerPage, 4, 'maxPageSize, "regardless of what is specified for the count"')
    t.equal((await list(server, `cursor=${most.nextCursor}&count=1000`)).itemsPerPage, 3)
    const { nextCursor } = await list(server, 'cursor=&count=2')
    for (const count of ['count=1', 'count=3', 'count=0', '']) {
      await refused(t, server, `cursor=${nextCursor}&${count}`, 'invalidCount')
    }
    for (const count of ['x', '1.5', '1&count=2', '0x10'])
      await refused(t, server, `cursor=&count=${count}`, 'invalidCount')
  },
  { settings: { USHER_PAGE_SIZE_DEFAULT: '3', USHER_PAGE_SIZE_MAX: '4' } }
)

onBothStores(t, 'a cursor is good for its list, filter and order, unchanged', async (t, server) => {
  await staffed(server)
  const asked = 'filter=active%20eq%20false&sortBy=userName&count=2'
  const { nextCursor = '' } = await list(server, `${asked}&cursor=`)
  const cursor = `cursor=${nextCursor}`
  t.strictSame(names(await list(server, `${asked}&${cursor}`)), ['cat', 'dan'])
  for (const other of [
    'sortBy=userName&count=2',
    'filter=active%20eq%20true&sortBy=userName&count=2',
    'filter=active%20eq%20false&count=2',
    'filter=active%20eq%20false&sortBy=title&count=2',
    'filter=active%20eq%20false&sortBy=userName&sortOrder=descending&count=2'
  ]) {
    await refused(t, server, `${other}&${cursor}`, 'invalidCursor')
  }
  await refused(t, server, `count=2&${cursor}`, 'invalidCursor', '/Groups')
  await refused(t, server, `${asked}&${cursor}&${cursor}`, 'invalidCursor')
  for (const text of ['x', 'null', '%00', '..%2F..', `${nextCursor}A`, nextCursor.slice(1), 'A'.repeat(5000)]) {
    await refused(t, server, `${asked}&cursor=${text}`, 'invalidCursor')
  }
  // One that the admin API made.
  const { next } = (await server.api('GET', '/users?limit=1')).body
  await refused(t, server, `count=1&cursor=${next}`, 'invalidCursor')
  t.equal((await server.api('GET', `/users?cursor=${nextCursor}`)).status, 400)

  const flipped = [...nextCursor].map((letter, i) => {
    const another = letter === 'A' ? 'B' : 'A'
    return `${nextCursor.slice(0, i)}${another}${nextCursor.slice(i + 1)}`
  })
  const answers = await Promise.all(flipped.map(each => server.scim('GET', `/Users?${asked}&cursor=${each}`)))
  t.strictSame([...new Set(answers.map(({ body }) => body.scimType))], ['invalidCursor'], `${flipped.length} of them`)
})

onBothStores(
  t,
  'a cursor ends with time, is good on every node, and every page asks anew who may see it',
  async (t, server) => {
    await staffed(server)
    t.match((await server.scim('GET', '/ServiceProviderConfig')).body, {
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', cursorTimeout: 60 }
    })
    const node = await server.another()
    const { nextCursor } = await list(server, 'cursor=&count=2')
    server.clock.advance(60_000)
    const second = await list(node, `cursor=${nextCursor}&count=2`)
    t.equal(second.itemsPerPage, 2, 'until then, on another node')
    server.clock.advance(1)
    await refused(t, server, `cursor=${nextCursor}&count=2`, 'expiredCursor')
    t.equal((await list(server, `cursor=${second.nextCursor}&count=2`)).itemsPerPage, 2, 'each page brings a new one')

    const url = `/scim/v2/Users?cursor=${second.nextCursor}&count=2`
    t.equal((await server.request({ url })).status, 401)
    t.equal((await server.request({ url }, await server.keyOf('command_runner'))).status, 403)
    t.equal((await server.request({ url }, await server.keyOf('read_only'))).status, 200)
    const { next } = (await server.api('GET', '/users?limit=1')).body
    server.clock.advance(60_001)
    t.match(await server.api('GET', `/users?limit=1&cursor=${next}`), {
      status: 400,
      body: { code: 'invalid_value', field: 'cursor', detail: /older than 60 s/ }
    })
  },
  { settings: { USHER_CURSOR_SECONDS: '60' } }
)

onBothStores(t, 'where pages were emptied by others, cursors still lead to what is left', async (t, server) => {
  await staffed(server)
  const asked = 'sortBy=userName&count=2'
  const first = await list(server, `${asked}&cursor=`)
  const second = await list(server, `${asked}&cursor=${first.nextCursor}`)
  t.strictSame(names(second), ['ben', 'cat'])
  const remove = async (page: List) => {
    for (const { id, userName } of page.Resources) {
      if (userName !== 'admin') t.equal((await server.scim('DELETE', `/Users/${id}`)).status, 204)
    }
  }
  await remove({ ...first, Resources: [...first.Resources, ...second.Resources] })
  const rest = await list(server, `${asked}&cursor=${second.nextCursor}`)
  t.strictSame(names(rest), ['dan', 'eve'])
  const before = await list(server, `${asked}&cursor=${second.previousCursor}`)
  t.strictSame(names(before), ['admin'], 'back over the first page, of which one is left')
  t.notOk('previousCursor' in before)
  t.strictSame(names(await list(server, `${asked}&cursor=${before.nextCursor}`)), ['dan', 'eve'])

  const last = await list(server, `${asked}&cursor=${rest.nextCursor}`)
  t.strictSame(names(last), ['fay'])
  await remove(last)
  const empty = await list(server, `${asked}&cursor=${rest.nextCursor}`)
  t.match(empty, { totalResults: 3, itemsPerPage: 0, previousCursor: String })
  t.notOk('nextCursor' in empty)
  const fromEnd = await list(server, `${asked}&cursor=${empty.previousCursor}`)
  t.strictSame(names(fromEnd), ['dan', 'eve'], 'back from the end')
  t.notOk('nextCursor' in fromEnd)

  const filtered = 'filter=userName%20eq%20%22dan%22%20or%20userName%20eq%20%22eve%22&sortBy=userName&count=1'
  const dan = await list(server, `${filtered}&cursor=`)
  const eve = await list(server, `${filtered}&cursor=${dan.nextCursor}`)
  await remove(dan)
  const none = await list(server, `${filtered}&cursor=${eve.previousCursor}`)
  t.strictSame(names(none), [], 'nothing is before it any more')
  t.notOk('previousCursor' in none)
  t.strictSame(names(await list(server, `${filtered}&cursor=${none.nextCursor}`)), ['eve'], 'now on the first page')
})

onBothStores(t, 'a filtered walk is counted once, and says what was counted', async (t, server) => {
  await staffed(server)
  const asked = 'filter=active%20eq%20false&count=2'
  const first = await list(server, `${asked}&cursor=`)
  await provision(server, 'gus', { active: false })
  t.equal((await list(server, `${asked}&cursor=${first.nextCursor}`)).totalResults, 6)
  t.equal((await list(server, `${asked}&cursor=`)).totalResults, 7)
  const all = await list(server, 'count=2&cursor=')
  await provision(server, 'hal', { active: false })
  t.equal(
    (await list(server, `count=2&cursor=${all.nextCursor}`)).totalResults,
    9,
    'the kept total is always that of now'
  )
})

onBothStores(t, 'a place in the order outlives changes of the user who stood there', async (t, server) => {
  await staffed(server)
  const asked = 'sortBy=userName&count=3'
  const first = await list(server, `${asked}&cursor=`)
  t.strictSame(names(first), ['admin', 'ann', 'ben'])
  const ben = first.Resources.at(-1)?.id
  await server.scim('PATCH', `/Users/${ben}`, patch({ op: 'replace', path: 'userName', value: 'zoe' }))
  t.strictSame(names(await list(server, `${asked}&cursor=${first.nextCursor}`)), ['cat', 'dan', 'eve'])
})
