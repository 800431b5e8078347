import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { JsonObject } from '../../../base/json.ts'
import type { Config } from '../../../config.ts'
import { listSchema, searchSchema } from '../../../scim/json-schema.ts'
import { describe } from './describe.ts'
import { type Exchange, exchange, scimRoot, searchExchange } from './exchange.ts'

interface Listed {
  readonly type: 'User' | 'Group'
  /** Of one resource. */
  readonly schema: JsonObject
  answer(request: FastifyRequest, reply: FastifyReply, asked: Exchange): Promise<FastifyReply>
}

/** The list of a resource type (RFC 7644 3.4.2), and the same by POST (3.4.3). */
export function listRoutes(app: FastifyInstance, config: Config, { type, schema, answer }: Listed): void {
  const path = `${scimRoot}/${type}s`
  const described = { summary: `${type}s, by filter`, answers: { 200: listSchema(schema) } }
  app.get(path, describe({ ...described, query: 'list' }), (request, reply) =>
    answer(request, reply, exchange(request, config, type))
  )
  app.post(`${path}/.search`, describe({ ...described, body: searchSchema }), (request, reply) =>
    answer(request, reply, searchExchange(request, config, type))
  )
}
