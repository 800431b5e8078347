/** What became of a request that was accepted with 202 (RFC 9967 2.5.1.1), for the one who sent it. */
import type { FastifyInstance } from 'fastify'
import { notFound } from '../../../base/domain-error.ts'
import { asyncRequests } from '../../../provisioning/async-requests.ts'
import { contextOf, principalOf } from '../../context.ts'
import type { Services } from '../../services.ts'
import { scimMediaType } from '../../surface.ts'
import { asyncRequestSchema, asyncRequestUrn } from './async-schema.ts'
import { describe } from './describe.ts'
import { scimRoot } from './exchange.ts'

/** Before the client should look again. */
const lookAgainSeconds = 1

export function scimAsyncRoutes(app: FastifyInstance, { env }: Services): void {
  app.get<{ Params: { readonly id: string } }>(
    `${scimRoot}/AsyncRequests/:id`,
    describe({
      summary: 'What became of a request that was sent with Prefer: respond-async',
      answers: { 200: asyncRequestSchema },
      byId: true
    }),
    async (request, reply) => {
      const { store, tenant } = contextOf(env, request)
      const { kind, id } = principalOf(request)
      const found = (await store.get(asyncRequests, tenant, request.params.id))?.doc
      // To anybody else it is not there.
      if (found === undefined || found.caller.kind !== kind || found.caller.id !== id) throw notFound('request')
      const { outcome, at } = found
      if (outcome === null) reply.header('retry-after', lookAgainSeconds)
      const body = {
        schemas: [asyncRequestUrn],
        txn: found.id,
        state: outcome === null ? 'waiting' : 'done',
        created: new Date(at).toISOString(),
        ...(outcome === null ? {} : { finished: new Date(outcome.at).toISOString(), Operations: outcome.operations })
      }
      return reply.type(scimMediaType).send(JSON.stringify(body))
    }
  )
}
