/** Queries that no index serves, one after the other in a thread of their own. */
import { Worker } from 'node:worker_threads'
import { QueryTooCostly, StoreUnavailable } from '../port.ts'
import type { Page } from './page.ts'
import type { ReadRow } from './run-page.ts'
import type { Sql } from './sql.ts'

export type ScanJob = { readonly seq: number } & ({ readonly page: Page } | { readonly count: Sql })
export type ScanAnswer = { readonly seq: number } & (
  | { readonly rows: readonly ReadRow[]; readonly n: number }
  | { readonly failed: unknown; readonly outage: string | undefined; readonly tooLong: boolean }
)

export interface ScanLimits {
  /** Scans under way or waiting. Each may take a second for a million documents: behind more than 8 a client gives up. */
  readonly waitingMax?: number
  /** The time that one may take: 10 s, after which whoever asked has left. */
  readonly ms?: number
}

export interface ScanData {
  readonly file: string
  readonly ms: number
}

interface Waiting {
  readonly advice: string
  readonly resolve: (answer: { rows: readonly ReadRow[]; n: number }) => void
  readonly reject: (error: Error) => void
}

/** The thread starts with the first scan. */
export class Scans {
  readonly #data: ScanData
  readonly #waitingMax: number
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #seq = 0
  #idle: (() => void) | undefined

  constructor(file: string, { waitingMax = 8, ms = 10_000 }: ScanLimits = {}) {
    this.#data = { file, ms }
    this.#waitingMax = waitingMax
  }

  /** @throws QueryTooCostly when enough scans wait already or this one takes too long; `served`: what would do neither. */
  async rows(page: Page, served: string): Promise<readonly ReadRow[]> {
    return (await this.#ask({ page }, served)).rows
  }

  /** `count` yields one row with `n`. */
  async count(count: Sql, served: string): Promise<number> {
    return (await this.#ask({ count }, served)).n
  }

  async close(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>(resolve => (this.#idle = resolve))
    const worker = this.#worker
    if (worker === undefined) return
    const gone = new Promise(resolve => worker.once('exit', resolve))
    worker.postMessage('close')
    await gone
  }

  #ask(what: { page: Page } | { count: Sql }, served: string): Promise<{ rows: readonly ReadRow[]; n: number }> {
    const advice = `filter by one of ${served}`
    if (this.#waiting.size >= this.#waitingMax) {
      const reason = `No index serves this query, and ${this.#waiting.size} such queries are under way`
      return Promise.reject(new QueryTooCostly(`${reason}: try again later, or ${advice}.`))
    }
    const seq = ++this.#seq
    return new Promise((resolve, reject) => {
      this.#thread().postMessage({ seq, ...what } satisfies ScanJob)
      this.#waiting.set(seq, { resolve, reject, advice })
    })
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./scan-thread.ts', import.meta.url), { workerData: this.#data })
    worker.on('message', (answer: ScanAnswer) => this.#settle(answer))
    worker.on('error', error => this.#fail(error))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      this.#fail(new Error('the thread ended'))
    })
    this.#worker = worker
    return worker
  }

  #settle(answer: ScanAnswer): void {
    const waiting = this.#waiting.get(answer.seq)
    this.#waiting.delete(answer.seq)
    if (!('failed' in answer)) waiting?.resolve(answer)
    else if (answer.tooLong) {
      waiting?.reject(
        new QueryTooCostly(
          `No index serves this query, and to look at every document takes too long: ${waiting.advice}.`
        )
      )
    } else if (answer.outage === undefined) waiting?.reject(new Error('a scan failed', { cause: answer.failed }))
    else
      waiting?.reject(new StoreUnavailable(`the database cannot be read: ${answer.outage}`, { cause: answer.failed }))
    if (this.#waiting.size === 0) this.#idle?.()
  }

  #fail(cause: unknown): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new StoreUnavailable('the database cannot be read: the thread that reads it ended', { cause }))
    }
    this.#waiting.clear()
    this.#idle?.()
  }
}
