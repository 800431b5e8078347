/** Whether requests should come here: asked by load balancers, every few seconds and by several at once. */
import { setTimeout as wait } from 'node:timers/promises'
import { type Store, StoreUnavailable } from '../store/port.ts'

export interface Readiness {
  /** @returns why not, in a sentence; undefined when it is ready. Never waits longer than `pingMsMax`. */
  whyNot(): Promise<string | undefined>
  /** From now on it is not, until the process ends. Resolves when whoever asks has had time to see it. */
  drain(): Promise<void>
  isDraining(): boolean
}

/** How long the database may take to answer. Longer, and requests would fail too. */
export const pingMsMax = 1000
/** How long an answer is good for other askers: they cannot make the database busy. */
export const keptMs = 500

export function readinessOf(store: Pick<Store, 'ping'>, drainMs: number): Readiness {
  let draining = false
  let asked: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined
  return {
    async whyNot() {
      if (draining) return 'The server is stopping.'
      const now = performance.now()
      if (asked === undefined || now - asked.at > keptMs) asked = { at: now, answer: ping(store) }
      return asked.answer
    },
    async drain() {
      draining = true
      await wait(drainMs)
    },
    isDraining: () => draining
  }
}

async function ping(store: Pick<Store, 'ping'>): Promise<string | undefined> {
  const timer = new AbortController()
  const late = wait(pingMsMax, 'The database does not answer.', { signal: timer.signal })
  try {
    return await Promise.race([store.ping(), late.catch(() => undefined)]).then(why => why ?? undefined)
  } catch (error) {
    // The adapters' sentences name the engine and its complaint, never addresses or names.
    return error instanceof StoreUnavailable ? error.message : 'The database cannot be asked.'
  } finally {
    timer.abort()
  }
}
