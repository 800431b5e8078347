/** `/Bulk`: many operations in one request, each of them what it would be alone (RFC 7644 3.7). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json, JsonObject } from '../../../base/json.ts'
import { type BulkOperation, bulkResponseUrn, readBulk } from '../../../scim/bulk.ts'
import { inOrder, type Performed } from '../../../scim/bulk-order.ts'
import { scimErrorBody } from '../../../scim/errors.ts'
import { bulkRequestSchema, bulkResponseSchema } from '../../../scim/json-schema.ts'
import type { Services } from '../../services.ts'
import { scimMediaType } from '../../surface.ts'
import { describe, describeOnly } from './describe.ts'
import { baseOf, scimRoot } from './exchange.ts'

export function scimBulkRoutes(app: FastifyInstance, { config }: Services): void {
  describeOnly(app)
  const description = {
    summary: 'Many operations in one request',
    body: bulkRequestSchema,
    answers: { 200: bulkResponseSchema }
  }
  app.post(`${scimRoot}/Bulk`, describe(description), async (request, reply) => {
    const bulk = readBulk(request.body, config.bulkOperationsMax)
    const base = baseOf(request, config)
    const results = await inOrder(bulk.operations, {
      errorsMax: bulk.failOnErrors ?? Number.POSITIVE_INFINITY,
      perform: operation => perform(app, request, operation, base),
      unresolved
    })
    const body = { schemas: [bulkResponseUrn], Operations: results }
    return reply.type(scimMediaType).send(JSON.stringify(body))
  })
}

interface Result extends JsonObject {
  readonly status: string
}

function unresolved(operation: BulkOperation, missing: readonly string[]): Result {
  const detail = `bulkId ${missing.join(', ')} does not stand for a resource of this request.`
  return { ...named(operation), status: '409', response: scimErrorBody(409, 'invalidValue', detail) }
}

/** One operation goes the way of any request: same checks, same errors, same effects. */
async function perform(
  app: FastifyInstance,
  request: FastifyRequest,
  operation: BulkOperation,
  base: string
): Promise<Performed<Result>> {
  const { method, path, data, version } = operation
  const { authorization = '', host = '' } = request.headers
  const answer = await app.inject({
    method,
    url: `${scimRoot}${path}`,
    headers: {
      authorization,
      host,
      ...(data === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...(version === undefined ? {} : { 'if-match': version })
    },
    ...(data === undefined ? {} : { payload: JSON.stringify(data) })
  })
  const status = String(answer.statusCode)
  if (answer.statusCode >= 400) {
    return { id: undefined, result: { ...named(operation), status, response: answer.json() as Json } }
  }
  const [, endpoint = '', given = ''] = path.split('/')
  const id = method === 'POST' ? String((answer.json() as { id: string }).id) : given
  const etag = answer.headers.etag
  return {
    id,
    result: {
      ...named(operation),
      location: `${base}/${endpoint}/${id}`,
      ...(etag === undefined ? {} : { version: String(etag) }),
      status
    }
  }
}

const named = ({ method, bulkId }: BulkOperation): JsonObject => ({
  method,
  ...(bulkId === undefined ? {} : { bulkId })
})
