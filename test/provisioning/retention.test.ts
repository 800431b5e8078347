import t from 'tap'
import { tidy } from '../../src/admin/housekeeping.ts'
import { entriesKey, provisioningLog, sizeKey } from '../../src/provisioning/entry.ts'
import { gapOf } from '../../src/provisioning/gap.ts'
import { type LogOptions, openLog, waitingMax } from '../../src/provisioning/log.ts'
import { type Retention, trim } from '../../src/provisioning/retention.ts'
import { type Store, StoreUnavailable } from '../../src/store/port.ts'
import { day, onBothStores, provision, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'
import { wrapped } from '../support/wrapped.ts'
import { logged } from './support.ts'

const generous: Retention = { days: 30, entriesMax: 1e9, sizeMax: 1e9 }

/** Writes so many entries, a minute between each two. */
async function fill({ env, clock, context }: TestServer, count: number, retention = generous): Promise<void> {
  const log = openLog(env, { ...retention, readsPerSecond: 10, onError: fail })
  for (let i = 0; i < count; i++) {
    log.add(context.tenant, gapOf(env, i))
    clock.advance(60_000)
  }
  await log.close()
}

const fail = (error: unknown) => {
  throw error
}

async function kept({ store, context: { tenant } }: TestServer) {
  const found = await everyDocument(store, provisioningLog, tenant)
  const totals = await store.tallies(tenant, [entriesKey, sizeKey])
  const sizes = found.reduce((sum, { doc }) => sum + doc.size, 0)
  return { numbers: found.map(({ doc }) => doc.missing), totals, sums: [found.length, sizes] }
}

onBothStores(t, 'what is older than its time goes, in every organization', async (t, server) => {
  const { env, clock, context } = server
  await fill(server, 450)
  clock.advance(30 * day - 100 * 60_000)
  await trim(env, context.tenant, generous)
  const { numbers, totals, sums } = await kept(server)
  t.equal(numbers[0], 350, 'what is exactly so old is kept')
  t.equal(numbers.length, 100)
  t.same(totals, sums, 'the totals are right')
  clock.advance(30 * day)
  const tidied: string[] = []
  await tidy(env, async tenant => {
    tidied.push(tenant)
    await trim(env, tenant, generous)
  })
  t.ok(tidied.includes(context.tenant))
  t.same(await kept(server), { numbers: [], totals: [0, 0], sums: [0, 0] })
})

onBothStores(t, 'what is more than there is room for goes at once, the oldest first', async (t, server) => {
  await fill(server, 250, { ...generous, entriesMax: 120 })
  const byNumber = await kept(server)
  t.same([byNumber.numbers[0], byNumber.numbers.length], [130, 120])
  await fill(server, 5, { ...generous, sizeMax: 400 * 10 })
  const bySize = await kept(server)
  t.same([bySize.numbers.length, bySize.totals], [10, [10, 4000]])
  t.same(bySize.totals, bySize.sums)
})

onBothStores(t, 'two nodes that tidy at once remove each entry once', async (t, server) => {
  await fill(server, 700)
  const other = await server.another()
  const few = { ...generous, entriesMax: 50 }
  const { tenant } = server.context
  await Promise.all([server, other, server].map(({ env }) => trim(env, tenant, few)))
  const { numbers, totals, sums } = await kept(server)
  t.same([numbers.length, totals], [50, sums])
})

onBothStores(
  t,
  'the limits are settings',
  async (t, server) => {
    for (let i = 0; i < 130; i++) await server.scim('GET', `/Users/${i}`)
    const entries = await logged(server, 'limit=1000')
    t.same([entries.length, entries[0]?.path, entries.at(-1)?.path], [100, '/Users/129', '/Users/30'])
  },
  { settings: { USHER_PROVISIONING_LOG_ENTRIES_MAX: '100', USHER_PROVISIONING_LOG_READS_PER_SECOND: '1000' } }
)

t.test('it can keep changes only, or nothing', async t => {
  for (const [mode, expected] of [
    ['changes', ['other', 'create']],
    ['off', []]
  ] as const) {
    const server = await startServer(t, await sqliteStore(t), { settings: { USHER_PROVISIONING_LOG: mode } })
    await provision(server, 'ada')
    await server.scim('GET', '/Users')
    await server.scim('POST', '/Users/.search', {})
    await server.scim('POST', '/Users/x/y', {})
    t.same(
      (await logged(server)).map(({ operation }) => operation),
      expected,
      mode
    )
  }
})

t.test(
  'reads of one organization are kept up to a number in each second; the others are counted, and no change is one',
  async t => {
    const settings = { USHER_PROVISIONING_LOG_READS_PER_SECOND: '3' }
    const server = await startServer(t, await sqliteStore(t), { settings })
    for (let i = 0; i < 5; i++) await server.scim('GET', `/Users/${i}`)
    await server.scim('POST', '/Users/.search', {})
    await provision(server, 'ada')
    server.clock.advance(1000)
    await server.scim('GET', '/Users/next')
    const entries = await logged(server)
    t.same(entries.map(({ path }) => path).toSorted(), [
      '',
      '/Users',
      '/Users/0',
      '/Users/1',
      '/Users/2',
      '/Users/next'
    ])
    t.match(
      entries.find(({ operation }) => operation === 'gap'),
      { missing: 3, connector: { kind: 'system' } }
    )
  }
)

/** A log on a store that answers as it is told. */
async function faulty(t: Tap, options: Partial<LogOptions> = {}) {
  const server = await startServer(t, await sqliteStore(t))
  const { env, store, context } = server
  const state = { commit: (...args: Parameters<Store['commit']>) => store.commit(...args) }
  const errors: unknown[] = []
  const log = openLog(
    { ...env, store: wrapped(store, { commit: (...args) => state.commit(...args) }) },
    { ...generous, readsPerSecond: 10, onError: error => void errors.push(error), ...options }
  )
  const add = (missing = 0) => log.add(context.tenant, gapOf(env, missing))
  return { ...server, log, add, state, errors }
}

type Tap = Parameters<typeof startServer>[0]

t.test('an answer of the store that was lost leaves no entry twice, and none out', async t => {
  const { log, add, state, errors, store, ...server } = await faulty(t)
  state.commit = async (...args) => {
    await store.commit(...args)
    throw new StoreUnavailable('the answer was lost')
  }
  add(1)
  await log.flush()
  state.commit = (...args) => store.commit(...args)
  add(2)
  await log.flush()
  t.same((await kept({ ...server, store } as TestServer)).numbers, [1, 2])
  t.equal(errors.length, 1)
  await log.close()
})

t.test('while the store does not answer nobody waits, and what is too much is counted', async t => {
  const { log, add, state, store, ...server } = await faulty(t)
  state.commit = async () => {
    throw new StoreUnavailable('gone')
  }
  const start = process.memoryUsage().heapUsed
  for (let i = 0; i < waitingMax + 500; i++) add()
  await log.flush()
  t.ok(process.memoryUsage().heapUsed - start < 64 << 20)
  state.commit = (...args) => store.commit(...args)
  await log.flush()
  await log.close()
  const found = await kept({ ...server, store } as TestServer)
  t.same([found.numbers.length, found.numbers.at(-1)], [waitingMax + 1, 500], 'the gap stands in their place')
  t.same(found.totals, found.sums)
})

t.test('what cannot be written does not keep the rest from being written', async t => {
  const { log, add, state, errors, store, ...server } = await faulty(t)
  state.commit = async () => {
    throw new Error('too long')
  }
  add(1)
  await log.flush()
  state.commit = (...args) => store.commit(...args)
  add(2)
  await log.close()
  const { numbers } = await kept({ ...server, store } as TestServer)
  t.same(numbers.toSorted(), [1, 2], 'the one that is missing is said to be')
  t.equal(errors.length, 1)
})
