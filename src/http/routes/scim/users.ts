/** `/Users`: what identity providers push (RFC 7644 3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { roleNamesOf } from '../../../access/roles.ts'
import type { Context } from '../../../audit/context.ts'
import { isObject, type JsonObject } from '../../../base/json.ts'
import { type Assigning, assigning } from '../../../directory/assigning.ts'
import { users } from '../../../directory/collections.ts'
import { usersMatching } from '../../../directory/lists.ts'
import { groupsOf } from '../../../directory/memberships.ts'
import type { User } from '../../../directory/types.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { changeUser, createUser, deleteUser, dismissUser, getUser, type UserEdit } from '../../../directory/users.ts'
import { licenseUrn, userResource, userVersion, withGroups } from '../../../directory/view.ts'
import { joinWaiting } from '../../../directory/waiting-members.ts'
import { policyOf, stateIn } from '../../../licensing/policy.ts'
import { isLicenseType } from '../../../licensing/types.ts'
import { bad } from '../../../scim/errors.ts'
import { patchSchema, resourceSchema } from '../../../scim/json-schema.ts'
import { applyPatch } from '../../../scim/patch/apply.ts'
import type { PatchOperation } from '../../../scim/patch/operation.ts'
import { parsePatch } from '../../../scim/patch/parse.ts'
import { readResource } from '../../../scim/read.ts'
import { replaceResource } from '../../../scim/replace.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { userType } from '../../../scim/schemas.ts'
import type { Stored } from '../../../store/port.ts'
import { mayAssignAdministration } from '../../access-table.ts'
import { contextOf, principalOf } from '../../context.ts'
import { ifMatch } from '../../etag.ts'
import type { Services } from '../../services.ts'
import { describe, describeOnly } from './describe.ts'
import {
  type Exchange,
  exchange,
  locationOf,
  patchOptions,
  readProjection,
  replaceOptions,
  resourceDemands,
  scimRoot,
  sendResource,
  settingsIn
} from './exchange.ts'
import type { Listed, Shown } from './listed.ts'
import { listRoutes } from './lists.ts'
import { type ById, usersById } from './me.ts'

const userSchema = resourceSchema(userType({ licenseFromIdp: false }))

const typeOf = async (context: Context) => (await typesOf(context, context.tenant)).user

export const listedUsers: Listed<User> = {
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  type: typeOf,
  matching: usersMatching,
  search: users.search,
  async show(context, page, shown) {
    return (await showUsers(context, page, shown)).map(user => JSON.stringify(user))
  }
}

export function scimUserRoutes(app: FastifyInstance, services: Services): void {
  const { env, config, seatWatch } = services
  describeOnly(app)
  const path = `${scimRoot}/Users`

  const assigningOf = async (request: FastifyRequest): Promise<Assigning> => {
    const context = contextOf(env, request)
    const { settings } = (await policyOf(env, context.tenant)).organisation.doc
    const mayAdminister = mayAssignAdministration(principalOf(request))
    return assigning(context, { allowed: settings.allowRolesAndEntitlementsFromIdp, mayAdminister })
  }

  const answer = async (
    context: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    stored: Stored<User>,
    shown: Shown
  ) => {
    const [resource] = await showUsers(context, [stored], shown)
    return sendResource(request, reply, { text: JSON.stringify(resource), version: userVersion(stored.doc) })
  }

  app.post(
    path,
    describe({ summary: 'Create a user', body: userSchema, answers: { 201: userSchema }, query: 'selection' }),
    async (request, reply) => {
      const context = contextOf(env, request)
      const type = await typeOf(context)
      const { body, query, base } = exchange(request, config, type)
      const projection = readProjection(type, query)
      const draft = { type, ...splitLicense(readResource(type, body, resourceDemands)) }
      const stored = await createUser(context, 'provisioning', (await assigningOf(request)).created(draft))
      seatWatch.poke(context)
      const { id, resource } = stored.doc
      const joined = await joinWaiting(context, resource.externalId)
      reply.code(201).header('location', locationOf(base, '/Users', stored.doc.id))
      const now = joined ? await getUser(context, id) : stored
      return answer(context, request, reply, now, { type, base, projection })
    }
  )

  listRoutes(app, services, listedUsers)

  const byId = usersById(app, config)

  byId('GET', { summary: 'One user', answers: { 200: userSchema }, query: 'selection' }, async (request, reply) => {
    const context = contextOf(env, request)
    const type = await typeOf(context)
    const { query, base } = exchange(request, config, type)
    const shown = { type, base, projection: readProjection(type, query) }
    return answer(context, request, reply, await getUser(context, request.params.id), shown)
  })

  /** Does to the user whom the URL names what the body says, and answers with it. */
  const change = async (
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    editOf: (type: ResourceType, asked: Exchange, assigning: Assigning) => (before: User) => UserEdit
  ) => {
    const context = contextOf(env, request)
    const type = await typeOf(context)
    const asked = exchange(request, config, type)
    const { query, base } = asked
    const projection = readProjection(type, query)
    const edit = editOf(type, asked, await assigningOf(request))
    let called: unknown
    const noted = (before: User) => {
      called = before.resource.externalId
      return edit(before)
    }
    const stored = await changeUser(context, 'provisioning', request.params.id, noted, expects(request))
    seatWatch.poke(context)
    const { externalId } = stored.doc.resource
    const joined = externalId !== called && (await joinWaiting(context, externalId))
    const now = joined ? await getUser(context, stored.doc.id) : stored
    return answer(context, request, reply, now, { type, base, projection })
  }

  byId(
    'PUT',
    { summary: 'Replace a user', body: userSchema, answers: { 200: userSchema }, query: 'selection' },
    async (request, reply) => change(request, reply, replacing)
  )

  byId(
    'PATCH',
    { summary: 'Change a user', body: patchSchema, answers: { 200: userSchema }, query: 'selection' },
    async (request, reply) =>
      change(request, reply, (type, { body }, assigning) =>
        patching(type, parsePatch(type, body, patchOptions(config, request.params.id)), assigning)
      )
  )

  byId('DELETE', { summary: 'Delete a user', answers: { 204: null } }, async (request, reply) => {
    const context = contextOf(env, request)
    const leave = settingsIn(request).onDelete === 'deactivate' ? dismissUser : deleteUser
    await leave(context, request.params.id, expects(request))
    seatWatch.poke(context)
    return reply.code(204).send()
  })
}

function expects(request: FastifyRequest) {
  const tag = ifMatch(request)
  return tag === undefined ? {} : { expects: (revision: number) => tag(userVersion({ revision })) }
}

function replacing(type: ResourceType, asked: Exchange, assigning: Assigning) {
  return (before: User): UserEdit => {
    const after = replaceResource(type, withLicense(before), asked.body, replaceOptions(asked))
    const { resource, licenseType } = splitLicense(after)
    // SEAT-101: a provider that does not map `active` neither frees nor takes a seat.
    const active = resource.active ?? before.resource.active ?? true
    const wanted = changedType(before, licenseType)
    const edit: UserEdit = { type, resource: { ...resource, active }, licenseType: wanted, put: true }
    return assigning.replaced(before, edit, asked.body)
  }
}

function patching(type: ResourceType, operations: readonly PatchOperation[], assigning: Assigning) {
  return (before: User): UserEdit => {
    const { resource: found, fixed } = assigning.found(before)
    const after = applyPatch(type, withLicense({ ...before, resource: found }), operations, fixed)
    const { resource, licenseType } = splitLicense(after)
    if (licenseType === undefined && before.license.type !== null) throw licenseStays()
    if (resource.active === undefined) throw activeStays()
    return assigning.patched(before, { type, resource, licenseType: changedType(before, licenseType) }, operations)
  }
}

/** The resource as a PATCH sees it: the licence can be named, and where the organisation allows it, changed. */
function withLicense({ resource, license }: User): JsonObject {
  return license.type === null ? resource : { ...resource, [licenseUrn]: { licenseType: license.type } }
}

/** The licence is kept beside the attributes, not among them. */
function splitLicense(resource: JsonObject) {
  const { [licenseUrn]: license, ...rest } = resource
  const wanted = isObject(license) ? license.licenseType : undefined
  return { resource: rest as JsonObject, licenseType: isLicenseType(wanted) ? wanted : undefined }
}

/** Every user keeps exactly one license (SEAT-01). */
const licenseStays = () =>
  bad('mutability', 'licenseType can be changed to PAM or PWM and cannot be removed.', {
    attribute: 'licenseType',
    rfc: 'SEAT-01'
  })

/** Absent never means false, so a removal would do nothing and look as if the user had been deactivated. */
const activeStays = () =>
  bad('mutability', 'active can be set to true or false and cannot be removed.', {
    attribute: 'active',
    rfc: 'RFC 7644 3.5.2.2'
  })

/** A type sent again, or left out (SEAT-52), is no wish. */
function changedType(before: User, licenseType: User['license']['type'] | undefined) {
  return licenseType === before.license.type ? undefined : (licenseType ?? undefined)
}

async function showUsers(
  context: Context,
  page: readonly Stored<User>[],
  { type, base, projection }: Shown
): Promise<readonly JsonObject[]> {
  const { tenant } = context
  const [policy, roleNames] = await Promise.all([policyOf(context, tenant), roleNamesOf(context, tenant)])
  const now = context.clock.now()
  const inGroups = projection.shows('groups') ? page.filter(stored => stored.referenced).map(({ doc }) => doc.id) : []
  const groups = await groupsOf(context, inGroups)
  return page.map(({ doc }) => {
    const shown = { type, base, version: userVersion(doc), roleNames }
    const plain = userResource(doc, stateIn(policy, doc.license, now), shown)
    return projection.apply(withGroups(plain, groups.get(doc.id) ?? [], base))
  })
}
