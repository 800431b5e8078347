/**
 * Who may write now, and with whom.
 *
 * Most of what a commit costs is its transaction and its round trips, and not what it writes. So only a few transactions are
 * under way at once, and what arrives meanwhile waits and goes together in the next one. Two transactions that write the same
 * document cannot both win, and the loser has worked for nothing: so commits of one process that want the same document to
 * themselves go one behind the other, in order of arrival.
 */
import type { Hold } from './writes.ts'

export interface Limits {
  /** Transactions under way at once. */
  readonly activeMax: number
  /** Commits in one transaction, and changes in all of them (a single commit may have more). */
  readonly togetherMax: number
  readonly changesMax: number
  /** Waiting and active together: more could not have their turn in time. */
  readonly insideMax: number
}

export const limitsDefault: Limits = { activeMax: 2, togetherMax: 100, changesMax: 1000, insideMax: 5000 }

export interface Entrant {
  readonly id: string
  readonly changes: readonly unknown[]
  readonly holds: readonly Hold[]
}

/** What became of a commit; `outdated`: somebody of this process has replaced since what it was decided on. */
export type Passed<A> = A | 'full' | { readonly outdated: Hold }

export interface Turnstile<E extends Entrant, A> {
  /** @returns `full` at once when too many are inside. @throws what `work` throws, for all of its entrants. */
  pass(entrant: E): Promise<Passed<A>>
  /** When nobody is inside any more. */
  empty(): Promise<void>
}

interface Waiting<E, A> {
  readonly entrant: E
  readonly resolve: (passed: Passed<A>) => void
  readonly reject: (error: unknown) => void
}

/**
 * @param work commits all of them, with an answer for each, in a place: nobody else has its number meanwhile, and the numbers
 *   are few.
 * @param wrote whether an answer says that the commit was written.
 */
export function turnstile<E extends Entrant, A>(
  work: (entrants: readonly E[], place: number) => Promise<readonly A[]>,
  wrote: (answer: A) => boolean,
  { activeMax, togetherMax, changesMax, insideMax }: Limits = limitsDefault
): Turnstile<E, A> {
  const waiting = new Set<Waiting<E, A>>()
  const held = new Set<string>()
  const places = new Set(Array.from({ length: activeMax }, (_, place) => place))
  const everybody = new Set<Promise<unknown>>()

  /** Those who can go now, together; whoever cannot lets nobody pass who wants the same. */
  function next(): readonly Waiting<E, A>[] {
    const chosen: Waiting<E, A>[] = []
    const mine = new Map<string, boolean>()
    const wanted = new Set(held)
    let changes = 0
    for (const one of waiting) {
      const { holds, changes: own } = one.entrant
      changes += own.length
      if (chosen.length === togetherMax || (changes > changesMax && chosen.length > 0)) break
      const free = ({ key, version }: Hold) =>
        !wanted.has(key) && (!mine.has(key) || (mine.get(key) === true && version === undefined))
      if (holds.every(free)) {
        for (const { key, version } of holds) mine.set(key, version === undefined)
        chosen.push(one)
      } else for (const { key } of holds) wanted.add(key)
    }
    return chosen
  }

  function start(): void {
    for (const place of places) {
      const chosen = next()
      if (chosen.length === 0) return
      places.delete(place)
      for (const one of chosen) waiting.delete(one)
      void run(chosen, place)
    }
  }

  async function run(chosen: readonly Waiting<E, A>[], place: number): Promise<void> {
    const keys = chosen.flatMap(({ entrant }) => entrant.holds.map(({ key }) => key))
    for (const key of keys) held.add(key)
    try {
      const answers = await work(
        chosen.map(({ entrant }) => entrant),
        place
      )
      for (const [i, one] of chosen.entries()) {
        const answer = answers[i] as A
        one.resolve(answer)
        if (wrote(answer)) turnAway(one.entrant)
      }
    } catch (error) {
      for (const { reject } of chosen) reject(error)
    } finally {
      for (const key of keys) held.delete(key)
      places.add(place)
      start()
    }
  }

  /** Whoever waits with a version that was replaced just now would only learn it from the database. */
  function turnAway({ holds }: E): void {
    const replaced = new Map(holds.flatMap(({ key, version }) => (version === undefined ? [] : [[key, version]])))
    if (replaced.size === 0) return
    for (const one of waiting) {
      const old = one.entrant.holds.find(
        hold => (hold.version ?? Number.POSITIVE_INFINITY) <= (replaced.get(hold.key) ?? -1)
      )
      if (old === undefined) continue
      waiting.delete(one)
      one.resolve({ outdated: old })
    }
  }

  return {
    async pass(entrant) {
      if (everybody.size >= insideMax) return 'full'
      const { promise, resolve, reject } = Promise.withResolvers<Passed<A>>()
      waiting.add({ entrant, resolve, reject })
      everybody.add(promise)
      start()
      try {
        return await promise
      } finally {
        everybody.delete(promise)
      }
    },
    async empty() {
      await Promise.allSettled(everybody)
    }
  }
}
