/** The audit log: one event for each thing that happened, written in the commit that made it happen. */
import type { EpochMs } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import { field } from '../scim/filter/filter.ts'
import { type Change, type Collection, insert } from '../store/port.ts'
import type { Actor, Context } from './context.ts'

export interface AuditEvent {
  /** Sorts by time: newest is greatest. */
  readonly id: string
  readonly at: EpochMs
  readonly actor: Actor
  /** What happened, `object.verb`: `user.created`, `seat.assigned`, `purchase.changed`. */
  readonly action: string
  readonly target: { readonly kind: string; readonly id: string; readonly name?: string }
  readonly detail: JsonObject
  readonly requestId?: string
}

export const auditEvents: Collection<AuditEvent> = {
  name: 'auditEvents',
  appendOnly: true,
  search: event => ({
    id: event.id,
    at: event.at,
    action: event.action,
    actor: { kind: event.actor.kind, id: event.actor.id, name: event.actor.name },
    target: {
      kind: event.target.kind,
      id: event.target.id,
      ...(event.target.name ? { name: event.target.name } : {})
    },
    ...(event.requestId === undefined ? {} : { requestId: event.requestId })
  }),
  indexes: [
    { name: 'action', paths: [field('action')] },
    { name: 'actor', paths: [field('actor', 'id')] },
    { name: 'target', paths: [field('target', 'id')] }
  ]
}

/** The change that appends an event. `detail` holds no secret and no password, ever. */
export function happened(
  context: Context,
  action: string,
  target: AuditEvent['target'],
  detail: JsonObject = {}
): Change {
  const { actor, requestId } = context
  return insert(auditEvents, context.tenant, {
    id: context.makeId(),
    at: context.clock.now(),
    actor,
    action,
    target,
    detail,
    ...(requestId === undefined ? {} : { requestId })
  })
}
