/** One page of a list, by index (RFC 7644 3.4.2.4) or by cursor (RFC 9865). */
import type { Context } from '../../../audit/context.ts'
import type { Config } from '../../../config.ts'
import { bad } from '../../../scim/errors.ts'
import type { ListHead, ListQuery } from '../../../scim/list.ts'
import { type Cursor, type ListOf, readCursor, writeCursor } from '../../cursors.ts'
import { type Ask, beginning, type Place, pageAt, type Spot } from '../../keyset.ts'

/** Items in one order, which is the same by index and by cursor. */
export interface Ordered<Item> {
  /** @param limit 1 or more */
  slice(offset: number, limit: number): Promise<readonly Item[]>
  read(ask: Ask): Promise<readonly Item[]>
  spotOf(item: Item): Spot
  total(): Promise<number>
}

export interface Paged<Item> {
  readonly head: Omit<ListHead, 'itemsPerPage'>
  readonly items: readonly Item[]
}

/**
 * @param list names what a cursor is bound to.
 * @throws ScimError 400 `invalidCursor`, `expiredCursor`, and `invalidCount` for another count than that of the page before.
 */
export async function paged<Item>(
  context: Context,
  config: Config,
  list: ListOf,
  asked: ListQuery,
  items: Ordered<Item>
): Promise<Paged<Item>> {
  const { cursor } = asked
  return cursor === undefined ? byIndex(asked, items) : byCursor(context, config, list, { ...asked, cursor }, items)
}

async function byIndex<Item>({ startIndex, count }: ListQuery, items: Ordered<Item>): Promise<Paged<Item>> {
  const offset = startIndex - 1
  const found = count === 0 ? [] : await items.slice(offset, count)
  // A page that is not full, and is not empty behind an offset, shows the end by itself.
  const isEnd = found.length < count && (found.length > 0 || offset === 0)
  const totalResults = isEnd ? offset + found.length : await items.total()
  return { head: { totalResults, startIndex }, items: found }
}

async function byCursor<Item>(
  context: Context,
  config: Config,
  list: ListOf,
  { cursor, count }: ListQuery & { readonly cursor: string },
  items: Ordered<Item>
): Promise<Paged<Item>> {
  const at = cursor === '' ? { place: beginning } : await placeIn(context, config, list, cursor, count)
  // Nothing is shown, so no page stands before or behind it.
  if (count === 0) return { head: { totalResults: await items.total() }, items: [] }
  const page = await pageAt(at.place, count, items.read, items.spotOf)
  // A total that had to be counted goes along: who walks through a million has it counted once.
  const total = at.total ?? (await items.total())
  const write = (place: Place) =>
    writeCursor(context, list, { place, count, total: list.filter === undefined ? undefined : total })
  return {
    head: {
      totalResults: total,
      ...(page.previous === undefined ? {} : { previousCursor: await write(page.previous) }),
      ...(page.next === undefined ? {} : { nextCursor: await write(page.next) })
    },
    items: page.items
  }
}

async function placeIn(
  context: Context,
  { cursorSeconds }: Config,
  list: ListOf,
  text: string,
  count: number
): Promise<Cursor> {
  const cursor = await readCursor(context, list, text, cursorSeconds * 1000)
  if (cursor === 'invalid') {
    throw bad(
      'invalidCursor',
      'This cursor is none of this list: send the nextCursor or previousCursor of a page with the same filter, sortBy and sortOrder, or an empty one for the first page.',
      { attribute: 'cursor', rfc: 'RFC 9865 2.1' }
    )
  }
  if (cursor === 'expired') {
    throw bad(
      'expiredCursor',
      `This cursor is older than the ${cursorSeconds} s of cursorTimeout: begin again with an empty one.`,
      { attribute: 'cursor', rfc: 'RFC 9865 2.1' }
    )
  }
  if (cursor.count !== count) {
    throw bad('invalidCount', `This walk has count=${cursor.count}: keep to it, or begin again.`, {
      attribute: 'count',
      rfc: 'RFC 9865 2.1'
    })
  }
  return cursor
}
