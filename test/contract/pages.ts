import type { Test } from 'tap'
import { compare, field, is, type Path, type SearchForm } from '../../src/scim/filter/filter.ts'
import { insert, type Query, type Store } from '../../src/store/port.ts'
import { type Thing, things } from './collections.ts'
import { fresh, type Opened, put } from './support.ts'

// In order of code point, which is not the order of UTF-16 units.
const texts = ['', '1', 'A', 'Z', 'a', 'aa', 'b', 'é', '\ud7ff', '\ue000', '\ufffd', '😀', '\u{10ffff}']

/** Order, and the three ways to go on: behind a document, after so many, from the newest. */
export async function pages(t: Test, { store }: Opened): Promise<void> {
  const tenant = fresh()
  // Every text thrice, in a mixed order of ids; and some documents without any value.
  const docs = texts.flatMap((text, i) =>
    [0, 1, 2].map(n => ({
      id: `${(i * 7 + n * 5) % 13}-${n}-${i}`,
      form: { text, plain: text, number: i, flag: n === 0 }
    }))
  )
  const bare: Thing[] = ['00', '5x', 'zz'].map(id => ({ id, form: {} }))
  const all: Thing[] = [...docs, ...bare]
  await put(store, ...all.map(doc => insert(things, tenant, doc)))
  const ids = async (query: Query) => (await store.find(things, tenant, query)).map(f => f.doc.id)

  for (const path of [field('text'), field('plain'), field('flag'), field('id')]) {
    const name = path[0]?.name ?? ''
    const expected = inOrder(all, path)

    await t.test(`sorted by ${name}: texts by code point, equal values by id, absent values last`, async t => {
      t.same(await ids({ sort: { path }, limit: 100 }), expected)
    })

    await t.test(`sorted by ${name}, descending: the same order read backwards`, async t => {
      t.same(await ids({ sort: { path, descending: true }, limit: 100 }), expected.toReversed())
    })

    for (const descending of [false, true]) {
      const order = descending ? expected.toReversed() : expected
      const direction = descending ? 'down' : 'up'
      for (const limit of [1, 4]) {
        await t.test(`a walk ${direction} by ${name} in pages of ${limit} sees each once, in order`, async t => {
          t.same(await walk(store, tenant, { sort: { path, descending }, limit }), order)
        })
      }
      await t.test(`pages by offset ${direction} by ${name} are slices of the order`, async t => {
        for (const offset of [0, 1, 5, 36, 39, 40, 41, 42, 100]) {
          t.same(
            await ids({ sort: { path, descending }, offset, limit: 4 }),
            order.slice(offset, offset + 4),
            `${offset}`
          )
        }
      })
    }
  }

  await t.test('without a sort the order is by id, and newestFirst turns it round', async t => {
    const expected = all.map(d => d.id).sort()
    t.same(await ids({ limit: 100 }), expected)
    t.same(await ids({ limit: 100, newestFirst: true }), expected.toReversed())
    t.same(await ids({ limit: 2, offset: 3 }), expected.slice(3, 5))
    t.same(await ids({ limit: 2, offset: 3, newestFirst: true }), expected.toReversed().slice(3, 5))
    t.same(await ids({ limit: 3, after: { id: expected[4] ?? '' } }), expected.slice(5, 8))
    t.same(
      await ids({ limit: 3, newestFirst: true, after: { id: expected[4] ?? '' } }),
      expected.slice(1, 4).toReversed()
    )
    t.same(await walk(store, tenant, { limit: 5, newestFirst: true }), expected.toReversed())
    t.same(await ids({ limit: 0 }), [])
  })

  await t.test('a walk goes on behind a document that is gone by then', async t => {
    const order = inOrder(all, field('text'))
    const rest = await ids({ sort: { path: field('text') }, after: { value: 'aaa', id: 'gone' }, limit: 100 })
    t.same(rest, order.slice(texts.indexOf('b') * 3))
    t.same(await ids({ sort: { path: field('text') }, after: { id: '6' }, limit: 100 }), ['zz'])
  })

  await t.test('filter, sort and page work together', async t => {
    const wanted = docs.filter(d => d.form.number >= 4 && d.form.flag)
    const order = inOrder(wanted, field('number'))
    const filters = [is(field('flag'), true), compare('ge', field('number'), 4)]
    for (const descending of [false, true]) {
      const query: Query = {
        filter: { op: 'and', parts: filters },
        sort: { path: field('number'), descending },
        limit: 2
      }
      t.same(await walk(store, tenant, query), descending ? order.toReversed() : order)
    }
    const byPlain: Query = {
      filter: compare('ge', field('text'), 'a'),
      sort: { path: field('plain'), descending: true },
      limit: 7
    }
    t.same(
      await walk(store, tenant, byPlain),
      inOrder(
        docs.filter(d => codePoints(d.form.text, 'a') >= 0),
        field('plain')
      ).toReversed()
    )
    const range: Query = {
      filter: compare('sw', field('text'), 'a'),
      sort: { path: field('text'), descending: true },
      limit: 2
    }
    t.same(
      await walk(store, tenant, range),
      inOrder(
        docs.filter(d => d.form.text.startsWith('a')),
        field('text')
      ).toReversed()
    )
  })
}

async function walk(store: Store, tenant: string, query: Query): Promise<readonly string[]> {
  const seen: string[] = []
  let after: Query['after']
  for (let page = 0; page < 200; page++) {
    const found = await store.find(things, tenant, after === undefined ? query : { ...query, after })
    seen.push(...found.map(f => f.doc.id))
    const last = found.at(-1)?.doc
    if (last === undefined) return seen
    after = { id: last.id, value: query.sort === undefined ? undefined : valueAt(last, query.sort.path) }
  }
  throw new Error('the walk does not end')
}

function valueAt(doc: Thing, path: Path): string | number | boolean | undefined {
  const form: SearchForm = { ...doc.form, id: doc.id }
  return form[path[0]?.name ?? ''] as string | number | boolean | undefined
}

/** The ids in ascending order by the plain rule. */
function inOrder(docs: readonly Thing[], path: Path): readonly string[] {
  const rank = (a: Thing, b: Thing) => {
    const [x, y] = [valueAt(a, path), valueAt(b, path)]
    if (x === y) return 0
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1
    return typeof x === 'string' && typeof y === 'string' ? codePoints(x, y) : Number(x) - Number(y)
  }
  return docs.toSorted((a, b) => rank(a, b) || codePoints(a.id, b.id)).map(d => d.id)
}

function codePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
