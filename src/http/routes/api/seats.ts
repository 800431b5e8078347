/** What is used of what was bought, who could not be seated, and what administrators should know. */
import type { FastifyInstance } from 'fastify'
import { toDateTime } from '../../../base/clock.ts'
import { closeSeated } from '../../../directory/seated-refusals.ts'
import { dismissNotification, type Notification, notifications } from '../../../licensing/notifications.ts'
import { refusals, type SeatRefusal } from '../../../licensing/refusals.ts'
import { seatReport } from '../../../licensing/report.ts'
import { contextOf } from '../../context.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import { IdParams, NotificationSchema, RefusalSchema, SeatsSchema } from './schemas.ts'

const refusalType = listType('refusal', {
  userName: 'string',
  first: 'dateTime',
  last: 'dateTime',
  attempts: 'integer',
  open: 'boolean'
})
const notificationType = listType('notification', {
  id: 'string',
  at: 'dateTime',
  kind: 'string',
  dismissed: 'boolean'
})

export function seatRoutes(app: FastifyInstance, services: Services): void {
  const { env, seatWatch } = services

  app.get(
    '/api/v1/seats',
    {
      schema: {
        tags: ['Seats'],
        summary: 'Purchased, in use, free and over, for each type',
        response: { 200: SeatsSchema }
      }
    },
    async request => ({ seats: await seatReport(contextOf(env, request)) })
  )

  addList(app, services, '/api/v1/seats/refusals', {
    tag: 'Seats',
    summary: 'Users that provisioning could not seat: one entry for each userName',
    item: RefusalSchema,
    show: showRefusal,
    collection: refusals,
    type: refusalType,
    before: closeSeated
  })

  addList(app, services, '/api/v1/notifications', {
    tag: 'Seats',
    summary: 'Notices, newest first',
    item: NotificationSchema,
    show: showNotification,
    collection: notifications,
    type: notificationType,
    newestFirst: true,
    before: context => seatWatch.settle(context)
  })

  app.post<{ Params: IdParams }>(
    '/api/v1/notifications/:id/dismiss',
    {
      schema: { tags: ['Seats'], summary: 'Dismiss a notice', params: IdParams, response: { 200: NotificationSchema } }
    },
    async request => showNotification((await dismissNotification(contextOf(env, request), request.params.id)).doc)
  )
}

function showRefusal({ userName, first, last, attempts, closed, detail }: SeatRefusal) {
  return {
    userName,
    first: toDateTime(first),
    last: toDateTime(last),
    attempts,
    open: closed === null,
    closed: closed === null ? null : toDateTime(closed),
    detail
  }
}

function showNotification({ id, at, kind, text, dismissed }: Notification) {
  return {
    id,
    at: toDateTime(at),
    kind,
    text,
    dismissed: dismissed === null ? null : { at: toDateTime(dismissed.at), by: dismissed.by }
  }
}
