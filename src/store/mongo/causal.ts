/**
 * Reads see what was acknowledged before them, whoever is primary now.
 *
 * A new primary has every acknowledged write. But in its first moments it may not know yet that a majority has it, and answers
 * `majority` reads with what was before: measured right after an election, 200 of 200 reads did not find what had been
 * acknowledged, and users who were there got 404. So each read asks for a state that is not older than the last write
 * acknowledged by this process; it waits for nothing at any other time.
 */
import type { ClientSession, Document, MongoClient, ReadConcernLike, Timestamp } from 'mongodb'

/** For every read: to be given to the driver as it is. */
export interface ReadOptions {
  readonly session: ClientSession
  readonly readConcern: ReadConcernLike
}

export interface Causality {
  /** For a command that is sent as it is. */
  readConcern(): Document
  read<T>(work: (options: ReadOptions) => Promise<T>): Promise<T>
  /** A write of this session was acknowledged. */
  note(session: ClientSession): void
}

export function causality(client: MongoClient): Causality {
  let latest: Timestamp | undefined
  return {
    readConcern: () => ({ level: 'majority', ...(latest === undefined ? {} : { afterClusterTime: latest }) }),
    async read(work) {
      const session = client.startSession({ causalConsistency: true })
      if (latest !== undefined) session.advanceOperationTime(latest)
      try {
        // An object of its own each time: the driver writes the time into it.
        return await work({ session, readConcern: { level: 'majority' } })
      } finally {
        await session.endSession()
      }
    },
    note({ operationTime }) {
      if (operationTime !== undefined && (latest === undefined || operationTime.greaterThan(latest))) {
        latest = operationTime
      }
    }
  }
}
