/** `/Me`: the user who calls, under a name that is the same for all (RFC 7644 3.11). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../../config.ts'
import { ScimError } from '../../../scim/errors.ts'
import { principalOf } from '../../context.ts'
import { type Described, describe } from './describe.ts'
import { baseOf, locationOf, scimRoot } from './exchange.ts'

export interface ById {
  Params: { readonly id: string }
}

type Handler = (request: FastifyRequest<ById>, reply: FastifyReply) => Promise<FastifyReply>

export type AddById = (method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', described: Described, handler: Handler) => void

/** Adds what can be done to one user: to the one whom the URL names, and to oneself. */
export function usersById(app: FastifyInstance, config: Config): AddById {
  return (method, described, handler) => {
    app.route<ById>({
      method,
      url: `${scimRoot}/Users/:id`,
      ...describe({ ...described, byId: true }),
      handler
    })
    app.route<ById>({
      method,
      url: `${scimRoot}/Me`,
      ...describe({ ...described, summary: `${described.summary}: the one who calls` }),
      preHandler: async (request, reply) => nameOneself(request, reply, config),
      handler
    })
  }
}

/** From here on the request is one to `/Users/{id}`, also in what it answers: a location is permanent. */
function nameOneself(request: FastifyRequest<ById>, reply: FastifyReply, config: Config): void {
  const id = userIdOf(request)
  request.params = { id }
  reply.header('location', locationOf(baseOf(request, config), '/Users', id))
}

function userIdOf(request: FastifyRequest): string {
  const principal = principalOf(request)
  if (principal.kind === 'administrator' && principal.user !== undefined) return principal.user
  const who = `The ${principal.kind} ${JSON.stringify(principal.name)} whose token this is`
  throw new ScimError(
    404,
    undefined,
    `${who} stands for no user, so /Me is nobody (RFC 7644 3.11). Ask for a user by its id: /Users/{id}.`
  )
}
