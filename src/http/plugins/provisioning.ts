/** Puts each SCIM request that was answered into the provisioning log. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../../admin/principal.ts'
import type { Env } from '../../audit/context.ts'
import type { Config } from '../../config.ts'
import type { Caller, Entry, EntryError } from '../../provisioning/entry.ts'
import type { ProvisioningLog } from '../../provisioning/log.ts'
import { askedOf, writes } from '../../provisioning/operation.ts'
import { settledParts } from '../../provisioning/parts.ts'
import { entryOf } from '../../provisioning/record.ts'
import type { Secrets } from '../../provisioning/redact.ts'
import type { Retention } from '../../provisioning/retention.ts'
import type { Explained } from '../problem.ts'
import { scimRoot } from '../routes/scim/exchange.ts'
import { secretsIn } from '../secrets.ts'
import { surroundings } from '../within.ts'
import type { RequestTrace } from './trace.ts'

export interface Recording {
  readonly env: Env
  readonly config: Config
  readonly provisioningLog: ProvisioningLog
}

export function retentionOf(config: Config): Retention {
  return {
    days: config.provisioningLogDays,
    entriesMax: config.provisioningLogEntriesMax,
    sizeMax: config.provisioningLogMegabytesMax * 1_000_000
  }
}

/** What is sent without a valid token belongs to no organisation, and is in nobody's log. */
export function recordRequests(app: FastifyInstance, { env, config, provisioningLog }: Recording): void {
  const secrets = new WeakMap<FastifyRequest, Secrets>()
  const isKept = (request: FastifyRequest, { tenant }: Principal) =>
    writes(askedOf(request.method, belowRoot(request.url)).operation) ||
    (config.provisioningLog === 'all' && provisioningLog.admitsRead(tenant))

  // Before the answer goes out, so that whoever has it finds its entry.
  app.addHook('onSend', (request, _reply, _payload, done) => {
    const { trace, principal } = request
    if (trace === undefined || trace.dry || principal === undefined || !isKept(request, principal)) return done()
    secretsIn(env, principal.tenant).then(found => {
      secrets.set(request, found)
      done()
    }, done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { trace, principal } = request
    const kept = secrets.get(request)
    if (trace !== undefined && principal !== undefined && kept !== undefined) {
      const keeping = { secrets: kept, lengthMax: config.provisioningLogBodyMax }
      const entry = entryOf(factsOf(request, reply, trace, principal), keeping)
      const { part, parts = [] } = trace
      trace.parts = undefined
      const settled = settledParts(parts, trace.done)
      const { later = (tell: () => void) => tell() } = surroundings()
      // What a part comes to is known when the whole is answered.
      const open = part?.of.parts
      if (part !== undefined && open !== undefined) open.push({ operation: part.operation, entry })
      else later(() => provisioningLog.add(principal.tenant, entry))
      later(() => {
        for (const each of settled) provisioningLog.add(principal.tenant, each)
      })
    }
    done()
  })
}

/** Of a request that was answered, whether it is kept or not. @throws Error for one without a trace and a caller. */
export async function entryFrom(
  request: FastifyRequest,
  reply: FastifyReply,
  { env, config }: Omit<Recording, 'provisioningLog'>
): Promise<Entry> {
  const { trace, principal } = request
  if (trace === undefined || principal === undefined) throw new Error('a request without a trace')
  const keeping = { secrets: await secretsIn(env, principal.tenant), lengthMax: config.provisioningLogBodyMax }
  return entryOf(factsOf(request, reply, trace, principal), keeping)
}

const belowRoot = (url: string) => (url.startsWith(scimRoot) ? url.slice(scimRoot.length) : url)

function factsOf(request: FastifyRequest, reply: FastifyReply, trace: RequestTrace, principal: Principal) {
  const { id, at, rewritten, refused, answer, done, part } = trace
  return {
    id,
    at,
    ms: reply.elapsedTime,
    caller: callerOf(principal),
    requestId: request.id,
    bulk: part?.of.id,
    method: request.method,
    url: belowRoot(request.url),
    query: request.query,
    headers: request.headers,
    body: request.body,
    rewritten,
    status: reply.statusCode,
    error: refused === undefined ? undefined : errorOf(refused),
    answer,
    done
  }
}

function callerOf(principal: Principal): Caller {
  const { kind, id, name } = principal
  return { kind, id, name, profile: principal.kind === 'connector' ? principal.profile : 'generic' }
}

function errorOf({ code, scimType, detail, attribute, rfc }: Explained): EntryError {
  return {
    code,
    detail,
    ...(scimType === undefined ? {} : { scimType }),
    ...(attribute === undefined ? {} : { attribute }),
    ...(rfc === undefined ? {} : { rfc })
  }
}
