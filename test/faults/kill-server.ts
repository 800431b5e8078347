/** R1 and R2: the server is killed at any moment, again and again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import { few, type Outcome, percentile, together } from './row.ts'
import { openSite, type SiteOptions } from './site.ts'

/** The server works for at most so long before it is killed: on MongoDB the first requests open their connections. */
const workMsMax = { R1: 300, R2: 800 } as const

export async function killServer(
  row: 'R1' | 'R2',
  backend: Backend,
  rounds: number,
  options: SiteOptions = {}
): Promise<Outcome> {
  const site = await openSite(backend, options)
  const faults: string[] = []
  const ready: number[] = []
  const shifts = []
  let freeMs = 0
  try {
    for (let round = 0; round < rounds && faults.length === 0; round++) {
      const shift = site.work()
      await sleep(20 + Math.random() * workMsMax[row])
      await Promise.all(site.servers().map(server => server.kill()))
      shifts.push(await shift.stop())
      for (const server of await site.restart()) ready.push(server.readyMs)
      const unknown = site.ledger.unknowns()
      faults.push(...(await site.look()))
      // What the dead server had begun must not keep others from the same users.
      freeMs = Math.max(freeMs, await site.touch(unknown))
    }
  } finally {
    faults.push(...(await site.close()))
  }
  const { requests, acked, 'no answer': unanswered } = together(shifts)
  return {
    row,
    what: `kill -9 of the server under load, ${row === 'R1' ? 'SQLite' : 'MongoDB of three'}`,
    rounds: shifts.length,
    faults: few(faults),
    figures: {
      requests: requests ?? 0,
      acked: acked ?? 0,
      'no answer': unanswered ?? 0,
      'ready p50 ms': percentile(ready, 0.5),
      'ready p99 ms': percentile(ready, 0.99),
      'free again ms': Math.round(freeMs)
    },
    goals: { 'ready p99 ms': 2000, 'free again ms': 30_000 }
  }
}
