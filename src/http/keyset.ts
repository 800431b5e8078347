/**
 * Pages by the place where they begin. A place lies between two items and not at a number, so that whatever is made or deleted
 * meanwhile moves no other item to another page.
 */
import type { Scalar, SearchForm, SearchValue } from '../scim/filter/filter.ts'
import type { Query, Sort } from '../store/port.ts'

/** An item's place in the order of a list: its value at the sort path (undefined: it has none), and its id. */
export interface Spot {
  readonly value?: Scalar | undefined
  readonly id: string
}

/** A page stands behind its place, or before it where it is read `back`. */
export interface Place {
  readonly back: boolean
  /** Absent: the beginning of the list; its end, where it is read back. */
  readonly spot?: Spot | undefined
}

export const beginning: Place = { back: false }

export interface Ask {
  /** The list's order read backwards. */
  readonly reverse: boolean
  readonly after: Spot | undefined
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the first page. */
  readonly previous?: Place
  /** Absent on the last page. */
  readonly next?: Place
}

/**
 * Where all that stood on one side of a place is gone the page is empty, and leads back from that end of the list.
 *
 * @param limit 1 or more.
 */
export async function pageAt<T>(
  place: Place,
  limit: number,
  read: (ask: Ask) => Promise<readonly T[]>,
  spotOf: (item: T) => Spot
): Promise<Page<T>> {
  const { back, spot } = place
  const found = await read({ reverse: back, after: spot, limit: limit + 1 })
  const items = found.slice(0, limit)
  if (back) items.reverse()
  const isMore = found.length > limit
  const [first, last] = [items[0], items.at(-1)].map(item => (item === undefined ? undefined : spotOf(item)))
  // Something stands where this page was asked from, unless that was an end of the list.
  const [hasPrevious, hasNext] = back ? [isMore, spot !== undefined] : [spot !== undefined, isMore]
  return {
    items,
    ...(hasPrevious ? { previous: { back: true, spot: first } } : {}),
    ...(hasNext ? { next: { back: false, spot: last } } : {})
  }
}

/** The order of a list. Without a sort it is that of the ids. */
export interface Order {
  readonly sort: Sort | undefined
  readonly newestFirst?: boolean
}

/** The part of a query that reads what is asked, of a list in this order. */
export function partOf({ sort, newestFirst = false }: Order, { reverse, after, limit }: Ask): Query {
  return {
    limit,
    ...(after === undefined ? {} : { after }),
    ...(sort === undefined
      ? { newestFirst: newestFirst !== reverse }
      : { sort: { path: sort.path, descending: (sort.descending === true) !== reverse } })
  }
}

/** Where a document stands in an order. */
export function spotIn(sort: Sort | undefined, id: string, form: () => SearchForm): Spot {
  return sort === undefined ? { id } : { id, value: valueAt(form(), sort) }
}

function valueAt(form: SearchForm, { path }: Sort): Scalar | undefined {
  let value: SearchValue | undefined = form
  for (const { name } of path) value = (value as SearchForm | undefined)?.[name]
  return value as Scalar | undefined
}
