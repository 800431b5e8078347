/**
 * Hardening row F1: whatever is sent, the answer is below 500 and has the form of its interface, says nothing of the inside and is
 * of a bounded size, made of a bounded number of questions to the store; resources in it are as discovery tells; no prototype is
 * changed; and behind all of it every rule about what is stored holds.
 *
 * The long run (`USHER_RUNS` requests to each store, or `USHER_MINUTES`) also bounds the time and the memory of each request.
 * `USHER_SEED` and `USHER_PATH`, as a failure prints them, play it again.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Store } from '../../src/store/port.ts'
import { inspect } from '../faults/inspect.ts'
import { mongoStore, type OpenedStore, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import { routesOf } from '../support/route-table.ts'
import { wrapped } from '../support/wrapped.ts'
import { faultOf } from './answers.ts'
import { anyRequest } from './requests.ts'
import { checkTold } from './told.ts'
import { populate } from './world.ts'

const { USHER_RUNS, USHER_MINUTES, USHER_SEED, USHER_PATH } = process.env
const isLong = USHER_RUNS !== undefined || USHER_MINUTES !== undefined
const runs = Number(USHER_RUNS ?? (USHER_MINUTES === undefined ? 3000 : 1e9))
const seed = Number(USHER_SEED ?? Date.now() % 1_000_000)
if (isLong) t.setTimeout(0)

/**
 * Questions to the store for one request, with what it sets off behind it. Bulk has five operations of a dozen each, and where
 * purchases shrink, holders move one by one from seats that are gone.
 */
const askedMax = 1000
const answerBytesMax = 4 << 20
/** In the long run. On a machine that others use too the event loop waits for them. */
const cpuMsMax = 1000
const delayMsMax = 5000
const heapBytesMax = 1 << 30

t.test('F1 whatever is sent, nothing breaks (sqlite)', async t => fuzz(t, await sqliteStore(t)))
t.test('F1 whatever is sent, nothing breaks (mongodb)', async t => {
  const opened = await mongoStore(t)
  if (opened !== undefined) await fuzz(t, opened)
})

/** Nothing waits, nothing is slowed down, and what is pushed goes to this machine, where nobody listens. */
const settings = {
  PUBLIC_URL: 'https://usher.example',
  USHER_SCIM_REQUESTS_PER_MINUTE: '0',
  USHER_TOKEN_REQUESTS_PER_MINUTE: '0',
  USHER_EVENT_SETTLE_SECONDS: '0',
  USHER_EVENT_POLL_SECONDS: '1',
  USHER_EVENT_PUSH_PRIVATE: 'true',
  USHER_OUTGOING_PRIVATE: 'true'
}

async function fuzz(t: Test, opened: OpenedStore): Promise<void> {
  const asking = new AsyncLocalStorage<Asked>()
  const server = await startServer(
    t,
    { ...opened, store: counting(opened.store, asking) },
    { seats: 'PWM=200,PAM=50', settings }
  )
  const world = await populate(server)
  const toldFault = await checkTold(server)
  const untouched = prototypes()
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const statuses = new Map<number, number>()
  let [mostAsked, largest, highest] = [0, 0, 0]
  let last: Promise<unknown> = Promise.resolve()
  t.comment(`seed ${seed}`)
  const property = fc.asyncProperty(anyRequest(routesOf(server.app)), async request => {
    const asked = { times: 0 }
    delay.reset()
    const before = process.cpuUsage()
    const sent = asking.run(asked, () => world.send(request))
    last = sent
    const answer = await sent
    const { user, system } = process.cpuUsage(before)
    const heap = process.memoryUsage().heapUsed
    const bytes = answer.rawPayload.length
    const times = asked.times
    const wrong =
      faultOf(request, answer) ??
      (await toldFault(answer)) ??
      excess('questions to the store', times, askedMax) ??
      excess('bytes', bytes, answerBytesMax) ??
      (isLong
        ? (excess('ms of the processor', (user + system) / 1000, cpuMsMax) ??
          excess('ms of waiting', delay.max / 1e6, delayMsMax) ??
          excess('bytes of memory', heap, heapBytesMax))
        : undefined) ??
      (prototypes() === untouched ? undefined : 'a prototype was changed')
    if (wrong !== undefined) throw new Error(`${wrong}: ${answer.statusCode} ${answer.body.slice(0, 300)}`)
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    mostAsked = Math.max(mostAsked, times)
    largest = Math.max(largest, bytes)
    highest = Math.max(highest, heap)
  })
  await fc.assert(property, {
    numRuns: runs,
    seed,
    ...(USHER_PATH === undefined ? {} : { path: USHER_PATH }),
    ...(USHER_MINUTES === undefined ? {} : { interruptAfterTimeLimit: Number(USHER_MINUTES) * 30_000 })
  })
  // When its time is over it does not wait for the request that is under way.
  await last
  delay.disable()
  const count = [...statuses.values()].reduce((sum, n) => sum + n, 0)
  const shown = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`)
  t.comment(`${count} requests, ${shown.join(', ')}`)
  t.comment(`at most ${mostAsked} questions to the store, ${largest} bytes, ${highest >> 20} MiB of memory`)
  for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 409]) t.ok(statuses.has(status), `${status} came`)
  await holds(t, server)
}

async function holds(t: Test, server: TestServer): Promise<void> {
  t.equal((await server.api('GET', '/seats')).status, 200, 'the server lives on')
  t.same(await inspect(server.store, { now: server.clock.now(), within: false }), [], 'all that is stored agrees')
  await recount(t, server, { within: false })
}

interface Asked {
  times: number
}

/** A store that counts what a request asks of it; not what is done at nobody's request. */
function counting(store: Store, asking: AsyncLocalStorage<Asked>): Store {
  const counted =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      const asked = asking.getStore()
      if (asked !== undefined) asked.times++
      return call(...args)
    }
  return wrapped(store, {
    get: counted(store.get.bind(store)) as Store['get'],
    find: counted(store.find.bind(store)) as Store['find'],
    count: counted(store.count.bind(store)) as Store['count'],
    commit: counted(store.commit.bind(store)) as Store['commit']
  })
}

const excess = (what: string, n: number, max: number) => (n > max ? `${Math.round(n)} ${what}` : undefined)

function prototypes(): string {
  return [Object, Array, Function, String, Number, Boolean, Map, Promise]
    .map(of => Reflect.ownKeys(of.prototype).map(String).join())
    .join('\n')
}
