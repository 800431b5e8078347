/** What identity providers sent, and what was done with it. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { Context } from '../../../audit/context.ts'
import { toDateTime } from '../../../base/clock.ts'
import { notFound } from '../../../base/domain-error.ts'
import { users } from '../../../directory/collections.ts'
import { type Body, type Entry, operations, outcomes, provisioningLog } from '../../../provisioning/entry.ts'
import { touchedBy } from '../../../provisioning/record.ts'
import { turnedIn } from '../../../provisioning/replayable.ts'
import { everything, type Filter, field, fold, is, isIn, many } from '../../../scim/filter/filter.ts'
import { contextOf } from '../../context.ts'
import { dryRun } from '../../dry-run.ts'
import { type ListParams, ListQuery, listType, PageOf, readListQuery, readPage } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { EntryParams, EntrySchema, EntrySummarySchema, ReplaySchema } from './provisioning-log-schemas.ts'

const folded = { type: 'string', caseExact: false } as const

const entryType = listType('entry', {
  id: 'string',
  at: 'dateTime',
  requestId: 'string',
  bulk: 'string',
  operation: { ...folded, canonicalValues: operations },
  outcome: { ...folded, canonicalValues: outcomes },
  method: 'string',
  status: 'integer',
  'connector.id': 'string',
  'connector.name': folded,
  'connector.profile': 'string',
  rewrites: { type: 'string', multiValued: true },
  'resource.type': 'string',
  'resource.id': 'string',
  'resource.name': folded,
  'resource.externalId': 'string',
  'error.code': 'string',
  'error.scimType': 'string',
  'error.attribute': folded
})

const path = '/api/v1/provisioning-log'

export function provisioningLogRoutes(app: FastifyInstance, services: Services): void {
  const { env, config } = services

  app.get<{ Querystring: ListParams & { user?: string } }>(
    path,
    {
      schema: {
        tags: ['Provisioning log'],
        summary: 'SCIM requests, newest first',
        querystring: Type.Intersect([
          ListQuery(config),
          Type.Object({
            user: Type.Optional(
              Type.String({
                minLength: 1,
                description: 'Whom it concerns: an id, a userName, an externalId, or the displayName of a group'
              })
            )
          })
        ]),
        response: { 200: PageOf(EntrySummarySchema) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      await services.provisioningLog.flush()
      const also = request.query.user === undefined ? [] : [await concerning(context, request.query.user)]
      const query = readListQuery(entryType, request.query, config, { also, newestFirst: true })
      const filter = query.filter ?? everything
      return readPage(context, config, query, {
        find: part => env.store.find(provisioningLog, context.tenant, { ...part, filter }),
        search: provisioningLog.search,
        show: showSummary
      })
    }
  )

  app.get<{ Params: EntryParams }>(
    `${path}/:id`,
    {
      schema: {
        tags: ['Provisioning log'],
        summary: 'One SCIM request: what was sent, how it was read, and what it came to',
        params: EntryParams,
        response: { 200: EntrySchema }
      }
    },
    async request => showEntry(await getEntry(services, contextOf(env, request), request.params.id))
  )

  app.post<{ Params: EntryParams }>(
    `${path}/:id/replay`,
    {
      schema: {
        tags: ['Provisioning log'],
        summary: 'A dry run: what the same request would do now. Nothing is changed.',
        params: EntryParams,
        response: { 200: ReplaySchema }
      }
    },
    async request => {
      const logged = await getEntry(services, contextOf(env, request), request.params.id)
      const { again, entry, operations } = await dryRun(app, services, request, logged)
      return {
        exact: again.notes.length === 0,
        notes: again.notes,
        was: showEntry(logged),
        would: showEntry(entry),
        ...(entry.operation === 'bulk' ? { operations: operations.map(showEntry) } : {}),
        turned: turnedIn(logged, entry)
      }
    }
  )
}

/** @throws Refusal `not_found` */
async function getEntry({ provisioningLog: log }: Services, { store, tenant }: Context, id: string): Promise<Entry> {
  await log.flush()
  const found = await store.get(provisioningLog, tenant, id)
  if (found === undefined) throw notFound('entry of the provisioning log')
  return found.doc
}

/** Entries that are looked at for the ids that a name had. */
const namingMax = 100

/** By the ids that the name has, and had: so whoever was renamed or deleted is found all the same. */
async function concerning({ store, tenant }: Context, user: string): Promise<Filter> {
  const subjects = many('subjects')
  const [named, linked, naming] = await Promise.all([
    store.find(users, tenant, { filter: is(field('userName'), fold(user)), limit: 1 }),
    store.find(users, tenant, { filter: is(field('externalId'), user), limit: 1 }),
    store.find(provisioningLog, tenant, { filter: is(subjects, fold(user)), limit: namingMax, newestFirst: true })
  ])
  const ids = [
    ...[...named, ...linked].map(({ doc }) => doc.id),
    ...naming.flatMap(({ doc }) => (touchedBy(doc.effects).includes(user) ? [] : [doc.resource?.id ?? '']))
  ]
  return isIn(subjects, [...new Set([fold(user), ...ids.filter(id => id !== '')])])
}

function showSummary(entry: Entry) {
  const { caller, at, query, obscured, headers, body, read, answer, size, subjects, ...rest } = entry
  return { ...rest, at: toDateTime(at), connector: caller }
}

function showEntry(entry: Entry) {
  const { query, headers, body, read, answer } = entry
  return {
    ...showSummary(entry),
    query,
    headers,
    ...(body === undefined ? {} : { body: showBody(body) }),
    ...(read === undefined
      ? {}
      : { read: { query: read.query, ...(read.body === undefined ? {} : { body: showBody(read.body) }) } }),
    ...(answer === undefined ? {} : { answer: { value: readable(answer), truncated: answer.truncated } })
  }
}

const showBody = ({ value, truncated, redacted, obscured }: Body) => ({
  value,
  truncated,
  redacted: redacted || obscured
})

function readable({ text, truncated }: NonNullable<Entry['answer']>): unknown {
  return truncated ? text : JSON.parse(text)
}
