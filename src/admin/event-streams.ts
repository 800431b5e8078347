/** Event streams, as administrators make and change them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Context, systemTenant } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { type DeliveryState, deliveries, deliveryOf, newDelivery, noted } from '../events/deliveries.ts'
import { outbox } from '../events/outbox.ts'
import { type Delivery, type EventStream, eventStreams, forgetStreams, streamsMax } from '../events/streams.ts'
import { field, is } from '../scim/filter/filter.ts'
import { insert, remove, removeWhere, replace, type Stored } from '../store/port.ts'
import { issue } from './accounts.ts'
import { credentials } from './collections.ts'
import { makeToken } from './tokens.ts'

export type StreamDraft = Omit<EventStream, 'id' | 'created' | 'paused'>

export interface MadeStream {
  readonly stream: Stored<EventStream>
  /** With which the receiver polls; null where it is pushed to. */
  readonly token: string | null
}

/**
 * Makes a stream. It takes `settleMs`: afterwards nothing that is committed can be missing in it (`events/streams.ts`).
 *
 * @throws Refusal `conflict` where there are `streamsMax` already.
 */
export async function createStream(context: Context, draft: StreamDraft, settleMs: number): Promise<MadeStream> {
  const { tenant, store, clock, makeId, random } = context
  const stream: EventStream = { id: makeId(), created: clock.now(), paused: false, ...draft }
  const token = stream.delivery.method === 'poll' ? makeToken('event', random) : null
  await operate(context, async () => {
    // Not quite exact where several are made at once, which harms nobody.
    if ((await store.find(eventStreams, tenant, { limit: streamsMax })).length >= streamsMax) {
      throw new Refusal('conflict', `There are ${streamsMax} event streams already. Remove one first.`)
    }
    const changes = [
      insert(eventStreams, tenant, stream),
      insert(deliveries, systemTenant, newDelivery(stream.id, tenant, stream.delivery.method)),
      ...(token === null ? [] : [issue(context, token, { kind: 'receiver', owner: stream.id })]),
      happened(context, 'eventStream.created', targetOf(stream), detailOf(stream))
    ]
    return { answer: null, changes }
  })
  forgetStreams(context, tenant)
  await sleep(settleMs)
  return { stream: { doc: stream, version: 1, referenced: false }, token }
}

/** @throws Refusal `not_found` */
export async function getStream({ store, tenant }: Context, id: string): Promise<Stored<EventStream>> {
  const found = await store.get(eventStreams, tenant, id)
  if (found === undefined) throw notFound('event stream')
  return found
}

export interface StreamProgress {
  /** Tokens that wait now. */
  readonly waiting: number
  readonly delivery: DeliveryState
}

export async function progressOf(context: Context, id: string): Promise<StreamProgress> {
  const { store, tenant } = context
  const [waiting, delivery] = await Promise.all([
    store.count(outbox, tenant, is(field('stream'), id)),
    deliveryOf(context, id)
  ])
  if (delivery === undefined) throw notFound('event stream')
  return { waiting, delivery: delivery.doc }
}

/** How it is delivered can be changed, but not by which method. */
export type StreamChange = Partial<Pick<EventStream, 'name' | 'audience' | 'events' | 'algorithm' | 'paused'>> & {
  readonly url?: string
  readonly authorization?: string | null
}

/** A change to what it is already writes nothing. @throws Refusal `not_found`, `precondition_failed`, `invalid_value`. */
export async function changeStream(
  context: Context,
  id: string,
  { url, authorization, ...change }: StreamChange,
  precondition: Precondition = {}
): Promise<Stored<EventStream>> {
  const answer = await operate(context, async () => {
    const before = await getStream(context, id)
    demand(precondition, before.version)
    const delivery = changedDelivery(before.doc.delivery, { url, authorization })
    const doc: EventStream = { ...before.doc, ...change, delivery }
    if (isDeepStrictEqual(doc, before.doc)) return { answer: before, changes: [] }
    const changes = [
      replace(eventStreams, context.tenant, doc, before.version),
      happened(context, 'eventStream.changed', targetOf(doc), detailOf(doc))
    ]
    const state = await deliveryOf(context, id)
    // Another address, or being started again, is worth a try at once.
    if (state !== undefined && state.doc.nextTryAt > 0) changes.push(noted(state, { nextTryAt: 0, failures: 0 }))
    return { answer: { ...before, doc, version: before.version + 1 }, changes }
  })
  forgetStreams(context, context.tenant)
  return answer
}

function changedDelivery(
  delivery: Delivery,
  change: { readonly url: string | undefined; readonly authorization: string | null | undefined }
): Delivery {
  const { url, authorization } = change
  if (url === undefined && authorization === undefined) return delivery
  if (delivery.method === 'poll') {
    throw new Refusal('invalid_value', 'This stream is polled: it has no url and no authorization.', {
      field: 'delivery'
    })
  }
  return {
    ...delivery,
    url: url ?? delivery.url,
    authorization: authorization === undefined ? delivery.authorization : authorization
  }
}

/** Removes a stream with all that waits in it; its token opens nothing from then on. */
export async function deleteStream(context: Context, id: string, precondition: Precondition = {}): Promise<void> {
  const { tenant } = context
  await operate(context, async () => {
    const { doc, version } = await getStream(context, id)
    demand(precondition, version)
    const state = await deliveryOf(context, id)
    const changes = [
      remove(eventStreams, tenant, id, version),
      removeWhere(outbox, tenant, is(field('stream'), id)),
      removeWhere(credentials, systemTenant, is(field('owner'), id)),
      happened(context, 'eventStream.deleted', targetOf(doc))
    ]
    // Other nodes may write to it for a moment more: that is cleared away later.
    if (state !== undefined) changes.push(noted(state, { removedAt: context.clock.now() }))
    return { answer: null, changes }
  })
  forgetStreams(context, tenant)
}

/** A new token for the receiver of a polled stream, shown this once; the old one ends. @throws Refusal `not_found`, `invalid_value`. */
export async function renewToken(context: Context, id: string): Promise<string> {
  const token = makeToken('event', context.random)
  await operate({ ...context, idempotency: undefined }, async () => {
    const { doc } = await getStream(context, id)
    if (doc.delivery.method === 'push') {
      throw new Refusal('invalid_value', 'This stream is pushed: its receiver needs no token of ours.', {
        field: 'delivery'
      })
    }
    const changes = [
      removeWhere(credentials, systemTenant, is(field('owner'), id)),
      issue(context, token, { kind: 'receiver', owner: id }),
      happened(context, 'eventStream.tokenRenewed', targetOf(doc))
    ]
    return { answer: null, changes }
  })
  return token
}

const targetOf = ({ id, name }: EventStream) => ({ kind: 'eventStream', id, name })

/** For the audit log: no secret. */
function detailOf({ audience, events, delivery, paused, algorithm }: EventStream): JsonObject {
  const to = delivery.method === 'push' ? { url: delivery.url } : {}
  return { audience, events: [...events], method: delivery.method, ...to, paused, algorithm }
}
