/** `/Groups`. Members are read and sent page by page: a hundred thousand never hold the server up. */
import { setImmediate as breathe } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import { isObject, type JsonObject } from '../../../base/json.ts'
import { groups, memberships } from '../../../directory/collections.ts'
import {
  changeGroup,
  createGroup,
  deleteGroup,
  type GroupEdit,
  type GroupRead,
  getGroup,
  versionsOf
} from '../../../directory/groups.ts'
import { groupsMatching } from '../../../directory/lists.ts'
import { edgesOf, membersOf } from '../../../directory/memberships.ts'
import type { Group } from '../../../directory/types.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { groupResource, memberValue } from '../../../directory/view.ts'
import { changeGroupWaiting, createGroupWaiting, joinWaiting } from '../../../directory/waiting-members.ts'
import { patchSchema, resourceSchema } from '../../../scim/json-schema.ts'
import { readSelection } from '../../../scim/list.ts'
import { applyPatch } from '../../../scim/patch/apply.ts'
import { readMembers, splitMemberOperations } from '../../../scim/patch/members.ts'
import type { PatchOperation } from '../../../scim/patch/operation.ts'
import { parsePatch } from '../../../scim/patch/parse.ts'
import { readResource } from '../../../scim/read.ts'
import { replaceResource } from '../../../scim/replace.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { groupType } from '../../../scim/schemas.ts'
import { contextOf } from '../../context.ts'
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
  settingsIn,
  spliceArray
} from './exchange.ts'
import type { Listed, Shown } from './listed.ts'
import { listRoutes } from './lists.ts'

const groupSchema = resourceSchema(groupType)

interface ById {
  Params: { readonly id: string }
}

/** A PATCH answers with the group up to so many members; above, 204, so that its cost stays that of the change. */
const patchAnswerMembersMax = 1000

const typeOf = async (context: Context) => (await typesOf(context, context.tenant)).group

export const listedGroups: Listed<Group> = {
  name: 'Group',
  endpoint: '/Groups',
  schema: groupSchema,
  type: typeOf,
  matching: groupsMatching,
  search: groups.search,
  async show(context, page, shown) {
    const versions = await versionsOf(context, page)
    const texts: string[] = []
    for (const [i, stored] of page.entries()) {
      texts.push(await showGroup(context, { stored, version: versions[i] ?? '' }, shown))
    }
    return texts
  }
}

export function scimGroupRoutes(app: FastifyInstance, services: Services): void {
  const { env, config } = services
  describeOnly(app)
  const path = `${scimRoot}/Groups`

  const answer = async (
    context: Context,
    request: FastifyRequest,
    reply: FastifyReply,
    read: GroupRead,
    shown: Shown
  ) => {
    const text = await showGroup(context, read, shown)
    return sendResource(request, reply, { text, version: read.version })
  }

  app.post(
    path,
    describe({ summary: 'Create a group', body: groupSchema, answers: { 201: groupSchema }, query: 'selection' }),
    async (request, reply) => {
      const context = contextOf(env, request)
      const type = await typeOf(context)
      const { body, query, base } = exchange(request, config, type)
      const projection = readProjection(type, query)
      const { resource, members } = splitMembers(readResource(type, body, resourceDemands))
      const make = settingsIn(request).unknownMembers === 'wait' ? createGroupWaiting : createGroup
      const read = await make(context, { type, resource }, members)
      await joinWaiting(context, resource.externalId)
      reply.code(201).header('location', locationOf(base, '/Groups', read.stored.doc.id))
      return answer(context, request, reply, read, { type, base, projection })
    }
  )

  listRoutes(app, services, listedGroups)

  app.get<ById>(
    `${path}/:id`,
    describe({ summary: 'One group', answers: { 200: groupSchema }, query: 'selection', byId: true }),
    async (request, reply) => {
      const context = contextOf(env, request)
      const type = await typeOf(context)
      const { query, base } = exchange(request, config, type)
      const shown = { type, base, projection: readProjection(type, query) }
      return answer(context, request, reply, await getGroup(context, request.params.id), shown)
    }
  )

  /** Does to the group that the URL names what the body says. */
  const change = async (
    request: FastifyRequest<ById>,
    editOf: (type: ResourceType, asked: Exchange) => (before: Group) => GroupEdit
  ) => {
    const context = contextOf(env, request)
    const type = await typeOf(context)
    const asked = exchange(request, config, type)
    const { query, base } = asked
    const projection = readProjection(type, query)
    const work = asked.settings.unknownMembers === 'wait' ? changeGroupWaiting : changeGroup
    const read = await work(context, request.params.id, editOf(type, asked), expects(request))
    return { context, read, query, shown: { type, base, projection } }
  }

  app.put<ById>(
    `${path}/:id`,
    describe({
      summary: 'Replace a group',
      body: groupSchema,
      answers: { 200: groupSchema },
      query: 'selection',
      byId: true
    }),
    async (request, reply) => {
      const { context, read, shown } = await change(request, replacing)
      return answer(context, request, reply, read, shown)
    }
  )

  app.patch<ById>(
    `${path}/:id`,
    describe({
      summary: 'Change a group',
      body: patchSchema,
      answers: { 200: groupSchema, 204: null },
      query: 'selection',
      byId: true
    }),
    async (request, reply) => {
      const { context, read, query, shown } = await change(request, (type, { body }) =>
        patching(type, parsePatch(type, body, patchOptions(config, request.params.id)))
      )
      // RFC 7644 3.9: who asks for attributes gets them, whatever they cost.
      const asked = readSelection(query).attributes.length > 0
      if (!asked && shown.projection.shows('members') && (await hasMany(context, read))) {
        return reply.code(204).header('etag', read.version).send()
      }
      return answer(context, request, reply, read, shown)
    }
  )

  app.delete<ById>(
    `${path}/:id`,
    describe({ summary: 'Delete a group', answers: { 204: null }, byId: true }),
    async (request, reply) => {
      await deleteGroup(contextOf(env, request), request.params.id, expects(request))
      return reply.code(204).send()
    }
  )
}

function replacing(type: ResourceType, asked: Exchange) {
  return (before: Group): GroupEdit => {
    const { body, settings } = asked
    const { resource, members } = splitMembers(replaceResource(type, before.resource, body, replaceOptions(asked)))
    if (settings.preserveUnmapped && !names(body, 'members')) return { type, resource, members: [], put: true }
    // RFC 7644 3.5.1: what a PUT leaves out is cleared, members too.
    return { type, resource, members: [{ kind: 'replace', values: members }], put: true }
  }
}

const names = (body: unknown, member: string) =>
  isObject(body) && Object.keys(body).some(key => key.toLowerCase() === member)

function patching(type: ResourceType, operations: readonly PatchOperation[]) {
  const { members, rest } = splitMemberOperations(type, operations)
  return ({ resource }: Group): GroupEdit => ({
    type,
    resource: rest.length === 0 ? resource : applyPatch(type, resource, rest),
    members
  })
}

/** The members are kept as edges, not among the attributes. */
function splitMembers({ members, ...resource }: JsonObject) {
  return { resource: resource as JsonObject, members: readMembers(members) }
}

function expects(request: FastifyRequest) {
  const tag = ifMatch(request)
  return tag === undefined ? {} : { expects: tag }
}

/** Looks for the first member that the answer has no room for; those before it are passed over in the index. */
async function hasMany({ store, tenant }: Context, { stored }: GroupRead): Promise<boolean> {
  const beyond = { filter: edgesOf(stored.doc.id), offset: patchAnswerMembersMax, limit: 1 }
  return (await store.find(memberships, tenant, beyond)).length > 0
}

/** The group as JSON text. Its members are projected and written page by page, with room for others between. */
async function showGroup(
  context: Context,
  { stored, version }: GroupRead,
  { type, base, projection }: Shown
): Promise<string> {
  const { doc } = stored
  const head = projection.apply(groupResource(doc, { type, base, version }))
  if (!projection.shows('members')) return JSON.stringify(head)
  const texts: string[] = []
  for await (const page of membersOf(context, doc.id)) {
    const values = page.map(({ member, type }) => memberValue(member, type, base))
    const { members } = projection.apply({ members: values })
    if (Array.isArray(members)) texts.push(...members.map(value => JSON.stringify(value)))
    await breathe()
  }
  return texts.length === 0 ? JSON.stringify(head) : spliceArray(head, 'members', texts)
}
