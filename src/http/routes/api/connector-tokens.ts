/** The tokens of a connector. Each is shown once, when it is made; the list has all that live. */
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { getConnector } from '../../../admin/accounts.ts'
import { type Credential, credentials, systemTenant } from '../../../admin/collections.ts'
import { createToken, ofConnector, revokeToken, tokenIdOf, usesOf } from '../../../admin/connector-tokens.ts'
import { type EpochMs, toDateTime } from '../../../base/clock.ts'
import type { Query } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { type ListParams, ListQuery, listType, PageOf, readListQuery, readPage } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { IdParams, Nullable, Strict, Time } from './schemas.ts'

/** A month: who needs longer for entering a token leaves both as they are. */
const overlapSecondsMax = 31 * 24 * 60 * 60

const TokenSchema = Type.Object({
  id: Type.String(),
  prefix: Type.String({ description: 'How it begins' }),
  issued: Type.String({ description: '`administrator`, or `oauth` for those of the token endpoint' }),
  created: Time('When'),
  expires: Nullable(Time('Until when it opens; null: until it is revoked')),
  lastUsed: Nullable(Time('To within ten minutes; null: not yet'))
})

const NewToken = Type.Union([
  Strict({
    expires: Type.Optional(Nullable(Time('Until when it opens; null or absent: until it is revoked'))),
    overlap: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: overlapSecondsMax,
        description: 'The tokens there are now end after so many seconds at the latest; absent: they stay'
      })
    )
  }),
  Type.Null()
])
type NewToken = Static<typeof NewToken>

const TokenParams = Type.Intersect([IdParams, Type.Object({ token: Type.String({ maxLength: 64 }) })])
type TokenParams = Static<typeof TokenParams>

const tokenType = listType('token', { created: 'dateTime', expires: 'dateTime', issued: 'string', prefix: 'string' })
const url = '/api/v1/connectors/:id/tokens'

export function connectorTokenRoutes(app: FastifyInstance, { env, config, authenticator }: Services): void {
  app.get<{ Params: IdParams; Querystring: ListParams }>(
    url,
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Every token of a connector',
        params: IdParams,
        querystring: ListQuery(config),
        response: { 200: PageOf(TokenSchema) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const { id } = request.params
      await getConnector(context, id)
      const query = readListQuery(tokenType, request.query, config, { also: [ofConnector(context, id)] })
      const { filter = ofConnector(context, id) } = query
      const uses = new Map<string, EpochMs>()
      const find = async (part: Omit<Query, 'filter'>) => {
        const found = await env.store.find(credentials, systemTenant, { ...part, filter })
        const ids = found.map(({ doc }) => doc.id)
        for (const [key, at] of await usesOf(context, ids)) uses.set(key, at)
        return found
      }
      const { search } = credentials
      return readPage(context, config, query, { find, search, show: doc => show(doc, uses.get(doc.id)) })
    }
  )

  app.post<{ Params: IdParams; Body: NewToken }>(
    url,
    {
      schema: {
        tags: ['Connectors'],
        summary: 'A further token, shown this once; with overlap, the others end',
        params: IdParams,
        body: NewToken,
        response: { 201: Type.Intersect([TokenSchema, Type.Object({ token: Type.String() })]) }
      }
    },
    async (request, reply) => {
      const { expires, overlap } = request.body ?? {}
      // A secret is not kept, so it can't be given a second time.
      const context = { ...contextOf(env, request), idempotency: undefined }
      const end = typeof expires === 'string' ? Date.parse(expires) : null
      const wanted = { expires: end, overlapSeconds: overlap }
      const { credential, token } = await createToken(context, request.params.id, wanted)
      authenticator.forget()
      return reply.code(201).send({ ...show(credential, undefined), token })
    }
  )

  app.delete<{ Params: TokenParams }>(
    `${url}/:token`,
    {
      schema: {
        tags: ['Connectors'],
        summary: 'Revoke a token: it opens nothing from then on',
        params: TokenParams,
        response: { 204: Type.Null() }
      }
    },
    async (request, reply) => {
      await revokeToken(contextOf(env, request), request.params.id, request.params.token)
      authenticator.forget()
      return reply.code(204).send()
    }
  )
}

function show(credential: Credential, lastUsed: EpochMs | undefined) {
  const { prefix, created, expires, issued = 'administrator' } = credential
  return {
    id: tokenIdOf(credential),
    prefix,
    issued,
    created: toDateTime(created),
    expires: expires === null ? null : toDateTime(expires),
    lastUsed: lastUsed === undefined ? null : toDateTime(lastUsed)
  }
}
