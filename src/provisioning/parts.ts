/** The operations of a Bulk request are requests themselves, which may be tried several times and taken back. Pure. */
import type { Done } from '../audit/trace.ts'
import type { Entry } from './entry.ts'
import { effectsOf } from './record.ts'

export interface Part {
  /** What it is a try of. */
  readonly operation: object
  readonly entry: Entry
}

/**
 * The entries that tell what became of the operations: of those that changed something the ones whose changes were committed at
 * last, of the others the last try.
 *
 * @param done of the request that they are parts of.
 */
export function settledParts(parts: readonly Part[], done: readonly Done[]): readonly Entry[] {
  const committed = new Set(effectsOf(done).map(({ event }) => event))
  const last = new Map(parts.map(({ operation, entry }) => [operation, entry]))
  return parts.flatMap(({ operation, entry }) => {
    const { effects } = entry
    const counts =
      effects.length > 0 ? effects.some(({ event }) => committed.has(event)) : last.get(operation) === entry
    return counts ? [entry] : []
  })
}
