/** The roles of a user, and what they come to. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { administers, existingRoles, permissionsOf } from '../../../access/roles.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { permissionsOfUser } from '../../../directory/permissions.ts'
import type { User } from '../../../directory/types.ts'
import { setUserRoles } from '../../../directory/user-roles.ts'
import { getUser } from '../../../directory/users.ts'
import type { Stored } from '../../../store/port.ts'
import { decideAccess } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import type { Services } from '../../services.ts'
import { IdParams, PermissionSchema, RoleIds } from './schemas.ts'

export function userRoleRoutes(app: FastifyInstance, services: Services): void {
  const { env } = services

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
      await mayAssign(request, services, body.roles, params.id)
      return sendRoles(
        reply,
        await setUserRoles(contextOf(env, request), params.id, body.roles, expectsVersion(request))
      )
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

/**
 * ADM-60: who may not edit the organization gives nobody a permission under `administration`, and takes none.
 *
 * @param user whose roles `wanted` replaces; absent for one who is to be made.
 * @throws Refusal `escalation_denied`
 */
export async function mayAssign(
  request: FastifyRequest,
  { env }: Services,
  wanted: readonly string[],
  user?: string
): Promise<void> {
  const access = decideAccess(principalOf(request), { builtin: ['organization:edit'] })
  if (access.allowed) return
  const context = contextOf(env, request)
  const held = user === undefined ? [] : (await getUser(context, user)).doc.roles
  const changed = [...wanted.filter(id => !held.includes(id)), ...held.filter(id => !wanted.includes(id))]
  const reaching = (await existingRoles(context, changed)).filter(role => administers(permissionsOf(role)))
  if (reaching.length > 0) {
    const names = reaching.map(role => role.name).join(', ')
    throw new Refusal(
      'escalation_denied',
      `The role ${names} reaches into administration: your role may not give or take it.`
    )
  }
}
