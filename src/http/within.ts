/**
 * What a request that the server makes to itself (`app.inject`) stands in: another store, a caller who is known already. It is
 * carried by the flow of the program alone, so that nothing in a request can say or change it, and who comes over the
 * network stands in nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../admin/principal.ts'
import type { Store } from '../store/port.ts'
import type { RequestTrace } from './plugins/trace.ts'

export interface Surroundings {
  /** What the operations read and write instead of the server's own store. */
  readonly store?: Store
  /** Who calls. What it may do is decided as ever; only the token is not asked for. */
  readonly principal?: Principal
  /** It is a try of an operation of the request that has this trace. */
  readonly part?: { readonly of: RequestTrace; readonly operation: object }
  /** Nothing of it shall remain, nor be told to anybody but this: called with each request when it comes. */
  readonly dryRun?: (request: FastifyRequest, reply: FastifyReply) => void
  /** Where the service stands for whoever asked first. */
  readonly base?: string
  /** Takes what is to be told of the request, until it is certain that what it did has happened. */
  readonly later?: (tell: () => void) => void
  /** A Bulk request is answered with all of its operations, also those that were not tried (RFC 9967 2.5.1.2). */
  readonly unabridged?: boolean
}

const flow = new AsyncLocalStorage<Surroundings>()

/** Runs `work` with these beside those that are set already, until what it promises is there. */
export function within<T>(surroundings: Surroundings, work: () => PromiseLike<T>): Promise<T> {
  // `inject` begins when it is waited for, which has to happen in here.
  return flow.run({ ...flow.getStore(), ...surroundings }, async () => await work())
}

/** Those of the request that is being served. */
export const surroundings = (): Surroundings => flow.getStore() ?? {}
