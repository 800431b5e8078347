/**
 * RFC 9865: a walk by cursor sees every resource that nobody touches exactly once, whatever others create, change and delete
 * between its pages, and back the same way. `USHER_RUNS` sets the number of walks.
 */
import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { groupUrn, newUser, onBothStores, patch, type TestServer } from '../support/app.ts'

const runs = Number(process.env.USHER_RUNS ?? 12)
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)

// Few values, so that many are equal and many are absent.
const titles = [undefined, '', 'a', 'A', 'b', 'ß', '\ue000', '😀'] as const
const addresses = [undefined, 'x@example.com', 'y@example.com'] as const

const person = fc.record({ title: fc.constantFrom(...titles), address: fc.constantFrom(...addresses) })

const sorts = [
  ...['', 'id', 'userName', 'title', 'displayName', 'emails', 'emails.type', 'active', 'meta.lastModified']
] as const

const walk = fc.record({
  people: fc.array(person, { minLength: 1, maxLength: 9 }),
  sortBy: fc.constantFrom(...sorts),
  descending: fc.boolean(),
  count: fc.integer({ min: 1, max: 4 }),
  filter: fc.constantFrom('', 'active eq false', 'title pr'),
  search: fc.boolean(),
  /** Of so many groups and the people as one list. Absent: of the people. */
  groups: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  /** What others do behind each page: to whom (of those who were there), or somebody new. */
  meanwhile: fc.array(fc.record({ do: fc.constantFrom('create', 'change', 'remove'), whom: fc.nat(8), as: person }), {
    maxLength: 8
  })
})

type Walk = typeof walk extends fc.Arbitrary<infer T> ? T : never
type Person = Walk['people'][number]

interface List extends JsonObject {
  readonly nextCursor?: string
  readonly previousCursor?: string
  readonly Resources: readonly { readonly id: string }[]
}

onBothStores(t, 'a walk sees whom nobody touches exactly once, there and back', async (t, server) => {
  let pages = 0
  const property = fc.asyncProperty(walk, async asked => {
    pages += await play(server, asked)
  })
  await fc.assert(property, { numRuns: runs, verbose: 1 })
  t.pass(`${pages} pages of ${runs} walks`)
})

let made = 0

/** @throws Error where somebody is missed or doubled. @returns the pages read. */
async function play(server: TestServer, asked: Walk): Promise<number> {
  const there = new Map<string, Person>()
  for (const who of asked.people) there.set(await create(server, who), who)
  const ids = [...there.keys()]
  const groups: string[] = []
  for (let n = 0; n < (asked.groups ?? 0); n++) groups.push(await createGroup(server, titles[1 + (n % 3)] || 'g'))
  const touched = new Set<string>()
  const others = [...asked.meanwhile]

  const interfere = async () => {
    const step = others.shift()
    if (step === undefined) return
    server.clock.advance(1)
    const id = ids[step.whom % ids.length] ?? ''
    if (step.do === 'create') there.set(await create(server, step.as), step.as)
    else touched.add(id)
    if (step.do === 'remove') await server.scim('DELETE', `/Users/${id}`)
    if (step.do === 'change') {
      const title = step.as.title === undefined ? { op: 'remove', path: 'title' } : replaced(step.as.title)
      await server.scim('PATCH', `/Users/${id}`, patch(title))
    }
  }

  const expected = [
    ...ids.filter(id => asked.filter !== 'title pr' || (there.get(id)?.title ?? '') !== ''),
    ...(asked.filter === '' ? groups : [])
  ]
  const check = (way: string, seen: readonly string[]) => {
    const counts = Map.groupBy(seen, id => id)
    const wrong = expected.filter(id => !touched.has(id) && counts.get(id)?.length !== 1)
    if (wrong.length > 0) throw new Error(`${way}: ${wrong.map(id => `${id} ${counts.get(id)?.length ?? 0} times`)}`)
  }

  const there1 = await follow(server, asked, '', 'nextCursor', interfere)
  check('there', there1.seen)
  const end = there1.last.previousCursor
  const back = end === undefined ? undefined : await follow(server, asked, end, 'previousCursor', interfere)
  if (back !== undefined) check('back', [...back.seen, ...there1.last.Resources.map(({ id }) => id)])
  for (const id of there.keys()) await server.scim('DELETE', `/Users/${id}`)
  for (const id of groups) await server.scim('DELETE', `/Groups/${id}`)
  return there1.pages + (back?.pages ?? 0)
}

async function create(server: TestServer, { title, address }: Person): Promise<string> {
  const { body, status, text } = await server.scim(
    'POST',
    '/Users',
    newUser(`walker-${++made}`, {
      active: false,
      ...(title === undefined ? {} : { title }),
      ...(address === undefined ? {} : { emails: [{ value: address, type: 'work' }] })
    })
  )
  if (status !== 201) throw new Error(text)
  return String(body.id)
}

async function createGroup(server: TestServer, displayName: string): Promise<string> {
  const { body } = await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName })
  return String(body.id)
}

const replaced = (value: string) => ({ op: 'replace', path: 'title', value })

async function follow(
  server: TestServer,
  asked: Walk,
  from: string,
  way: 'nextCursor' | 'previousCursor',
  between: () => Promise<void>
) {
  const seen: string[] = []
  let pages = 0
  for (let cursor = from; ; ) {
    const page = await read(server, asked, cursor)
    if (page.Resources.length > asked.count) throw new Error(`a page of ${page.Resources.length}`)
    seen.push(...page.Resources.map(({ id }) => id))
    pages++
    const next = page[way]
    if (next === undefined) return { seen, pages, last: page }
    if (pages > 100) throw new Error('the walk does not end')
    await between()
    cursor = next
  }
}

async function read(server: TestServer, asked: Walk, cursor: string): Promise<List> {
  const { sortBy, descending, count, filter, search } = asked
  const path = asked.groups === undefined ? '/Users' : ''
  const sent = { filter, sortBy, sortOrder: descending ? 'descending' : 'ascending', count, cursor }
  const query = Object.entries(sent).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const { status, body, text } = search
    ? await server.scim<List>('POST', `${path}/.search`, { ...sent, attributes: ['id'] })
    : await server.scim<List>('GET', `${path}?attributes=id&${query.join('&')}`)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return body
}
