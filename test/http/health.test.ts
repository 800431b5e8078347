import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { keptMs, pingMsMax, readinessOf } from '../../src/http/readiness.ts'
import { stop } from '../../src/http/shutdown.ts'
import { StoreUnavailable } from '../../src/store/port.ts'
import { ask, listening, smallServer, superKey } from './small-server.ts'

t.test('health is told to everybody, in one word', async t => {
  const app = await smallServer(t)
  t.match(await ask(app, { url: '/health/live' }, null), { status: 200, body: { status: 'ok' } })
  t.match(await ask(app, { url: '/health/ready' }, null), { status: 200, body: { status: 'ok' } })
})

t.test('without its database it lives, and is not ready, and says why; then it is again', async t => {
  let away = true
  const ping = async () => {
    if (away) throw new StoreUnavailable('the database cannot be written to: disk full')
  }
  const app = await smallServer(t, { store: { ping } })
  t.equal((await ask(app, { url: '/health/live' }, null)).status, 200)
  const answer = await ask(app, { url: '/health/ready' }, null)
  t.match(answer, { status: 503, body: { code: 'unavailable', detail: /disk full/ } })
  away = false
  await wait(keptMs + 50)
  t.equal((await ask(app, { url: '/health/ready' }, null)).status, 200)
})

t.test('a database that hangs is away, after a time that ends', async t => {
  const readiness = readinessOf({ ping: () => new Promise(() => undefined) }, 0)
  const begun = performance.now()
  t.equal(await readiness.whyNot(), 'The database does not answer.')
  t.ok(performance.now() - begun < pingMsMax + 500)
})

t.test('an error that is no outage says nothing of itself', async t => {
  const readiness = readinessOf({ ping: () => Promise.reject(new TypeError('ada@db1')) }, 0)
  t.equal(await readiness.whyNot(), 'The database cannot be asked.')
})

t.test('many who ask at once ask the database once', async t => {
  let pings = 0
  const readiness = readinessOf({ ping: async () => void pings++ }, 0)
  await Promise.all(Array.from({ length: 100 }, () => readiness.whyNot()))
  t.equal(pings, 1)
})

/** Answers of `GET /api/v1/seats` wait until they are let go. */
function slowRoutes() {
  let letGo: () => void = () => undefined
  const gate = new Promise<void>(resolve => {
    letGo = resolve
  })
  const begun: Array<() => void> = []
  const routes = (app: FastifyInstance) => {
    app.get('/api/v1/seats', async () => {
      for (const tell of begun) tell()
      await gate
      return { seats: [] }
    })
    app.get('/api/v1/me', async () => ({ id: 'a1' }))
  }
  return { routes, letGo: () => letGo(), hasBegun: new Promise<void>(resolve => begun.push(resolve)) }
}

interface Got {
  readonly status: number
  readonly connection: string | undefined
}

function get(port: number, path: string, agent: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${superKey}` }
    const request = httpRequest({ port, path, agent, headers, host: '127.0.0.1' }, answer => {
      answer.resume()
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection }))
    })
    request.once('error', reject)
    request.end()
  })
}

t.test('stopping: readiness turns red, what was begun is answered, and only then the store is closed', async t => {
  const { routes, letGo, hasBegun } = slowRoutes()
  const app = await smallServer(t, { routes, settings: { USHER_DRAIN_SECONDS: '1' } })
  const { port } = await listening(app)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const other = new Agent({ keepAlive: true })
  t.teardown(() => {
    agent.destroy()
    other.destroy()
  })
  const events: string[] = []
  const slow = get(port, '/api/v1/seats', agent).then(got => {
    events.push('answered')
    return got
  })
  // On the connection of the first: it is sent when that one has been answered, in the middle of stopping.
  const behind = get(port, '/api/v1/me', agent)
  await hasBegun
  const stopped = stop(app, { close: async () => void events.push('store closed') }, 8000).then(() =>
    events.push('stopped')
  )
  await wait(50)
  t.match(await get(port, '/health/ready', other), { status: 503 }, 'red, while connections are still taken')
  t.match(await get(port, '/health/live', other), { status: 200 })
  t.match(await get(port, '/api/v1/me', other), { status: 200 }, 'and requests still served')
  await wait(1200)
  await t.rejects(get(port, '/health/live', new Agent()), 'no connection is taken any more')
  t.strictSame(events, [])
  letGo()
  t.match(await slow, { status: 200 })
  const late = await behind.catch(() => undefined)
  t.ok(late === undefined || late.status === 200, 'never cut off in the middle, never an error of ours')
  await stopped
  t.strictSame(events, ['answered', 'store closed', 'stopped'])
})

t.test('who does not let go of his connection is cut off in time', async t => {
  const { routes, hasBegun } = slowRoutes()
  const app = await smallServer(t, { routes })
  const { port } = await listening(app)
  const agent = new Agent()
  const slow = get(port, '/api/v1/seats', agent)
  slow.catch(() => undefined)
  await hasBegun
  let closed = false
  const begun = performance.now()
  const close = async () => {
    closed = true
  }
  await stop(app, { close }, 300)
  t.ok(performance.now() - begun < 2000)
  t.ok(closed)
  await t.rejects(slow)
})
