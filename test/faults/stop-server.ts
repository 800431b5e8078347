/** R13: the server is told to stop under load. Whoever watches readiness, as load balancers do, loses no request. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from './backend.ts'
import { newClient } from './client.ts'
import { few, type Outcome, percentile, together } from './row.ts'
import type { ServerProcess } from './server-process.ts'
import { openSite } from './site.ts'

const workMs = 250
/** How often a load balancer asks. The server stays for a second after it turned red. */
const askMs = 25

export async function stopServer(backend: Backend, rounds: number): Promise<Outcome> {
  const site = await openSite(backend, { settings: { USHER_DRAIN_SECONDS: '1' } })
  const faults: string[] = []
  const exits: number[] = []
  const shifts = []
  try {
    for (let round = 0; round < rounds && faults.length === 0; round++) {
      const [server] = site.servers()
      if (server === undefined) throw new Error('a site has a server')
      const shift = site.work()
      await sleep(workMs)
      const from = performance.now()
      const gone = server.terminate()
      faults.push(...(await untilRed(server)))
      const figures = await shift.stop()
      const code = await gone
      exits.push(performance.now() - from)
      shifts.push(figures)
      if (figures.unanswered > 0) faults.push(`${figures.unanswered} requests under way were dropped`)
      if (figures.serverErrors > 0) faults.push(`${figures.serverErrors} requests were answered with 5xx`)
      if (code !== 0) faults.push(`the exit code is ${code}: ${server.output().slice(-500)}`)
      await site.restart()
      faults.push(...(await site.look()))
    }
  } finally {
    faults.push(...(await site.close()))
  }
  const { requests = 0, 'no answer': dropped = 0 } = together(shifts)
  return {
    row: 'R13',
    what: `SIGTERM under load, ${'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'}`,
    rounds: shifts.length,
    faults: few(faults),
    figures: { requests, dropped, 'exit p50 ms': percentile(exits, 0.5), 'exit max ms': percentile(exits, 1) },
    goals: { dropped: 0, 'exit max ms': 10_000 }
  }
}

/** Asks as a load balancer does, on a connection of its own each time. @returns what is wrong with how it turned red. */
async function untilRed({ url }: ServerProcess): Promise<readonly string[]> {
  const client = newClient(url, undefined, { fresh: true })
  try {
    for (;;) {
      const { status, error } = await client.get('/health/ready')
      if (status === 503) return []
      if (status !== 200) return [`readiness was never red before the end: ${status} ${error}`]
      await sleep(askMs)
    }
  } finally {
    client.close()
  }
}
