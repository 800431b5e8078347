/**
 * Hardening row F2: random filters over random users. The reference evaluator, SQLite and MongoDB answer the same ids, the same
 * count, the same order and the same pages. `USHER_RUNS` sets the number of filters.
 */
import fc from 'fast-check'
import t from 'tap'
import { users } from '../../src/directory/collections.ts'
import type { User } from '../../src/directory/types.ts'
import { compareText, matches } from '../../src/scim/filter/evaluate.ts'
import type { Filter, Path, Scalar, SearchForm, SearchValue } from '../../src/scim/filter/filter.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { resolveFilter } from '../../src/scim/filter/resolve.ts'
import { userType } from '../../src/scim/schemas.ts'
import { sortPath } from '../../src/scim/search-form.ts'
import type { Query, Store } from '../../src/store/port.ts'
import { mongoStore, sqliteStore } from '../support/app.ts'
import { arbitraryFilterText } from '../support/arbitrary-filter.ts'
import { randomUsers, storeUsers } from './people.ts'

const runs = Number(process.env.USHER_RUNS ?? 6000)
const peopleCount = 150
const type = userType({ licenseFromIdp: false })
const tenant = 'default'
/** Filters asked at once: an engine waits less often. */
const together = 5
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)

const sortable = [
  ...['userName', 'displayName', 'name.givenName', 'externalId', 'active', 'title', 'emails', 'emails.type'],
  ...['meta.created', 'meta.lastModified', 'addresses.locality', 'id'],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber'
]

const question = fc.record({
  filter: arbitraryFilterText(type),
  sortBy: fc.option(fc.constantFrom(...sortable), { nil: undefined }),
  descending: fc.boolean(),
  offset: fc.nat(40),
  limit: fc.integer({ min: 1, max: 60 })
})

type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never

t.test('F2 random filters over random users: memory, SQLite and MongoDB answer the same', async t => {
  const engines = new Map<string, Store>([['sqlite', (await sqliteStore(t)).store]])
  const mongo = await mongoStore(t)
  if (mongo !== undefined) engines.set('mongodb', mongo.store)

  const seed = Number(process.env.USHER_SEED ?? Date.now() % 1_000_000)
  t.comment(`users of seed ${seed}`)
  const people = randomUsers(peopleCount, seed)
  t.equal(people.length, peopleCount)
  for (const store of engines.values()) await storeUsers(store, tenant, people)
  const forms = people.map(user => ({ user, form: users.search(user) }))

  let hits = 0
  const ask = async ({ filter: text, sortBy, descending, offset, limit }: Question) => {
    const filter = resolveFilter(type, parseFilter(text))
    const path = sortBy === undefined ? undefined : sortPath(type, sortBy)
    const expected = inMemory(forms, filter, path, descending)
    if (expected.length > 0 && expected.length < people.length) hits++
    const sort = path === undefined ? {} : { sort: { path, descending } }
    const ids = async (store: Store, query: Partial<Query>) =>
      (await store.find(users, tenant, { filter, ...sort, limit: peopleCount, ...query })).map(({ doc }) => doc.id)
    const idsOf = (known: readonly Known[]) => known.map(({ user }) => user.id)
    const before = expected[offset]
    const value = path === undefined || before === undefined ? {} : { value: valueAt(before.form, path) }
    const one = async ([engine, store]: [string, Store]) => {
      const asked = `${engine}: ${text} by ${sortBy}${descending ? ', descending' : ''}`
      same(await ids(store, {}), idsOf(expected), asked)
      same([await store.count(users, tenant, filter)], [expected.length], `${asked}, counted`)
      if (before === undefined) return
      const page = offset % 2 === 0 ? { offset: offset + 1 } : { after: { id: before.user.id, ...value } }
      const wanted = idsOf(expected.slice(offset + 1, offset + 1 + limit))
      same(await ids(store, { ...page, limit }), wanted, `${asked}, ${limit} of ${JSON.stringify(page)}`)
    }
    await Promise.all([...engines].map(one))
  }
  const several = fc.array(question, { minLength: together, maxLength: together })
  const property = fc.asyncProperty(several, async questions => void (await Promise.all(questions.map(ask))))
  await fc.assert(property, { numRuns: Math.ceil(runs / together) })
  t.ok(hits > runs / 10, `${hits} of ${runs} filters chose some users and not all`)
})

interface Known {
  readonly user: User
  readonly form: SearchForm
}

/** As the port says: without the value last, equal values in order of id, and descending is ascending read backwards. */
function inMemory(forms: readonly Known[], filter: Filter, path: Path | undefined, descending: boolean) {
  const found = forms.filter(({ form }) => matches(filter, form))
  const ascending = found.toSorted((a, b) => {
    const byValue = path === undefined ? 0 : order(valueAt(a.form, path), valueAt(b.form, path))
    return byValue === 0 ? compareText(a.user.id, b.user.id) : byValue
  })
  return path !== undefined && descending ? ascending.reverse() : ascending
}

function order(a: Scalar | undefined, b: Scalar | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return Number(a) - Number(b)
}

function valueAt(form: SearchForm, path: Path): Scalar | undefined {
  let value: SearchValue | undefined = form
  for (const { name } of path) value = (value as SearchForm | undefined)?.[name]
  return value as Scalar | undefined
}

function same(found: readonly unknown[], expected: readonly unknown[], asked: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  if (a !== b) throw new Error(`${asked}\nfound    ${a}\nexpected ${b}`)
}
