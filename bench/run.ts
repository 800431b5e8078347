/**
 * `npm run bench`: our server beside a bare Fastify route with the same driver call, on both stores.
 *
 *   npm run bench                        1,000 and 200,000 users
 *   npm run bench -- --users 1000000     1,000 and 1,000,000 users
 *   npm run bench -- --quick             1,000 users, short rounds
 *   npm run bench -- --store sqlite      one store
 *   npm run bench -- --json              all samples, for machines
 *   npm run bench -- --profile create    where our time goes in one operation
 *
 * With `USHER_BENCH_DIR` naming a folder, what was seeded is kept there for the next run.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { besideScan, type Contestant, lasting, type Measured, measure, type Pace, tidy } from './measure.ts'
import { groups, newSubject, operations, remove, wholeWalk } from './operations.ts'
import { openPlace, type Place, type StoreName } from './place.ts'
import { startBare, startOurs } from './process.ts'
import { profile } from './profile.ts'
import { groupGrowth, growthMax, median, type Row, rowsOf, tableOf } from './report.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    users: { type: 'string', default: '200000' },
    store: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' }
  }
})

const small = 1000
const sizes = options.quick ? [small] : [small, Number(options.users)]
const pace: Pace = options.quick
  ? { rounds: Number(options.rounds ?? 3), roundMs: 300, warmUpMs: 800 }
  : { rounds: Number(options.rounds ?? 3), roundMs: 900, warmUpMs: 1000 }
const stores = (['sqlite', 'mongodb'] as const).filter(store => options.store === undefined || options.store === store)
const starts = 3

interface Facts {
  readonly startMs: number
  readonly rssMb: number
}

interface Result {
  readonly store: StoreName
  readonly rows: readonly Row[]
  readonly measured: readonly Measured[]
  /** With the largest organisation. */
  readonly idle: Facts
  readonly scan: Awaited<ReturnType<typeof besideScan>>
  /** Seconds for one walk through all users, by one client. */
  readonly walk: Readonly<Record<Contestant['kind'], number>>
}

async function benchmark(place: Place, store: StoreName): Promise<Result> {
  const run = `r${Date.now().toString(36)}`
  const contestants: Contestant[] = []
  let idle: Facts | undefined
  try {
    for (const users of sizes) {
      const { settings, bare, token } = await place.seeded(store, users)
      idle = await atRest(settings)
      const subject = () => newSubject(users, token, run)
      contestants.push({ kind: 'ours', server: await startOurs({ env: settings }), subject: subject() })
      contestants.push({ kind: 'bare', server: await startBare({ env: bare }), subject: subject() })
    }
    const measured: Measured[] = []
    for (const group of groups) {
      if (options.only !== undefined && !group.some(({ name }) => name === options.only)) continue
      process.stderr.write(`${store}: ${group.map(({ name }) => name).join(', ')}\n`)
      measured.push(...(await measure(group, contestants, pace)))
    }
    const largest = contestants.findLast(({ kind }) => kind === 'ours')
    if (largest === undefined || idle === undefined) throw new Error('nothing was measured')
    const scan = await besideScan(largest, 3 * pace.roundMs)
    const bare = contestants.findLast(({ kind }) => kind === 'bare') ?? largest
    const walk = { ours: await lasting(wholeWalk, largest), bare: await lasting(wholeWalk, bare) }
    for (const contestant of contestants) await tidy(remove, contestant)
    return { store, rows: rowsOf(store, measured), measured, idle, scan, walk }
  } finally {
    for (const { server } of contestants) await server.stop()
  }
}

/** A start on what is there, and the memory of a server that has nothing to do. */
async function atRest(settings: Readonly<Record<string, string>>): Promise<Facts> {
  const facts: Facts[] = []
  for (let i = 0; i < starts; i++) {
    const server = await startOurs({ env: settings })
    await sleep(500)
    const { rssBytes } = await server.read()
    facts.push({ startMs: server.startMs, rssMb: rssBytes / 2 ** 20 })
    await server.stop()
  }
  return { startMs: median(facts.map(f => f.startMs)), rssMb: median(facts.map(f => f.rssMb)) }
}

function textOf({ store, rows, idle, scan, walk }: Result): string {
  const users = Math.max(...sizes)
  const grown = groupGrowth(rows.filter(row => row.users === users))
  const verdict = (holds: boolean) => (holds ? 'ok' : 'NO')
  const { alone, scanned, scans } = scan
  return [
    tableOf(rows),
    `${store} with ${users.toLocaleString('en')} users:`,
    `  start until the first answer   ${idle.startMs.toFixed(0)} ms (wanted < 1000 ${verdict(idle.startMs < 1000)})`,
    `  memory at rest                 ${idle.rssMb.toFixed(0)} MB (wanted < 200 ${verdict(idle.rssMb < 200)})`,
    ...grown.map(
      ({ from, to, growth, bareGrowth }) =>
        `  ${`${to} / ${from}`.padEnd(58)} ${growth.toFixed(2)} (wanted <= ${growthMax.toFixed(2)} ${verdict(growth <= growthMax)}, bare ${bareGrowth.toFixed(2)})`
    ),
    `  a walk by cursor through all   ${walk.ours.toFixed(1)} s, bare ${walk.bare.toFixed(1)} s, ratio ${(walk.bare / walk.ours).toFixed(2)}`,
    `  get by id, alone               p99 ${alone.p99Ms.toFixed(1)} ms, event loop held ${alone.loopMsMax.toFixed(1)} ms at most`,
    `  beside a filter over all users p99 ${scanned.p99Ms.toFixed(1)} ms, event loop held ${scanned.loopMsMax.toFixed(1)} ms at most (wanted <= 50 ${verdict(scanned.loopMsMax <= 50)}), ${scans} such filters answered`,
    ''
  ].join('\n')
}

const place = await openPlace()
// Also when the run is interrupted, nothing stays behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void place.close().then(() => process.exit(1)))
try {
  if (options.profile !== undefined) {
    const operation = operations.find(({ name }) => name === options.profile)
    if (operation === undefined)
      throw new Error(`--profile takes one of: ${operations.map(({ name }) => name).join(', ')}`)
    const users = options.quick ? small : Number(options.users)
    for (const store of stores) {
      const seeded = await place.seeded(store, users)
      process.stdout.write(`${store}: ${await profile(operation, seeded, users)}\n`)
    }
  } else {
    const results: Result[] = []
    for (const store of stores) results.push(await benchmark(place, store))
    process.stdout.write(options.json ? `${JSON.stringify(results, undefined, 1)}\n` : results.map(textOf).join('\n'))
  }
} finally {
  await place.close()
}
