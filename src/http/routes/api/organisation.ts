/** The organisation's name and settings, what happened in it, and who one is there. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { defaultSettings } from '../../../admin/activate.ts'
import { changeOrganisation, getOrganisation } from '../../../admin/organisation.ts'
import { type AuditEvent, auditEvents } from '../../../audit/events.ts'
import { toDateTime } from '../../../base/clock.ts'
import type { Organisation } from '../../../licensing/organisation.ts'
import type { Stored } from '../../../store/port.ts'
import { bannerOf, levelsOf } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import { AuditSchema, MeSchema, OrganisationChangeSchema, OrganisationSchema } from './schemas.ts'

const auditType = listType('event', {
  id: 'string',
  at: 'dateTime',
  action: 'string',
  'actor.kind': 'string',
  'actor.id': 'string',
  'actor.name': 'string',
  'target.kind': 'string',
  'target.id': 'string',
  'target.name': 'string',
  requestId: 'string'
})

export function organisationRoutes(app: FastifyInstance, services: Services): void {
  const { env } = services

  addList(app, services, '/api/v1/audit', {
    tag: 'Audit',
    summary: 'What happened, newest first',
    item: AuditSchema,
    show: showEvent,
    collection: auditEvents,
    type: auditType,
    newestFirst: true
  })

  app.get(
    '/api/v1/organization',
    { schema: { tags: ['Organization'], summary: 'Name and settings', response: { 200: OrganisationSchema } } },
    async (request, reply) => sendOrganisation(reply, await getOrganisation(contextOf(env, request)))
  )

  app.patch<{ Body: OrganisationChangeSchema }>(
    '/api/v1/organization',
    {
      schema: {
        tags: ['Organization'],
        summary: 'Change name and settings',
        body: OrganisationChangeSchema,
        response: { 200: OrganisationSchema }
      }
    },
    async (request, reply) => {
      const changed = await changeOrganisation(contextOf(env, request), request.body, expectsVersion(request))
      return sendOrganisation(reply, changed)
    }
  )

  app.get(
    '/api/v1/me',
    { schema: { tags: ['Organization'], summary: 'Who one is and what one may', response: { 200: MeSchema } } },
    async request => {
      const principal = principalOf(request)
      const role = principal.kind === 'administrator' ? principal.role : null
      const { kind, id, name, tenant } = principal
      return { kind, id, name, organization: tenant, role, levels: levelsOf(role), banner: bannerOf(role) }
    }
  )
}

// An organisation of an earlier version has the later settings at their defaults.
const sendOrganisation = (reply: FastifyReply, { doc, version }: Stored<Organisation>) =>
  reply
    .header('etag', versionTag(version))
    .send({ id: doc.id, name: doc.name, settings: { ...defaultSettings, ...doc.settings } })

function showEvent(event: AuditEvent) {
  return { ...event, at: toDateTime(event.at) }
}
