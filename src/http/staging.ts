/** Work that runs on a staged store first, because all of it is to be one commit. */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../audit/context.ts'
import { operate, ReadAgain } from '../audit/operate.ts'
import { streamsOf } from '../events/streams.ts'
import { pools, seats } from '../licensing/collections.ts'
import { drawAnew } from '../licensing/drawn-anew.ts'
import { type Change, type Conflict, StoreUnavailable } from '../store/port.ts'
import { type StagedStore, stage } from '../store/staged.ts'

/** What one attempt came to. */
export interface Work<A> {
  readonly answer: A
  /** False: nothing is to be left of it. */
  readonly holds: boolean
  /** Changes of the store below, beside those of the staged one. */
  readonly beside?: readonly Change[]
}

/**
 * As `operate`, with a staged store for each attempt. What takes long is to see, when it is committed, what it saw when it
 * began; only seats that others have taken meanwhile are replaced by others (`drawAnew`).
 *
 * @param options.triesMax how often the work is done, before its client is asked to come back.
 * @throws StoreUnavailable
 */
export function operateStaged<A>(
  context: Context,
  attempt: (staged: StagedStore) => Promise<Work<A>>,
  { triesMax = Number.POSITIVE_INFINITY }: { readonly triesMax?: number } = {}
): Promise<A> {
  // On a store that nobody has asked yet nothing is remembered.
  const streams = () => streamsOf({ ...context, store: stage(context.store) }, context.tenant)
  let last: { readonly staged: StagedStore; readonly heard: unknown; readonly work: Work<A> } | undefined
  let tries = 0
  return operate(context, async lost => {
    if (last === undefined || !(await isMended(context, last.staged, lost))) {
      if (++tries > triesMax) {
        throw new StoreUnavailable('Others change the same things all the time.', { retryAfterSeconds: 1 })
      }
      const [staged, heard] = [stage(context.store), await streams()]
      const work = await attempt(staged)
      last = { staged, heard, work }
      if (work.holds && (await drawAnew(context, staged)) === 'impossible') {
        last = undefined
        throw new ReadAgain('seats')
      }
    }
    const { staged, heard, work } = last
    const changes = work.holds ? [...staged.changes(), ...(work.beside ?? [])] : []
    if (changes.length > 0) {
      // Pools grow all the time; that what was drawn may be given away, `drawAnew` has looked at.
      const [isCurrent, hearing] = await Promise.all([staged.isCurrent([pools]), streams()])
      // Nothing of this attempt can be used any more: an event for a new stream could be missing.
      if (!isCurrent || !isDeepStrictEqual(heard, hearing)) {
        last = undefined
        throw new ReadAgain('what staged work had read')
      }
    }
    return { answer: work.answer, changes }
  })
}

/** Whether the same commit may win by now: it lost for seats that it can do without, or because two came at once. */
async function isMended(context: Context, staged: StagedStore, lost: Conflict | undefined): Promise<boolean> {
  if (lost === undefined || (lost.conflict !== 'busy' && lost.collection !== seats.name)) return false
  const seated = await drawAnew(context, staged)
  return seated === 'given' || (seated === 'none' && lost.conflict === 'busy')
}
