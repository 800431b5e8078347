/**
 * Transactions of a node that died.
 *
 * MongoDB keeps them, and with them every document they wrote, for a minute (`transactionLifetimeLimitSeconds`): measured,
 * a user who was being changed when a node was killed could not be changed for 60 to 90 s. So whoever is kept from a
 * document looks for transactions of ours in which nothing has happened for longer than any of ours waits, and ends them.
 * Should its node only have slept, it finds its transaction gone and begins again.
 */
import type { Document, MongoClient } from 'mongodb'
import type { Log } from './availability.ts'
import { appName } from './client.ts'

/** Between two statements of a transaction lies a turn of the event loop, and nothing else. */
const idleMsMax = 2000
/** From one look to the next: the losers of a race all come here. */
const pauseMs = 1000

export interface Orphans {
  /** Somebody was kept from a document. Returns at once. */
  suspect(): void
  /** When no look is under way. */
  settled(): Promise<void>
}

export function orphansOf(client: MongoClient, log: Log): Orphans {
  let lastAt = Number.NEGATIVE_INFINITY
  let look = Promise.resolve()
  return {
    suspect() {
      const now = performance.now()
      if (now - lastAt < pauseMs) return
      lastAt = now
      look = endOrphans(client).then(
        ended => {
          if (ended > 0) log.warn({ ended }, 'transactions that another node left behind were ended')
        },
        err => log.warn({ err }, 'transactions that other nodes left behind could not be looked for')
      )
    },
    settled: () => look
  }
}

/** Needs no privilege: only transactions of the same MongoDB user are seen and ended. @returns how many. */
async function endOrphans(client: MongoClient): Promise<number> {
  const admin = client.db('admin')
  const idle = { type: 'idleSession', appName, 'transaction.timeInactiveMicros': { $gt: idleMsMax * 1000 } }
  const found = await admin
    .aggregate<Document>(
      [
        { $currentOp: { allUsers: false, idleSessions: true, idleConnections: false } },
        { $match: idle },
        { $project: { 'lsid.id': 1 } }
      ],
      { readConcern: { level: 'local' } }
    )
    .toArray()
  if (found.length > 0) await admin.command({ killSessions: found.map(({ lsid }) => ({ id: lsid.id })) })
  return found.length
}
