/**
 * Who may write now. Two transactions that write the same document cannot both win, and the loser has worked for nothing: so
 * commits of one process that name a common key go one behind the other, in order of arrival, and only so many go at once.
 */

/** More at once than this makes MongoDB slower and not faster (measured: 16 and 64 clients reach the same rate). */
const activeMax = 64
/** Waiting and active together: at the slowest measured rate (300/s) the last one still has its turn in time. */
const insideMax = 1200

export interface Turnstile {
  /**
   * Runs `work` when no earlier one with a common key is under way and there is room, with the number of its place: nobody
   * else has that place meanwhile, and places are few.
   *
   * @returns `full` when too many wait already; then `work` is not run.
   */
  pass<T>(keys: readonly string[], work: (place: number) => Promise<T>): Promise<T | 'full'>
  /** When nobody is inside any more. */
  empty(): Promise<void>
}

export function turnstile(limits = { activeMax, insideMax }): Turnstile {
  const last = new Map<string, Promise<void>>()
  const queue: Array<(place: number) => void> = []
  const taken = new Set<number>()
  const everybody = new Set<Promise<void>>()

  /** Stands behind whoever holds one of the keys. All keys are taken in one step, so that nobody waits in a circle. */
  async function inTurn(keys: readonly string[], mine: Promise<void>): Promise<void> {
    const before = keys.flatMap(key => last.get(key) ?? [])
    for (const key of keys) last.set(key, mine)
    await Promise.all(before)
  }

  /** The lowest free place, or the one of whoever leaves first. */
  async function room(): Promise<number> {
    for (let place = 0; place < limits.activeMax; place++) {
      if (taken.has(place)) continue
      taken.add(place)
      return place
    }
    return new Promise(resolve => queue.push(resolve))
  }

  function leave(place: number): void {
    const next = queue.shift()
    if (next === undefined) taken.delete(place)
    else next(place)
  }

  return {
    async pass(keys, work) {
      if (everybody.size >= limits.insideMax) return 'full'
      const { promise: mine, resolve: done } = Promise.withResolvers<void>()
      everybody.add(mine)
      try {
        await inTurn(keys, mine)
        const place = await room()
        try {
          return await work(place)
        } finally {
          leave(place)
        }
      } finally {
        everybody.delete(mine)
        for (const key of keys) if (last.get(key) === mine) last.delete(key)
        done()
      }
    },
    async empty() {
      await Promise.all(everybody)
    }
  }
}
