/** Event streams: who is told what happens to users, groups and seats. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import {
  changeStream,
  createStream,
  deleteStream,
  getStream,
  progressOf,
  renewToken,
  type StreamProgress
} from '../../../admin/event-streams.ts'
import { type EpochMs, toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { whyNot } from '../../../base/outgoing.ts'
import { type Delivery, type EventStream, eventStreams } from '../../../events/streams.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { eventLimitsOf } from '../../event-limits.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { MadeStreamSchema, NewStream, StreamChangeSchema, StreamSchema, StreamStateSchema } from './event-schemas.ts'
import { addList } from './list.ts'
import { IdParams } from './schemas.ts'

const path = '/api/v1/event-streams'
const tags = ['Event streams']
const streamType = listType('eventStream', { id: 'string', 'delivery.method': 'string', paused: 'boolean' })

export function eventStreamRoutes(app: FastifyInstance, services: Services): void {
  const { env, config, authenticator } = services
  const limits = eventLimitsOf(config)

  addList(app, services, path, {
    tag: 'Event streams',
    summary: 'Event streams',
    item: StreamSchema,
    show: showStream,
    collection: eventStreams,
    type: streamType
  })

  app.post<{ Body: NewStream }>(
    path,
    {
      schema: {
        tags,
        summary: 'Make an event stream; the token of a polled one is shown this once',
        description: 'Takes some seconds: nothing that happens after its answer is missing in the stream.',
        body: NewStream,
        response: { 201: MadeStreamSchema }
      }
    },
    async (request, reply) => {
      const { name, audience, events, algorithm = 'EdDSA', delivery } = request.body
      const draft = { name, audience, events, algorithm, delivery: deliveryOf(delivery), issuer: issuerOf(request) }
      // A secret is not kept, so it can't be given a second time.
      const context = { ...contextOf(env, request), idempotency: undefined }
      const { stream, token } = await createStream(context, draft, limits.settleMs)
      return reply
        .code(201)
        .header('etag', versionTag(stream.version))
        .send({ ...showStream(stream.doc), token })
    }
  )

  app.get<{ Params: IdParams }>(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'One event stream, and how far it is',
        params: IdParams,
        response: { 200: StreamStateSchema }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      const { doc, version } = await getStream(context, request.params.id)
      const state = showProgress(await progressOf(context, doc.id))
      return reply.header('etag', versionTag(version)).send({ ...showStream(doc), state })
    }
  )

  app.patch<{ Params: IdParams; Body: StreamChangeSchema }>(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'Change an event stream',
        params: IdParams,
        body: StreamChangeSchema,
        response: { 200: StreamSchema }
      }
    },
    async (request, reply) => {
      const { delivery = {}, ...change } = request.body
      if (delivery.url !== undefined) checkUrl(delivery.url)
      const context = contextOf(env, request)
      const changed = await changeStream(
        context,
        request.params.id,
        { ...change, ...delivery },
        expectsVersion(request)
      )
      return reply.header('etag', versionTag(changed.version)).send(showStream(changed.doc))
    }
  )

  app.delete<{ Params: IdParams }>(
    `${path}/:id`,
    {
      schema: {
        tags,
        summary: 'Remove an event stream, with what waits in it',
        params: IdParams,
        response: { 204: Type.Null() }
      }
    },
    async (request, reply) => {
      await deleteStream(contextOf(env, request), request.params.id, expectsVersion(request))
      authenticator.forget()
      return reply.code(204).send()
    }
  )

  app.post<{ Params: IdParams }>(
    `${path}/:id/token`,
    {
      schema: {
        tags,
        summary: 'A new token for the receiver of a polled stream, shown this once; the old one ends',
        params: IdParams,
        response: { 200: Type.Object({ token: Type.String() }) }
      }
    },
    async request => {
      const token = await renewToken(contextOf(env, request), request.params.id)
      authenticator.forget()
      return { token }
    }
  )

  /** Where the service stands, without a path: receivers find the keys below it. */
  const issuerOf = (request: FastifyRequest) => config.publicUrl ?? `${request.protocol}://${request.host}`

  function deliveryOf(delivery: NewStream['delivery']): Delivery {
    if (delivery.method === 'poll') return { method: 'poll' }
    checkUrl(delivery.url)
    return { method: 'push', url: delivery.url, authorization: delivery.authorization ?? null }
  }

  /** @throws Refusal `invalid_destination` */
  function checkUrl(url: string): void {
    const why = whyNot(url, { privateAllowed: limits.pushPrivate })
    if (why !== undefined) throw new Refusal('invalid_destination', `The url ${why}.`, { field: 'delivery.url' })
  }
}

function showStream({ id, name, audience, issuer, events, algorithm, delivery, paused, created }: EventStream) {
  const shown =
    delivery.method === 'poll'
      ? { method: 'poll' as const, url: `${issuer}${path}/${id}/poll` }
      : { method: 'push' as const, url: delivery.url, authorized: delivery.authorization !== null }
  return {
    id,
    name,
    audience,
    issuer,
    events: [...events],
    algorithm,
    delivery: shown,
    paused,
    created: toDateTime(created)
  }
}

function showProgress({ waiting, delivery }: StreamProgress) {
  const { acknowledged, lastAcknowledgedAt, lastError, failures, nextTryAt, dropped, lastDroppedAt } = delivery
  return {
    ...{ waiting, acknowledged, failures, dropped },
    lastAcknowledgedAt: timeOf(lastAcknowledgedAt),
    lastError: lastError === null ? null : { at: toDateTime(lastError.at), text: lastError.text },
    nextTryAt: failures === 0 ? null : toDateTime(nextTryAt),
    lastDroppedAt: timeOf(lastDroppedAt)
  }
}

const timeOf = (at: EpochMs | null) => (at === null ? null : toDateTime(at))
