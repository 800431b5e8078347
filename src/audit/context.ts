/** Who does something, for whom, with what: the one argument that every operation of the domain takes. */
import type { Clock } from '../base/clock.ts'
import type { MakeId } from '../base/ids.ts'
import type { Random } from '../base/random.ts'
import type { Store } from '../store/port.ts'
import type { Trace } from './trace.ts'

export interface Actor {
  readonly kind: 'administrator' | 'connector' | 'receiver' | 'system'
  readonly id: string
  readonly name: string
}

/** What nobody asked for: the server does it by itself. */
export const systemActor: Actor = { kind: 'system', id: 'system', name: 'Usher' }

export interface Env {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly makeId: MakeId
}

export interface Context extends Env {
  readonly tenant: string
  readonly actor: Actor
  /** The request's id, so that an audit event leads to the log lines of its request. */
  readonly requestId?: string | undefined
  /** Given by the client, so that a lost answer can be asked for again. */
  readonly idempotency?: { readonly key: string; readonly bodyHash: string } | undefined
  /** Where it is noted what the request does. */
  readonly trace?: Trace | undefined
}

/** The tenant of what belongs to no organisation. No organisation can have this id: theirs are UUIDs or `default`. */
export const systemTenant = 'system'

/** For what the server does by itself, on the occasion of a request or not. */
export const asSystem = (context: Context): Context => ({
  ...context,
  actor: systemActor,
  requestId: undefined,
  idempotency: undefined,
  trace: undefined
})
