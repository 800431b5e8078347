/** What administrators define: schemas (RFC 7643 7) and resource types (RFC 7643 6), each as the RFC writes it. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import { isObject, type JsonObject } from '../../../base/json.ts'
import type { Config } from '../../../config.ts'
import type { Defined } from '../../../directory/schemas/catalogue.ts'
import { definedIn, readCatalogue } from '../../../directory/schemas/change.ts'
import {
  createResourceType,
  deleteResourceType,
  replaceResourceType,
  resourceTypesIn
} from '../../../directory/schemas/resource-types.ts'
import { createSchema, deleteSchema, replaceSchema } from '../../../directory/schemas/schemas.ts'
import { fold } from '../../../scim/filter/filter.ts'
import { readSchemaDefinition, readTypeDefinition } from '../../../scim/schema/read-definition.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import { type ListParams, ListQuery, listType, PageOf, readListQuery, readPage } from '../../listing.ts'
import type { Services } from '../../services.ts'
import {
  DefinedSchemaSchema,
  DefinedTypeSchema,
  DefinitionParams,
  resourceTypeExample,
  schemaExample
} from './definition-schemas.ts'
import { findAmong } from './few.ts'

const limitsOf = ({ schemasMax, resourceTypesMax }: Config) => ({ schemasMax, resourceTypesMax })

export function definitionRoutes(app: FastifyInstance, services: Services): void {
  const { config } = services
  const limits = limitsOf(config)
  const attributeLimits = { attributesMax: config.schemaAttributesMax, indexedMax: config.schemaIndexedMax }

  addDefinitions(app, services, {
    url: '/api/v1/schemas',
    tag: 'Schemas',
    what: 'schema',
    schema: DefinedSchemaSchema,
    example: schemaExample,
    read: async context => (await readCatalogue(context)).catalogue.schemas,
    parse: body => readSchemaDefinition(body, attributeLimits),
    create: (context, definition) => createSchema(context, limits, definition),
    replace: (context, definition, precondition) => replaceSchema(context, limits, definition, precondition),
    remove: (context, id, precondition) => deleteSchema(context, limits, id, precondition)
  })

  addDefinitions(app, services, {
    url: '/api/v1/resource-types',
    tag: 'Schemas',
    what: 'resource type',
    schema: DefinedTypeSchema,
    example: resourceTypeExample,
    read: async context => resourceTypesIn((await readCatalogue(context)).catalogue),
    parse: readTypeDefinition,
    create: (context, definition) => createResourceType(context, limits, definition),
    replace: (context, definition, precondition) => replaceResourceType(context, limits, definition, precondition),
    remove: (context, id, precondition) => deleteResourceType(context, limits, id, precondition)
  })
}

type Context = ReturnType<typeof contextOf>
type Precondition = ReturnType<typeof expectsVersion>

interface Definitions<D extends { readonly id: string; readonly name: string }> {
  readonly url: string
  readonly tag: string
  readonly what: string
  readonly schema: Type.TSchema
  readonly example: JsonObject
  read(context: Context): Promise<readonly Defined<D>[]>
  parse(body: unknown): D
  create(context: Context, definition: D): Promise<Defined<D>>
  replace(context: Context, definition: D, precondition: Precondition): Promise<Defined<D>>
  remove(context: Context, id: string, precondition: Precondition): Promise<void>
}

/** The five routes that both have. */
function addDefinitions<D extends { readonly id: string; readonly name: string }>(
  app: FastifyInstance,
  { env, config }: Services,
  { url, tag, what, schema, example, read, parse, create, replace, remove }: Definitions<D>
): void {
  const type = listType(what, { id: 'string', name: 'string' })
  const body = Type.Unsafe<unknown>({
    type: 'object',
    examples: [example],
    description: `A ${what}, as RFC 7643 has it`
  })
  const answer = (reply: FastifyReply, defined: Defined<D>) =>
    reply.header('etag', versionTag(defined.revision)).send(shown(defined))

  app.get<{ Querystring: ListParams }>(
    url,
    {
      schema: {
        tags: [tag],
        summary: `All ${what}s`,
        querystring: ListQuery(config),
        response: { 200: PageOf(schema) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const query = readListQuery(type, request.query, config)
      const all = (await read(context)).map(defined => ({ id: defined.definition.id, defined }))
      const search = ({ id, defined }: (typeof all)[number]) => ({ id, name: fold(defined.definition.name) })
      return readPage(context, config, query, {
        find: async part => findAmong(all, search, query.filter, part),
        search,
        show: ({ defined }) => shown(defined)
      })
    }
  )

  app.get<{ Params: DefinitionParams }>(
    `${url}/:id`,
    { schema: { tags: [tag], summary: `One ${what}`, params: DefinitionParams, response: { 200: schema } } },
    async (request, reply) => answer(reply, definedIn(await read(contextOf(env, request)), request.params.id, what))
  )

  app.post(
    url,
    { schema: { tags: [tag], summary: `Define a ${what}`, body, response: { 201: schema } } },
    async (request, reply) => {
      const defined = await create(contextOf(env, request), parse(request.body))
      return answer(reply.code(201).header('location', `${url}/${defined.definition.id}`), defined)
    }
  )

  app.put<{ Params: DefinitionParams }>(
    `${url}/:id`,
    {
      schema: {
        tags: [tag],
        summary: `Define a ${what} anew; what stored resources would contradict is refused`,
        params: DefinitionParams,
        body,
        response: { 200: schema }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const context = contextOf(env, request)
      const before = definedIn(await read(context), id, what)
      const sent = isObject(request.body) ? { ...named(before.definition), ...request.body } : request.body
      const definition = parse(sent)
      if (definition.id !== before.definition.id) {
        throw new Refusal('invalid_value', `This ${what} is ${before.definition.id}, and stays so.`, { field: 'id' })
      }
      return answer(reply, await replace(context, definition, expectsVersion(request)))
    }
  )

  app.delete<{ Params: DefinitionParams }>(
    `${url}/:id`,
    {
      schema: {
        tags: [tag],
        summary: `Delete a ${what} that nothing uses`,
        params: DefinitionParams,
        response: { 204: Type.Null() }
      }
    },
    async (request, reply) => {
      await remove(contextOf(env, request), request.params.id, expectsVersion(request))
      return reply.code(204).send()
    }
  )
}

/** What a definition keeps where it is defined anew. */
const named = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name })

const time = (at: number) => (at === 0 ? null : toDateTime(at))

function shown<D extends object>({ definition, created, lastModified }: Defined<D>): JsonObject {
  return {
    ...(withoutEditions(definition) as JsonObject),
    meta: { created: time(created), lastModified: time(lastModified) }
  }
}

/** Editions are for the server alone. */
function withoutEditions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEditions)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => name !== 'usher:edition')
  return Object.fromEntries(members.map(([name, member]) => [name, withoutEditions(member)]))
}
