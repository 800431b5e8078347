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
   * Runs `work` when no earlier one with a common key is under way and there is room.
   *
   * @returns `full` when too many wait already; then `work` is not run.
   */
  pass<T>(keys: readonly string[], work: () => Promise<T>): Promise<T | 'full'>
  /** When nobody is inside any more. */
  empty(): Promise<void>
}

export function turnstile(limits = { activeMax, insideMax }): Turnstile {
  const last = new Map<string, Promise<void>>()
  const queue: Array<() => void> = []
  const everybody = new Set<Promise<void>>()
  let active = 0

  /** Stands behind whoever holds one of the keys. All keys are taken in one step, so that nobody waits in a circle. */
  async function inTurn(keys: readonly string[], mine: Promise<void>): Promise<void> {
    const before = keys.flatMap(key => last.get(key) ?? [])
    for (const key of keys) last.set(key, mine)
    await Promise.all(before)
  }

  async function room(): Promise<void> {
    if (active < limits.activeMax) {
      active++
      return
    }
    await new Promise<void>(resolve => queue.push(resolve))
  }

  /** The place goes to the next one, or is free. */
  function leave(): void {
    const next = queue.shift()
    if (next === undefined) active--
    else next()
  }

  return {
    async pass(keys, work) {
      if (everybody.size >= limits.insideMax) return 'full'
      const { promise: mine, resolve: done } = Promise.withResolvers<void>()
      everybody.add(mine)
      try {
        await inTurn(keys, mine)
        await room()
        try {
          return await work()
        } finally {
          leave()
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
