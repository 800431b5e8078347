/** The one place where errors become answers: SCIM's form under `/scim`, RFC 9457 everywhere else. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/domain-error.ts'
import { type Explained, explain, problemBody, scimBody } from '../problem.ts'
import { scimMediaType, surfaceOf } from '../surface.ts'
import { addHeaders } from './request-context.ts'

export function addErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply))
}

/** For URLs that the router cannot read: no hook has run. */
export function answerFrameworkError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  addHeaders(request, reply)
  answerError(error, request, reply)
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const explained = explain(error)
  if (request.trace !== undefined) request.trace.refused = explained
  log(error, explained, request)
  if (explained.retryAfterSeconds !== undefined) reply.header('retry-after', explained.retryAfterSeconds)
  if (surfaceOf(request) === 'scim') {
    // Strict clients end at an unknown member of the body, so the code stands beside it (SEAT-64, SEAT-65).
    reply.code(explained.scimStatus).header('x-error-code', explained.code)
    return reply.type(scimMediaType).send(JSON.stringify(scimBody(explained)))
  }
  reply.code(explained.status).type('application/problem+json; charset=utf-8')
  return reply.send(JSON.stringify(problemBody(explained)))
}

/** What a client does wrong is no error of ours. What the database does is one that passes. */
function log(error: unknown, { status, code }: Explained, { log }: FastifyRequest): void {
  const planned = status < 500 || (error instanceof Refusal && code === 'unavailable')
  if (planned) log.debug({ code }, 'refused')
  else if (code === 'unavailable') log.warn({ err: error }, 'unavailable')
  else log.error({ err: error }, 'failed')
}

const wireErrors: Readonly<Record<string, [status: number, code: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'header_too_large', 'The headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'The request did not arrive in time.']
}

/** For what is not HTTP: there is no request yet. The connection ends. */
export function answerWireError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, code, detail] = wireErrors[error.code ?? ''] ?? [
    400,
    'bad_request',
    'This is not a valid HTTP request.'
  ]
  const title = STATUS_CODES[status] ?? ''
  const body = JSON.stringify({ type: `urn:usher:error:${code}`, title, status, detail, code })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  )
}
