/** Users, by hand: what an administrator sees and does. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { administers, existingRoles, permissionsOf } from '../../../access/roles.ts'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { isObject, type JsonObject } from '../../../base/json.ts'
import { users } from '../../../directory/collections.ts'
import { changeLicenses } from '../../../directory/license-changes.ts'
import { listUsers } from '../../../directory/lists.ts'
import { permissionsOfUser } from '../../../directory/permissions.ts'
import type { User } from '../../../directory/types.ts'
import { setUserRoles } from '../../../directory/user-roles.ts'
import { changeUser, createUser, deleteUser, getUser, isActive, userNameOf } from '../../../directory/users.ts'
import { licenseUrn } from '../../../directory/view.ts'
import { type Policy, policyOf, stateIn } from '../../../licensing/policy.ts'
import { isLicenseType, type LicenseType } from '../../../licensing/types.ts'
import { type Filter, fold, is } from '../../../scim/filter/filter.ts'
import { readResource } from '../../../scim/read.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { userType } from '../../../scim/schemas.ts'
import type { Stored } from '../../../store/port.ts'
import { decideAccess } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { expectsVersion, isKnown, versionTag } from '../../etag.ts'
import { attributeOf, type ListParams, ListQuery, listType, PageOf, readListQuery, writePage } from '../../listing.ts'
import type { Services } from '../../services.ts'
import {
  ActivateUser,
  IdParams,
  LicenseChanges,
  LicenseChoice,
  NewUser,
  PermissionSchema,
  RoleIds,
  UserChange,
  UserSchema
} from './schemas.ts'

const scimUser = userType({ licenseFromIdp: false })

/** What has an endpoint of its own, because a seat or a permission moves with it. */
const elsewhere = [
  ['active', 'POST /api/v1/users/{id}/activate and /suspend'],
  ['license', 'PUT /api/v1/users/{id}/license'],
  ['roles', 'PUT /api/v1/users/{id}/roles']
] as const

const licenseType = attributeOf(scimUser, `${licenseUrn}:licenseType`)
const beside = listType('user', { 'license.state': 'string', 'license.spilledOver': 'boolean', protected: 'boolean' })
const license = attributeOf(beside, 'license')

/** SCIM's attributes, and what we keep beside them. `license.type` is SCIM's, which has an index. */
const listed: ResourceType = {
  ...scimUser,
  attributes: new Map([
    ...scimUser.attributes,
    ...beside.attributes,
    ['license', { ...license, sub: new Map([...license.sub, ['type', licenseType]]) }]
  ])
}

export function userRoutes(app: FastifyInstance, services: Services): void {
  const { env, config, seatWatch } = services

  app.get<{ Querystring: ListParams & { license?: string } }>(
    '/api/v1/users',
    {
      schema: {
        tags: ['Users'],
        summary: 'Users, by filter',
        querystring: Type.Intersect([ListQuery(config), Type.Object({ license: Type.Optional(Type.String()) })]),
        response: { 200: PageOf(UserSchema) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const query = readListQuery(listed, request.query, config, { also: byLicense(request.query.license) })
      const [policy, { found }] = await Promise.all([policyOf(env, context.tenant), listUsers(context, query)])
      return writePage(query, request.query, found, users.search, user => show(user, policy, env.clock.now()))
    }
  )

  const answer = async (request: FastifyRequest, reply: FastifyReply, stored: Stored<User>) => {
    const policy = await policyOf(env, principalOf(request).tenant)
    seatWatch.poke(contextOf(env, request))
    return reply.header('etag', versionTag(stored.doc.revision)).send(show(stored.doc, policy, env.clock.now()))
  }

  app.get<{ Params: IdParams }>(
    '/api/v1/users/:id',
    { schema: { tags: ['Users'], summary: 'One user', params: IdParams, response: { 200: UserSchema } } },
    async (request, reply) => {
      const stored = await getUser(contextOf(env, request), request.params.id)
      if (isKnown(request, versionTag(stored.doc.revision))) return reply.code(304).send()
      const policy = await policyOf(env, principalOf(request).tenant)
      return reply.header('etag', versionTag(stored.doc.revision)).send(show(stored.doc, policy, env.clock.now()))
    }
  )

  app.post<{ Body: NewUser }>(
    '/api/v1/users',
    { schema: { tags: ['Users'], summary: 'Create a user by hand', body: NewUser, response: { 201: UserSchema } } },
    async (request, reply) => {
      const { license, roles, ...attributes } = request.body
      if (license?.type === undefined) {
        throw new Refusal('license_required', 'Choose a license for the user: "license": {"type": "PWM"} or "PAM".')
      }
      const context = contextOf(env, request)
      if (roles !== undefined) await mayAssign(request, services, roles)
      const draft = { resource: readResource(scimUser, attributes), licenseType: licenseTypeOf(license.type), roles }
      const stored = await createUser(context, 'manual', draft)
      reply.code(201).header('location', `/api/v1/users/${stored.doc.id}`)
      return answer(request, reply, stored)
    }
  )

  app.patch<{ Params: IdParams; Body: UserChange }>(
    '/api/v1/users/:id',
    {
      schema: {
        tags: ['Users'],
        summary: 'Change attributes',
        params: IdParams,
        body: UserChange,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const attributes = request.body as JsonObject
      for (const [name, where] of elsewhere) {
        if (name in attributes) throw new Refusal('invalid_value', `${name} is changed by ${where}.`, { field: name })
      }
      const edit = (before: User) => ({ resource: merged(before.resource, attributes) })
      return answer(
        request,
        reply,
        await changeUser(contextOf(env, request), 'manual', request.params.id, edit, expectsVersion(request))
      )
    }
  )

  app.delete<{ Params: IdParams }>(
    '/api/v1/users/:id',
    {
      schema: {
        tags: ['Users'],
        summary: 'Delete a user; its seat becomes free',
        params: IdParams,
        response: { 204: Type.Null() }
      }
    },
    async (request, reply) => {
      const context = contextOf(env, request)
      await deleteUser(context, request.params.id, expectsVersion(request))
      seatWatch.poke(context)
      return reply.code(204).send()
    }
  )

  app.post<{ Params: IdParams; Body: ActivateUser }>(
    '/api/v1/users/:id/activate',
    {
      schema: {
        tags: ['Users'],
        summary: 'Activate a user, with the license remembered or another',
        params: IdParams,
        body: ActivateUser,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const chosen = request.body?.license
      const licenseType = chosen === undefined ? undefined : licenseTypeOf(chosen.type)
      const edit = (before: User) => {
        if (!isActive(before.resource) && before.license.type === null && licenseType === undefined) {
          throw new Refusal(
            'license_required',
            'This user never had a license. Choose one: {"license": {"type": "PWM"}}.'
          )
        }
        return {
          resource: { ...before.resource, active: true },
          licenseType: isActive(before.resource) ? undefined : licenseType
        }
      }
      return answer(
        request,
        reply,
        await changeUser(contextOf(env, request), 'manual', request.params.id, edit, expectsVersion(request))
      )
    }
  )

  app.post<{ Params: IdParams }>(
    '/api/v1/users/:id/suspend',
    {
      schema: {
        tags: ['Users'],
        summary: 'Suspend a user; its seat becomes free',
        params: IdParams,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const edit = (before: User) => ({ resource: { ...before.resource, active: false } })
      return answer(
        request,
        reply,
        await changeUser(contextOf(env, request), 'manual', request.params.id, edit, expectsVersion(request))
      )
    }
  )

  app.put<{ Params: IdParams; Body: LicenseChoice }>(
    '/api/v1/users/:id/license',
    {
      schema: {
        tags: ['Licenses'],
        summary: 'Choose the license',
        params: IdParams,
        body: LicenseChoice,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const change = { user: request.params.id, type: licenseTypeOf(request.body.type) }
      const [stored] = await changeLicenses(contextOf(env, request), [change], expectsVersion(request))
      if (stored === undefined) throw new Error('one change answers one user')
      return answer(request, reply, stored)
    }
  )

  app.post<{ Body: LicenseChanges }>(
    '/api/v1/users/license-changes',
    {
      schema: {
        tags: ['Licenses'],
        summary: 'Choose several licenses at once: all or nothing, judged on the net figures',
        body: LicenseChanges,
        response: { 200: Type.Object({ items: Type.Array(UserSchema) }) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const changes = request.body.changes.map(({ user, type }) => ({ user, type: licenseTypeOf(type) }))
      const changed = await changeLicenses(context, changes)
      seatWatch.poke(context)
      const policy = await policyOf(env, context.tenant)
      return { items: changed.map(stored => show(stored.doc, policy, env.clock.now())) }
    }
  )

  app.get<{ Params: IdParams }>(
    '/api/v1/users/:id/roles',
    { schema: { tags: ['Roles'], summary: 'Roles of a user', params: IdParams, response: { 200: RoleIds } } },
    async (request, reply) => {
      const stored = await getUser(contextOf(env, request), request.params.id)
      return reply.header('etag', versionTag(stored.doc.revision)).send({ roles: stored.doc.roles })
    }
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
      await mayAssign(request, services, request.body.roles, request.params.id)
      const { params, body } = request
      const stored = await setUserRoles(contextOf(env, request), params.id, body.roles, expectsVersion(request))
      return reply.header('etag', versionTag(stored.doc.revision)).send({ roles: stored.doc.roles })
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

/** @throws Refusal `invalid_license_type` for anything but the two words as they are written (SEAT-34). */
export function licenseTypeOf(value: unknown): LicenseType {
  if (isLicenseType(value)) return value
  throw new Refusal('invalid_license_type', 'A license is PAM or PWM, in capital letters.', { field: 'type' })
}

function byLicense(text: string | undefined): readonly Filter[] {
  return text === undefined ? [] : [is(licenseType.path, fold(licenseTypeOf(text)))]
}

/** RFC 7396, one level of objects deep as SCIM has it; then read like any other input. */
function merged(before: JsonObject, change: JsonObject): JsonObject {
  const entries = Object.entries(change).map(([name, value]) => {
    const old = before[name]
    return [name, isObject(value) && isObject(old) ? { ...old, ...value } : value] as const
  })
  return readResource(scimUser, { ...before, ...Object.fromEntries(entries) })
}

/** ADM-60: who may not edit the organization gives nobody a permission under `administration`. */
async function mayAssign(
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

function show(user: User, policy: Policy, now: number) {
  const { license } = user
  return {
    id: user.id,
    userName: userNameOf(user),
    active: isActive(user.resource),
    license: {
      type: license.type,
      state: stateIn(policy, license, now),
      assignedAt: license.assignedAt === null ? null : toDateTime(license.assignedAt),
      assignedBy: license.assignedBy,
      spilledOver: license.spilledOver === true
    },
    roles: user.roles,
    protected: user.protected === true,
    created: toDateTime(user.created),
    lastModified: toDateTime(user.lastModified),
    attributes: user.resource
  }
}
