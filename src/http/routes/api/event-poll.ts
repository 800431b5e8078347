/** Where the receiver of a polled stream gets its tokens (RFC 8936). */
import type { FastifyInstance } from 'fastify'
import { notFound } from '../../../base/domain-error.ts'
import { poll } from '../../../events/poll.ts'
import { principalOf } from '../../context.ts'
import { eventLimitsOf } from '../../event-limits.ts'
import type { Services } from '../../services.ts'
import { PollAnswerSchema, PollBody } from './event-schemas.ts'
import { IdParams } from './schemas.ts'

export function eventPollRoutes(app: FastifyInstance, { env, config }: Services): void {
  const limits = eventLimitsOf(config)
  const stopping = new AbortController()
  // Whoever waits is answered before the server stops taking connections, and comes again to another node.
  app.addHook('preClose', async () => stopping.abort())

  app.post<{ Params: IdParams; Body: PollBody }>(
    '/api/v1/event-streams/:id/poll',
    {
      schema: {
        tags: ['Event streams'],
        summary: "Acknowledge tokens and get the next ones, with the receiver's own token",
        params: IdParams,
        body: PollBody,
        response: { 200: PollAnswerSchema }
      }
    },
    async request => {
      const { id, tenant } = principalOf(request)
      // Another stream is not there for it.
      if (request.params.id !== id) throw notFound('event stream')
      return poll(env, limits, { tenant, stream: id }, request.body, stopping.signal)
    }
  )
}
