/** One operation of a bulk request goes the way of any request: same checks, same errors, same effects. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '../../../admin/principal.ts'
import type { Json, JsonObject } from '../../../base/json.ts'
import type { BulkOperation } from '../../../scim/bulk.ts'
import type { Settled } from '../../../scim/bulk-order.ts'
import { scimErrorBody } from '../../../scim/errors.ts'
import type { Store } from '../../../store/port.ts'
import { within } from '../../within.ts'
import { scimRoot } from './exchange.ts'

/** An operation as it stands in the answer (RFC 7644 3.7.3). */
export interface Result extends JsonObject {
  readonly status: string
}

/** @param as the operation of the request that it is, or is a step of. */
export type Perform = (store: Store, operation: BulkOperation, as: BulkOperation) => Promise<Settled<Result>>

interface Caller {
  readonly principal: Principal
  readonly base: string
}

export function performer(app: FastifyInstance, request: FastifyRequest, { principal, base }: Caller): Perform {
  const { host = '' } = request.headers
  let count = 0
  return async (store, operation, as) => {
    const { method, path, data, version } = operation
    const part = request.trace === undefined ? {} : { part: { of: request.trace, operation: as } }
    const answer = await within({ store, principal, base, ...part }, () =>
      app.inject({
        method,
        // The answer tells no more of a resource that was made or changed.
        url: `${scimRoot}${path}${method === 'DELETE' ? '' : '?attributes=id'}`,
        headers: {
          host,
          'x-request-id': `${request.id}/${++count}`,
          ...(data === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...(version === undefined ? {} : { 'if-match': version })
        },
        ...(data === undefined ? {} : { payload: JSON.stringify(data) })
      })
    )
    const status = String(answer.statusCode)
    const [, endpoint = '', given] = path.split('/')
    if (answer.statusCode >= 400) {
      const location = given === undefined ? {} : { location: `${base}${path}` }
      return { id: undefined, result: { ...named(as), ...location, status, response: answer.json() as Json } }
    }
    const id = given ?? String((answer.json() as { id: string }).id)
    const { etag } = answer.headers
    return {
      id,
      result: {
        ...named(as),
        location: `${base}/${endpoint}/${id}`,
        ...(etag === undefined ? {} : { version: String(etag) }),
        status
      }
    }
  }
}

/** Two steps were one operation: it answers as its first, with the version of the last. */
export function joined(first: Result, { version }: Result): Result {
  return version === undefined ? first : { ...first, version }
}

export function unresolved(operation: BulkOperation, missing: readonly string[]): Result {
  const names = missing.map(name => JSON.stringify(name)).join(', ')
  return failure(
    operation,
    409,
    `No resource of this request came to be under the bulkId ${names}, to which this operation refers: nothing of it was done. Give ` +
      'that bulkId to the POST of the resource, or see why its operation failed (RFC 7644 3.7.2).'
  )
}

/** What is told of an operation of a transaction that did not come to be. @param failed in its request, from 0. */
export function rolledBack(operation: BulkOperation, failed: number): Result {
  return failure(
    operation,
    424,
    `Rolled back, with nothing changed: the request is one transaction (Usher-Transaction), and Operations[${failed}] failed. ` +
      'Correct that and send the request again, or send it without the header.'
  )
}

/** `failOnErrors` ended the request before it. */
export const notTried = (operation: BulkOperation): Result =>
  failure(operation, 424, 'Not tried: as many operations had failed as failOnErrors allows (RFC 7644 3.7.3).')

function failure(operation: BulkOperation, status: 409 | 424, detail: string): Result {
  const scimType = status === 409 ? 'invalidValue' : undefined
  return { ...named(operation), status: String(status), response: scimErrorBody(status, scimType, detail) }
}

const named = ({ method, bulkId }: BulkOperation): JsonObject => ({
  method,
  ...(bulkId === undefined ? {} : { bulkId })
})
