/** `/Bulk`: many operations in one request, each of them what it would be alone (RFC 7644 3.7). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { typesOf } from '../../../directory/types-of.ts'
import { bulkResponseUrn, readBulk } from '../../../scim/bulk.ts'
import { bad } from '../../../scim/errors.ts'
import { bulkRequestSchema, bulkResponseSchema } from '../../../scim/json-schema.ts'
import { contextOf, principalOf } from '../../context.ts'
import type { Services } from '../../services.ts'
import { scimMediaType } from '../../surface.ts'
import { surroundings } from '../../within.ts'
import { performer } from './bulk-operation.ts'
import { inParts, whole } from './bulk-run.ts'
import { describe, describeOnly } from './describe.ts'
import { baseOf, scimRoot } from './exchange.ts'

/** Makes a Bulk request one transaction: `true` or `false`. Its answer has it too: `committed` or `rolled-back`. */
export const transactionHeader = 'usher-transaction'

export function scimBulkRoutes(app: FastifyInstance, { env, config, seatWatch }: Services): void {
  describeOnly(app)
  const description = {
    summary: 'Many operations in one request',
    about:
      'Operations are carried out in their order, and one that refers to a later one by bulkId after it; those that refer to one ' +
      'another in a circle are created together. With the header `Usher-Transaction: true` the whole request is one ' +
      'transaction: all operations are done in one commit, or none is, and then each that could have been done is answered with 424. ' +
      'The answer has the header too: `committed` or `rolled-back`. With an `Idempotency-Key` a repeat gets the same answers.',
    body: bulkRequestSchema,
    answers: { 200: bulkResponseSchema }
  }
  const limits = { bodyLimit: config.bulkBytesMax, config: { jsonValuesMax: config.bulkJsonValuesMax } }
  app.post(`${scimRoot}/Bulk`, { ...describe(description), ...limits }, async (request, reply) => {
    const context = contextOf(env, request)
    const endpoints = (await typesOf(context, context.tenant)).all.map(({ definition }) => definition.endpoint)
    const bulk = readBulk(request.body, { operationsMax: config.bulkOperationsMax, endpoints })
    const perform = performer(app, request, { principal: principalOf(request), base: baseOf(request, config) })
    const run = { bulk, perform }
    if (isTransaction(request)) {
      const { results, committed } = await whole(context, run)
      reply.header(transactionHeader, committed ? 'committed' : 'rolled-back')
      if (committed) seatWatch.poke(context)
      return reply.type(scimMediaType).send(bodyOf(results))
    }
    const results = await inParts(context, { ...run, unabridged: surroundings().unabridged === true })
    seatWatch.poke(context)
    return reply.type(scimMediaType).send(bodyOf(results))
  })
}

const bodyOf = (results: readonly object[]) => JSON.stringify({ schemas: [bulkResponseUrn], Operations: results })

/** @throws ScimError for anything but true and false: who asks for a transaction must not get something else. */
function isTransaction({ headers }: FastifyRequest): boolean {
  const asked = headers[transactionHeader]
  if (asked === undefined) return false
  const value = String(asked).trim().toLowerCase()
  if (value === 'true' || value === 'false') return value === 'true'
  throw bad('invalidValue', 'The header Usher-Transaction must be true or false.', { attribute: 'Usher-Transaction' })
}
