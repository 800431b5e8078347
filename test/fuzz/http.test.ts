/**
 * Hardening row F1: whatever is sent, the answer is below 500 and has the form of its interface, says nothing of the inside, takes
 * no second of the processor, and no prototype is changed. `USHER_RUNS` sets the number of requests to each store; without it they
 * stop after ten seconds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import fc from 'fast-check'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { users } from '../../src/directory/collections.ts'
import { codes } from '../../src/http/problem.ts'
import { purchases } from '../../src/licensing/collections.ts'
import { errorUrn } from '../../src/scim/errors.ts'
import { groupUrn, onBothStores, provision, type TestServer } from '../support/app.ts'
import { routesOf } from '../support/route-table.ts'
import { anyRequest, type FuzzRequest } from './requests.ts'

const full = process.env.USHER_RUNS !== undefined
const runs = Number(process.env.USHER_RUNS ?? 10_000)
const timeMs = 10_000
const cpuMsMax = 1000
if (full) t.setTimeout(0)

onBothStores(
  t,
  'F1 whatever is sent, nothing breaks',
  async (t, server) => {
    const world = await populate(server)
    const untouched = prototypes()
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const statuses = new Map<number, number>()
    const property = fc.asyncProperty(anyRequest(routesOf(server.app)), async request => {
      const before = process.cpuUsage()
      const answer = await world.send(request)
      const { user, system } = process.cpuUsage(before)
      const wrong = faultOf(request, answer) ?? tooSlow((user + system) / 1000) ?? changed(untouched, prototypes())
      if (wrong !== undefined) throw new Error(`${wrong}: ${answer.statusCode} ${answer.body.slice(0, 300)}`)
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
    })
    await fc.assert(property, full ? { numRuns: runs } : { numRuns: runs, interruptAfterTimeLimit: timeMs })
    delay.disable()
    const count = [...statuses.values()].reduce((sum, n) => sum + n, 0)
    const shown = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`)
    t.comment(`${count} requests, ${shown.join(', ')}; event loop p99 ${Math.round(delay.percentile(99) / 1e6)} ms`)
    t.ok(count > 200, 'enough of them to mean something')
    for (const status of [200, 201, 204, 400, 401, 403, 404, 405]) t.ok(statuses.has(status), `${status} came`)
    t.equal((await server.api('GET', '/seats')).status, 200, 'the server lives on')
  },
  { seats: 'PWM=200,PAM=50' }
)

/** The ids there are: who is deleted comes back under another one. */
async function populate(server: TestServer) {
  const ids = new Map<string, string>()
  const create = async (name: string) => {
    if (name.startsWith('u')) return provision(server, `${name}-${server.env.makeId()}`)
    const { body } = await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName: name })
    return String(body.id)
  }
  for (const name of ['u0', 'u1', 'u2', 'u3', 'g0', 'g1', 'g2']) ids.set(name, await create(name))
  const [admin] = (await server.store.find(users, 'default', { limit: 10 })).filter(({ doc }) => doc.protected)
  const [purchase] = await server.store.find(purchases, 'default', { limit: 1 })
  const { token } = await createConnector(server.context, 'fuzz', 'entra')
  const spare = await createConnector(server.context, 'spare', 'okta')
  ids.set('admin', admin?.doc.id ?? '').set('purchase', purchase?.doc.id ?? '')
  ids.set('connector', spare.connector.doc.id).set('nobody', '01900000-0000-7000-8000-000000000000')
  const tokens = { administrator: server.adminKey, connector: token, nobody: `${token}x` }

  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids.get(name) ?? whole)
  async function send({ method, url, headers, payload, as }: FuzzRequest): Promise<LightMyRequestResponse> {
    const sent = typeof payload === 'string' ? fill(payload) : payload
    const answer = await server.app.inject({
      method: method as NonNullable<InjectOptions['method']>,
      url: fill(url),
      ...(sent === undefined ? {} : { payload: sent }),
      headers: {
        authorization: `Bearer ${tokens[as]}`,
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers
      }
    })
    const gone = method === 'DELETE' && answer.statusCode === 204 ? /\{([ug]\d)\}/.exec(url)?.[1] : undefined
    if (gone !== undefined) ids.set(gone, await create(gone))
    return answer
  }
  return { send }
}

/** What is wrong with an answer as such. */
function faultOf({ method }: FuzzRequest, { statusCode, headers, body }: LightMyRequestResponse): string | undefined {
  if (statusCode >= 500) return 'a failure of ours'
  if (headers['x-request-id'] === undefined) return 'no request id'
  if (statusCode < 400 || method === 'HEAD') return undefined
  if (/node_modules|\.ts:\d|SQLITE|Mongo|E11000|\bat [\w.]+ \(/.test(body)) return 'it tells of the inside'
  const type = String(headers['content-type'])
  const error = JSON.parse(body) as Readonly<Record<string, unknown>>
  if (type.startsWith('application/scim+json')) return scimFault(error, statusCode)
  return type.startsWith('application/problem+json') ? problemFault(error, statusCode) : `an error of type ${type}`
}

const scimTypes = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive'
]

function scimFault(
  { schemas, status, scimType, detail, ...others }: Readonly<Record<string, unknown>>,
  sent: number
): string | undefined {
  if (JSON.stringify(schemas) !== JSON.stringify([errorUrn])) return 'no SCIM error'
  if (status !== String(sent)) return 'two statuses'
  if (scimType !== undefined && !scimTypes.includes(String(scimType))) return 'a scimType that is none'
  if (typeof detail !== 'string' || detail === '') return 'no detail'
  return Object.keys(others).length === 0 ? undefined : 'further members'
}

function problemFault(
  { type, title, status, detail, code }: Readonly<Record<string, unknown>>,
  sent: number
): string | undefined {
  if (status !== sent) return 'two statuses'
  if (type !== `urn:usher:error:${code}` || !Object.hasOwn(codes, String(code))) return 'a code that is none'
  return typeof title === 'string' && typeof detail === 'string' && detail !== '' ? undefined : 'no title or detail'
}

const tooSlow = (cpuMs: number) => (cpuMs > cpuMsMax ? `${Math.round(cpuMs)} ms of the processor` : undefined)
const changed = (before: string, after: string) => (before === after ? undefined : `a prototype was changed: ${after}`)

function prototypes(): string {
  return [Object, Array, Function, String, Number, Boolean, Map, Promise]
    .map(of => Reflect.ownKeys(of.prototype).map(String).join())
    .join('\n')
}
