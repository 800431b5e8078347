/** `Prefer: respond-async` (RFC 7240 4.1, RFC 9967 2.5.1): the request is kept, answered with 202, and carried out behind it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Env } from '../../audit/context.ts'
import type { Json } from '../../base/json.ts'
import type { Config } from '../../config.ts'
import { type AsyncCaller, accept } from '../../provisioning/async-requests.ts'
import { askedOf, writes } from '../../provisioning/operation.ts'
import { keep, type Secrets } from '../../provisioning/redact.ts'
import { contextOf, principalOf } from '../context.ts'
import { baseOf, scimRoot } from '../routes/scim/exchange.ts'
import { secretsIn } from '../secrets.ts'
import { surfaceOf } from '../surface.ts'
import { surroundings } from '../within.ts'
import type { AsyncRunner } from './run.ts'

/** Headers that decide what a request does. An Idempotency-Key decides whether it is accepted again. */
const kept = ['if-match', 'usher-transaction'] as const

interface Accepting {
  readonly env: Env
  readonly config: Config
  readonly runner: AsyncRunner
}

/** Add it behind authentication and in front of the routes. */
export function acceptRequests(app: FastifyInstance, { env, config, runner }: Accepting): void {
  app.addHook('preHandler', async (request, reply) => {
    const preference = preferenceOf(request)
    // Of what is open to everybody nobody is the caller.
    const caller = preference === undefined || !canWait(request) ? undefined : callerOf(request)
    if (preference === undefined || caller === undefined) return
    const body = withoutSecrets(request.body, await secretsIn(env, principalOf(request).tenant))
    // Who prefers something may be served otherwise (RFC 7240 2): at once, and as it was sent.
    if (body === undefined) return
    const base = baseOf(request, config)
    const headers = kept.flatMap(name => {
      const value = request.headers[name]
      return value === undefined ? [] : [[name, String(value)] as const]
    })
    const sent = { headers: Object.fromEntries(headers), body }
    const wanted = { caller, method: request.method, url: request.url.slice(scimRoot.length), base, sent }
    const txn = await accept(contextOf(env, request), wanted, config.asyncWaitingMax)
    const answer = await runner.answerTo(txn, Math.min(preference.waitSeconds, config.asyncWaitSecondsMax) * 1000)
    reply.header('preference-applied', 'respond-async')
    if (answer !== undefined) return sendAsItWas(reply, answer)
    return reply.code(202).header('set-txn', txn).header('location', `${base}/AsyncRequests/${txn}`).send()
  })
}

/** RFC 7240 4.1, 4.3; undefined where the header does not ask for it. */
function preferenceOf({ headers: { prefer } }: FastifyRequest): { readonly waitSeconds: number } | undefined {
  if (prefer === undefined) return undefined
  const preferences = [prefer].flat().join(',').toLowerCase().split(',')
  const names = preferences.map(part => part.split(';', 1)[0]?.trim() ?? '')
  if (!names.includes('respond-async')) return undefined
  const [, seconds = '0'] = /^wait\s*=\s*"?(\d{1,6})"?$/.exec(names.find(name => name.startsWith('wait')) ?? '') ?? []
  return { waitSeconds: Number(seconds) }
}

/** What changes something under SCIM, and is no part of another request. */
function canWait(request: FastifyRequest): boolean {
  if (request.is404 || surfaceOf(request) !== 'scim' || surroundings().principal !== undefined) return false
  // Written otherwise (`/%73cim`), it is the same route and served at once.
  if (!request.url.startsWith(`${scimRoot}/`)) return false
  return writes(askedOf(request.method, request.url.slice(scimRoot.length)).operation)
}

function callerOf(request: FastifyRequest): AsyncCaller | undefined {
  const principal = principalOf(request)
  const { id, name } = principal
  if (principal.kind === 'connector') return { kind: 'connector', id, name }
  if (principal.kind !== 'administrator') return undefined
  return { kind: 'administrator', id, name, key: { id: principal.keyId, prefix: principal.keyPrefix } }
}

const isPassword = (name: string) => /(?:^|[.:])password$/i.test(name)

/** Without passwords, which no resource keeps (RFC 7643 4.1.1); undefined where something else that is secret would be kept. */
function withoutSecrets(body: unknown, secrets: Secrets): Json | null | undefined {
  if (body === undefined || body === null) return null
  const { value, truncated, obscured } = keep(body, isPassword, Number.POSITIVE_INFINITY)
  if (truncated || obscured) return undefined
  const others = keep(value, name => !isPassword(name) && secrets(name), Number.POSITIVE_INFINITY)
  return others.redacted || others.obscured ? undefined : value
}

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly payload: string
}

const shown = ['content-type', 'etag', 'location', 'retry-after', 'usher-transaction', 'x-error-code'] as const

function sendAsItWas(reply: FastifyReply, { statusCode, headers, payload }: Answer): FastifyReply {
  for (const name of shown) if (headers[name] !== undefined) reply.header(name, headers[name])
  return reply.code(statusCode).send(payload === '' ? undefined : payload)
}
