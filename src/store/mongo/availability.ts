/**
 * Asking a database that may be away for a while.
 *
 * What is asked is asked again until it succeeds or its time is over: an election passes unseen. Where it does not pass,
 * a ping decides whether the database is away. If it is, all further calls fail at once until a ping in the
 * background succeeds, so that nobody waits for nothing and nothing piles up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreUnavailable } from '../port.ts'
import { answerMsMax } from './client.ts'
import { isUnreachable } from './errors.ts'

export interface Log {
  info(context: object, message: string): void
  warn(context: object, message: string): void
}

export interface Availability {
  /**
   * Runs `work` again while the database cannot be reached; `tries` is how often it was begun before. The time runs
   * from `since` (`performance.now()`; now, if not given).
   *
   * @throws StoreUnavailable when the time is over, or at once while the database is known to be away.
   */
  reach<T>(work: (tries: number) => Promise<T>, since?: number): Promise<T>
  /** The answer of what may wait, in the time that runs from `since`. @throws StoreUnavailable */
  within<T>(since: number, answer: Promise<T>): Promise<T>
  /** Asks now. @throws StoreUnavailable */
  ping(): Promise<void>
  close(): void
}

/** Between two tries. A new primary needs about two seconds, a dropped connection none. */
const pauseMsFirst = 20
const pauseMsMax = 250
/** Between two pings while the database is away. */
const pingPauseMs = 500
/** A ping that takes longer has failed. */
const pingMsMax = 1000

/** What waited for too long, or never had a chance of its turn. */
export const tooMuchWaits = () => new StoreUnavailable('Too much waits to be written.', { retryAfterSeconds: 1 })

export function availability(askPing: () => Promise<unknown>, log: Log): Availability {
  let away: StoreUnavailable | undefined
  let closed = false
  let watching = false

  async function ping(): Promise<void> {
    try {
      await inTime(askPing(), pingMsMax)
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : unavailable(error)
    }
  }

  /** Until a ping succeeds. The timer does not hold the process. */
  async function watch(): Promise<void> {
    if (watching) return
    watching = true
    while (!closed) {
      try {
        await ping()
        if (away !== undefined) log.info({}, 'MongoDB answers again')
        away = undefined
        break
      } catch (error) {
        if (away === undefined) log.warn({ err: error }, 'MongoDB does not answer; requests are refused until it does')
        away = unavailable(error)
        await sleep(pingPauseMs, undefined, { ref: false })
      }
    }
    watching = false
  }

  async function retried<T>(work: (tries: number) => Promise<T>, end: number): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await work(tries)
      } catch (error) {
        if (!isUnreachable(error)) throw error
        const pause = pauseOf(tries)
        if (closed || performance.now() + pause >= end) throw unavailable(error)
        await sleep(pause)
      }
    }
  }

  return {
    async reach(work, since = performance.now()) {
      if (closed) throw new StoreUnavailable('The store is closed.')
      if (away !== undefined) throw unavailable(away)
      const end = since + answerMsMax
      const left = end - performance.now()
      if (left <= 0) throw tooMuchWaits()
      try {
        return await inTime(retried(work, end), left)
      } catch (error) {
        if (error instanceof StoreUnavailable) void watch()
        throw error
      }
    },
    within: (since, answer) => inTime(answer, since + answerMsMax - performance.now()),
    ping,
    close() {
      closed = true
    }
  }
}

function pauseOf(tries: number): number {
  return Math.min(pauseMsMax, pauseMsFirst * 2 ** tries)
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('MongoDB cannot be reached.', { cause })
}

/** @throws StoreUnavailable when `promise` takes longer. What it does goes on, and its end is not looked at. */
async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`MongoDB did not answer within ${Math.round(ms)} ms.`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
