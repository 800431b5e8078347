/** Identity providers that may push. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { changeConnector, createConnector, deleteConnector } from '../../../admin/accounts.ts'
import { type Connector, connectors } from '../../../admin/collections.ts'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { isProfile, profiles } from '../../../scim/rewrites/profiles.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import { ConnectorChangeSchema, ConnectorSchema, IdParams, NewConnector } from './schemas.ts'

const connectorType = listType('connector', { id: 'string', profile: 'string' })

export function connectorRoutes(app: FastifyInstance, services: Services): void {
  const { env, authenticator } = services

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
      checkProfile(profile)
      // A secret is not kept, so it can't be given a second time: each request makes a connector of its own.
      const context = { ...contextOf(env, request), idempotency: undefined }
      const { connector, token } = await createConnector(context, name, profile)
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
      const { params, body } = request
      if (body.profile !== undefined) checkProfile(body.profile)
      const { doc, version } = await changeConnector(contextOf(env, request), params.id, body, expectsVersion(request))
      authenticator.forget()
      return reply.header('etag', versionTag(version)).send(showConnector(doc))
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
      await deleteConnector(contextOf(env, request), request.params.id, expectsVersion(request))
      authenticator.forget()
      return reply.code(204).send()
    }
  )
}

/** @throws Refusal `invalid_value` for a profile that nobody wrote rewrites for. */
function checkProfile(name: string): void {
  if (isProfile(name)) return
  throw new Refusal(
    'invalid_value',
    `There is no profile ${JSON.stringify(name)}. Known are ${Object.keys(profiles).join(', ')}.`,
    { field: 'profile' }
  )
}

function showConnector({ id, name, profile, created }: Connector) {
  return { id, name, profile, created: toDateTime(created) }
}
