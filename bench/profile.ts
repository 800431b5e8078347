/** Where the time of our server goes: the functions with the most self time, and whose they are. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './client.ts'
import { connections, newSubject, type Operation } from './operations.ts'
import type { Seeded } from './place.ts'
import { startOurs } from './process.ts'
import { aligned } from './report.ts'

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
  /** Microseconds of the clock that `process.hrtime` reads too. */
  readonly startTime: number
}

interface Span {
  readonly from: number
  readonly to: number
}

const microsNow = () => Number(process.hrtime.bigint() / 1000n)

const shownMax = 40

/** Long enough for what is hot to be compiled, and for the start to weigh little. */
const durationMs = 5000

/** Runs one operation under `--cpu-prof`. */
export async function profile(operation: Operation, { settings, token }: Seeded, users: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-profile-'))
  const args = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200']
  const server = await startOurs({ env: settings, nodeArgs: args })
  const subject = newSubject(users, token, `p${process.pid}`)
  try {
    const load = (one: Operation) => run({ port: server.port, connections, durationMs, ...one.load(subject) })
    if (operation.needs !== undefined) await load(operation.needs)
    const from = microsNow()
    const { perSecond } = await load(operation)
    const span = { from, to: microsNow() }
    await server.stop()
    const texts = await Promise.all((await readdir(folder)).map(file => readFile(join(folder, file), 'utf8')))
    const profiles = texts.map(text => spentIn(JSON.parse(text), span)).toSorted((a, b) => busy(b) - busy(a))
    const parts = profiles.map((one, i) => `thread ${i + 1}\n${summary(one)}`)
    return `${operation.name}: ${perSecond.toFixed(0)}/s\n\n${parts.join('\n')}`
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Spent {
  readonly name: string
  readonly owner: string
  micros: number
}

/** What was spent while the load ran: starting and stopping is left out. */
function spentIn({ nodes, samples, timeDeltas, startTime }: Profile, { from, to }: Span): readonly Spent[] {
  const byNode = new Map<number, number>()
  let now = startTime
  for (const [i, id] of samples.entries()) {
    const delta = timeDeltas[i] ?? 0
    now += delta
    if (now >= from && now <= to) byNode.set(id, (byNode.get(id) ?? 0) + delta)
  }
  const spent = new Map<string, Spent>()
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame
    const name = `${functionName || '(anonymous)'} ${url === '' ? '' : `${placeOf(url)}:${lineNumber + 1}`}`.trim()
    const one = spent.get(name) ?? { name, owner: ownerOf(functionName, url), micros: 0 }
    one.micros += byNode.get(id) ?? 0
    spent.set(name, one)
  }
  return [...spent.values()].toSorted((a, b) => b.micros - a.micros)
}

const root = fileURLToPath(new URL('..', import.meta.url))

function placeOf(url: string): string {
  return (url.startsWith('file:') ? fileURLToPath(url) : url).replace(root, '')
}

function ownerOf(name: string, url: string): string {
  if (url === '') return name.startsWith('(') ? name : '(native)'
  if (url.startsWith('node:')) return 'node'
  const place = placeOf(url)
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place) ?? []
  if (dependency !== undefined) return dependency
  const parts = place.split('/').slice(0, -1)
  return parts.slice(0, 3).join('/') || place
}

const isIdle = ({ owner }: Spent) => owner === '(idle)'

function busy(spent: readonly Spent[]): number {
  return spent.reduce((sum, one) => sum + (isIdle(one) ? 0 : one.micros), 0)
}

function summary(all: readonly Spent[]): string {
  const spent = all.filter(one => !isIdle(one))
  const total = busy(all)
  const share = (micros: number) => `${((100 * micros) / total).toFixed(1)} %`
  const owners = Map.groupBy(spent, one => one.owner)
  const byOwner = [...owners]
    .map(([owner, ones]) => ({ owner, micros: ones.reduce((sum, one) => sum + one.micros, 0) }))
    .toSorted((a, b) => b.micros - a.micros)
    .filter(({ micros }) => micros > total / 500)
  return [
    aligned([['whose', 'self'], ...byOwner.map(({ owner, micros }) => [owner, share(micros)])]),
    aligned([['function', 'self'], ...spent.slice(0, shownMax).map(({ name, micros }) => [name, share(micros)])])
  ].join('\n')
}
