/** What the delivery of events may take: all from the settings (`USHER_EVENT_…`). */
export interface EventLimits {
  /** Whether push may go to private addresses, and by http. */
  readonly pushPrivate: boolean
  /** How long a receiver may take to answer a push. */
  readonly pushTimeoutMs: number
  /** The longest pause before a push is tried again. */
  readonly retryMsMax: number
  /** How long a poll may wait for something to happen. */
  readonly pollMs: number
  /** Tokens in one answer to a poll. */
  readonly pollEventsMax: number
  /** Tokens that may wait for one receiver, and for how long. */
  readonly queueMax: number
  readonly keepMs: number
  /** See `streams.ts`. */
  readonly settleMs: number
}
