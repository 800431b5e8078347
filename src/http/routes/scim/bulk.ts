/** `/Bulk`: many operations in one request, each of them what it would be alone (RFC 7644 3.7). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json, JsonObject } from '../../../base/json.ts'
import { type BulkOperation, bulkResponseUrn, readBulk, referencesOf, resolved } from '../../../scim/bulk.ts'
import { scimErrorBody } from '../../../scim/errors.ts'
import { bulkRequestSchema, bulkResponseSchema } from '../../../scim/json-schema.ts'
import type { Services } from '../../services.ts'
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
    const results = await inOrder(bulk.operations, bulk.failOnErrors ?? Number.POSITIVE_INFINITY, operation =>
      perform(app, request, operation, baseOf(request, config))
    )
    const body = { schemas: [bulkResponseUrn], Operations: results }
    return reply.type('application/scim+json; charset=utf-8').send(JSON.stringify(body))
  })
}

interface Result extends JsonObject {
  readonly status: string
}

interface Performed {
  readonly result: Result
  /** The id of what the operation made or changed; undefined after an error. */
  readonly id: string | undefined
}

/**
 * Runs the operations in their order; one that refers to a later one waits for it. Who refers to what never comes to
 * be is answered with 409.
 */
async function inOrder(
  operations: readonly BulkOperation[],
  errorsMax: number,
  perform: (operation: BulkOperation) => Promise<Performed>
): Promise<readonly Result[]> {
  const ids = new Map<string, string>()
  const results = new Map<BulkOperation, Result>()
  let waiting = [...operations]
  let errors = 0
  while (waiting.length > 0) {
    const later: BulkOperation[] = []
    for (const operation of waiting) {
      if (errors >= errorsMax) break
      const missing = [...referencesOf(operation)].filter(id => !ids.has(id))
      const stillToCome = waiting.filter(other => !results.has(other)).map(other => other.bulkId)
      if (missing.some(id => stillToCome.includes(id) && id !== operation.bulkId)) {
        later.push(operation)
        continue
      }
      const done = missing.length === 0 ? await perform(resolved(operation, ids)) : unresolved(operation, missing)
      results.set(operation, done.result)
      if (done.id === undefined) errors++
      else if (operation.bulkId !== undefined) ids.set(operation.bulkId, done.id)
    }
    if (errors >= errorsMax) break
    if (later.length === waiting.length) {
      for (const operation of later) results.set(operation, unresolved(operation, [...referencesOf(operation)]).result)
      break
    }
    waiting = later
  }
  return operations.flatMap(operation => results.get(operation) ?? [])
}

function unresolved(operation: BulkOperation, missing: readonly string[]): Performed {
  const detail = `bulkId ${missing.join(', ')} does not stand for a resource of this request.`
  const response = scimErrorBody(409, 'invalidValue', detail)
  return { id: undefined, result: { ...named(operation), status: '409', response } }
}

/** One operation goes the way of any request: same checks, same errors, same effects. */
async function perform(
  app: FastifyInstance,
  request: FastifyRequest,
  operation: BulkOperation,
  base: string
): Promise<Performed> {
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
