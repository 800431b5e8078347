/** A list of the admin API: reads a page of one collection, and sends it as the other lists are sent. */
import type { FastifyInstance } from 'fastify'
import type Type from 'typebox'
import type { Context } from '../../../audit/context.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import type { Collection, Doc } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { type ListParams, ListQuery, PageOf, readListQuery, readPage } from '../../listing.ts'
import type { Services } from '../../services.ts'

export interface List<T extends Doc> {
  readonly tag: string
  readonly summary: string
  /** One item as the API shows it, and how it comes to be. */
  readonly item: Type.TSchema
  readonly show: (doc: T, context: Context) => unknown
  readonly collection: Collection<T>
  /** What can be filtered and sorted by. */
  readonly type: ResourceType
  readonly newestFirst?: boolean
  /** Brings up to date what is about to be read. */
  readonly before?: (context: Context) => Promise<void>
}

export function addList<T extends Doc>(
  app: FastifyInstance,
  { env, config }: Services,
  url: string,
  list: List<T>
): void {
  const { tag, summary, item, show, collection, type, newestFirst, before } = list
  app.get<{ Querystring: ListParams }>(
    url,
    { schema: { tags: [tag], summary, querystring: ListQuery(config), response: { 200: PageOf(item) } } },
    async request => {
      const context = contextOf(env, request)
      const query = readListQuery(type, request.query, config, { newestFirst })
      await before?.(context)
      const { filter } = query
      return readPage(context, config, query, {
        find: part =>
          env.store.find(collection, context.tenant, { ...part, ...(filter === undefined ? {} : { filter }) }),
        search: collection.search,
        show: doc => show(doc, context)
      })
    }
  )
}
