/** A poll of a receiver (RFC 8936): it acknowledges what it has, and gets what comes next. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Env } from '../audit/context.ts'
import { notFound } from '../base/domain-error.ts'
import { all, field, is, isIn } from '../scim/filter/filter.ts'
import { acknowledge } from './deliveries.ts'
import type { EventLimits } from './limits.ts'
import { type OutboxRow, outbox } from './outbox.ts'
import { nextRows } from './reading.ts'
import { eventStreams } from './streams.ts'
import { tokenOf } from './token.ts'

export interface PollRequest {
  /** Absent: as many as may be. 0: only acknowledges. */
  readonly maxEvents?: number | undefined
  readonly returnImmediately?: boolean | undefined
  readonly ack?: readonly string[] | undefined
  readonly setErrs?: Readonly<Record<string, { readonly err: string; readonly description?: string }>> | undefined
}

export interface PollAnswer {
  /** In the order in which they happened, as far as that is one: by `jti`. */
  readonly sets: Readonly<Record<string, string>>
  readonly moreAvailable: boolean
}

/** Between two looks while a poll waits. */
const lookMs = 250
const errorLengthMax = 300

/** Who waits. A receiver that polls again has given up its last poll, so that is answered, with nothing. */
const waiting = new Map<string, AbortController>()

/**
 * @param stopped aborts when the server stops: whoever waits is answered then.
 * @throws Refusal `not_found` for a stream that is no more, or is pushed.
 */
export async function poll(
  env: Env,
  limits: EventLimits,
  { tenant, stream: id }: { readonly tenant: string; readonly stream: string },
  request: PollRequest,
  stopped: AbortSignal
): Promise<PollAnswer> {
  const stream = (await env.store.get(eventStreams, tenant, id))?.doc
  if (stream === undefined || stream.delivery.method !== 'poll') throw notFound('event stream')
  const { ack = [], setErrs = {}, maxEvents = limits.pollEventsMax, returnImmediately = false } = request
  await acknowledge(env, { tenant, stream: id, ids: ack, refused: complaint(setErrs) })
  const limit = Math.min(maxEvents, limits.pollEventsMax)
  if (limit === 0 || stream.paused) return { sets: {}, moreAvailable: false }

  // What the receiver has just refused, and what came after it, is not thrown at it again at once.
  const without = await urisOf(env, tenant, id, Object.keys(setErrs))
  const look = () => nextRows(env, tenant, stream, { limit: limit + 1, without })
  const rows = returnImmediately ? await look() : await untilSome(id, look, limits.pollMs, stopped)
  const tokens = rows.slice(0, limit).map(async row => [row.id, await tokenOf(env, stream, row)] as const)
  return { sets: Object.fromEntries(await Promise.all(tokens)), moreAvailable: rows.length > limit }
}

function complaint(setErrs: NonNullable<PollRequest['setErrs']>): string | undefined {
  const [first] = Object.entries(setErrs)
  if (first === undefined) return undefined
  const [jti, { err, description }] = first
  return `the receiver refused ${jti}: ${[err, description].filter(Boolean).join(', ')}`.slice(0, errorLengthMax)
}

async function urisOf(env: Env, tenant: string, stream: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const filter = all(is(field('stream'), stream), isIn(field('id'), ids))
  const rows = await env.store.find(outbox, tenant, { filter, limit: ids.length })
  return new Set(rows.map(({ doc }) => doc.subject.uri))
}

async function untilSome(
  stream: string,
  look: () => Promise<readonly OutboxRow[]>,
  ms: number,
  stopped: AbortSignal
): Promise<readonly OutboxRow[]> {
  const mine = new AbortController()
  waiting.get(stream)?.abort()
  waiting.set(stream, mine)
  const over = AbortSignal.any([mine.signal, stopped])
  const end = performance.now() + ms
  try {
    for (;;) {
      const rows = await look()
      const left = end - performance.now()
      if (rows.length > 0 || left <= 0 || over.aborted) return rows
      await sleep(Math.min(lookMs, left), undefined, { signal: over }).catch(() => {})
    }
  } finally {
    if (waiting.get(stream) === mine) waiting.delete(stream)
  }
}
