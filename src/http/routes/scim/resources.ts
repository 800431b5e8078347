/**
 * Resources of the types that an organisation defined, at endpoints that no route of ours names. Which there are is known only when
 * it is known who asks: so every method is taken here, and what is not there is answered as if no route were.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import type { JsonObject } from '../../../base/json.ts'
import { resources, type StoredResource } from '../../../directory/resource-collection.ts'
import {
  changeResource,
  createResource,
  deleteResource,
  getResource,
  resourcesMatching,
  resourceVersion,
  shownResource
} from '../../../directory/resources.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { commonSchema, listSchema, patchSchema, searchSchema } from '../../../scim/json-schema.ts'
import { applyPatch } from '../../../scim/patch/apply.ts'
import { parsePatch } from '../../../scim/patch/parse.ts'
import { readResource } from '../../../scim/read.ts'
import { replaceResource } from '../../../scim/replace.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import type { Stored } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { ifMatch } from '../../etag.ts'
import { nothingHere, wrongMethod } from '../../plugins/not-found.ts'
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
  searchExchange,
  sendResource
} from './exchange.ts'
import type { Listed } from './listed.ts'
import { answerList, askingFor } from './lists.ts'

interface At {
  Params: { readonly endpoint: string }
}

interface ById {
  Params: { readonly endpoint: string; readonly id: string }
}

/** The methods of an endpoint, of a resource and of a search. */
const methods = {
  [`${scimRoot}/:endpoint`]: ['GET', 'POST'],
  [`${scimRoot}/:endpoint/:id`]: ['DELETE', 'GET', 'PATCH', 'PUT'],
  [`${scimRoot}/:endpoint/.search`]: ['POST']
} as const satisfies Readonly<Record<string, readonly string[]>>

/** What lists need to know of a type that an organisation defined. */
export function listedResources(type: ResourceType): Listed<StoredResource> {
  return {
    name: type.name,
    endpoint: type.definition.endpoint,
    schema: commonSchema,
    type: async () => type,
    matching: (context, filter) => resourcesMatching(context, type, filter),
    search: resources.search,
    show: async (_context, page, { base, projection }) =>
      page.map(({ doc }) => {
        const version = resourceVersion(doc)
        return JSON.stringify(projection.apply(shownResource(type, doc, { base, version })))
      })
  }
}

export function scimResourceRoutes(app: FastifyInstance, services: Services): void {
  const { env, config } = services
  describeOnly(app)

  /** @throws Refusal `not_found`, or `method_not_allowed` where a route of ours takes another method. */
  const typeAt = async (request: FastifyRequest): Promise<{ context: Context; type: ResourceType }> => {
    const { endpoint } = request.params as At['Params']
    const context = contextOf(env, request)
    const types = await typesOf(context, context.tenant)
    const type = types.all.find(each => each.edition !== undefined && each.definition.endpoint === `/${endpoint}`)
    if (type === undefined) throw nothingHere()
    return { context, type }
  }

  const askingAt = async (request: FastifyRequest) => {
    const { context, type } = await typeAt(request)
    return askingFor(context, [listedResources(type)])
  }

  // Before a body is read.
  app.addHook('onRequest', async (request, reply) => {
    const ours = app.routesAt(request.url)
    if (ours.length > 0) throw wrongMethod(reply, ours)
    await typeAt(request)
    const taken: readonly string[] =
      Object.entries(methods).find(([url]) => url === request.routeOptions.url)?.[1] ?? []
    if (!taken.includes(request.method)) throw wrongMethod(reply, [{ methods: new Set(taken), why: new Set() }])
  })
  for (const [url, taken] of Object.entries(methods)) {
    const others = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'].filter(method => !taken.some(each => each === method))
    // One by one: what a route needs is that of its method.
    for (const method of others) {
      app.route({
        method,
        url,
        schema: { hide: true },
        config: { dynamic: true },
        handler: () => {
          throw nothingHere()
        }
      })
    }
  }

  const [endpoint, one] = [`${scimRoot}/:endpoint`, `${scimRoot}/:endpoint/:id`]

  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    type: ResourceType,
    { doc }: Stored<StoredResource>,
    { base, query }: Pick<Exchange, 'base' | 'query'>
  ) => {
    const version = resourceVersion(doc)
    const shown = readProjection(type, query).apply(shownResource(type, doc, { base, version }))
    return sendResource(request, reply, { text: JSON.stringify(shown), version })
  }

  app.post<At>(
    endpoint,
    describe({
      summary: 'Create a resource of a type that the organization defined',
      body: commonSchema,
      answers: { 201: commonSchema },
      query: 'selection',
      atEndpoint: true
    }),
    async (request, reply) => {
      const { context, type } = await typeAt(request)
      const asked = exchange(request, config, type)
      readProjection(type, asked.query)
      const stored = await createResource(context, type, readResource(type, asked.body, resourceDemands))
      reply.code(201).header('location', locationOf(asked.base, type.definition.endpoint, stored.doc.id))
      return answer(request, reply, type, stored, asked)
    }
  )

  const described = {
    summary: 'Resources of a type that the organization defined, by filter',
    answers: { 200: listSchema(commonSchema) },
    atEndpoint: true
  }
  app.get<At>(endpoint, describe({ ...described, query: 'list' }), async (request, reply) => {
    const asking = await askingAt(request)
    return answerList(config, asking, reply, exchange(request, config, asking.only))
  })
  app.post<At>(
    `${scimRoot}/:endpoint/.search`,
    describe({ ...described, body: searchSchema }),
    async (request, reply) => {
      const asking = await askingAt(request)
      return answerList(config, asking, reply, searchExchange(request, config, asking.only))
    }
  )

  app.get<ById>(
    one,
    describe({
      summary: 'One resource of a type that the organization defined',
      answers: { 200: commonSchema },
      query: 'selection',
      byId: true,
      atEndpoint: true
    }),
    async (request, reply) => {
      const { context, type } = await typeAt(request)
      const asked = exchange(request, config, type)
      return answer(request, reply, type, await getResource(context, type, request.params.id), asked)
    }
  )

  /** Does to the resource that the URL names what the body says, and answers with it. */
  const change = async (
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    editOf: (type: ResourceType, asked: Exchange) => (before: JsonObject) => JsonObject
  ) => {
    const { context, type } = await typeAt(request)
    const asked = exchange(request, config, type)
    readProjection(type, asked.query)
    const edit = editOf(type, asked)
    const stored = await changeResource(context, type, request.params.id, edit, expects(request))
    return answer(request, reply, type, stored, asked)
  }

  app.put<ById>(
    one,
    describe({
      summary: 'Replace a resource of a type that the organization defined',
      body: commonSchema,
      answers: { 200: commonSchema },
      query: 'selection',
      byId: true,
      atEndpoint: true
    }),
    async (request, reply) =>
      change(
        request,
        reply,
        (type, asked) => before => replaceResource(type, before, asked.body, replaceOptions(asked))
      )
  )

  app.patch<ById>(
    one,
    describe({
      summary: 'Change a resource of a type that the organization defined',
      body: patchSchema,
      answers: { 200: commonSchema },
      query: 'selection',
      byId: true,
      atEndpoint: true
    }),
    async (request, reply) =>
      change(request, reply, (type, { body }) => {
        const operations = parsePatch(type, body, patchOptions(config, request.params.id))
        return before => applyPatch(type, before, operations)
      })
  )

  app.delete<ById>(
    one,
    describe({
      summary: 'Delete a resource of a type that the organization defined',
      answers: { 204: null },
      byId: true,
      atEndpoint: true
    }),
    async (request, reply) => {
      const { context, type } = await typeAt(request)
      await deleteResource(context, type, request.params.id, expects(request))
      return reply.code(204).send()
    }
  )
}

function expects(request: FastifyRequest) {
  const tag = ifMatch(request)
  return tag === undefined ? {} : { expects: (revision: number) => tag(resourceVersion({ revision })) }
}
