import type { Config } from '../config.ts'
import type { EventLimits } from '../events/limits.ts'

/** What the delivery of events may take, from the settings. */
export function eventLimitsOf(config: Config): EventLimits {
  return {
    pushPrivate: config.outgoingPrivate,
    pushTimeoutMs: config.eventPushSeconds * 1000,
    retryMsMax: config.eventRetrySeconds * 1000,
    pollMs: config.eventPollSeconds * 1000,
    pollEventsMax: config.eventPollMax,
    queueMax: config.eventQueueMax,
    keepMs: config.eventKeepDays * 24 * 60 * 60 * 1000,
    settleMs: config.eventSettleSeconds * 1000
  }
}
