/** The roles of a user, and what they come to. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { RoleChoice } from '../../../access/roles.ts'
import { permissionsOfUser } from '../../../directory/permissions.ts'
import type { User } from '../../../directory/types.ts'
import { setUserRoles } from '../../../directory/user-roles.ts'
import { getUser } from '../../../directory/users.ts'
import type { Stored } from '../../../store/port.ts'
import { mayAssignAdministration } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import type { Services } from '../../services.ts'
import { IdParams, PermissionSchema, RoleIds } from './schemas.ts'

export function userRoleRoutes(app: FastifyInstance, { env }: Services): void {
  app.get<{ Params: IdParams }>(
    '/api/v1/users/:id/roles',
    { schema: { tags: ['Roles'], summary: 'Roles of a user', params: IdParams, response: { 200: RoleIds } } },
    async (request, reply) => sendRoles(reply, await getUser(contextOf(env, request), request.params.id))
  )

  app.put<{ Params: IdParams; Body: RoleIds }>(
    '/api/v1/users/:id/roles',
    {
      schema: {
        tags: ['Roles'],
        summary: 'Set the roles of a user',
        params: IdParams,
        body: RoleIds,
        response: { 200: RoleIds }
      }
    },
    async (request, reply) => {
      const { params, body } = request
      const choice = roleChoice(request, body.roles)
      return sendRoles(reply, await setUserRoles(contextOf(env, request), params.id, choice, expectsVersion(request)))
    }
  )

  app.get<{ Params: IdParams }>(
    '/api/v1/users/:id/effective-permissions',
    {
      schema: {
        tags: ['Roles'],
        summary: 'What a user may do, and why',
        params: IdParams,
        response: { 200: Type.Object({ permissions: Type.Array(PermissionSchema) }) }
      }
    },
    async request => ({ permissions: await permissionsOfUser(contextOf(env, request), request.params.id) })
  )
}

const sendRoles = (reply: FastifyReply, { doc }: Stored<User>) =>
  reply.header('etag', versionTag(doc.revision)).send({ roles: doc.roles })

export function roleChoice(request: FastifyRequest, ids: readonly string[]): RoleChoice {
  return { ids, mayAdminister: mayAssignAdministration(principalOf(request)) }
}
