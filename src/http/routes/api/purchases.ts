/** What was bought: the only way in which the number of seats changes. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import type { Context } from '../../../audit/context.ts'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { purchases } from '../../../licensing/collections.ts'
import { addPurchase, changePurchase, deletePurchase, type PurchaseChange } from '../../../licensing/purchases.ts'
import { seatReport } from '../../../licensing/report.ts'
import type { LicenseType, Purchase } from '../../../licensing/types.ts'
import type { Stored } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import {
  ChangedPurchaseSchema,
  DeletedPurchaseSchema,
  IdParams,
  NewPurchase,
  PurchaseChangeSchema,
  PurchaseSchema
} from './schemas.ts'
import { licenseTypeOf } from './user-answer.ts'

const purchaseType = listType('purchase', {
  id: 'string',
  type: 'string',
  quantity: 'integer',
  start: 'dateTime',
  end: 'dateTime'
})

export function purchaseRoutes(app: FastifyInstance, services: Services): void {
  const { env, seatWatch } = services

  addList(app, services, '/api/v1/seats/purchases', {
    tag: 'Seats',
    summary: 'What was bought',
    item: PurchaseSchema,
    show: purchase => showPurchase(purchase, env.clock.now()),
    collection: purchases,
    type: purchaseType
  })

  /** What the capacity has come to: an administrator who lowered it too far is told at once (SEAT-108). */
  const standing = async (context: Context, type: LicenseType) => {
    seatWatch.poke(context)
    const { over = 0, warning = null } = (await seatReport(context)).find(figures => figures.type === type) ?? {}
    return { over, warning }
  }

  const answer = async (reply: FastifyReply, context: Context, { doc, version }: Stored<Purchase>) => {
    const shown = { ...showPurchase(doc, env.clock.now()), ...(await standing(context, doc.type)) }
    return reply.header('etag', versionTag(version)).send(shown)
  }

  app.post<{ Body: NewPurchase }>(
    '/api/v1/seats/purchases',
    { schema: { tags: ['Seats'], summary: 'Buy seats', body: NewPurchase, response: { 201: ChangedPurchaseSchema } } },
    async (request, reply) => {
      const context = contextOf(env, request)
      const { type, quantity, start, end } = request.body
      const draft = { type: licenseTypeOf(type), quantity, ...times({ start, end }) }
      return answer(reply.code(201), context, await addPurchase(context, draft))
    }
  )

  app.patch<{ Params: IdParams; Body: PurchaseChangeSchema }>(
    '/api/v1/seats/purchases/:id',
    {
      schema: {
        tags: ['Seats'],
        summary: 'Change a purchase; nobody loses a seat',
        params: IdParams,
        body: PurchaseChangeSchema,
        response: { 200: ChangedPurchaseSchema }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      const { quantity, start, end } = request.body
      const change: PurchaseChange = { ...(quantity === undefined ? {} : { quantity }), ...times({ start, end }) }
      return answer(reply, context, await changePurchase(context, request.params.id, change, expectsVersion(request)))
    }
  )

  app.delete<{ Params: IdParams }>(
    '/api/v1/seats/purchases/:id',
    {
      schema: {
        tags: ['Seats'],
        summary: 'Delete a purchase; nobody loses a seat, and where more are in use than are left, the answer says so',
        params: IdParams,
        response: { 200: DeletedPurchaseSchema, 204: Type.Null() }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      const { type } = (await deletePurchase(context, request.params.id, expectsVersion(request))).doc
      const { over, warning } = await standing(context, type)
      return over === 0 ? reply.code(204).send() : reply.send({ type, over, warning })
    }
  )
}

function times({ start, end }: { start?: string | undefined; end?: string | null | undefined }) {
  return {
    ...(start === undefined ? {} : { start: instant('start', start) }),
    ...(end === undefined ? {} : { end: end === null ? null : instant('end', end) })
  }
}

function instant(name: string, text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new Refusal('invalid_value', `${name} must be a time like 2026-01-31T00:00:00Z.`, { field: name })
  return ms
}

function showPurchase({ id, type, quantity, start, end, created }: Purchase, now: number) {
  const status = now < start ? 'upcoming' : end !== null && end <= now ? 'ended' : 'valid'
  return {
    id,
    type,
    quantity,
    start: toDateTime(start),
    end: end === null ? null : toDateTime(end),
    status,
    created: toDateTime(created)
  }
}
