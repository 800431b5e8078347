/**
 * Pushing the tokens of a stream to its receiver (RFC 8935), by one node at a time.
 *
 * Who pushes stands in the delivery's document, and every batch that was acknowledged is removed in one commit with a new
 * version of it: who lost his turn meanwhile can remove nothing, and stops. No clock is compared with another node's: a node
 * takes over once it has seen the document unchanged for `turnMs` itself, which is longer than a push can take.
 */
import { type Env, systemTenant } from '../audit/context.ts'
import type { Stored } from '../store/port.ts'
import { type DeliveryState, deliveries, noted, removed } from './deliveries.ts'
import type { EventLimits } from './limits.ts'
import type { OutboxRow } from './outbox.ts'
import { type Pushed, postToken } from './post-token.ts'
import { nextRows } from './reading.ts'
import { type EventStream, eventStreams } from './streams.ts'
import { tokenOf } from './token.ts'

/** Tokens read at a time, and receivers' requests at a time, each about another resource. */
const batchSize = 200
const atOnce = 8
/** The first pause after a failure; it doubles. */
const retryMsFirst = 1000

export const turnMsOf = ({ pushTimeoutMs }: EventLimits) => 2 * pushTimeoutMs

/** What one node remembers of a stream that it pushes. */
export interface Pusher {
  /** Resources with a token that the receiver has something against: how often, and until when they rest. */
  readonly resting: Map<string, { readonly failures: number; readonly until: number }>
}

export const newPusher = (): Pusher => ({ resting: new Map() })

export interface Work {
  readonly env: Env
  readonly limits: EventLimits
  readonly pusher: Pusher
  readonly isStopping: () => boolean
}

/** Pushes what waits, until nothing does or the receiver has to be left alone. @param mine the delivery, held by this node. */
export async function pushAll(work: Work, mine: Stored<DeliveryState>): Promise<void> {
  let state: Stored<DeliveryState> | undefined = mine
  while (state !== undefined && !work.isStopping()) {
    const stream: EventStream | undefined = await streamOf(work.env, state.doc)
    if (stream === undefined || stream.paused || stream.delivery.method !== 'push') break
    // From before the batch is read: whatever happens in it happens in this time.
    const began = performance.now()
    const rows = await nextRows(work.env, state.doc.tenant, stream, { limit: batchSize, without: restingNow(work) })
    if (rows.length === 0) break
    const batch = await pushBatch(work, stream, rows, began)
    state = await settle(work, state, batch)
    if (batch.failure !== undefined) break
  }
  if (state !== undefined) await letGo(work.env, state)
}

/** Whether something waits that may be pushed now. */
export async function hasWork(work: Work, { tenant, id }: DeliveryState): Promise<boolean> {
  return (await nextRows(work.env, tenant, { id }, { limit: 1, without: restingNow(work) })).length > 0
}

async function streamOf({ store }: Env, { tenant, id }: DeliveryState): Promise<EventStream | undefined> {
  return (await store.get(eventStreams, tenant, id))?.doc
}

function restingNow({ pusher, env }: Work): ReadonlySet<string> {
  const now = env.clock.now()
  return new Set([...pusher.resting].filter(([, { until }]) => until > now).map(([uri]) => uri))
}

interface Batch {
  readonly acknowledged: readonly string[]
  /** The receiver can't be reached, or takes nothing at the moment. */
  readonly failure: Extract<Pushed, { acknowledged: false }> | undefined
  readonly lastError: string | undefined
}

/** Each resource's tokens go one after the other, and those of different ones side by side. */
async function pushBatch(work: Work, stream: EventStream, rows: readonly OutboxRow[], began: number): Promise<Batch> {
  const { env, limits, pusher, isStopping } = work
  const acknowledged: string[] = []
  let failure: Batch['failure']
  let lastError: string | undefined
  const inTime = () => performance.now() - began < turnMsOf(limits) - limits.pushTimeoutMs
  const lanes = [...Map.groupBy(rows, ({ subject }) => subject.uri)]

  async function pushLane(uri: string, lane: readonly OutboxRow[]): Promise<void> {
    for (const row of lane) {
      if (failure !== undefined || isStopping() || !inTime()) return
      const { url, authorization } = stream.delivery as Extract<EventStream['delivery'], { method: 'push' }>
      const pushed = await postToken({ url, authorization }, await tokenOf(env, stream, row), limits)
      if (pushed.acknowledged) {
        acknowledged.push(row.id)
        pusher.resting.delete(uri)
        continue
      }
      lastError = pushed.text
      if (pushed.token) rest(work, uri)
      else failure = pushed
      return
    }
  }

  async function worker(): Promise<void> {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) await pushLane(...lane)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { acknowledged, failure, lastError }
}

function rest({ pusher, env, limits }: Work, uri: string): void {
  const failures = (pusher.resting.get(uri)?.failures ?? 0) + 1
  pusher.resting.set(uri, { failures, until: env.clock.now() + pauseOf(env, limits, failures) })
}

/** Twice as long each time, up to the longest; between half of it and all of it, so that not all come again together. */
function pauseOf({ random }: Env, { retryMsMax }: EventLimits, failures: number): number {
  const whole = Math.min(retryMsMax, retryMsFirst * 2 ** Math.min(failures - 1, 30))
  return Math.ceil(whole / 2) + random.int(Math.floor(whole / 2) + 1)
}

/** @returns the delivery as it is then, or undefined where the turn is another node's by now. */
async function settle(
  { env, limits }: Work,
  state: Stored<DeliveryState>,
  { acknowledged, failure, lastError }: Batch
): Promise<Stored<DeliveryState> | undefined> {
  const now = env.clock.now()
  const { doc } = state
  const failures = failure === undefined ? 0 : doc.failures + 1
  const pause =
    failure === undefined
      ? 0
      : Math.min(limits.retryMsMax, Math.max(failure.retryAfterMs, pauseOf(env, limits, failures)))
  const change: Partial<DeliveryState> = {
    failures,
    nextTryAt: now + pause,
    ...(acknowledged.length === 0
      ? {}
      : { acknowledged: doc.acknowledged + acknowledged.length, lastAcknowledgedAt: now }),
    ...(lastError === undefined ? {} : { lastError: { at: now, text: lastError } })
  }
  const changes = [noted(state, change)]
  if (acknowledged.length > 0) changes.push(removed(doc.tenant, doc.id, acknowledged))
  const answer = await env.store.commit(changes, { id: env.makeId() })
  return answer === 'committed' ? { ...state, doc: { ...doc, ...change }, version: state.version + 1 } : undefined
}

async function letGo(env: Env, state: Stored<DeliveryState>): Promise<void> {
  await env.store.commit([noted(state, { holder: null })], { id: env.makeId() })
}

/** Makes this node the one that pushes. @returns undefined where another one was faster. */
export async function takeTurn(
  env: Env,
  state: Stored<DeliveryState>,
  node: string
): Promise<Stored<DeliveryState> | undefined> {
  const doc = { ...state.doc, holder: node, turn: state.doc.turn + 1 }
  const answer = await env.store.commit([noted(state, doc)], { id: env.makeId() })
  return answer === 'committed' ? { ...state, doc, version: state.version + 1 } : undefined
}

/** All deliveries there are. */
export async function allDeliveries({ store }: Env): Promise<readonly Stored<DeliveryState>[]> {
  return store.find(deliveries, systemTenant, { limit: deliveriesMax })
}

/** Streams of all organisations that one look goes through. */
const deliveriesMax = 10_000
