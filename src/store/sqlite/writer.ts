/** The calling side of the thread that writes. */
import { Worker } from 'node:worker_threads'
import { type Conflict, StoreUnavailable } from '../port.ts'
import type { PreparedCommit } from './apply.ts'
import type { Outcome } from './write-group.ts'
import type { FromWriter, ToWriter, WriterData, WriterJob } from './writer-thread.ts'

/** Commits under way at once: at some thousands a second the last of them waits about a second. */
const waitingMax = 4096
/** A disk that takes longer than this for a group hangs. */
const answerMs = 10_000

interface Waiting {
  readonly resolve: (answer: 'committed' | Conflict) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

export class Writer {
  readonly #data: WriterData
  readonly #waiting = new Map<number, Waiting>()
  readonly #outbox: WriterJob[] = []
  #thread: Worker | undefined
  #seq = 0
  #idle: (() => void) | undefined

  constructor(data: WriterData) {
    this.#data = data
  }

  /** Resolves when the thread has opened the database. @throws StoreUnavailable when it cannot. */
  async start(): Promise<void> {
    const thread = this.#running()
    await new Promise<void>((resolve, reject) => {
      const opened = (message: FromWriter) => message === 'ready' && resolve()
      thread.on('message', opened)
      thread.once('error', cause => reject(new StoreUnavailable('the database cannot be opened', { cause })))
    })
  }

  /** @throws StoreUnavailable when too many wait, the database fails, or no answer comes in time. */
  commit(commit: PreparedCommit): Promise<'committed' | Conflict> {
    return this.#ask(commit)
  }

  /** Resolves when the database can be written to. @throws StoreUnavailable */
  async ping(): Promise<void> {
    await this.#ask(undefined)
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>(resolve => (this.#idle = resolve))
    const thread = this.#thread
    if (thread === undefined) return
    const gone = new Promise(resolve => thread.once('exit', resolve))
    thread.postMessage('close' satisfies ToWriter)
    await gone
  }

  #ask(commit: PreparedCommit | undefined): Promise<'committed' | Conflict> {
    if (this.#waiting.size >= waitingMax) {
      return Promise.reject(new StoreUnavailable(`${waitingMax} commits wait already`))
    }
    const seq = ++this.#seq
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(seq), answerMs)
      this.#waiting.set(seq, { resolve, reject, timer })
      this.#outbox.push(commit === undefined ? { seq } : { seq, commit })
      // What the requests of this moment write goes as one message and becomes one group.
      if (this.#outbox.length === 1) setImmediate(() => this.#send())
    })
  }

  #send(): void {
    const jobs = this.#outbox.splice(0)
    try {
      if (jobs.length > 0) this.#running().postMessage(jobs satisfies ToWriter)
    } catch (cause) {
      // What cannot be sent is not waited for.
      const failed = new Error('a commit could not be sent to the thread that writes', { cause })
      for (const { seq } of jobs) this.#take(seq)?.reject(failed)
    }
  }

  /** The thread, or a new one where it ended. */
  #running(): Worker {
    if (this.#thread !== undefined) return this.#thread
    const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: this.#data })
    let cause: unknown
    thread.on('message', (message: FromWriter) => {
      if (message !== 'ready') for (const { seq, outcome } of message) this.#settle(seq, outcome)
    })
    thread.on('error', error => {
      cause = error
    })
    thread.on('exit', () => {
      this.#thread = undefined
      this.#outbox.length = 0
      const failed = new StoreUnavailable('the database cannot be written to: the thread that writes ended', { cause })
      for (const seq of [...this.#waiting.keys()]) this.#take(seq)?.reject(failed)
    })
    this.#thread = thread
    return thread
  }

  #settle(seq: number, outcome: Outcome): void {
    const waiting = this.#take(seq)
    if (outcome === 'committed' || 'conflict' in outcome) waiting?.resolve(outcome)
    else if ('failed' in outcome) waiting?.reject(new Error('a commit could not be written', { cause: outcome.failed }))
    else waiting?.reject(new StoreUnavailable(`the database cannot be written to: ${outcome.unavailable}`))
  }

  #giveUp(seq: number): void {
    this.#take(seq)?.reject(new StoreUnavailable(`the database did not answer in ${answerMs / 1000} s`))
  }

  #take(seq: number): Waiting | undefined {
    const waiting = this.#waiting.get(seq)
    if (waiting === undefined) return undefined
    clearTimeout(waiting.timer)
    this.#waiting.delete(seq)
    if (this.#waiting.size === 0) this.#idle?.()
    return waiting
  }
}
