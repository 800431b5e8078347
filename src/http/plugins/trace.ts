/** What became of a SCIM request, gathered while it is served, for the provisioning log. */
import type { FastifyInstance } from 'fastify'
import type { Trace } from '../../audit/trace.ts'
import type { MakeId } from '../../base/ids.ts'
import type { Explained } from '../problem.ts'
import { surfaceOf } from '../surface.ts'

export interface RequestTrace extends Trace {
  /** Of its entry. */
  readonly id: string
  /** The rewrites that changed something, and the request after them. */
  rewritten?: Rewritten
  refused?: Explained
  /** The body of the answer. */
  answer?: string
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

/** Add it before whatever may refuse a request. @param makeId none: nothing is traced. */
export function addTrace(app: FastifyInstance, makeId: MakeId | undefined): void {
  app.decorateRequest('trace', undefined)
  if (makeId === undefined) return
  app.addHook('onRequest', (request, _reply, done) => {
    if (surfaceOf(request) === 'scim') request.trace = { id: makeId(), done: [] }
    done()
  })
  app.addHook('onSend', ({ trace }, _reply, payload, done) => {
    if (trace !== undefined && typeof payload === 'string') trace.answer = payload
    done(null, payload)
  })
}
