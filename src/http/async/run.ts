/** Carries out the requests that were accepted, each once, whichever node comes first. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { administratorFor, connectorFor } from '../../admin/authenticate.ts'
import type { Principal } from '../../admin/principal.ts'
import { type Context, type Env, systemTenant } from '../../audit/context.ts'
import {
  type AsyncPlace,
  type AsyncRequest,
  asyncPlaces,
  asyncRequests,
  ended,
  firstPlaces,
  takePlace
} from '../../provisioning/async-requests.ts'
import { remove, type Stored } from '../../store/port.ts'
import { scimRoot } from '../routes/scim/exchange.ts'
import { operateStaged } from '../staging.ts'
import { within } from '../within.ts'
import { notAllowedAnyMore, operationsOf } from './outcome.ts'
import { announceOutcome } from './tell.ts'

/** Between two looks for work that other nodes accepted or left behind. */
const lookMs = 500
/** Queues that one node works at, at once. */
const queuesMax = 4
/** Before what could not be done for the moment is tried again. */
const againMs = 2000
/** Each try carries out all of a request again, because somebody else changed what it read. */
const triesMax = 20

export interface AsyncRunner {
  /** Begins what can begin. Returns at once. */
  poke(): void
  /** The answer to a request, where it is carried out here and within this time. */
  answerTo(txn: string, ms: number): Promise<LightMyRequestResponse | undefined>
  /** Finishes what was begun. */
  close(): Promise<void>
}

export interface RunnerOptions {
  /** A node that has not moved for so long is gone, and another takes what it held. */
  readonly leaseMs: number
  /** For the log: what fails is tried again. */
  readonly onError: (error: unknown) => void
}

/** What cannot be done now: the database is not there, or the caller has used up its rate. */
class NotNow extends Error {
  override readonly name = 'NotNow'
}

export function runRequests(app: FastifyInstance, env: Env, { leaseMs, onError }: RunnerOptions): AsyncRunner {
  const node = randomUUID()
  const busy = new Map<string, Promise<void>>()
  const seen = new Map<string, { readonly version: number; readonly since: number }>()
  const waiting = new Map<string, (answer: LightMyRequestResponse) => void>()
  let looking: Promise<void> | undefined
  let again = false
  let closed = false

  async function look(): Promise<void> {
    const places = await firstPlaces(env)
    const ids = new Set(places.map(({ doc }) => doc.id))
    for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id)
    for (const place of places) if (!closed && busy.size < queuesMax && !busy.has(place.doc.queue)) begin(place)
  }

  function begin(place: Stored<AsyncPlace>): void {
    if (!isFree(place)) return
    const work = async () => {
      const taken = await takePlace(env, place, node)
      if (taken !== undefined) await carryOut(taken)
    }
    const done = work()
      .catch(async error => {
        if (!(error instanceof NotNow)) onError(error)
        if (!closed) await wait(againMs, undefined, { ref: false })
      })
      .finally(() => {
        busy.delete(place.doc.queue)
        // The next one of this queue.
        poke()
      })
    busy.set(place.doc.queue, done)
  }

  /** Nobody has it; or who had it was this node, which is not at it; or has not moved for too long. */
  function isFree({ doc, version }: Stored<AsyncPlace>): boolean {
    if (doc.holder === null || doc.holder === node) return true
    const before = seen.get(doc.id)
    if (before?.version === version) return performance.now() - before.since > leaseMs
    seen.set(doc.id, { version, since: performance.now() })
    return false
  }

  async function carryOut({ id, tenant, request }: AsyncPlace): Promise<void> {
    const found = await env.store.get(asyncRequests, tenant, request)
    if (found === undefined) return forget(id)
    const { name } = found.doc.caller
    const actor = { kind: found.doc.caller.kind, id: found.doc.caller.id, name }
    const context: Context = { ...env, tenant, actor, requestId: request }
    let held: Array<() => void> = []
    const answer = await operateStaged<LightMyRequestResponse | null>(
      context,
      async staged => {
        const told: Array<() => void> = []
        held = told
        const [place, row] = await Promise.all([
          env.store.get(asyncPlaces, systemTenant, id),
          env.store.get(asyncRequests, tenant, request)
        ])
        // Another node was faster.
        if (place === undefined || row === undefined) return { answer: null, holds: false }
        const principal = await principalOf(env, tenant, row.doc)
        const later = (tell: () => void) => void told.push(tell)
        const surroundings = { store: staged, later, base: row.doc.base, unabridged: true }
        const answer =
          principal === undefined
            ? undefined
            : await within({ ...surroundings, principal }, () => app.inject(injected(row.doc)))
        if (answer !== undefined && [429, 503].includes(answer.statusCode)) throw new NotNow(answer.payload)
        const operations = answer === undefined ? notAllowedAnyMore(row.doc) : operationsOf(row.doc, answer)
        const events = await announceOutcome({ ...context, store: staged }, row.doc, operations)
        const outcome = { at: env.clock.now(), operations }
        return {
          answer: answer ?? null,
          holds: true,
          beside: [...ended(place, row, outcome), ...events]
        }
      },
      { triesMax }
    )
    if (answer === null) return
    for (const tell of held) tell()
    waiting.get(request)?.(answer)
  }

  async function forget(id: string): Promise<void> {
    const place = await env.store.get(asyncPlaces, systemTenant, id)
    if (place === undefined) return
    await env.store.commit([remove(asyncPlaces, systemTenant, id, place.version)], { id: env.makeId() })
  }

  function poke(): void {
    if (closed) return
    again = true
    looking ??= (async () => {
      while (again && !closed) {
        again = false
        await look()
      }
    })()
      .catch(onError)
      .finally(() => {
        looking = undefined
      })
  }

  const timer = setInterval(poke, lookMs).unref()

  return {
    poke,
    async answerTo(txn, ms) {
      const { promise, resolve } = Promise.withResolvers<LightMyRequestResponse>()
      waiting.set(txn, resolve)
      poke()
      try {
        return ms === 0 ? undefined : await Promise.race([promise, wait(ms, undefined, { ref: false })])
      } finally {
        waiting.delete(txn)
      }
    },
    async close() {
      closed = true
      clearInterval(timer)
      await looking
      await Promise.all(busy.values())
    }
  }
}

function injected({ method, url, sent }: AsyncRequest) {
  const { headers = {}, body = null } = sent ?? {}
  const type = body === null ? {} : { 'content-type': 'application/scim+json' }
  return {
    method: method as 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: `${scimRoot}${url}`,
    headers: { ...headers, ...type },
    ...(body === null ? {} : { payload: JSON.stringify(body) })
  }
}

/** Who sent it, as it is now: what it may do by now counts. Undefined: it is nobody any more. */
async function principalOf({ store }: Env, tenant: string, { caller }: AsyncRequest): Promise<Principal | undefined> {
  const { kind, id, key } = caller
  if (kind === 'connector') return connectorFor(store, tenant, id)
  return key === undefined ? undefined : administratorFor(store, tenant, id, key)
}
