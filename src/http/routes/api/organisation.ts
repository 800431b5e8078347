/** Roles, settings, connectors, the audit log, and who one is. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import { permissionNodes } from '../../../access/permission-tree.ts'
import { changeRole, deleteRole, permissionsOf, type Role, roles } from '../../../access/roles.ts'
import {
  type ConnectorChange,
  changeConnector,
  createConnector,
  deleteConnector,
  getConnector
} from '../../../admin/accounts.ts'
import { type Connector, connectors } from '../../../admin/collections.ts'
import { changeOrganisation, getOrganisation, type OrganisationChange } from '../../../admin/organisation.ts'
import { type AuditEvent, auditEvents } from '../../../audit/events.ts'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import type { Organisation } from '../../../licensing/organisation.ts'
import { profiles } from '../../../scim/rewrites/profiles.ts'
import type { Stored } from '../../../store/port.ts'
import { bannerOf, levelsOf } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { expectedVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import {
  AuditSchema,
  ConnectorChangeSchema,
  ConnectorSchema,
  IdParams,
  MeSchema,
  NewConnector,
  OrganisationChangeSchema,
  OrganisationSchema,
  RoleChangeSchema,
  RoleSchema
} from './schemas.ts'

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
const roleType = listType('role', { id: 'string', static: 'boolean', default: 'boolean' })
const connectorType = listType('connector', { id: 'string', profile: 'string' })

export function organisationRoutes(app: FastifyInstance, services: Services): void {
  const { env, authenticator } = services
  addList(app, services, '/api/v1/audit', {
    tag: 'Audit',
    summary: 'What happened, newest first',
    item: AuditSchema,
    show: showEvent,
    collection: auditEvents,
    type: auditType,
    newestFirst: true
  })

  addList(app, services, '/api/v1/roles', {
    tag: 'Roles',
    summary: 'Roles of users',
    item: RoleSchema,
    show: showRole,
    collection: roles,
    type: roleType
  })

  app.patch<{ Params: IdParams; Body: RoleChangeSchema }>(
    '/api/v1/roles/:id',
    {
      schema: {
        tags: ['Roles'],
        summary: 'Change a role',
        params: IdParams,
        body: RoleChangeSchema,
        response: { 200: RoleSchema }
      }
    },
    async (request, reply) => {
      const { params, body } = request
      const stored = await changeRole(contextOf(env, request), params.id, defined(body), expectedVersion(request))
      return reply.header('etag', versionTag(stored.version)).send(showRole(stored.doc))
    }
  )

  app.delete<{ Params: IdParams }>(
    '/api/v1/roles/:id',
    { schema: { tags: ['Roles'], summary: 'Delete a role', params: IdParams, response: { 204: Type.Null() } } },
    async request => deleteRole(contextOf(env, request), request.params.id)
  )

  app.get(
    '/api/v1/permission-tree',
    {
      schema: {
        tags: ['Roles'],
        summary: 'Every permission there is',
        response: {
          200: Type.Object({
            nodes: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), leaf: Type.Boolean() }))
          })
        }
      }
    },
    async () => ({ nodes: [...permissionNodes] })
  )

  const showOrganisation = (reply: FastifyReply, { doc, version }: Stored<Organisation>) =>
    reply.header('etag', versionTag(version)).send({ id: doc.id, name: doc.name, settings: doc.settings })

  app.get(
    '/api/v1/organization',
    { schema: { tags: ['Organization'], summary: 'Name and settings', response: { 200: OrganisationSchema } } },
    async (request, reply) => showOrganisation(reply, await getOrganisation(contextOf(env, request)))
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
      const change = request.body as OrganisationChange
      return showOrganisation(
        reply,
        await changeOrganisation(contextOf(env, request), change, expectedVersion(request))
      )
    }
  )

  addList(app, services, '/api/v1/connectors', {
    tag: 'Connectors',
    summary: 'Identity providers that may push',
    item: ConnectorSchema,
    show: showConnector,
    collection: connectors,
    type: connectorType
  })

  app.post<{ Body: NewConnector }>(
    '/api/v1/connectors',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Connect an identity provider; its token is shown this once',
        body: NewConnector,
        response: { 201: Type.Intersect([ConnectorSchema, Type.Object({ token: Type.String() })]) }
      }
    },
    async (request, reply) => {
      const { name, profile = 'generic' } = request.body
      // A secret is not kept, so it can't be given a second time: each request makes a connector of its own.
      const context = { ...contextOf(env, request), idempotency: undefined }
      const { connector, token } = await createConnector(context, name, knownProfile(profile))
      return reply
        .code(201)
        .header('etag', versionTag(connector.version))
        .send({ ...showConnector(connector.doc), token })
    }
  )

  app.patch<{ Params: IdParams; Body: ConnectorChangeSchema }>(
    '/api/v1/connectors/:id',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Rename a connector or change its profile',
        params: IdParams,
        body: ConnectorChangeSchema,
        response: { 200: ConnectorSchema }
      }
    },
    async (request, reply) => {
      const { name, profile } = request.body
      const change: ConnectorChange = {
        ...(name === undefined ? {} : { name }),
        ...(profile === undefined ? {} : { profile: knownProfile(profile) })
      }
      const stored = await changeConnector(contextOf(env, request), request.params.id, change, expectedVersion(request))
      authenticator.forget()
      return reply.header('etag', versionTag(stored.version)).send(showConnector(stored.doc))
    }
  )

  app.delete<{ Params: IdParams }>(
    '/api/v1/connectors/:id',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Disconnect: its tokens end',
        params: IdParams,
        response: { 204: Type.Null() }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      await getConnector(context, request.params.id)
      await deleteConnector(context, request.params.id)
      authenticator.forget()
      return reply.code(204).send()
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

function knownProfile(name: string): string {
  if (Object.hasOwn(profiles, name)) return name
  throw new Refusal(
    'invalid_value',
    `There is no profile ${JSON.stringify(name)}. Known are ${Object.keys(profiles).join(', ')}.`,
    {
      field: 'profile'
    }
  )
}

/** Leaves out what is undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function showEvent(event: AuditEvent) {
  return { ...event, at: toDateTime(event.at) }
}

function showRole(role: Role) {
  const { id, name, static: isStatic, default: byDefault } = role
  return { id, name, static: isStatic, default: byDefault, permissions: [...permissionsOf(role)] }
}

function showConnector({ id, name, profile, created }: Connector) {
  return { id, name, profile, created: toDateTime(created) }
}
