/** Questions that are cheaper together. */

export interface GatherOptions<Q> {
  /** Questions of the same lane can be asked together. */
  readonly laneOf: (question: Q) => string
  /** Asked at once, in a lane. */
  readonly activeMax: number
  readonly togetherMax: number
}

interface Lane<Q, A> {
  active: number
  waiting: Array<PromiseWithResolvers<A> & { readonly question: Q }>
}

/**
 * What is asked while as much as may be is under way waits for nothing but that, and is then asked together. An answer never
 * stems from a time before its question.
 *
 * @param ask an answer for each question, in their order; what it throws, all of them get.
 */
export function gather<Q, A>(
  ask: (questions: readonly Q[]) => Promise<readonly A[]>,
  { laneOf, activeMax, togetherMax }: GatherOptions<Q>
): (question: Q) => Promise<A> {
  const lanes = new Map<string, Lane<Q, A>>()

  async function work(name: string, lane: Lane<Q, A>): Promise<void> {
    while (lane.waiting.length > 0) {
      const together = lane.waiting.splice(0, togetherMax)
      try {
        const answers = await ask(together.map(({ question }) => question))
        for (const [i, { resolve }] of together.entries()) resolve(answers[i] as A)
      } catch (error) {
        for (const { reject } of together) reject(error)
      }
    }
    lane.active--
    if (lane.active === 0) lanes.delete(name)
  }

  return question => {
    const name = laneOf(question)
    const lane = lanes.get(name) ?? { active: 0, waiting: [] }
    lanes.set(name, lane)
    const asked = { question, ...Promise.withResolvers<A>() }
    lane.waiting.push(asked)
    if (lane.active < activeMax) {
      lane.active++
      // What is asked in the same breath goes with it.
      queueMicrotask(() => void work(name, lane))
    }
    return asked.promise
  }
}
