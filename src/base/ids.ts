import type { Clock, EpochMs } from './clock.ts'
import type { Random } from './random.ts'

/** Makes the server's ids. Nobody else ever chooses one. */
export type MakeId = () => string

/**
 * UUIDs of version 7 (RFC 9562 5.7): the time in front, so that ids sort by creation and new rows
 * land at the end of an index. Within one process they strictly grow, also when the clock steps back.
 */
export function idMaker(clock: Clock, random: Random): MakeId {
  let last: EpochMs = 0
  let counter = 0
  return () => {
    const now = clock.now()
    if (now > last) {
      last = now
      counter = random.int(1 << 10)
    } else if (++counter > 0xfff) {
      last += 1
      counter = 0
    }
    const hex = `${last.toString(16).padStart(12, '0')}7${counter.toString(16).padStart(3, '0')}${tail(random)}`
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}

function tail(random: Random): string {
  const bytes = random.bytes(8)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex')
}
