/** Users, by hand: seen, made, changed and deleted by administrators. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import type { Context } from '../../../audit/context.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { isObject, type JsonObject } from '../../../base/json.ts'
import { splitAssigned } from '../../../directory/assigned.ts'
import { users } from '../../../directory/collections.ts'
import { usersMatching } from '../../../directory/lists.ts'
import type { User } from '../../../directory/types.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { createUser, deleteUser, getUser } from '../../../directory/users.ts'
import { licenseUrn } from '../../../directory/view.ts'
import { policyOf } from '../../../licensing/policy.ts'
import { type Filter, fold, is } from '../../../scim/filter/filter.ts'
import { readResource } from '../../../scim/read.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { plainOptions, userType } from '../../../scim/schemas.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, isKnown, versionTag } from '../../etag.ts'
import { attributeOf, type ListParams, ListQuery, listType, PageOf, readListQuery, readPage } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { IdParams, NewUser, UserChange, UserSchema } from './schemas.ts'
import { editUser, licenseTypeOf, sendChanged, sendUser, showUser } from './user-answer.ts'
import { roleChoice } from './user-roles.ts'

const plainUser = userType({ licenseFromIdp: false })

/** What has an endpoint of its own, because a seat or a permission moves with it. */
const elsewhere = [
  ['active', 'POST /api/v1/users/{id}/activate and /suspend'],
  ['license', 'PUT /api/v1/users/{id}/license'],
  ['roles', 'PUT /api/v1/users/{id}/roles']
] as const

const licenseType = attributeOf(plainUser, `${licenseUrn}:licenseType`)
const beside = listType('user', { 'license.state': 'string', 'license.spilledOver': 'boolean', protected: 'boolean' })
const license = attributeOf(beside, 'license')

/** SCIM's attributes, and what we keep beside them. `license.type` is SCIM's, which has an index. */
function listed(type: ResourceType): ResourceType {
  return {
    ...type,
    attributes: new Map([
      ...type.attributes,
      ...beside.attributes,
      ['license', { ...license, sub: new Map([...license.sub, ['type', licenseType]]) }]
    ])
  }
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
      const { user } = await typesOf(context, context.tenant)
      const query = readListQuery(listed(user), request.query, config, { also: byLicense(request.query.license) })
      const [policy, { find }] = await Promise.all([
        policyOf(env, context.tenant),
        usersMatching(context, query.filter)
      ])
      const show = (user: User) => showUser(user, policy, env.clock.now())
      return readPage(context, config, query, { find, search: users.search, show })
    }
  )

  app.get<{ Params: IdParams }>(
    '/api/v1/users/:id',
    { schema: { tags: ['Users'], summary: 'One user', params: IdParams, response: { 200: UserSchema } } },
    async (request, reply) => {
      const context = contextOf(env, request)
      const stored = await getUser(context, request.params.id)
      if (isKnown(request, versionTag(stored.doc.revision))) return reply.code(304).send()
      return sendUser(context, reply, stored)
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
      const type = await writableType(context)
      const stored = await createUser(context, 'manual', {
        type,
        resource: withoutLicense(readResource(type, attributes)),
        licenseType: licenseTypeOf(license.type),
        roles: roles === undefined ? undefined : roleChoice(request, roles)
      })
      reply.code(201).header('location', `/api/v1/users/${stored.doc.id}`)
      return sendChanged(services, context, reply, stored)
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
      const type = await writableType(contextOf(env, request))
      return editUser(services, request, reply, ({ resource }) => ({
        type,
        resource: merged(type, resource, attributes)
      }))
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
}

/** What an identity provider may choose, is here chosen by endpoints of its own. */
async function writableType(context: Context): Promise<ResourceType> {
  return (await typesOf(context, context.tenant, plainOptions)).user
}

function byLicense(text: string | undefined): readonly Filter[] {
  return text === undefined ? [] : [is(licenseType.path, fold(licenseTypeOf(text)))]
}

/** RFC 7396, one level of objects deep as SCIM has it; then read like any other input. */
function merged(type: ResourceType, before: JsonObject, change: JsonObject): JsonObject {
  const entries = Object.entries(change).map(([name, value]) => {
    const old = before[name]
    return [name, isObject(value) && isObject(old) ? { ...old, ...value } : value] as const
  })
  return withoutLicense(readResource(type, { ...before, ...Object.fromEntries(entries) }))
}

/** One among the entitlements would look like one that is held. */
function withoutLicense(resource: JsonObject): JsonObject {
  const [license] = splitAssigned(resource, () => false).assigned.licenses
  if (license === undefined) return resource
  throw new Refusal(
    'invalid_value',
    `${license.value} is a license: it is given by PUT /api/v1/users/{id}/license and cannot stand in entitlements.`,
    { field: 'entitlements' }
  )
}
