/** What waits for a receiver is bounded in number and time; what is given up is counted, shown and told in the audit log. */
import { type Env, systemTenant } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { field, is } from '../scim/filter/filter.ts'
import { remove, removeWhere, type Stored } from '../store/port.ts'
import { contextFor, type DeliveryState, deliveries, deliveryOf, noted, removed } from './deliveries.ts'
import type { EventLimits } from './limits.ts'
import { outbox } from './outbox.ts'

/** Tokens given up in one commit. */
const atOnce = 1000

/** Gives up what is too much or too old, the oldest first, some at a time. Safe on any number of nodes at once. */
export async function bound(
  env: Env,
  { doc: { id, tenant } }: Stored<DeliveryState>,
  limits: EventLimits
): Promise<void> {
  const filter = is(field('stream'), id)
  for (;;) {
    const given = await operate(contextFor(env, tenant), async () => {
      const state = await deliveryOf(env, id)
      if (state === undefined || state.doc.removedAt !== null) return { answer: 0, changes: [] }
      const [waiting, oldest] = await Promise.all([
        env.store.count(outbox, tenant, filter),
        env.store.find(outbox, tenant, { filter, limit: atOnce })
      ])
      const tooOld = env.clock.now() - limits.keepMs
      const over = Math.max(0, waiting - limits.queueMax)
      const ids = oldest.filter(({ doc }, i) => i < over || doc.at < tooOld).map(({ doc }) => doc.id)
      if (ids.length === 0) return { answer: 0, changes: [] }
      const now = env.clock.now()
      const change = noted(state, { dropped: state.doc.dropped + ids.length, lastDroppedAt: now })
      const detail = { dropped: ids.length, waiting }
      const event = happened(contextFor(env, tenant), 'eventStream.eventsDropped', { kind: 'eventStream', id }, detail)
      return { answer: ids.length, changes: [change, removed(tenant, id, ids), event] }
    })
    if (given < atOnce) return
  }
}

/** What was still written for a stream that is gone, once nobody can be writing any more. */
export async function clear(env: Env, state: Stored<DeliveryState>, { settleMs }: EventLimits): Promise<void> {
  const { id, tenant, removedAt } = state.doc
  if (removedAt === null || env.clock.now() - removedAt < settleMs) return
  const changes = [
    removeWhere(outbox, tenant, is(field('stream'), id)),
    remove(deliveries, systemTenant, id, state.version)
  ]
  await env.store.commit(changes, { id: env.makeId() })
}
