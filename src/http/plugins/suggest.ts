import type { FastifyInstance } from 'fastify'
import type { Watch } from '../../admin/suggestions.ts'
import { surfaceOf } from '../surface.ts'

/** Looks at the SCIM requests of connectors once they are answered, for what they suggest as their profile. */
export function addSuggestions(app: FastifyInstance, watch: Watch): void {
  app.addHook('onResponse', (request, _reply, done) => {
    const { principal, method, query, body, headers, routeOptions, trace } = request
    if (trace?.dry !== true && principal?.kind === 'connector' && surfaceOf(request) === 'scim') {
      watch.look(principal.id, {
        method,
        route: routeOptions.url ?? '',
        userAgent: headers['user-agent'],
        query: (query ?? {}) as Record<string, unknown>,
        body
      })
    }
    done()
  })
}
