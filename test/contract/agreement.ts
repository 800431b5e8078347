import fc from 'fast-check'
import type { Test } from 'tap'
import { matches } from '../../src/scim/filter/evaluate.ts'
import { type Filter, field, many, type Path, type Scalar, type SearchForm } from '../../src/scim/filter/filter.ts'
import { insert, type Query, removeWhere } from '../../src/store/port.ts'
import { things } from './collections.ts'
import { everyDoc, fresh, type Opened, put } from './support.ts'

const texts = ['', 'a', 'ab', 'abc', 'b', 'B', '1', 'é', '\ue000', '😀', '😀a', '%', '_', '.*', 'a.b', '$x', "'", '\\']
const text = fc.constantFrom(...texts)
const number = fc.constantFrom(-1.5, -1, 0, 1, 2, 10, 1e15, 1_700_000_000_000)
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean())

const item = fc
  .record(
    { value: text, kind: text, n: number, on: fc.boolean(), marks: fc.array(text, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: [] }
  )
  .filter(o => Object.keys(o).length > 0)

const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2_0:User'
const form: fc.Arbitrary<SearchForm> = fc.record(
  {
    text,
    plain: text,
    number,
    count: number,
    flag: fc.boolean(),
    any: scalar,
    [urn]: fc.record({ text, number }),
    tags: fc.array(text, { minLength: 1, maxLength: 3 }),
    anys: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    items: fc.array(item, { minLength: 1, maxLength: 3 })
  },
  { requiredKeys: [] }
)

const elementPaths: readonly Path[] = [field('value'), field('kind'), field('n'), field('on'), many('marks')]
const paths: readonly Path[] = [
  field('id'),
  ...['text', 'plain', 'number', 'count', 'flag', 'any', 'nowhere'].map(name => field(name)),
  field(urn, 'text'),
  field(urn, 'number'),
  field('nowhere', 'at', 'all'),
  many('tags'),
  many('anys'),
  ...elementPaths.map(path => [...many('items'), ...path])
]

function leaf(at: fc.Arbitrary<Path>): fc.Arbitrary<Filter> {
  return fc.oneof(
    fc.record({ op: fc.constant('eq' as const), path: at, value: scalar }),
    fc.record({ op: fc.constantFrom('gt', 'ge', 'lt', 'le'), path: at, value: fc.oneof(text, number) }),
    fc.record({ op: fc.constantFrom('co', 'sw', 'ew'), path: at, value: text }),
    fc.record({ op: fc.constant('in' as const), path: at, values: fc.array(scalar, { maxLength: 4 }) }),
    fc.record({ op: fc.constant('pr' as const), path: at })
  )
}

/** Trees over the leaves; `more` adds another kind of leaf at every level. */
function tree(at: fc.Arbitrary<Path>, more: fc.Arbitrary<Filter>[], depth: number): fc.Arbitrary<Filter> {
  const here = fc.oneof({ arbitrary: leaf(at), weight: 3 }, ...more.map(arbitrary => ({ arbitrary, weight: 1 })))
  if (depth === 0) return here
  const part = tree(at, more, depth - 1)
  return fc.oneof(
    here,
    fc.record({ op: fc.constantFrom('and', 'or'), parts: fc.array(part, { maxLength: 3 }) }),
    fc.record({ op: fc.constant('not' as const), part })
  )
}

const inElement = tree(fc.constantFrom(...elementPaths), [], 2)
const some = fc.record({ op: fc.constant('some' as const), path: fc.constant(many('items')), part: inElement })
const filter = tree(
  fc.constantFrom(...paths, many('items'), field(urn)).filter(p => p.length > 0),
  [some],
  3
)

/** Random documents and random filters: the engine answers what `matches` answers. */
export async function agreesWithMatches(t: Test, { store }: Opened): Promise<void> {
  await t.test('find, count and removeWhere agree with matches() on random filters', async () => {
    const documents = fc.uniqueArray(fc.record({ id: text.filter(id => id !== ''), form }), {
      selector: d => d.id,
      minLength: 1,
      maxLength: 10
    })
    const sort = fc.constantFrom(undefined, 'text', 'plain', 'number', 'count', 'flag')
    const property = fc.asyncProperty(
      documents,
      fc.array(filter, { minLength: 6, maxLength: 6 }),
      sort,
      async (docs, wanted, by) => {
        const tenant = fresh()
        await put(store, ...docs.map(doc => insert(things, tenant, doc)))
        const expected = (f: Filter) => docs.filter(d => matches(f, { ...d.form, id: d.id })).map(d => d.id)
        for (const f of wanted) {
          const query: Query = { filter: f, limit: 100, ...(by === undefined ? {} : { sort: { path: field(by) } }) }
          const found = (await store.find(things, tenant, query)).map(s => s.doc.id)
          same(found.toSorted(), expected(f).toSorted(), f)
          same([await store.count(things, tenant, f)], [found.length], f)
        }
        const [first] = wanted
        if (first === undefined) return
        await put(store, removeWhere(things, tenant, first))
        const left = (await everyDoc(store, things, tenant)).map(s => s.doc.id)
        same(
          left.toSorted(),
          docs
            .map(d => d.id)
            .filter(id => !expected(first).includes(id))
            .toSorted(),
          first
        )
      }
    )
    await fc.assert(property, { numRuns: 60 })
  })
}

function same(found: readonly unknown[], expected: readonly unknown[], filter: Filter): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  if (a !== b) throw new Error(`found ${a} instead of ${b} by ${JSON.stringify(filter)}`)
}
