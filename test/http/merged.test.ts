/** Several lists as one: every slice of it is the slice of all, merged. */
import fc from 'fast-check'
import t from 'tap'
import type { Ask, Spot } from '../../src/http/keyset.ts'
import { merged } from '../../src/http/routes/scim/merged.ts'
import type { Ordered } from '../../src/http/routes/scim/paging.ts'
import { compareText } from '../../src/scim/filter/evaluate.ts'

/** By the plain rule: those without a value last, equal ones by id. */
function rank(a: Spot, b: Spot): number {
  if (a.value === b.value) return compareText(a.id, b.id)
  if (a.value === undefined || b.value === undefined) return a.value === undefined ? 1 : -1
  return compareText(String(a.value), String(b.value))
}

function listOf(spots: readonly Spot[], descending: boolean, read: { items: number }): Ordered<Spot> {
  const order = (down: boolean) => (down ? spots.toSorted(rank).reverse() : spots.toSorted(rank))
  const counted = (found: readonly Spot[]) => {
    read.items += found.length
    return found
  }
  return {
    spotOf: spot => spot,
    total: async () => spots.length,
    slice: async (offset, limit) => counted(order(descending).slice(offset, offset + limit)),
    read: async ({ reverse, after, limit }: Ask) => {
      const down = descending !== reverse
      const behind = order(down).filter(
        spot => after === undefined || (down ? rank(spot, after) < 0 : rank(spot, after) > 0)
      )
      return counted(behind.slice(0, limit))
    }
  }
}

const lists = fc
  .array(fc.array(fc.constantFrom(undefined, '', 'a', 'b', '😀', '\ue000'), { maxLength: 12 }), { maxLength: 4 })
  .map(all => all.map((values, list) => values.map((value, n): Spot => ({ id: `${(n * 7) % 13}-${list}`, value }))))

t.test('every slice, whatever stands where, and every read behind any place', async t => {
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.boolean(),
      fc.nat(40),
      fc.integer({ min: 1, max: 9 }),
      async (all, descending, offset, limit) => {
        const read = { items: 0 }
        const one = merged(
          all.map(spots => listOf(spots, descending, read)),
          spot => spot,
          descending,
          1_000_000
        )
        const sorted = all.flat().toSorted(rank)
        const expected = descending ? sorted.toReversed() : sorted
        t.equal(await one.total(), expected.length)
        t.strictSame(await one.slice(offset, limit), expected.slice(offset, offset + limit))
        const after = expected[offset]
        for (const reverse of after === undefined ? [] : [false, true]) {
          const rest = reverse ? expected.slice(0, offset).reverse() : expected.slice(offset + 1)
          t.strictSame(await one.read({ reverse, after, limit }), rest.slice(0, limit))
        }
      }
    ),
    { numRuns: 300, verbose: 1 }
  )
})

t.test('where all but one are short, a page far behind reads little', async t => {
  const read = { items: 0 }
  const spots = (n: number, list: string) =>
    Array.from({ length: n }, (_, i) => ({ id: `${String(i).padStart(6, '0')}${list}` }))
  const all = [spots(10_000, 'a'), spots(10, 'b')]
  const one = merged(
    all.map(each => listOf(each, false, read)),
    spot => spot,
    false,
    200
  )
  t.strictSame(await one.slice(9000, 100), all.flat().toSorted(rank).slice(9000, 9100))
  t.ok(read.items <= 120, `${read.items} were read`)
})

t.test('where they are long, a page far behind is refused, and none that reads as much as may be read', async t => {
  const spots = (list: string) =>
    Array.from({ length: 100 }, (_, i) => ({ id: `${String(i).padStart(6, '0')}${list}` }))
  const one = (max: number) =>
    merged(
      [spots('a'), spots('b')].map(each => listOf(each, false, { items: 0 })),
      spot => spot,
      false,
      max
    )
  // The first thirty of each.
  t.equal((await one(60).slice(20, 10)).length, 10)
  await t.rejects(one(59).slice(20, 10), { status: 400, scimType: 'invalidValue', message: /cursor/ })
})
