/** How often one connection may ask: a limit for each connector, on every SCIM endpoint (IPSIE IL1). */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RequestRate } from '../../admin/connector-settings.ts'
import { Refusal } from '../../base/domain-error.ts'
import { surfaceAt } from '../surface.ts'
import { surroundings } from '../within.ts'

/**
 * Add it behind authentication. Counted are requests in windows that begin with the first of them, each operation of a Bulk
 * request as one; by each node for itself. What is refused was not looked at, and can be sent again after Retry-After.
 *
 * @param requestsPerMinute for connectors that have no limit of their own, and for keys of administrators; 0: none.
 */
export async function addRates(app: FastifyInstance, requestsPerMinute: number): Promise<void> {
  const byDefault = requestsPerMinute === 0 ? undefined : { requests: requestsPerMinute, seconds: 60 }
  const rateOf = ({ principal }: FastifyRequest): RequestRate | undefined =>
    (principal?.kind === 'connector' ? principal.settings.rateLimit : null) ?? byDefault

  await app.register(rateLimit, {
    global: false,
    keyGenerator: ({ principal }) => `${principal?.kind}:${principal?.id}`,
    allowList: request => surroundings().dryRun !== undefined || rateOf(request) === undefined,
    max: request => rateOf(request)?.requests ?? 0,
    timeWindow: request => (rateOf(request)?.seconds ?? 0) * 1000,
    // Answers to those within the limit stay as they are: no identity provider reads how much is left.
    addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: (request, { ttl }) => tooMany(rateOf(request), Math.ceil(ttl / 1000))
  })
  // One count for all routes: a configuration of each route would make a count of each.
  const count = app.rateLimit()
  app.addHook('onRoute', route => {
    if (surfaceAt(route.url) === 'scim') route.onRequest = [...[route.onRequest ?? []].flat(), count]
  })
}

function tooMany({ requests = 0, seconds = 0 }: Partial<RequestRate> = {}, after: number): Refusal {
  const limit = `${requests} requests in ${seconds} s`
  return new Refusal(
    'too_many_requests',
    `This connection may send ${limit}. Nothing was done: try again in ${after} s.`
  )
}
