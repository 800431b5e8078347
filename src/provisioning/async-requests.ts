/**
 * Requests that were accepted and are carried out later (RFC 9967 2.5.1): kept from before the client is told so until their outcome
 * is old. Those of one caller are carried out in the order in which they were accepted.
 */
import { type Context, type Env, systemTenant } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import type { EpochMs } from '../base/clock.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { all, compare, field, is } from '../scim/filter/filter.ts'
import { type Change, type Collection, insert, remove, removeWhere, replace, type Stored } from '../store/port.ts'

/** Who sent it, as far as it says who that is later. */
export interface AsyncCaller {
  readonly kind: 'connector' | 'administrator'
  readonly id: string
  readonly name: string
  /** The API key of an administrator. */
  readonly key?: { readonly id: string; readonly prefix: string }
}

export interface AsyncRequest {
  /** `txn` of the events that tell how it ended. */
  readonly id: string
  readonly at: EpochMs
  readonly caller: AsyncCaller
  readonly method: string
  /** Below the root of the service, with its query. */
  readonly url: string
  /** Where the service stands for the caller. */
  readonly base: string
  /** What it takes to carry it out; null as soon as that is done. Nothing in it is secret. */
  readonly sent: { readonly headers: Readonly<Record<string, string>>; readonly body: Json | null } | null
  readonly outcome: AsyncOutcome | null
}

export interface AsyncOutcome {
  readonly at: EpochMs
  /** As in the answer to a Bulk request (RFC 7644 3.7.3): one, or one for each operation of a Bulk request. */
  readonly operations: readonly JsonObject[]
}

export const asyncRequests: Collection<AsyncRequest> = {
  name: 'asyncRequests',
  search: ({ id, at, outcome }) => ({ id, at, ...(outcome === null ? {} : { doneAt: outcome.at }) }),
  indexes: [{ name: 'doneAt', paths: [field('doneAt')] }]
}

/** A place in a queue; there is one for each request that is not done. In the system's tenant, for whoever looks for work. */
export interface AsyncPlace {
  /** Places of a queue sort by it. */
  readonly id: string
  readonly queue: string
  readonly tenant: string
  readonly request: string
  /** The node that carries it out. */
  readonly holder: string | null
}

const queue = field('queue')

export const asyncPlaces: Collection<AsyncPlace> = {
  name: 'asyncPlaces',
  search: place => ({ id: place.id, queue: place.queue }),
  indexes: [{ name: 'queue', paths: [queue], complete: true }]
}

/** How many places were ever given in a queue. */
interface AsyncQueue {
  readonly id: string
  readonly last: number
}

export const asyncQueues: Collection<AsyncQueue> = { name: 'asyncQueues', search: ({ id }) => ({ id }), indexes: [] }

/**
 * Accepts a request: it is kept when this answers, and survives whatever happens then.
 *
 * @returns its `txn`.
 * @throws Refusal `too_many_requests` where so many of this caller wait already.
 */
export function accept(
  context: Context,
  request: Omit<AsyncRequest, 'id' | 'at' | 'outcome'>,
  waitingMax: number
): Promise<string> {
  const { store, tenant, clock, makeId } = context
  const { kind, id: caller } = request.caller
  const name = `${tenant}/${kind}/${caller}`
  return operate({ ...context, trace: undefined }, async () => {
    const [known, waiting] = await Promise.all([
      store.get(asyncQueues, systemTenant, name),
      store.count(asyncPlaces, systemTenant, is(queue, name))
    ])
    if (waiting >= waitingMax) throw tooMany(waitingMax)
    const last = (known?.doc.last ?? 0) + 1
    const row: AsyncRequest = { ...request, id: makeId(), at: clock.now(), outcome: null }
    const id = `${String(last).padStart(12, '0')}/${name}`
    const tail = { id: name, last }
    return {
      answer: row.id,
      changes: [
        insert(asyncRequests, tenant, row),
        insert(asyncPlaces, systemTenant, { id, queue: name, tenant, request: row.id, holder: null }),
        known === undefined
          ? insert(asyncQueues, systemTenant, tail)
          : replace(asyncQueues, systemTenant, tail, known.version)
      ]
    }
  })
}

/** The first place of each queue. */
export async function firstPlaces({ store }: Pick<Env, 'store'>): Promise<readonly Stored<AsyncPlace>[]> {
  const found: Stored<AsyncPlace>[] = []
  for (let behind = ''; ; ) {
    const filter = compare('gt', queue, behind)
    const [first] = await store.find(asyncPlaces, systemTenant, { filter, sort: { path: queue }, limit: 1 })
    if (first === undefined) return found
    found.push(first)
    behind = first.doc.queue
  }
}

/** Takes a place for a node. @returns undefined where another node was faster. */
export async function takePlace(
  { store, makeId }: Pick<Env, 'store' | 'makeId'>,
  { doc, version }: Stored<AsyncPlace>,
  holder: string
): Promise<AsyncPlace | undefined> {
  const mine = { ...doc, holder }
  const answer = await store.commit([replace(asyncPlaces, systemTenant, mine, version)], { id: makeId() })
  return answer === 'committed' ? mine : undefined
}

/**
 * The changes that say how a request ended, to be committed with all that it did: so it has happened once, whoever else
 * carries it out at the same time.
 */
export function ended(
  place: Stored<AsyncPlace>,
  { doc, version }: Stored<AsyncRequest>,
  outcome: AsyncOutcome
): readonly Change[] {
  return [
    replace(asyncRequests, place.doc.tenant, { ...doc, sent: null, outcome }, version),
    remove(asyncPlaces, systemTenant, place.doc.id, place.version)
  ]
}

/** Forgets outcomes that nobody asks for any more. */
export async function forgetOutcomes({ store, clock, makeId }: Env, tenant: string, keptMs: number): Promise<void> {
  const old = all(compare('lt', field('doneAt'), clock.now() - keptMs))
  const [first] = await store.find(asyncRequests, tenant, { filter: old, limit: 1 })
  if (first !== undefined) await store.commit([removeWhere(asyncRequests, tenant, old)], { id: makeId() })
}

const tooMany = (waitingMax: number) =>
  new Refusal(
    'too_many_requests',
    `${waitingMax} requests of this caller wait to be carried out. This one was not accepted: send it later, or without respond-async.`
  )
