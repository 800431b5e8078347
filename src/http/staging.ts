/** Work that runs on a staged store first, because all of it is to be one commit. */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../audit/context.ts'
import { type Outcome, operate, ReadAgain } from '../audit/operate.ts'
import { streamsOf } from '../events/streams.ts'
import type { Change } from '../store/port.ts'
import { type StagedStore, stage } from '../store/staged.ts'

export interface Staging {
  readonly staged: StagedStore
  /**
   * What the work came to, for the commit.
   *
   * @throws ReadAgain where somebody has changed what was read on the way.
   */
  changes(): Promise<readonly Change[]>
}

/** As `operate`, with a staged store for each attempt. */
export function operateStaged<A>(
  context: Context,
  attempt: (staging: Staging) => Promise<Outcome<A>>,
  options: { readonly triesMax?: number } = {}
): Promise<A> {
  // On a store that nobody has asked yet nothing is remembered.
  const streams = () => streamsOf({ ...context, store: stage(context.store) }, context.tenant)
  return operate(
    context,
    async () => {
      const [staged, heard] = [stage(context.store), await streams()]
      const changes = async () => {
        const made = staged.changes()
        if (made.length === 0) return made
        const [isCurrent, hearing] = await Promise.all([staged.isCurrent(), streams()])
        // What takes long is to find the streams that it began with: an event for a new one could be missing.
        if (!isCurrent || !isDeepStrictEqual(heard, hearing)) throw new ReadAgain('what staged work had read')
        return made
      }
      return attempt({ staged, changes })
    },
    options
  )
}
