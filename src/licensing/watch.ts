/** Looks at an organisation's seats soon after they changed, however many changes there are. */
import type { Context } from '../audit/context.ts'
import type { Store } from '../store/port.ts'
import { checkSeats } from './notifications.ts'

/** At most one look in this time for each organisation: a burst of creates costs one look, not one each. */
const pauseMs = 250

export interface SeatWatch {
  /** Seats of the context's organisation changed. Returns at once. */
  poke(context: Context): void
  /** Looks now; whoever reads the notifications sees what came of all that was answered before. */
  settle(context: Context): Promise<void>
  close(): void
}

/**
 * @param store what is looked at, whatever store a context has: what is only staged there has not happened.
 * @param onError for the log: a look that fails is made again with the next change.
 */
export function watchSeats(store: Store, onError: (error: unknown) => void): SeatWatch {
  const waiting = new Map<string, NodeJS.Timeout>()
  const look = (context: Context) => {
    waiting.delete(context.tenant)
    checkSeats({ ...context, store }).catch(onError)
  }
  return {
    poke(context) {
      if (waiting.has(context.tenant)) return
      waiting.set(context.tenant, setTimeout(look, pauseMs, context).unref())
    },
    settle: context => checkSeats(context),
    close() {
      for (const timer of waiting.values()) clearTimeout(timer)
      waiting.clear()
    }
  }
}
