import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import type { Config } from '../../../config.ts'
import type { Matches } from '../../../directory/lists.ts'
import type { Path } from '../../../scim/filter/filter.ts'
import { parseFilter } from '../../../scim/filter/parse.ts'
import { resolveFilter } from '../../../scim/filter/resolve.ts'
import { listSchema, searchSchema } from '../../../scim/json-schema.ts'
import { type ListHead, type ListQuery, listHead, readListQuery } from '../../../scim/list.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { sortPath } from '../../../scim/search-form.ts'
import type { Doc, Sort, Stored } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import type { ListOf } from '../../cursors.ts'
import { type Order, partOf, spotIn } from '../../keyset.ts'
import { filterLimitsOf } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { scimMediaType } from '../../surface.ts'
import { describe } from './describe.ts'
import { type Exchange, exchange, readProjection, scimRoot, searchExchange, spliceArray } from './exchange.ts'
import type { Listed } from './listed.ts'
import { type Ordered, paged } from './paging.ts'

/** The list of a resource type (RFC 7644 3.4.2), and the same by POST (3.4.3). */
export function listRoutes<T extends Doc>(app: FastifyInstance, services: Services, listed: Listed<T>): void {
  const { config } = services
  const { name, endpoint, schema } = listed
  const path = `${scimRoot}${endpoint}`
  const described = { summary: `${name}s, by filter`, answers: { 200: listSchema(schema) } }
  const asking = async (request: FastifyRequest) => {
    const context = contextOf(services.env, request)
    return { context, type: await listed.type(context) }
  }
  app.get(path, describe({ ...described, query: 'list' }), async (request, reply) => {
    const asked = await asking(request)
    return answer(services, asked, reply, exchange(request, config, asked.type), listed)
  })
  app.post(`${path}/.search`, describe({ ...described, body: searchSchema }), async (request, reply) => {
    const asked = await asking(request)
    return answer(services, asked, reply, searchExchange(request, config, asked.type), listed)
  })
}

interface Asking {
  readonly context: Context
  readonly type: ResourceType
}

async function answer<T extends Doc>(
  { config }: Services,
  { context, type }: Asking,
  reply: FastifyReply,
  { query, base }: Exchange,
  listed: Listed<T>
): Promise<FastifyReply> {
  const asked = readListQuery(query, config)
  const projection = readProjection(type, query)
  const list: ListOf = {
    name: `scim:${type.name}`,
    filter: asked.filter === undefined ? undefined : resolveFilter(type, parsedFilter(asked.filter, config)),
    sort: sortOf(asked, sortBy => sortPath(type, sortBy))
  }
  const items = inOrder(list, await listed.matching(context, list.filter), listed)
  const { head, items: page } = await paged(context, config, list, asked, items)
  return sendList(reply, head, await listed.show(context, page, { type, base, projection }))
}

function sortOf({ sortBy, descending }: ListQuery, pathOf: (sortBy: string) => Path): Sort | undefined {
  return sortBy === undefined ? undefined : { path: pathOf(sortBy), descending }
}

const parsedFilter = (text: string, config: Config) => parseFilter(text, filterLimitsOf(config))

/** The documents of one collection, in the order that is asked for. */
function inOrder<T extends Doc>(order: Order, matches: Matches<T>, { search }: Listed<T>): Ordered<Stored<T>> {
  return {
    slice: (offset, limit) => matches.find({ ...partOf(order, { reverse: false, after: undefined, limit }), offset }),
    read: ask => matches.find(partOf(order, ask)),
    spotOf: ({ doc }) => spotIn(order.sort, doc.id, () => search(doc)),
    total: () => matches.total()
  }
}

function sendList(reply: FastifyReply, head: Omit<ListHead, 'itemsPerPage'>, texts: readonly string[]): FastifyReply {
  const whole = spliceArray(listHead({ ...head, itemsPerPage: texts.length }), 'Resources', texts)
  return reply.type(scimMediaType).send(whole)
}
