import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Principal } from '../admin/principal.ts'
import type { Context, Env } from '../audit/context.ts'
import { Refusal } from '../base/domain-error.ts'
import { surroundings } from './within.ts'

/** Keys of clients are text of this length at most (draft-ietf-httpapi-idempotency-key). */
const idempotencyKeyMax = 255

/** What an operation of the domain needs to know of the request: the organisation comes from the credential alone. */
export function contextOf(env: Env, request: FastifyRequest): Context {
  const principal = principalOf(request)
  const { kind, id, name, tenant } = principal
  const { store = env.store } = surroundings()
  return {
    ...env,
    store,
    tenant,
    actor: { kind, id, name },
    requestId: request.id,
    idempotency: idempotencyOf(request, principal),
    trace: request.trace
  }
}

/** @throws Error on a route without authentication: only a broken build can produce that. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw new Error('no principal on a protected route')
  return request.principal
}

function idempotencyOf(request: FastifyRequest, principal: Principal): Context['idempotency'] {
  const key = request.headers['idempotency-key']
  if (key === undefined || request.method !== 'POST') return undefined
  if (Array.isArray(key) || key.length === 0 || key.length > idempotencyKeyMax) {
    throw new Refusal('invalid_value', `Idempotency-Key must be one text of 1 to ${idempotencyKeyMax} characters.`, {
      field: 'Idempotency-Key'
    })
  }
  const route = `${request.method} ${request.url}`
  return {
    key: hash('sha256', `${principal.kind}:${principal.id}:${key}`),
    bodyHash: hash('sha256', `${route}\n${JSON.stringify(request.body)}`)
  }
}
