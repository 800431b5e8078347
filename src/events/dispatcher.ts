/** What a node does for the event streams of all organisations, at nobody's request: it pushes, and keeps outboxes in bounds. */
import { randomUUID } from 'node:crypto'
import type { Env } from '../audit/context.ts'
import type { Stored } from '../store/port.ts'
import { bound, clear } from './bounds.ts'
import type { DeliveryState } from './deliveries.ts'
import type { EventLimits } from './limits.ts'
import { allDeliveries, hasWork, newPusher, type Pusher, pushAll, takeTurn, turnMsOf } from './push.ts'

/** Between two looks for something to push, and for too much that waits. */
const lookMs = 250
const boundMs = 30_000

export interface Dispatcher {
  /** One look, and all that comes of it. For tests; the dispatcher looks by itself. */
  look(): Promise<void>
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

interface Seen {
  readonly version: number
  /** `performance.now()` */
  readonly since: number
}

/** @param onError for the log: what fails is tried again with the next look. */
export function dispatchEvents(env: Env, limits: EventLimits, onError: (error: unknown) => void): Dispatcher {
  const node = randomUUID()
  const seen = new Map<string, Seen>()
  const pushers = new Map<string, Pusher>()
  const busy = new Map<string, Promise<void>>()
  let boundedAt = Number.NEGATIVE_INFINITY
  let closed = false
  let looking: Promise<void> | undefined

  /** Whether the one whose turn it is has not moved for so long that he is gone. */
  function isFree({ doc, version }: Stored<DeliveryState>): boolean {
    if (doc.holder === null || doc.holder === node) return true
    const before = seen.get(doc.id)
    if (before?.version === version) return performance.now() - before.since > turnMsOf(limits)
    seen.set(doc.id, { version, since: performance.now() })
    return false
  }

  async function push(state: Stored<DeliveryState>): Promise<void> {
    const { id } = state.doc
    const pusher = pushers.get(id) ?? newPusher()
    pushers.set(id, pusher)
    const work = { env, limits, pusher, isStopping: () => closed }
    if (!(await hasWork(work, state.doc))) return
    const mine = await takeTurn(env, state, node)
    if (mine !== undefined) await pushAll(work, mine)
  }

  /** What is under way for a stream goes on while others are looked at. */
  function begin(state: Stored<DeliveryState>): void {
    const { id, method, removedAt, nextTryAt } = state.doc
    if (method !== 'push' || removedAt !== null || nextTryAt > env.clock.now() || busy.has(id) || !isFree(state)) return
    const done = push(state)
      .catch(onError)
      .finally(() => busy.delete(id))
    busy.set(id, done)
  }

  async function look(): Promise<void> {
    const all = await allDeliveries(env)
    for (const state of all) begin(state)
    if (performance.now() - boundedAt < boundMs) return
    boundedAt = performance.now()
    for (const state of all) await (state.doc.removedAt === null ? bound : clear)(env, state, limits)
  }

  const timer = setInterval(() => {
    looking ??= look()
      .catch(onError)
      .finally(() => {
        looking = undefined
      })
  }, lookMs).unref()

  return {
    async look() {
      await look()
      await Promise.all(busy.values())
    },
    async close() {
      closed = true
      clearInterval(timer)
      await looking
      await Promise.all(busy.values())
    }
  }
}
