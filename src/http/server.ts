/** The frame that all routes stand in: limits, who may call, how bodies are read, how errors look, health and docs. */
import { type FastifyInstance, fastify, LogController } from 'fastify'
import type { Config } from '../config.ts'
import type { Store } from '../store/port.ts'
import { loggerOptions } from './log.ts'
import { type AuthOptions, addAuth } from './plugins/auth.ts'
import { addBodies } from './plugins/body.ts'
import { addErrors, answerFrameworkError, answerWireError } from './plugins/errors.ts'
import { addNotFound } from './plugins/not-found.ts'
import { addQueryNumbers } from './plugins/query.ts'
import { addRates } from './plugins/rate.ts'
import { addRequestContext, requestIdOf } from './plugins/request-context.ts'
import { addTrace, type TraceEnv } from './plugins/trace.ts'
import { type Readiness, readinessOf } from './readiness.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Here for whoever stops the server (shutdown.ts), who has nothing but the server. */
    readiness: Readiness
  }
}

export interface ServerOptions extends AuthOptions {
  readonly config: Config
  readonly store: Pick<Store, 'ping'>
  /** Where the log goes; standard output by default. */
  readonly log?: { write(line: string): void }
  /** What traces of SCIM requests need; absent: there are none. */
  readonly traceWith?: TraceEnv | undefined
}

/** A connection on which nothing moves in either direction for so long is dead: its other end was switched off. */
const silentConnectionMs = 120_000
/** Ids are UUIDs of 36 characters; schemas are asked for by their URN. */
const pathPartLengthMax = 256

/**
 * The server without its routes: register them on what this answers, each with a row in the access table. Routes inherit
 * authentication, limits and errors; they throw Refusal, ScimError, or what the store throws. Closing it leaves the store open.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { config, store, log, traceWith } = options
  const app = fastify({
    logger: loggerOptions(config.logLevel, log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: typeof config.trustProxy === 'boolean' ? config.trustProxy : [...config.trustProxy],
    bodyLimit: config.bodyBytesMax,
    requestTimeout: config.requestSeconds * 1000,
    keepAliveTimeout: config.keepAliveSeconds * 1000,
    connectionTimeout: silentConnectionMs,
    // Requests that still come on open connections while the server stops are served, and their connections closed (R13).
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Some clients end their URLs with a slash (quirk 29).
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: pathPartLengthMax },
    // What was sent is judged as it is: no text becomes a number, nothing unknown is dropped, nothing absent filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerWireError
  })
  const readiness = readinessOf(store, config.drainSeconds * 1000)
  app.decorate('readiness', readiness)
  // Whoever comes again in these last moments comes on a new connection: else he would send his next request into one that
  // is about to be closed, and never know what became of it.
  app.addHook('onRequest', (_request, reply, done) => {
    if (readiness.isDraining()) reply.header('connection', 'close')
    done()
  })
  addErrors(app)
  addRequestContext(app)
  addTrace(app, traceWith, config.provisioningLog !== 'off')
  addAuth(app, options)
  await addRates(app, config.scimRequestsPerMinute)
  addNotFound(app)
  addBodies(app, config)
  addQueryNumbers(app)
  await docsRoutes(app, config.publicUrl)
  healthRoutes(app, readiness)
  return app
}
