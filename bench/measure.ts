/** Rounds of the same operation on several servers in turn, so that what disturbs the machine disturbs them alike. */
import { type LoadResult, percentile, run } from './client.ts'
import { connections, getById, type Operation, type Subject, unindexed } from './operations.ts'
import type { Server } from './process.ts'

export interface Contestant {
  readonly kind: 'ours' | 'bare'
  readonly server: Server
  readonly subject: Subject
}

export interface Sample {
  readonly perSecond: number
  readonly p99Ms: number
  readonly cpuMicros: number
}

/** Samples of one operation on one contestant, one for each round. */
export interface Measured {
  readonly operation: string
  readonly kind: Contestant['kind']
  readonly users: number
  readonly samples: Sample[]
}

export interface Pace {
  readonly rounds: number
  readonly roundMs: number
  /** Before the first round: compiles what is hot. */
  readonly warmUpMs: number
}

/** Runs a group of operations that belong together (what one makes, the next one takes away). */
export async function measure(
  group: readonly Operation[],
  contestants: readonly Contestant[],
  pace: Pace
): Promise<readonly Measured[]> {
  const measured = group.flatMap(operation =>
    contestants
      .filter(({ subject }) => operation.fits?.(subject.users) ?? true)
      .map(contestant => ({ operation, contestant, samples: [] as Sample[] }))
  )
  for (const { operation, contestant } of measured) await once(operation, contestant, pace.warmUpMs)
  for (let round = 0; round < pace.rounds; round++) {
    for (const operation of group) {
      const turn = measured.filter(one => one.operation === operation)
      for (const one of round % 2 === 0 ? turn : turn.toReversed()) {
        one.samples.push(await once(operation, one.contestant, pace.roundMs))
      }
    }
  }
  return measured.map(({ operation, contestant: { kind, subject }, samples }) => ({
    operation: operation.name,
    kind,
    users: subject.users,
    samples
  }))
}

async function once(operation: Operation, contestant: Contestant, durationMs: number): Promise<Sample> {
  const { server } = contestant
  await server.read()
  const { requests, perSecond, latencies } = await load(operation, contestant, durationMs)
  const { cpuMicros } = await server.read()
  return { perSecond, p99Ms: percentile(latencies, 0.99), cpuMicros: cpuMicros / requests }
}

function load(
  operation: Operation,
  { server, subject }: Contestant,
  durationMs: number,
  count = operation.connections ?? connections
): Promise<LoadResult> {
  return run({ port: server.port, connections: count, durationMs, ...operation.load(subject) })
}

export interface Beside {
  readonly p99Ms: number
  readonly loopMsMax: number
}

/** `get by id` while nothing else happens, and while a filter goes through all users, again and again. */
export async function besideScan(
  contestant: Contestant,
  durationMs: number
): Promise<{ alone: Beside; scanned: Beside; scans: number }> {
  const alone = await beside(contestant, durationMs)
  const scan = load(unindexed, contestant, durationMs, 1)
  const scanned = await beside(contestant, durationMs)
  return { alone, scanned, scans: (await scan).requests }
}

async function beside(contestant: Contestant, durationMs: number): Promise<Beside> {
  await contestant.server.read()
  const { latencies } = await load(getById, contestant, durationMs)
  const { loopMsMax } = await contestant.server.read()
  return { p99Ms: percentile(latencies, 0.99), loopMsMax }
}

/** Seconds for one operation that ends by itself, by one client. */
export async function lasting(operation: Operation, contestant: Contestant): Promise<number> {
  const { latencies } = await load(operation, contestant, Number.POSITIVE_INFINITY, 1)
  return latencies.reduce((sum, ms) => sum + ms, 0) / 1000
}

/** Takes away what was created and not deleted. */
export async function tidy(remove: Operation, contestant: Contestant): Promise<void> {
  if (contestant.subject.created.length > 0) await load(remove, contestant, 60_000)
}
