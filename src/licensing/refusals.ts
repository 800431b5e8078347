/** Users that provisioning could not seat: one open entry for each userName, however often it is retried (SEAT-73). */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import type { EpochMs } from '../base/clock.ts'
import { field, fold } from '../scim/filter/filter.ts'
import { type Collection, insert, replace, type Stored } from '../store/port.ts'

export interface SeatRefusal {
  /** The folded userName: it is who will be tried again. */
  readonly id: string
  readonly userName: string
  readonly first: EpochMs
  readonly last: EpochMs
  readonly attempts: number
  /** When the user got a seat, or null while there is none. */
  readonly closed: EpochMs | null
  readonly detail: string
}

export const refusals: Collection<SeatRefusal> = {
  name: 'seatRefusals',
  search: ({ id, userName, first, last, attempts, closed }) => ({
    id,
    userName: fold(userName),
    first,
    last,
    attempts,
    open: closed === null,
    ...(closed === null ? {} : { closed })
  }),
  indexes: [{ name: 'open', paths: [field('open'), field('last')] }]
}

/** The audit log gets one event when an entry opens, not one for each retry. */
export async function recordRefusal(context: Context, userName: string, detail: string): Promise<void> {
  const { store, tenant, clock } = context
  const id = fold(userName)
  await operate({ ...context, idempotency: undefined }, async () => {
    const known = await store.get(refusals, tenant, id)
    const now = clock.now()
    if (known !== undefined && known.doc.closed === null) {
      const doc = { ...known.doc, last: now, attempts: known.doc.attempts + 1, detail }
      return { answer: null, changes: [replace(refusals, tenant, doc, known.version)] }
    }
    const doc: SeatRefusal = { id, userName, first: now, last: now, attempts: 1, closed: null, detail }
    const event = happened(context, 'seat.refused', { kind: 'user', id, name: userName }, { detail })
    const change = known === undefined ? insert(refusals, tenant, doc) : replace(refusals, tenant, doc, known.version)
    return { answer: null, changes: [change, event] }
  })
}

/** Closes the entries of users who hold a seat by now. `seatedAt`: by folded userName. */
export async function closeRefusals(
  context: Context,
  open: readonly Stored<SeatRefusal>[],
  seatedAt: ReadonlyMap<string, EpochMs>
): Promise<void> {
  for (const { doc } of open) {
    const at = seatedAt.get(doc.id)
    if (at === undefined || at < doc.first) continue
    await operate(context, async () => {
      const now = await context.store.get(refusals, context.tenant, doc.id)
      if (now === undefined || now.doc.closed !== null || at < now.doc.last) return { answer: null, changes: [] }
      const closed = { ...now.doc, closed: at }
      const target = { kind: 'user', id: doc.id, name: doc.userName }
      return {
        answer: null,
        changes: [
          replace(refusals, context.tenant, closed, now.version),
          happened(context, 'seat.refusalClosed', target, { attempts: now.doc.attempts })
        ]
      }
    })
  }
}
