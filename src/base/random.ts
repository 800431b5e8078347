import { randomBytes, randomInt } from 'node:crypto'

/** Where chance comes from. */
export interface Random {
  /** An integer in `[0, below)`. `below` must be at least 1. */
  int(below: number): number
  bytes(length: number): Buffer
}

export const systemRandom: Random = {
  int: below => (below <= 1 ? 0 : randomInt(below)),
  bytes: length => randomBytes(length)
}
