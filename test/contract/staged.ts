import fc from 'fast-check'
import type { Test } from 'tap'
import { compare, everything, type Filter, field, is, many } from '../../src/scim/filter/filter.ts'
import {
  type AnyCollection,
  type Change,
  type Collection,
  type Doc,
  insert,
  type Query,
  reference,
  remove,
  removeWhere,
  replace,
  type Store,
  tally
} from '../../src/store/port.ts'
import { stage } from '../../src/store/staged.ts'
import { edges, type Person, people } from './collections.ts'
import { pages } from './pages.ts'
import { everyDoc, fresh, type Opened, put, settle } from './support.ts'
import { writes } from './writes.ts'

/** A staged store over this adapter is one like any other, and what it comes to is committed as one. */
export async function staged(t: Test, { store }: Opened): Promise<void> {
  await t.test('staged', async t => {
    await writes(t, { store: stage(store), close: async () => {} })
    await pages(t, { store: stage(store), close: async () => {} })
  })

  await t.test('staged commits answer, show and come to what the same commits do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), fc.array(step, { maxLength: 25 }), async (before, steps) => {
        const [direct, indirect] = [fresh(), fresh()]
        for (const tenant of [direct, indirect]) {
          for (const one of before) await carryOut(store, tenant, one)
        }
        const stagedStore = stage(store)
        for (const [i, one] of steps.entries()) {
          same(await carryOut(stagedStore, indirect, one), await carryOut(store, direct, one), one)
          if (i % 6 === 5) same(await view(stagedStore, indirect), await view(store, direct), steps)
        }
        same(await view(stagedStore, indirect), await view(store, direct), steps)
        same(await settle(store, stagedStore.changes()), 'committed', steps)
        same(await view(store, indirect), await view(store, direct), steps)
      }),
      { numRuns: 40 }
    )
  })

  const person = (id: string, more: Partial<Person> = {}): Person => ({ id, userName: id, ...more })

  await t.test('nothing is written until the changes are committed', async t => {
    const tenant = fresh()
    const over = stage(store)
    await put(over, insert(people, tenant, person('a')), tally(tenant, 'k', 1))
    t.match(await over.get(people, tenant, 'a'), { doc: { id: 'a' } })
    t.same([await store.get(people, tenant, 'a'), await store.tallies(tenant, ['k'])], [undefined, [0]])
    await put(store, ...over.changes())
    t.match(await store.get(people, tenant, 'a'), { doc: { id: 'a' } })
    t.same(await store.tallies(tenant, ['k']), [1])
  })

  await t.test('what somebody else changed meanwhile is a conflict', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('a')), insert(people, tenant, person('b')))
    const rows: [string, Change, Change][] = [
      ['replaced', replace(people, tenant, person('a', { title: 'x' }), 1), replace(people, tenant, person('a'), 1)],
      ['removed', remove(people, tenant, 'b', 1), reference(people, tenant, 'b')],
      ['taken', insert(people, tenant, person('c')), insert(people, tenant, person('d', { userName: 'C' }))]
    ]
    for (const [name, theirs, ours] of rows) {
      const over = stage(store)
      await put(over, ours)
      await put(store, theirs)
      t.match(await settle(store, over.changes()), { collection: 'people' }, name)
    }
  })

  await t.test('two documents swap a unique value by way of a third', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('a')), insert(people, tenant, person('b')))
    const over = stage(store)
    await put(over, replace(people, tenant, person('a', { userName: 'aside' }), 1))
    await put(over, replace(people, tenant, person('b', { userName: 'a' }), 1))
    await put(over, replace(people, tenant, person('a', { userName: 'b' }), 2))
    await put(store, ...over.changes())
    const names = (await everyDoc(store, people, tenant)).map(({ doc }) => doc.userName)
    t.same(names, ['b', 'a'])
  })

  await t.test('no document is touched by two changes where that can be helped', async t => {
    const tenant = fresh()
    await put(store, ...['a', 'b', 'c'].map(id => insert(people, tenant, person(id))))
    const over = stage(store)
    await put(over, insert(people, tenant, person('new')))
    await put(over, replace(people, tenant, person('new', { title: 'x' }), 1))
    await put(over, insert(people, tenant, person('gone')))
    await put(over, remove(people, tenant, 'gone', 1), tally(tenant, 'k', 2), tally(tenant, 'none', 1))
    await put(over, replace(people, tenant, person('a', { title: '1' }), 1), tally(tenant, 'k', 3))
    await put(over, replace(people, tenant, person('a', { title: '2' }), 2), tally(tenant, 'none', -1))
    await put(over, remove(people, tenant, 'b', 1))
    await put(over, insert(people, tenant, person('b', { title: 'again' })))
    await put(over, reference(people, tenant, 'c'), reference(people, tenant, 'c'))
    const brief = over.changes().map(change => {
      if (change.do === 'tally') return `tally ${change.key} ${change.n}`
      if (change.do === 'replace') return `replace ${change.doc.id} ${change.version}`
      return `${change.do} ${'doc' in change ? change.doc.id : 'id' in change ? change.id : ''}`
    })
    t.same(brief, ['replace a 1', 'replace b 1', 'insert new', 'tally k 5', 'reference c'])
  })
}

const ids = ['a', 'b', 'c', 'd', 'e']
const names = ['n1', 'n2', 'N1', 'n3']

type Step =
  | { readonly do: 'insert' | 'replace'; readonly doc: Person; readonly stale: boolean }
  | { readonly do: 'remove'; readonly id: string; readonly stale: boolean }
  | { readonly do: 'removeWhere'; readonly by: Filter }
  | { readonly do: 'link'; readonly from: string; readonly to: string }
  | { readonly do: 'unlink'; readonly to: string }
  | { readonly do: 'both'; readonly steps: readonly Step[] }

const doc: fc.Arbitrary<Person> = fc.record(
  {
    id: fc.constantFrom(...ids),
    userName: fc.constantFrom(...names),
    title: fc.constantFrom('x', 'y', 'é'),
    site: fc.constantFrom('s', 't'),
    badge: fc.constantFrom(1, 2, 3),
    nicknames: fc.uniqueArray(fc.constantFrom('k', 'l', 'm'), { minLength: 1, maxLength: 2 })
  },
  { requiredKeys: ['id', 'userName'] }
)
const stale = fc.integer({ max: 9 }).map(n => n === 0)
const anId = fc.constantFrom(...ids)
const filters: readonly Filter[] = [
  everything,
  compare('gt', field('badge'), 1),
  is(field('title'), 'x'),
  is(many('nicknames'), 'k'),
  { op: 'not', part: is(field('site'), 's') },
  { op: 'pr', path: field('title') }
]
const single: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constantFrom('insert', 'replace'), doc, stale: fc.constant(false) }), weight: 6 },
  fc.record({ do: fc.constantFrom('replace'), doc, stale }),
  fc.record({ do: fc.constant('remove' as const), id: anId, stale }),
  fc.record({ do: fc.constant('removeWhere' as const), by: fc.constantFrom(...filters.slice(1)) }),
  fc.record({ do: fc.constant('link' as const), from: anId, to: anId }),
  fc.record({ do: fc.constant('unlink' as const), to: anId })
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: single, weight: 5 },
  fc.record({ do: fc.constant('both' as const), steps: fc.tuple(single, single) }).filter(({ steps }) => apart(steps))
)

/** A reference comes behind what the same commit inserts. */
function apart(steps: readonly Step[]): boolean {
  const [a, b] = steps
  return a !== undefined && b !== undefined && b.do === 'link' && (a.do === 'insert' || a.do === 'unlink')
}

/** One commit, with the versions that are there. What a link refers to must exist. */
async function carryOut(store: Store, tenant: string, one: Step) {
  const answer = await settle(store, await changesOf(store, tenant, one))
  return answer === 'committed' ? answer : { ...answer, index: answer.index ?? null }
}

async function changesOf(store: Store, tenant: string, one: Step): Promise<readonly Change[]> {
  const version = async (id: string, old: boolean) =>
    ((await store.get(people, tenant, id))?.version ?? 99) - (old ? 1 : 0)
  switch (one.do) {
    case 'insert':
      return [insert(people, tenant, one.doc), tally(tenant, 'people', 1)]
    case 'replace':
      return [replace(people, tenant, one.doc, await version(one.doc.id, one.stale))]
    case 'remove':
      return [remove(people, tenant, one.id, await version(one.id, one.stale)), tally(tenant, 'people', -1)]
    case 'removeWhere':
      return [removeWhere(people, tenant, one.by)]
    case 'link':
      return [reference(people, tenant, one.to), insert(edges, tenant, { id: `${one.from}${one.to}`, to: one.to })]
    case 'unlink':
      return [removeWhere(edges, tenant, is(field('to'), one.to)), tally(tenant, 'unlinked', 1)]
    case 'both':
      return (await Promise.all(one.steps.map(each => changesOf(store, tenant, each)))).flat()
  }
}

const queries: readonly Query[] = [
  { limit: 100 },
  { limit: 2, newestFirst: true },
  { limit: 2, offset: 1, sort: { path: field('title') } },
  { limit: 100, sort: { path: field('badge'), descending: true } },
  { limit: 3, after: { id: 'b' } },
  { limit: 2, sort: { path: field('title') }, after: { value: 'x', id: 'b' } },
  { limit: 2, sort: { path: field('title'), descending: true }, after: { id: 'c' } },
  { limit: 1, filter: is(field('userName'), 'n1') },
  { limit: 2, filter: { op: 'in', path: field('id'), values: ['a', 'c', 'e'] } },
  ...filters.map(filter => ({ filter, limit: 3, sort: { path: field('userName') } }))
]

/** All that can be asked. Versions are left out: only who removes and inserts the same id can tell them apart. */
async function view(store: Store, tenant: string): Promise<unknown> {
  const docs = (of: AnyCollection, query: Query) => store.find(of as unknown as Collection<Doc>, tenant, query)
  const [found, counts, tallies, links] = await Promise.all([
    Promise.all(queries.map(async query => (await docs(people as never, query)).map(stored => stored.doc))),
    Promise.all(filters.map(filter => store.count(people, tenant, filter))),
    store.tallies(tenant, ['people', 'unlinked', 'never']),
    everyDoc(store, edges, tenant)
  ])
  const single = await Promise.all(ids.map(async id => (await store.get(people, tenant, id))?.doc ?? null))
  return [found, counts, tallies, links.map(link => link.doc), single]
}

function same(found: unknown, expected: unknown, context: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${a} instead of ${b} after ${JSON.stringify(context)}`)
}
