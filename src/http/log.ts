/** The log: JSON lines that never hold a secret (S3), a body, or the values of a query string. */
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import { pino } from 'pino'
import type { LogLevel } from '../config.ts'

/** Members that are cut out of whatever is logged. None of ours is called so; what libraries log could be. */
const secretNames = ['authorization', 'cookie', 'set-cookie', 'password', 'token', 'secret']
// Places are named, for `*` in a path costs ten times what writing the line does.
const secretPlaces = ['', 'headers', 'body', 'req.headers', 'request.headers']
const secretPaths = secretPlaces.flatMap(place => secretNames.map(name => `${place}["${name}"]`))

/**
 * Lines are written some at a time: one by one they would be a tenth of what answering costs. The last ones are written when
 * the process ends, unless it is killed.
 */
const written = { dest: 1, sync: false, minLength: 8192, periodicFlush: 100 } as const

/** @param stream where lines go; standard output by default. */
export function loggerOptions(
  level: LogLevel,
  stream: { write(line: string): void } = pino.destination(written)
): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    redact: { paths: secretPaths, censor: '***' },
    serializers: { err: describeError },
    stream
  }
}

interface DescribedError {
  readonly [name: string]: unknown
  readonly type: string
  readonly message: string
  readonly stack: string
}

/** Further members of an error stay out of the log: drivers put there the documents they were given. */
export function describeError(error: unknown, causesMax = 5): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'what was thrown is no Error', stack: '' }
  const { name, message, stack = '', cause } = error
  return {
    type: name,
    message,
    stack,
    ...('code' in error ? { code: error.code } : {}),
    ...(cause === undefined || causesMax === 0 ? {} : { cause: describeError(cause, causesMax - 1) })
  }
}

/**
 * One line for each request, when it has been answered: the route's pattern and how many parameters there were, for the URL
 * may hold personal data (RFC 7644 7.5.2) and what was typed into it by mistake.
 */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { principal } = request
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url ?? null,
      parameters: Object.keys(request.query ?? {}).length,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(principal === undefined ? {} : { tenant: principal.tenant, caller: principal.id })
    },
    'request'
  )
}
