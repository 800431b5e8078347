/**
 * Cursors: places in lists that clients carry from page to page, of SCIM (RFC 9865) and of the admin API alike. They are sealed
 * for one list of one organisation, and end with time. Nothing is kept for them here, so nobody can fill this server with them.
 */
import { secretOf } from '../admin/secrets.ts'
import type { Context } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { seal, unseal } from '../base/sealed.ts'
import type { Filter, Scalar } from '../scim/filter/filter.ts'
import type { Sort } from '../store/port.ts'
import type { Place } from './keyset.ts'

/** What a cursor is good for: another filter or order makes another list. */
export interface ListOf {
  /** `scim:User`, `api:event`: two lists never have the same. */
  readonly name: string
  readonly filter: Filter | undefined
  readonly sort: Sort | undefined
}

export interface Cursor {
  readonly place: Place
  /** Items on a page, where a walk has to keep to its number. */
  readonly count?: number | undefined
  /** How many items there were when the walk began, where that was counted. */
  readonly total?: number | undefined
}

export async function writeCursor(context: Context, list: ListOf, { place, count, total }: Cursor): Promise<string> {
  const { back, spot } = place
  const held: Held = {
    t: context.clock.now(),
    b: back ? 1 : undefined,
    i: spot?.id,
    v: spot?.value,
    c: count,
    n: total
  }
  return seal(await keyOf(context), boundTo(context, list), JSON.stringify(held))
}

/** @param maxAgeMs how long a cursor can be used. @returns what is wrong with it, where it is no good. */
export async function readCursor(
  context: Context,
  list: ListOf,
  text: string,
  maxAgeMs: number
): Promise<Cursor | 'invalid' | 'expired'> {
  const held = unseal(await keyOf(context), boundTo(context, list), text)
  if (held === undefined) return 'invalid'
  const { t, b, i, v, c, n } = JSON.parse(held) as Held
  if (context.clock.now() - t > maxAgeMs) return 'expired'
  return { place: { back: b === 1, ...(i === undefined ? {} : { spot: { id: i, value: v } }) }, count: c, total: n }
}

/** Short names: most cursors travel in URLs. */
interface Held {
  readonly t: EpochMs
  readonly b: 1 | undefined
  readonly i: string | undefined
  readonly v: Scalar | undefined
  readonly c: number | undefined
  readonly n: number | undefined
}

const keyOf = (context: Context) => secretOf(context, 'cursors')

function boundTo({ tenant }: Context, { name, filter, sort }: ListOf): string {
  return JSON.stringify([tenant, name, filter ?? null, sort ?? null])
}
