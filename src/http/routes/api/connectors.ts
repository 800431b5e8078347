/** Identity providers that may push. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { changeConnector, createConnector, deleteConnector, getConnector } from '../../../admin/accounts.ts'
import { clientIdOf } from '../../../admin/client-assertions.ts'
import { type Connector, connectors, settingsOf } from '../../../admin/collections.ts'
import type { SettingsChange } from '../../../admin/connector-settings.ts'
import { checkKeySource } from '../../../admin/key-sets.ts'
import { suggestionFor } from '../../../admin/suggestions.ts'
import type { Context } from '../../../audit/context.ts'
import { toDateTime } from '../../../base/clock.ts'
import { profileNotes, profiles, rewriteNames, rewriteNotes, rewritesOf } from '../../../scim/rewrites/profiles.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import {
  ConnectorChangeSchema,
  ConnectorSchema,
  NewConnector,
  OneConnectorSchema,
  ProfilesSchema
} from './connector-schemas.ts'
import { addList } from './list.ts'
import { IdParams } from './schemas.ts'

const connectorType = listType('connector', { id: 'string', profile: 'string' })

export function connectorRoutes(app: FastifyInstance, services: Services): void {
  const { env, config, authenticator } = services
  const outgoing = { privateAllowed: config.outgoingPrivate }

  const checkKeys = async ({ clientKeys, tokenIssuer }: SettingsChange = {}): Promise<void> => {
    if (clientKeys) await checkKeySource(clientKeys, 'settings.clientKeys', outgoing)
    if (tokenIssuer) await checkKeySource(tokenIssuer, 'settings.tokenIssuer', outgoing)
  }

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
      const { name, profile = 'generic', settings } = request.body
      await checkKeys(settings)
      // A secret is not kept, so it can't be given a second time: each request makes a connector of its own.
      const context = { ...contextOf(env, request), idempotency: undefined }
      const { connector, token } = await createConnector(context, name, profile, settings)
      return reply
        .code(201)
        .header('etag', versionTag(connector.version))
        .send({ ...showConnector(connector.doc, context), token })
    }
  )

  app.get<{ Params: IdParams }>(
    '/api/v1/connectors/:id',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'One connector, and the profile that its first requests suggest',
        params: IdParams,
        response: { 200: OneConnectorSchema }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      const { doc, version } = await getConnector(context, request.params.id)
      const suggestedProfile = await suggestionFor(env.store, doc.id)
      return reply.header('etag', versionTag(version)).send({ ...showConnector(doc, context), suggestedProfile })
    }
  )

  app.get(
    '/api/v1/connector-profiles',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'The profiles that connectors can have, and what each rewrite does',
        response: { 200: ProfilesSchema }
      }
    },
    async () => ({
      profiles: Object.entries(profiles).map(([name, rewrites]) => ({
        name,
        about: profileNotes[name as keyof typeof profiles],
        rewrites: [...rewrites]
      })),
      rewrites: rewriteNames.map(name => ({ name, about: rewriteNotes[name] }))
    })
  )

  app.patch<{ Params: IdParams; Body: ConnectorChangeSchema }>(
    '/api/v1/connectors/:id',
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Rename a connector, or change its profile or settings: what is not named stays',
        params: IdParams,
        body: ConnectorChangeSchema,
        response: { 200: ConnectorSchema }
      }
    },
    async (request, reply) => {
      const { params, body } = request
      await checkKeys(body.settings)
      const context = contextOf(env, request)
      const { doc, version } = await changeConnector(context, params.id, body, expectsVersion(request))
      authenticator.forget()
      return reply.header('etag', versionTag(version)).send(showConnector(doc, context))
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

function showConnector(connector: Connector, { tenant }: Context) {
  const { id, name, profile, created } = connector
  const settings = settingsOf(connector)
  const rewrites = [...rewritesOf(profile, settings.rewrites)]
  return { id, name, profile, settings, clientId: clientIdOf(tenant, id), rewrites, created: toDateTime(created) }
}
