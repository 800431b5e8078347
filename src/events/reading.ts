/** What a receiver is to be given next. */
import type { Env } from '../audit/context.ts'
import { all, type Filter, field, is, isIn, not } from '../scim/filter/filter.ts'
import { type OutboxRow, outbox } from './outbox.ts'
import type { EventStream } from './streams.ts'

export interface Wanted {
  readonly limit: number
  /** Resources that are passed over, by their URIs. */
  readonly without?: ReadonlySet<string> | undefined
}

/**
 * The tokens that wait, the oldest first, up to `limit`. For each resource they are all that wait up to the last of it: none of
 * them is ever given before one that came before it.
 *
 * It takes two reads, for a read need not be of one moment: it may have passed the place of a token before that was
 * committed, and come to the place of the next one of the same resource after. But whatever came before a token of the first
 * read was committed when that read ended, so the second one has it.
 */
export async function nextRows(
  env: Env,
  tenant: string,
  { id: stream }: Pick<EventStream, 'id'>,
  { limit, without = new Set() }: Wanted
): Promise<readonly OutboxRow[]> {
  const parts: Filter[] = [is(field('stream'), stream)]
  if (without.size > 0) parts.push(not(isIn(field('uri'), [...without])))
  const read = async () =>
    (await env.store.find(outbox, tenant, { filter: all(...parts), limit })).map(({ doc }) => doc)
  const first = await read()
  if (first.length === 0) return []
  const lastOf = new Map(first.map(({ id, subject }) => [subject.uri, id]))
  return (await read()).filter(({ id, subject }) => id <= (lastOf.get(subject.uri) ?? ''))
}
