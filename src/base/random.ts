import { randomFillSync, randomInt } from 'node:crypto'

/** Where chance comes from. */
export interface Random {
  /** An integer in `[0, below)`. `below` must be at least 1. */
  int(below: number): number
  bytes(length: number): Buffer
}

/** Bytes fetched at a time: each call of the system's generator costs as much as a small query. */
const pooled = Buffer.alloc(4096)
let used = pooled.length

export const systemRandom: Random = {
  int: below => (below <= 1 ? 0 : randomInt(below)),
  bytes(length) {
    if (length > pooled.length) return randomFillSync(Buffer.alloc(length))
    if (used + length > pooled.length) {
      randomFillSync(pooled)
      used = 0
    }
    used += length
    return Buffer.from(pooled.subarray(used - length, used))
  }
}
