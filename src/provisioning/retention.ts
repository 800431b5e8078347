/** The log is kept for a time, and in a space: what is older, and what is too much, goes, the oldest first. */
import { asSystem, type Context, type Env, systemActor } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import { field } from '../scim/filter/filter.ts'
import { type Change, remove, type Stored, tally } from '../store/port.ts'
import { type Entry, entriesKey, provisioningLog, sizeKey } from './entry.ts'

export interface Retention {
  readonly days: number
  readonly entriesMax: number
  readonly sizeMax: number
}

/** Entries removed in one commit: so many hold nobody else's commit up for more than some milliseconds. */
const pieceSize = 200

const dayMs = 24 * 60 * 60 * 1000

/**
 * Removes what the organisation has too much of, piece by piece. Each entry is removed as it was read, and counted in the same
 * commit: where several nodes tidy at once, one of them wins each piece and the others read again.
 */
export async function trim(env: Env, tenant: string, retention: Retention): Promise<void> {
  const context: Context = asSystem({ ...env, tenant, actor: systemActor })
  while ((await operate(context, () => piece(context, retention))) === pieceSize);
}

async function piece(context: Context, { days, entriesMax, sizeMax }: Retention) {
  const { store, tenant, clock } = context
  const oldest = await store.find(provisioningLog, tenant, { sort: { path: field('at') }, limit: pieceSize })
  // Behind the entries: totals from before somebody else's piece would count what is gone, and too much would follow it.
  const [entries = 0, size = 0] = await store.tallies(tenant, [entriesKey, sizeKey])
  const expired = clock.now() - days * dayMs
  const left = { entries, size }
  const gone: Stored<Entry>[] = []
  for (const stored of oldest) {
    if (stored.doc.at >= expired && left.entries <= entriesMax && left.size <= sizeMax) break
    gone.push(stored)
    left.entries--
    left.size -= stored.doc.size
  }
  return { answer: gone.length, changes: gone.length === 0 ? [] : removed(tenant, gone) }
}

function removed(tenant: string, gone: readonly Stored<Entry>[]): readonly Change[] {
  return [
    ...gone.map(({ doc, version }) => remove(provisioningLog, tenant, doc.id, version)),
    tally(tenant, entriesKey, -gone.length),
    tally(tenant, sizeKey, -gone.reduce((sum, { doc }) => sum + doc.size, 0))
  ]
}
