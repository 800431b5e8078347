/** What became of a SCIM request, gathered while it is served, for the provisioning log. */
import type { FastifyInstance } from 'fastify'
import type { Env } from '../../audit/context.ts'
import type { Trace } from '../../audit/trace.ts'
import type { EpochMs } from '../../base/clock.ts'
import type { Part } from '../../provisioning/parts.ts'
import type { Explained } from '../problem.ts'
import { surfaceOf } from '../surface.ts'
import { type Surroundings, surroundings } from '../within.ts'

export interface RequestTrace extends Trace {
  /** Of its entry. */
  readonly id: string
  /** When the request came. */
  readonly at: EpochMs
  /** Nothing of the request shall remain, nor be told to anybody. */
  readonly dry: boolean
  /** The rewrites that changed something, and the request after them. */
  rewritten?: Rewritten
  refused?: Explained
  /** The body of the answer. */
  answer?: string
  /** What it is a part of. */
  readonly part?: NonNullable<Surroundings['part']> | undefined
  /** What is a part of it, as long as it is not answered. */
  parts: Part[] | undefined
}

export interface Rewritten {
  readonly names: readonly string[]
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

declare module 'fastify' {
  interface FastifyRequest {
    /** On SCIM requests that are logged. */
    trace: RequestTrace | undefined
  }
}

export type TraceEnv = Pick<Env, 'makeId' | 'clock'>

/** Add it before whatever may refuse a request. @param always also those that are no dry run. */
export function addTrace(app: FastifyInstance, env: TraceEnv | undefined, always: boolean): void {
  app.decorateRequest('trace', undefined)
  if (env === undefined) return
  app.addHook('onRequest', (request, reply, done) => {
    const { dryRun, part } = surroundings()
    if ((always || dryRun !== undefined) && surfaceOf(request) === 'scim') {
      const dry = dryRun !== undefined
      request.trace = { id: env.makeId(), at: env.clock.now(), dry, done: [], part, parts: [] }
      dryRun?.(request, reply)
    }
    done()
  })
  app.addHook('onSend', ({ trace }, _reply, payload, done) => {
    if (trace !== undefined && typeof payload === 'string') trace.answer = payload
    done(null, payload)
  })
}
