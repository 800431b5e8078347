/** What is used of what was bought, who could not be seated, and what administrators should know. */
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import { type EpochMs, toDateTime } from '../../../base/clock.ts'
import { users } from '../../../directory/collections.ts'
import { userNameOf } from '../../../directory/users.ts'
import { dismissNotification, type Notification, notifications } from '../../../licensing/notifications.ts'
import { closeRefusals, refusals, type SeatRefusal } from '../../../licensing/refusals.ts'
import { seatReport } from '../../../licensing/report.ts'
import { field, fold, is, isIn } from '../../../scim/filter/filter.ts'
import type { Stored } from '../../../store/port.ts'
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

/** Open entries that are looked at in one go, and their users with them. */
const lookedAtMax = 1000

/** Entries of users who hold a seat by now are closed before they are shown (SEAT-73). */
async function closeSeated(context: Context): Promise<void> {
  const { store, tenant } = context
  const query = { filter: is(field('open'), true), limit: lookedAtMax }
  let open = await store.find(refusals, tenant, query)
  for (;;) {
    await closeRefusals(context, open, await seatedAt(context, open))
    const last = open.at(-1)
    if (last === undefined || open.length < lookedAtMax) return
    open = await store.find(refusals, tenant, { ...query, after: { id: last.doc.id } })
  }
}

/** Since when those among them hold a seat who do, by folded userName. */
async function seatedAt(
  { store, tenant }: Context,
  open: readonly Stored<SeatRefusal>[]
): Promise<ReadonlyMap<string, EpochMs>> {
  if (open.length === 0) return new Map()
  const names = open.map(({ doc }) => doc.id)
  const found = await store.find(users, tenant, { filter: isIn(field('userName'), names), limit: names.length })
  return new Map(
    found.flatMap(({ doc }) =>
      doc.license.assignedAt === null ? [] : [[fold(userNameOf(doc)), doc.license.assignedAt] as const]
    )
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
