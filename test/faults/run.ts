/**
 * The fault table, run: `node test/faults/run.ts [R1 R9 …] [--full]`. Without `--full` the numbers are those of the tests.
 * Each row is measured by itself; lost changes and too many holders fail it, and a figure beyond its goal is marked.
 */
import { type ReplicaSet, startReplicaSet } from '../support/mongo.ts'
import { mongoBackend, sqliteBackend } from './backend.ts'
import { fillDisk } from './disk-full.ts'
import { readAfterElection } from './first-read.ts'
import { raceForGroup } from './group-race.ts'
import { killServer } from './kill-server.ts'
import { patchLargeGroup } from './large-group.ts'
import { loseEvents } from './lose-events.ts'
import { fillPrimary, losePrimary } from './lose-primary.ts'
import { loseAnswers } from './lost-answer.ts'
import type { Outcome } from './row.ts'
import { raceForSeats } from './seat-race.ts'
import { stopServer } from './stop-server.ts'

interface Run {
  readonly row: string
  /** In the tests, and in full. */
  readonly rounds: readonly [number, number]
  run(rounds: number): Promise<Outcome | undefined>
}

const ofThree = { members: 3, settings: { electionTimeoutMillis: 2000 } } as const

/** Each on a set of its own: what one row left behind must not be in the way of the next. */
async function onSet<T>(
  options: Parameters<typeof startReplicaSet>[0],
  use: (set: ReplicaSet) => Promise<T>
): Promise<T> {
  const set = await startReplicaSet(options)
  try {
    return await use(set)
  } finally {
    await set.stop()
  }
}

const onThree = (use: (set: ReplicaSet) => Promise<Outcome>) => onSet(ofThree, use)
const onOne = (use: (uri: string) => Promise<Outcome>) => onSet({ members: 1 }, ({ uri }) => use(uri))
const own = (uri: string) => mongoBackend(uri, { ownSet: true })

const table: readonly Run[] = [
  { row: 'R1', rounds: [100, 1000], run: async n => killServer('R1', await sqliteBackend(), n) },
  { row: 'R2', rounds: [20, 300], run: n => onThree(set => killServer('R2', own(set.uri), n)) },
  { row: 'R3', rounds: [3, 50], run: n => onThree(set => losePrimary('steps down', set, n)) },
  { row: 'R4', rounds: [2, 20], run: n => onThree(set => losePrimary('is killed', set, n)) },
  { row: 'R4', rounds: [1, 5], run: n => onThree(set => losePrimary('is killed and a crowd comes', set, n)) },
  { row: 'R4', rounds: [3, 20], run: n => onThree(set => readAfterElection(set, n)) },
  { row: 'R5', rounds: [1, 10], run: n => onThree(set => losePrimary('freezes', set, n)) },
  { row: 'R7', rounds: [1, 10], run: fillDisk },
  { row: 'R7', rounds: [1, 10], run: fillPrimary },
  { row: 'R9', rounds: [5, 200], run: async n => raceForGroup(await sqliteBackend(), n) },
  { row: 'R9', rounds: [5, 200], run: n => onOne(uri => raceForGroup(own(uri), n, { servers: 2 })) },
  { row: 'R9', rounds: [2000, 100_000], run: async n => patchLargeGroup(await sqliteBackend(), n) },
  { row: 'R9', rounds: [2000, 100_000], run: n => onOne(uri => patchLargeGroup(own(uri), n, { servers: 2 })) },
  { row: 'R10', rounds: [1, 1], run: async () => raceForSeats(await sqliteBackend()) },
  { row: 'R10', rounds: [1, 1], run: () => onOne(uri => raceForSeats(own(uri))) },
  { row: 'R10', rounds: [1, 1], run: () => onOne(uri => raceForSeats(own(uri), { servers: 2, mixed: true })) },
  { row: 'R13', rounds: [3, 200], run: async n => stopServer(await sqliteBackend(), n) },
  { row: 'R13', rounds: [2, 200], run: n => onOne(uri => stopServer(own(uri), n)) },
  { row: 'R14', rounds: [20, 1000], run: async n => loseAnswers(await sqliteBackend(), n) },
  { row: 'R14', rounds: [10, 1000], run: n => onOne(uri => loseAnswers(own(uri), n)) },
  { row: 'E1', rounds: [3, 50], run: async n => loseEvents(await sqliteBackend(), n) },
  { row: 'E1', rounds: [3, 50], run: n => onOne(uri => loseEvents(own(uri), n, { servers: 2 })) }
]

function line({ row, what, rounds, faults, figures, goals }: Outcome, seconds: number): string {
  const shown = Object.entries(figures).map(([name, value]) => {
    const goal = goals[name]
    if (goal === undefined) return `${name} ${value}`
    return `${name} ${value} (${value <= goal ? 'goal' : 'MISSES'} ${goal})`
  })
  const verdict = faults.length === 0 ? 'ok' : 'FAILED'
  return [row, what, rounds, verdict, shown.join(', '), `${seconds} s`].join(' | ')
}

const args = process.argv.slice(2)
const full = args.includes('--full')
const wanted = args.filter(arg => !arg.startsWith('--'))
const chosen = table.filter(({ row }) => wanted.length === 0 || wanted.includes(row))
console.log('| row | fault | rounds | lost or doubled | measured | took |\n| --- | --- | --- | --- | --- | --- |')
for (const { row, rounds, run } of chosen) {
  const from = performance.now()
  const outcome = await run(rounds[full ? 1 : 0])
  if (outcome === undefined) {
    console.log(`| ${row} | skipped: it needs the right to mount a disk | 0 | | | |`)
    continue
  }
  console.log(`| ${line(outcome, Math.round((performance.now() - from) / 1000))} |`)
  for (const fault of outcome.faults) console.log(`  - ${fault}`)
  if (outcome.faults.length > 0) process.exitCode = 1
}
