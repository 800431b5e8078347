/** Lists of resources: of one type, and of several (RFC 7644 3.4.2, 3.4.3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import type { JsonObject } from '../../../base/json.ts'
import type { Config } from '../../../config.ts'
import { listSchema, searchSchema } from '../../../scim/json-schema.ts'
import { listHead, readListQuery } from '../../../scim/list.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { contextOf } from '../../context.ts'
import type { Services } from '../../services.ts'
import { scimMediaType } from '../../surface.ts'
import { describe } from './describe.ts'
import { type Exchange, exchange, readProjection, scimRoot, searchExchange, spliceArray } from './exchange.ts'
import type { Listed } from './listed.ts'
import { type Item, openLists, type Typed, typesOf } from './open-lists.ts'
import { paged } from './paging.ts'

/** What is listed at one URL. */
interface Listing {
  /** Below the root: `/Users`. Empty: the root itself. */
  readonly endpoint: string
  readonly summary: string
  /** Of one resource, for the description of the API. */
  readonly schema: JsonObject
  readonly origin?: string | undefined
  listed(context: Context): Promise<readonly Listed[]>
}

/** The list of a resource type, and the same by POST. */
export function listRoutes(app: FastifyInstance, services: Services, listed: Listed): void {
  const { name, endpoint, schema, origin } = listed
  addRoutes(app, services, { endpoint, summary: `${name}s, by filter`, schema, origin, listed: async () => [listed] })
}

/**
 * The list of everything (RFC 7644 3.4.2.1), and the same by POST.
 *
 * @param schema of any resource. @param listed the types that this organisation has.
 */
export function rootListRoutes(
  app: FastifyInstance,
  services: Services,
  { schema, listed }: Pick<Listing, 'schema' | 'listed'>
): void {
  const summary = 'Resources of all types, by filter'
  addRoutes(app, services, { endpoint: '', summary, schema, listed })
}

function addRoutes(app: FastifyInstance, services: Services, listing: Listing): void {
  const { env, config } = services
  const { endpoint, summary, schema } = listing
  const path = `${scimRoot}${endpoint}`
  const described = { summary, answers: { 200: listSchema(schema) }, otherMethods: listing.origin }
  const asking = async (request: FastifyRequest): Promise<Asking> => {
    const context = contextOf(env, request)
    return askingFor(context, await listing.listed(context))
  }
  app.get(path, describe({ ...described, query: 'list' }), async (request, reply) => {
    const asked = await asking(request)
    return answerList(config, asked, reply, exchange(request, config, asked.only))
  })
  app.post(`${path}/.search`, describe({ ...described, body: searchSchema }), async (request, reply) => {
    const asked = await asking(request)
    return answerList(config, asked, reply, searchExchange(request, config, asked.only))
  })
}

/** Who asks for which lists. */
export interface Asking {
  readonly context: Context
  readonly types: readonly Typed[]
  /** Where it is one: what the rewrites know are the habits with one type. */
  readonly only: ResourceType | undefined
}

export async function askingFor(context: Context, listed: readonly Listed[]): Promise<Asking> {
  const types = await typesOf(context, listed)
  return { context, types, only: types.length === 1 ? types[0]?.type : undefined }
}

/** Answers with a page of these lists, as the client asks for it. */
export async function answerList(
  config: Config,
  { context, types }: Asking,
  reply: FastifyReply,
  { query, base }: Exchange
): Promise<FastifyReply> {
  const asked = readListQuery(query, config)
  const { bound, lists, items } = await openLists(context, config, types, asked)
  const projections = new Map(lists.map(list => [list, readProjection(list.type, query)]))
  const { head, items: page } = await paged(context, config, bound, asked, items)
  const texts = new Map<Item, string>()
  for (const [list, projection] of projections) {
    const own = page.filter(({ of }) => of === list)
    if (own.length === 0) continue
    const stored = own.map(item => item.stored)
    const shown = await list.listed.show(context, stored, { type: list.type, base, projection })
    for (const [i, item] of own.entries()) texts.set(item, shown[i] ?? '')
  }
  const whole = spliceArray(
    listHead({ ...head, itemsPerPage: page.length }),
    'Resources',
    page.map(item => texts.get(item) ?? '')
  )
  return reply.type(scimMediaType).send(whole)
}
