/** Several lists as one, in one order. */

import { bad } from '../../../scim/errors.ts'
import { compareText } from '../../../scim/filter/evaluate.ts'
import type { Scalar } from '../../../scim/filter/filter.ts'
import type { Spot } from '../../keyset.ts'
import type { Ordered } from './paging.ts'

/**
 * By cursor, whatever their size: each list is read from the same place on. By index, what stands at a number is known only when
 * the lists are merged up to there; but an item's number in its own list and in all differ by the size of the other lists at
 * most, and so most can be skipped where all lists but one are short.
 *
 * @param sources each in the same order, with ids that no other has and values of the same type.
 * @param readMax for one page by index. @throws ScimError 400 `invalidValue` where it would take more.
 */
export function merged<Item>(
  sources: readonly Ordered<Item>[],
  spotOf: (item: Item) => Spot,
  descending: boolean,
  readMax: number
): Ordered<Item> {
  const [only] = sources
  if (sources.length === 1 && only !== undefined) return only
  let known: Promise<readonly number[]> | undefined
  const totals = () => {
    known ??= Promise.all(sources.map(source => source.total()))
    return known
  }
  const merge = (parts: readonly (readonly Item[])[], down: boolean) =>
    parts
      .flatMap(items => items.map(item => ({ item, spot: spotOf(item) })))
      .sort((a, b) => (down ? compareSpots(b.spot, a.spot) : compareSpots(a.spot, b.spot)))
      .map(({ item }) => item)

  return {
    spotOf,
    total: async () => sum(await totals()),
    async read(ask) {
      const parts = await Promise.all(sources.map(source => source.read(ask)))
      return merge(parts, descending !== ask.reverse).slice(0, ask.limit)
    },
    async slice(offset, limit) {
      const sizes = await totals()
      const all = sum(sizes)
      const parts = sources.map((source, i) => {
        const size = sizes[i] ?? 0
        const skipped = Math.max(0, offset - (all - size))
        return { source, skipped, limit: Math.max(0, Math.min(size, offset + limit) - skipped) }
      })
      if (sum(parts.map(part => part.limit)) > readMax) {
        throw bad(
          'invalidValue',
          `A list of several resource types has no pages by startIndex so far behind. Go on by cursor (RFC 9865), or ask for one type: meta.resourceType eq "User".`
        )
      }
      const found = await Promise.all(
        parts.map(part => (part.limit === 0 ? [] : part.source.slice(part.skipped, part.limit)))
      )
      // All that was skipped stands before `offset`.
      const begin = offset - sum(parts.map(part => part.skipped))
      return merge(found, descending).slice(begin, begin + limit)
    }
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)

/** As the stores do: by value, those without one last, and then by id. */
export function compareSpots(a: Spot, b: Spot): number {
  return compareValues(a.value, b.value) || compareText(a.id, b.id)
}

function compareValues(a: Scalar | undefined, b: Scalar | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)
}
