/** Every list of the admin API pages, filters and sorts in the same way, within the limits that are set. */
import t from 'tap'
import { onBothStores, provision, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { wrapped } from '../support/wrapped.ts'

const lists = ['users', 'audit', 'roles', 'connectors', 'seats/refusals', 'seats/purchases', 'notifications']

interface Page {
  readonly items: readonly { readonly userName: string }[]
  readonly next: string | null
}

interface Description {
  readonly paths: Readonly<
    Record<string, { readonly get: { readonly parameters: readonly { name: string; schema: object }[] } }>
  >
}

/** The userNames of each page, to the last. */
async function pagesOf(server: TestServer, query: string): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const { body } = await server.api<Page>('GET', `/users?${query}${cursor}`)
    pages.push(body.items.map(({ userName }) => userName))
    next = body.next
  }
  return pages
}

onBothStores(t, 'a list goes on behind the longest value that it can be sorted by', async (t, server) => {
  for (const name of ['ann', 'ben']) await provision(server, name, { title: 'x'.repeat(4096) })
  t.strictSame(await pagesOf(server, 'sort=title&limit=1'), [['ann'], ['ben'], ['admin']])
})

t.test('a page of users costs no count: it shows no total', async t => {
  const { store, reopen } = await sqliteStore(t)
  let counts = 0
  const watched = wrapped(store, {
    count: (...args) => {
      counts++
      return store.count(...args)
    }
  })
  const server = await startServer(t, { store: watched, reopen })
  for (const name of ['ann', 'ben', 'cleo']) await provision(server, name)
  const filter = encodeURIComponent('userName pr')
  t.strictSame(await pagesOf(server, `sort=userName&limit=2&filter=${filter}`), [
    ['admin', 'ann'],
    ['ben', 'cleo']
  ])
  t.equal(counts, 0)
  t.equal((await server.scim('GET', `/Users?count=2&filter=${filter}`)).body.totalResults, 4)
  t.equal(counts, 1, 'SCIM shows one')
})

onBothStores(
  t,
  'page sizes and limits of filters are those that are set',
  async (t, server) => {
    const people = ['ann', 'ben', 'cleo', 'dora', 'emil', 'fay']
    for (const name of people) await provision(server, name)

    t.strictSame(await pagesOf(server, 'sort=userName'), [['admin', 'ann'], ['ben', 'cleo'], ['dora', 'emil'], ['fay']])
    t.strictSame(await pagesOf(server, 'sort=-userName&limit=3'), [
      ['fay', 'emil', 'dora'],
      ['cleo', 'ben', 'ann'],
      ['admin']
    ])
    t.strictSame(await pagesOf(server, `sort=userName&limit=3&filter=${encodeURIComponent('userName gt "b"')}`), [
      ['ben', 'cleo', 'dora'],
      ['emil', 'fay']
    ])

    const refused = { status: 400, body: { code: 'invalid_filter' } }
    const { body: described } = await server.request<Description>({ url: '/openapi.json' })
    for (const list of lists) {
      const ask = (query: string) => server.api('GET', `/${list}?${query}`)
      const filtered = (filter: string) => ask(`filter=${encodeURIComponent(filter)}`)
      t.equal((await ask('limit=3')).status, 200, list)
      t.match(await ask('limit=4'), { status: 400, body: { code: 'invalid_value', field: 'limit' } }, list)
      const limit = described.paths[`/api/v1/${list}`]?.get.parameters.find(({ name }) => name === 'limit')
      t.match(limit?.schema, { minimum: 1, maximum: 3 }, `${list}, as it is described`)

      const id = list === 'seats/refusals' ? 'userName pr' : 'id pr'
      t.equal((await filtered(id.padEnd(256))).status, 200, list)
      t.match(await filtered(id.padEnd(257)), refused, `${list}: length`)
      t.equal((await filtered(`${id} or ${id}`)).status, 200, list)
      t.match(await filtered(`${id} or ${id} or ${id}`), refused, `${list}: comparisons`)
      t.equal((await filtered(`((${id}))`)).status, 200, list)
      t.match(await filtered(`(((${id})))`), refused, `${list}: depth`)
    }
  },
  {
    seats: 'PWM=10',
    settings: {
      USHER_PAGE_SIZE_DEFAULT: '2',
      USHER_PAGE_SIZE_MAX: '3',
      USHER_FILTER_LENGTH_MAX: '256',
      USHER_FILTER_COMPARISONS_MAX: '2',
      USHER_FILTER_DEPTH_MAX: '2'
    }
  }
)
