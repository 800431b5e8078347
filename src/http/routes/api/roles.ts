/** Roles of users, and the permissions that they can hold. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { permissionNodes } from '../../../access/permission-tree.ts'
import { changeRole, deleteRole, permissionsOf, type Role, roles } from '../../../access/roles.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import { IdParams, RoleChangeSchema, RoleSchema } from './schemas.ts'

const roleType = listType('role', { id: 'string', static: 'boolean', default: 'boolean' })

export function roleRoutes(app: FastifyInstance, services: Services): void {
  const { env } = services

  addList(app, services, '/api/v1/roles', {
    tag: 'Roles',
    summary: 'Roles of users',
    item: RoleSchema,
    show: showRole,
    collection: roles,
    type: roleType
  })

  app.patch<{ Params: IdParams; Body: RoleChangeSchema }>(
    '/api/v1/roles/:id',
    {
      schema: {
        tags: ['Roles'],
        summary: 'Change a role',
        params: IdParams,
        body: RoleChangeSchema,
        response: { 200: RoleSchema }
      }
    },
    async (request, reply) => {
      const { params, body } = request
      const { doc, version } = await changeRole(contextOf(env, request), params.id, body, expectsVersion(request))
      return reply.header('etag', versionTag(version)).send(showRole(doc))
    }
  )

  app.delete<{ Params: IdParams }>(
    '/api/v1/roles/:id',
    { schema: { tags: ['Roles'], summary: 'Delete a role', params: IdParams, response: { 204: Type.Null() } } },
    async request => deleteRole(contextOf(env, request), request.params.id)
  )

  app.get(
    '/api/v1/permission-tree',
    {
      schema: {
        tags: ['Roles'],
        summary: 'Every permission there is',
        response: {
          200: Type.Object({
            nodes: Type.Array(Type.Object({ id: Type.String(), label: Type.String(), leaf: Type.Boolean() }))
          })
        }
      }
    },
    async () => ({ nodes: permissionNodes })
  )
}

function showRole(role: Role) {
  const { id, name, static: isStatic, default: byDefault } = role
  return { id, name, static: isStatic, default: byDefault, permissions: permissionsOf(role) }
}
