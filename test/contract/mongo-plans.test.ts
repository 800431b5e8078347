/** What pages cost on MongoDB: an index serves them in its order, and no more is looked at than is shown. */
import { MongoClient } from 'mongodb'
import t, { type Test } from 'tap'
import { all, compare, everything, type Filter, field, is, isIn, many, not } from '../../src/scim/filter/filter.ts'
import type { Explained } from '../../src/store/mongo/explain.ts'
import { type MongoStore, openMongo } from '../../src/store/mongo/open.ts'
import { rowOf } from '../../src/store/mongo/rows.ts'
import type { AnyCollection, Collection, Doc, Query } from '../../src/store/port.ts'
import { mongoOrSkip } from '../support/mongo.ts'

interface Account extends Doc {
  readonly userName: string
  readonly title?: string
  readonly active: boolean
  readonly n: number
  readonly roles: readonly string[]
  readonly emails: readonly { readonly value: string; readonly type: string }[]
}

const accounts: Collection<Account> = {
  name: 'accounts',
  search: ({ id, userName, title, active, n, roles, emails }) => ({
    ...{ id, userName, active, n, roles, emails },
    ...(title === undefined ? {} : { title })
  }),
  indexes: [
    { name: 'userName', paths: [field('userName')], unique: true },
    { name: 'title', paths: [field('title')] },
    { name: 'roles', paths: [many('roles')] },
    { name: 'email', paths: [[...many('emails'), ...field('value')]] },
    { name: 'drawing', paths: [field('active'), field('n')] }
  ]
}
const collections = [accounts as unknown as AnyCollection]
const size = 3000
const limit = 10

function account(i: number): Account {
  const name = `user${String(i).padStart(5, '0')}`
  return {
    id: `id${String((i * 7919) % size).padStart(5, '0')}`,
    userName: name,
    ...(i % 3 === 0 ? {} : { title: `title${i % 50}` }),
    active: i % 2 === 0,
    n: i,
    roles: [`role${i % 100}`, 'everybody'],
    emails: [{ value: `${name}@example.com`, type: 'work' }]
  }
}

const userName = field('userName')
const workMail: Filter = {
  op: 'some',
  path: many('emails'),
  part: all(is(field('value'), 'user00042@example.com'), is(field('type'), 'work'))
}

// What is asked, the index that serves it, and how many keys it may look at.
const rows: readonly [string, Omit<Query, 'limit'>, readonly string[], number][] = [
  ['everything', {}, ['_id_'], limit],
  ['everything, newest first', { newestFirst: true }, ['_id_'], limit],
  ['everything behind a document', { after: { id: 'id00500' } }, ['_id_'], limit],
  ['one by id', { filter: is(field('id'), 'id00042') }, ['_id_'], 1],
  ['some by id', { filter: isIn(field('id'), ['id00042', 'id00043']) }, ['_id_'], 3],
  ['sorted by id', { sort: { path: field('id'), descending: true } }, ['_id_'], limit],
  ['a unique value', { filter: is(userName, 'user00042') }, ['userName'], 1],
  [
    'the start of a unique value',
    { filter: compare('sw', userName, 'user0004'), sort: { path: userName } },
    ['userName'],
    11
  ],
  ['sorted by a unique value', { sort: { path: userName } }, ['userName'], limit],
  ['the same downwards', { sort: { path: userName, descending: true } }, ['userName'], limit],
  ['a value of an array', { filter: is(many('roles'), 'role7') }, ['roles'], limit],
  [
    'a value in an element',
    { filter: is([...many('emails'), ...field('value')], 'user00042@example.com') },
    ['email'],
    1
  ],
  ['two values of one element', { filter: workMail }, ['email'], 1],
  ['a value that many have', { filter: is(field('title'), 'title7') }, ['title'], limit],
  ['sorted by what some lack', { sort: { path: field('title') } }, ['title'], 2 * limit],
  ['the same downwards', { sort: { path: field('title'), descending: true } }, ['title'], 2 * limit],
  ['behind a value', { sort: { path: field('title') }, after: { value: 'title7', id: 'id00500' } }, ['title'], limit],
  [
    'a free seat from a random start',
    {
      filter: all(is(field('active'), true), compare('ge', field('n'), 1234)),
      sort: { path: field('n') }
    },
    ['drawing'],
    limit
  ]
]

async function seeded(t: Test): Promise<MongoStore | undefined> {
  const mongo = await mongoOrSkip(t)
  if (mongo === undefined) return undefined
  const { uri, database } = mongo
  const store = await openMongo({ uri, database, collections })
  const client = new MongoClient(uri)
  t.teardown(() => Promise.all([store.close(), client.close()]))
  // Two tenants: nothing of the other one is looked at either.
  const documents = ['a', 'b'].flatMap(tenant =>
    Array.from({ length: size }, (_, i) => rowOf(accounts, tenant, account(i)))
  )
  await client.db(database).collection<(typeof documents)[number]>(accounts.name).insertMany(documents)
  return store
}

/** What costs more the more documents there are. (To put one document in order costs nothing.) */
function costly({ stages, keysExamined }: Explained): readonly string[] {
  return stages.filter(stage => stage === 'COLLSCAN' || (stage === 'SORT' && keysExamined > 1))
}

const store = await seeded(t)
if (store !== undefined) {
  await t.test('a page is read from an index in its order: nothing is scanned, nothing is sorted', async t => {
    for (const [name, query, indexes, keysMax] of rows) {
      const plans = await store.explain(accounts, 'a', { ...query, limit })
      const used = plans.filter(plan => plan.found > 0)
      t.same(used.flatMap(costly), [], name)
      t.same([...new Set(used.flatMap(plan => plan.indexes))], indexes, `${name}: which index`)
      for (const plan of used) {
        t.ok(plan.keysExamined <= keysMax + 2, `${name}: ${plan.keysExamined} keys for ${plan.found}`)
      }
    }
  })

  await t.test('what no index serves is looked for in the documents of its tenant only', async t => {
    const [plan] = await store.explain(accounts, 'a', { filter: compare('co', field('title'), 'zzz'), limit })
    t.same(plan?.indexes, ['_id_'])
    t.equal(plan?.docsExamined, size)
  })

  await t.test('a filter that holds for nothing asks nothing', async t => {
    t.same(await store.explain(accounts, 'a', { filter: not(everything), limit }), [])
  })
}
