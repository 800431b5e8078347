/** Time and chance are arguments, so that tests hold them still. */

/** Milliseconds since the Unix epoch, UTC. */
export type EpochMs = number

export interface Clock {
  now(): EpochMs
}

export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 text with milliseconds, as SCIM `dateTime` and the admin API show it. */
export function toDateTime(ms: EpochMs): string {
  return new Date(ms).toISOString()
}
