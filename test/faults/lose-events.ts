/**
 * E1: receivers of events, servers and keys go at any moment, and no receiver misses an event or sees the changes of a
 * resource in another order than they had. Some come twice.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/free-port.ts'
import { eventUris } from '../../src/events/uris.ts'
import type { Backend } from './backend.ts'
import type { ConsumerSettings, Received } from './event-consumer.ts'
import { differences } from './event-mirror.ts'
import type { Callers } from './load.ts'
import { observe } from './observe.ts'
import { few, type Outcome, together } from './row.ts'
import { openSite } from './site.ts'

const audience = 'https://receiver.example.com'
/** Until a receiver that was started has its first event: on a busy machine that takes seconds. */
const startMsMax = 20_000
/** Until everything that waits has been taken; a receiver that was pushed to in vain is left alone for a second. */
const drainMsMax = 60_000

const settings = {
  USHER_OUTGOING_PRIVATE: 'true',
  USHER_EVENT_PUSH_TIMEOUT_SECONDS: '1',
  USHER_EVENT_RETRY_SECONDS_MAX: '1',
  USHER_EVENT_POLL_SECONDS: '2',
  USHER_EVENT_SETTLE_SECONDS: '2'
}

export async function loseEvents(
  backend: Backend,
  rounds: number,
  { servers = 1, kills: killsEach = 4 } = {}
): Promise<Outcome> {
  const site = await openSite(backend, { servers, settings })
  const folder = await mkdtemp(join(tmpdir(), 'usher-events-'))
  const log = join(folder, 'log')
  const faults: string[] = []
  const shifts = []
  let consumer: ChildProcess | undefined
  let [received, distinct, kills] = [0, 0, 0]
  try {
    const { streams, ...told } = await makeStreams(site.callers(), await freePort())
    const start = () => spawnConsumer(log, { ...told, servers: site.servers().map(({ url }) => url) })
    consumer = start()
    for (let round = 0; round < rounds && faults.length === 0; round++) {
      const shift = site.work()
      for (let i = 0; i < killsEach; i++) {
        await grown(log)
        await sleep(Math.random() * 200)
        await killed(consumer)
        consumer = start()
        kills++
      }
      const [victim] = site.servers().toSorted(() => Math.random() - 0.5)
      await victim?.kill()
      await site.restart()
      const rotated = await callerAt(site.callers(), 0).admin.send('POST', '/api/v1/signing-keys/rotate', {
        compromised: true
      })
      if (rotated.status !== 200) faults.push(`rotating the keys: ${rotated.status} ${rotated.text}`)
      await sleep(300)
      shifts.push(await shift.stop())
      faults.push(...(await drained(callerAt(site.callers(), 0), streams)))
      faults.push(...(await site.look()))
      const lines = readLog(await readFile(log, 'utf8'))
      received = lines.length
      distinct = new Set(lines.map(({ via, claims }) => `${via} ${claims.jti}`)).size
      const { users, ids } = await observe(callerAt(site.callers(), 0), site.groups, undefined)
      for (const via of ['poll', 'push'] as const) {
        const own = lines.filter(line => line.via === via).map(({ claims }) => claims)
        faults.push(...differences(own, { users, ids, groups: site.groups }).map(fault => `${via}: ${fault}`))
      }
    }
  } finally {
    if (consumer !== undefined) await killed(consumer)
    faults.push(...(await site.close()))
    await rm(folder, { recursive: true, force: true })
  }
  const { acked = 0, 'no answer': unanswered = 0 } = together(shifts)
  return {
    row: 'E1',
    what: `kill -9 of receivers and servers, keys changed, ${'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'}, ${servers} node(s)`,
    rounds: shifts.length,
    faults: few(faults),
    figures: { acked, 'no answer': unanswered, kills, events: distinct, 'came again': received - distinct },
    goals: {}
  }
}

async function makeStreams(
  callers: readonly Callers[],
  port: number
): Promise<Omit<ConsumerSettings, 'servers'> & { readonly streams: readonly string[] }> {
  const { admin } = callerAt(callers, 0)
  const make = async (delivery: object) => {
    const body = { name: 'E1', audience, events: eventUris, delivery }
    const made = await admin.send('POST', '/api/v1/event-streams', body)
    if (made.status !== 201) throw new Error(`a stream: ${made.status} ${made.text}`)
    return made.body
  }
  const [polled, pushed] = await Promise.all([
    make({ method: 'poll' }),
    make({ method: 'push', url: `http://127.0.0.1:${port}/` })
  ])
  const [stream, token, issuer] = [String(polled.id), String(polled.token), String(polled.issuer)]
  return { stream, token, issuer, audience, port, streams: [stream, String(pushed.id)] }
}

const script = fileURLToPath(new URL('./event-consumer.ts', import.meta.url))

function spawnConsumer(log: string, consumer: ConsumerSettings): ChildProcess {
  return spawn(process.execPath, [script, log], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, CONSUMER: JSON.stringify(consumer) }
  })
}

async function killed(consumer: ChildProcess): Promise<void> {
  if (consumer.exitCode !== null || consumer.signalCode !== null) return
  const gone = once(consumer, 'exit')
  consumer.kill('SIGKILL')
  await gone
}

/** Waits until the receiver has written something more. */
async function grown(log: string): Promise<void> {
  const size = async () => (await stat(log).catch(() => undefined))?.size ?? 0
  const before = await size()
  const end = performance.now() + startMsMax
  while ((await size()) <= before + 1 && performance.now() < end) await sleep(20)
}

/** Waits until nothing waits for the receivers. */
async function drained({ admin }: Callers, streams: readonly string[]): Promise<readonly string[]> {
  const end = performance.now() + drainMsMax
  for (;;) {
    const states = await Promise.all(streams.map(id => admin.get(`/api/v1/event-streams/${id}`)))
    if (states.every(({ body }) => (body.state as { waiting?: number } | undefined)?.waiting === 0)) return []
    if (performance.now() > end) return [`events still wait: ${states.map(({ text }) => text).join(' ')}`]
    await sleep(100)
  }
}

/** Whole lines; one that was being written when the receiver was killed was not acknowledged. */
function readLog(text: string): readonly Received[] {
  return text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Received]
    } catch {
      return []
    }
  })
}

function callerAt(all: readonly Callers[], i: number): Callers {
  const found = all[i]
  if (found === undefined) throw new Error('a site has a server')
  return found
}
