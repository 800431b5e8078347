/** That queries are served by the indexes that are declared for them, and by which thread. */
import t from 'tap'
import { all, compare, type Filter, field, is, isIn, many, not } from '../../src/scim/filter/filter.ts'
import { type Collection, type Doc, type Query, QueryTooCostly } from '../../src/store/port.ts'
import { openSqlite, type SqliteStore } from '../../src/store/sqlite/open.ts'
import { seedSqlite } from '../../src/store/sqlite/seed.ts'
import { contractCollections, edges, people, slots, things } from './collections.ts'
import { newFile } from './sqlite-support.ts'

const file = newFile(t)
const numbers = Array.from({ length: 3000 }, (_, n) => n)
const seeder = seedSqlite(file, contractCollections)
const id = (n: number) => `${n}`.padStart(5, '0')
seeder.add(
  people,
  't',
  numbers.map(n => ({ id: id(n), userName: `u${n}`, title: n % 2 ? 'x' : 'y', nicknames: [`n${n}`] }))
)
seeder.add(
  edges,
  't',
  numbers.map(n => ({ id: id(n), to: 'x' }))
)
seeder.add(
  slots,
  't',
  numbers.map(n => ({ id: id(n), pool: 'p', n, ...(n % 3 === 0 ? { holder: `h${n}` } : {}) }))
)
seeder.add(
  things,
  't',
  numbers.map(n => ({ id: id(n), form: { text: `t${n}`, tags: ['all', `tag${n}`], plain: `${n}` } }))
)
seeder.close()

const store: SqliteStore = await openSqlite({ file, collections: contractCollections, scanLimits: { waitingMax: 2 } })
t.teardown(() => store.close())

type Row = [string, (query: Partial<Query>) => ReturnType<SqliteStore['explain']>, Partial<Query>]
const on =
  <T extends Doc>(collection: Collection<T>) =>
  (query: Partial<Query>) =>
    store.explain(collection, 't', { limit: 100, ...query })
const or = (...parts: readonly Filter[]): Filter => ({ op: 'or', parts })
const free = all(is(field('pool'), 'p'), not({ op: 'pr', path: field('holder') }))

const walks: readonly Row[] = [
  ['all, in order of id', on(people), {}],
  ['all, the newest first', on(people), { newestFirst: true }],
  ['behind an id', on(people), { after: { id: '00500' } }],
  ['by a unique value', on(people), { filter: is(field('userName'), 'u7') }],
  ['by one value in a list', on(people), { filter: isIn(field('userName'), ['u7']) }],
  ['sorted by a unique value', on(people), { sort: { path: field('userName') } }],
  ['sorted by a unique value, descending', on(people), { sort: { path: field('userName'), descending: true } }],
  ['sorted by a value', on(things), { sort: { path: field('text') } }],
  ['sorted by a value, behind one', on(things), { sort: { path: field('text') }, after: { value: 't5', id: '00005' } }],
  [
    'sorted down by a value, behind one',
    on(things),
    { sort: { path: field('text'), descending: true }, after: { value: 't5', id: '00005' } }
  ],
  [
    'sorted by a unique value, behind one',
    on(people),
    { sort: { path: field('userName') }, after: { value: 'u5', id: '00005' } }
  ],
  [
    'sorted down by a unique value, behind one',
    on(people),
    { sort: { path: field('userName'), descending: true }, after: { value: 'u5', id: '00005' } }
  ],
  [
    'a prefix in its order',
    on(people),
    { filter: compare('sw', field('userName'), 'u1'), sort: { path: field('userName') } }
  ],
  [
    'a prefix in its order, behind one',
    on(people),
    {
      filter: compare('sw', field('userName'), 'u1'),
      sort: { path: field('userName') },
      after: { value: 'u17', id: '00017' }
    }
  ],
  ['a value of many documents, in order of id', on(edges), { filter: is(field('to'), 'x'), after: { id: '00500' } }],
  ['free slots by number', on(slots), { filter: free, sort: { path: field('n') } }],
  [
    'free slots from a number on',
    on(slots),
    { filter: all(free, compare('ge', field('n'), 77)), sort: { path: field('n') } }
  ],
  ['a value of an array, in order of id', on(things), { filter: is(many('tags'), 'all'), after: { id: '00500' } }]
]

t.test('walks read one index from where the page begins, and sort nothing', async t => {
  for (const [name, explain, query] of walks) {
    const { kind, here, lines } = explain(query)
    t.match({ kind, here }, { kind: 'walk', here: true }, name)
    t.notMatch(lines.join('; '), /TEMP B-TREE|SCAN/, `${name}: ${lines.join('; ')}`)
    t.match(lines.join('; '), /tenant=\?/, name)
  }
})

t.test('a page begins where the last one ended, and not at the first document', async t => {
  for (const [name, explain, query] of walks.filter(([, , query]) => query.after !== undefined)) {
    const [first] = explain(query).lines
    t.match(first, /(id|k:\w+|k:\w+,id\))[<>]/, name)
  }
})

t.test('an or of values of one path is looked up value by value, however many', async t => {
  const userNames = Array.from({ length: 400 }, (_, n) => is(field('userName'), `u${n}`))
  const query = { filter: or(...userNames), limit: 1000 }
  t.match(store.explain(people, 't', query), { kind: 'few', here: true })
  t.equal((await store.find(people, 't', query)).length, 400)
})

t.test('few documents that an index finds are looked at on the calling thread', async t => {
  const rows: readonly Row[] = [
    ['ids', on(people), { filter: isIn(field('id'), ['00001', '00002']) }],
    ['user names', on(people), { filter: isIn(field('userName'), ['u1', 'u2']), sort: { path: field('title') } }],
    ['one or the other', on(people), { filter: or(is(field('userName'), 'u1'), is(many('nicknames'), 'n5')) }],
    [
      'a small range, by something else',
      on(people),
      { filter: compare('sw', field('userName'), 'u12'), sort: { path: field('title') } }
    ],
    [
      'a user name and more',
      on(people),
      { filter: all(is(field('userName'), 'u1'), compare('co', field('extra'), 'x')) }
    ],
    [
      'the better of two',
      on(people),
      { filter: all(is(field('title'), 'x'), compare('sw', field('userName'), 'u12'), not(is(field('x'), 1))) }
    ]
  ]
  for (const [name, explain, query] of rows) {
    const { kind, here, lines } = explain(query)
    t.match({ kind, here }, { kind: 'few', here: true }, name)
    t.notMatch(lines.join('; '), /SCAN d/, `${name}: ${lines.join('; ')}`)
  }
})

t.test('what looks at many documents is not run on the calling thread', async t => {
  const rows: readonly Row[] = [
    ['no index', on(things), { filter: compare('co', field('plain'), '9') }],
    [
      'an index with too much behind a value',
      on(edges),
      { filter: all(is(field('to'), 'x'), not(is(field('id'), '7'))) }
    ],
    [
      'an array value with too much behind it',
      on(things),
      { filter: all(is(many('tags'), 'all'), is(field('plain'), '7')) }
    ],
    ['an order without an index', on(things), { sort: { path: field('plain') } }],
    ['one of two has no index', on(things), { filter: or(is(field('text'), 't1'), is(field('plain'), '7')) }]
  ]
  for (const [name, explain, query] of rows) t.equal(explain(query).here, false, name)
})

t.test('a scan that takes too long is ended, and told what would be quick', async t => {
  const hasty = await openSqlite({ file, collections: contractCollections, scanLimits: { ms: 0 } })
  t.teardown(() => hasty.close())
  const query = { filter: compare('co', field('plain'), 'zzz'), limit: 10 }
  const refused = { name: 'QueryTooCostly', message: /too long.*id, text, flag/ }
  await t.rejects(hasty.find(things, 't', query), refused)
  await t.rejects(hasty.count(things, 't', query.filter), refused)
  await t.rejects(hasty.find(things, 't', { sort: { path: field('plain') }, limit: 10 }), refused)
  t.equal((await hasty.find(things, 't', { filter: is(field('text'), 't7'), limit: 10 })).length, 1)
})

t.test('beyond so many waiting scans the next is told what would be served', async t => {
  const scan = () => store.find(things, 't', { filter: compare('co', field('plain'), '99'), limit: 10 })
  const [first, second, third] = [scan(), store.count(things, 't', compare('co', field('plain'), '9')), scan()]
  await t.rejects(third, QueryTooCostly)
  await t.rejects(scan(), { message: /id, text, flag, .*tags, items\.value/ })
  t.equal((await first).length, 10)
  t.ok(await second)
  t.equal((await scan()).length, 10, 'and when they are done there is room')
  t.equal((await store.find(things, 't', { filter: is(field('text'), 't7'), limit: 10 })).length, 1)
})
