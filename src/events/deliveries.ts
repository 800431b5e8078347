/** How far the delivery of each stream has come: what the workers of all organisations look through. */
import { type Context, type Env, systemActor, systemTenant } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import type { EpochMs } from '../base/clock.ts'
import { all, field, is, isIn } from '../scim/filter/filter.ts'
import { type Change, type Collection, type Doc, removeWhere, replace, type Stored } from '../store/port.ts'
import { outbox } from './outbox.ts'
import type { Delivery } from './streams.ts'

export interface DeliveryState extends Doc {
  /** The stream's. */
  readonly id: string
  readonly tenant: string
  readonly method: Delivery['method']
  /** The stream is gone; what was still written for it goes after a while. */
  readonly removedAt: EpochMs | null
  /** Tokens that the receiver has acknowledged. */
  readonly acknowledged: number
  readonly lastAcknowledgedAt: EpochMs | null
  /** What the receiver, or the way to it, said last that was no acknowledgement. */
  readonly lastError: { readonly at: EpochMs; readonly text: string } | null
  /** Pushes in a row that failed, and when the next one is due. */
  readonly failures: number
  readonly nextTryAt: EpochMs
  /** Tokens that were given up, because too many waited or they waited for too long. */
  readonly dropped: number
  readonly lastDroppedAt: EpochMs | null
  /** The node that pushes, and a number that grows whenever that changes. */
  readonly holder: string | null
  readonly turn: number
}

export const deliveries: Collection<DeliveryState> = {
  name: 'eventDeliveries',
  search: ({ id, tenant, method, removedAt }) => ({ id, tenant, method, removed: removedAt !== null }),
  indexes: []
}

export const newDelivery = (id: string, tenant: string, method: Delivery['method']): DeliveryState => ({
  ...{ id, tenant, method, removedAt: null, acknowledged: 0, lastAcknowledgedAt: null, lastError: null },
  ...{ failures: 0, nextTryAt: 0, dropped: 0, lastDroppedAt: null, holder: null, turn: 0 }
})

export const deliveryOf = ({ store }: Env, stream: string): Promise<Stored<DeliveryState> | undefined> =>
  store.get(deliveries, systemTenant, stream)

/** For what is done on behalf of a stream's organisation and at nobody's request. */
export const contextFor = (env: Env, tenant: string): Context => ({ ...env, tenant, actor: systemActor })

/** The change that makes a state of what was read. */
export const noted = ({ doc, version }: Stored<DeliveryState>, change: Partial<DeliveryState>): Change =>
  replace(deliveries, systemTenant, { ...doc, ...change }, version)

/** The change that removes tokens of a stream. */
export const removed = (tenant: string, stream: string, ids: readonly string[]): Change =>
  removeWhere(outbox, tenant, all(is(field('stream'), stream), isIn(field('id'), ids)))

/**
 * The receiver has these tokens: they are removed. Unknown ones, and those that are gone already, are ignored.
 *
 * @param refused what the receiver said of others, which stay.
 */
export async function acknowledge(
  env: Env,
  {
    tenant,
    stream,
    ids,
    refused
  }: { tenant: string; stream: string; ids: readonly string[]; refused?: string | undefined }
): Promise<void> {
  if (ids.length === 0 && refused === undefined) return
  await operate(contextFor(env, tenant), async () => {
    const state = await deliveryOf(env, stream)
    if (state === undefined) return { answer: null, changes: [] }
    const filter = all(is(field('stream'), stream), isIn(field('id'), ids))
    const known = ids.length === 0 ? [] : await env.store.find(outbox, tenant, { filter, limit: ids.length })
    if (known.length === 0 && refused === undefined) return { answer: null, changes: [] }
    const now = env.clock.now()
    const change = noted(state, {
      ...(known.length === 0 ? {} : { acknowledged: state.doc.acknowledged + known.length, lastAcknowledgedAt: now }),
      ...(refused === undefined ? {} : { lastError: { at: now, text: refused } })
    })
    const gone = known.map(({ doc }) => doc.id)
    return { answer: null, changes: gone.length === 0 ? [change] : [change, removed(tenant, stream, gone)] }
  })
}
