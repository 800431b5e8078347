/**
 * Every list of the admin API pages, filters and sorts in the same way:
 * `?filter=` in the grammar of SCIM filters, `?sort=name` or `?sort=-name`, `?limit=`, and `?cursor=` for the next page.
 */
import Type from 'typebox'
import type { Context } from '../audit/context.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Config } from '../config.ts'
import { all, type Filter, type SearchForm } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import type { FilterLimits } from '../scim/filter/parsed.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import { compileResourceType } from '../scim/schema/compile.ts'
import { resolveTarget } from '../scim/schema/path.ts'
import type { Attribute, AttributeDefinition, AttributeType, ResourceType } from '../scim/schema/types.ts'
import { whyHidden } from '../scim/search-form.ts'
import type { Doc, Query, Sort, Stored } from '../store/port.ts'
import { type ListOf, readCursor, writeCursor } from './cursors.ts'
import { beginning, type Order, type Place, pageAt, partOf, spotIn } from './keyset.ts'

/** A cursor holds the value that it stands at: 4,096 characters of a user's title, sealed. Node takes 16 kB of URL and headers. */
const cursorLengthMax = 8192

export const ListQuery = ({ pageSizeDefault, pageSizeMax }: Config) =>
  Type.Object({
    filter: Type.Optional(
      Type.String({ description: 'A filter, as in SCIM: `action eq "user.created" and at gt "2026-01-01T00:00:00Z"`' })
    ),
    sort: Type.Optional(Type.String({ description: 'An attribute; with a minus in front, descending' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: pageSizeMax, description: `Items on a page (${pageSizeDefault})` })
    ),
    cursor: Type.Optional(Type.String({ maxLength: cursorLengthMax, description: '`next` of the page before' }))
  })

export interface ListParams {
  readonly filter?: string
  readonly sort?: string
  readonly limit?: number
  readonly cursor?: string
}

/** A page: `next` asks for the one behind it and is null on the last. */
export const PageOf = <T extends Type.TSchema>(items: T) =>
  Type.Object({ items: Type.Array(items), next: Type.Union([Type.String(), Type.Null()]) })

/** A type, or what else is to be said of an attribute. */
type Field = AttributeType | (Pick<AttributeDefinition, 'type'> & Partial<AttributeDefinition>)

/** The attributes of a list that can be filtered and sorted by, `name: type`, dotted names below one complex attribute. */
export function listType(name: string, fields: Readonly<Record<string, Field>>): ResourceType {
  const definition = {
    id: name,
    name,
    description: '',
    endpoint: '',
    schema: `urn:usher:${name}`,
    schemaExtensions: []
  }
  return compileResourceType(
    definition,
    [{ id: definition.schema, name, description: '', attributes: nested(fields) }],
    []
  )
}

function nested(fields: Readonly<Record<string, Field>>): AttributeDefinition[] {
  const heads = new Set(Object.keys(fields).map(key => key.split('.')[0] ?? ''))
  return [...heads].map(head => {
    const below = Object.entries(fields).filter(([key]) => key.startsWith(`${head}.`))
    const children = below.map(([key, of]) => attribute(key.slice(head.length + 1), of))
    const of = fields[head]
    return of === undefined ? { ...attribute(head, 'complex'), subAttributes: children } : attribute(head, of)
  })
}

function attribute(name: string, of: Field): AttributeDefinition {
  return {
    name,
    multiValued: false,
    description: '',
    required: false,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'default',
    ...(typeof of === 'string' ? { type: of } : of)
  }
}

/** @throws Error where there is none: a route names it, so only a broken build can produce that. */
export function attributeOf(type: ResourceType, name: string): Attribute {
  const target = resolveTarget(type, name)
  if (target?.kind !== 'attribute') throw new Error(`${type.name} has no attribute ${name}`)
  return target.attribute
}

export interface ListOptions {
  /** Conditions of the route's own, `?license=PAM` say. */
  readonly also?: readonly Filter[]
  readonly newestFirst?: boolean | undefined
}

/** What is asked, and with `cursor` at which place of it. */
export interface ListRequest extends ListOf, Order {
  readonly limit: number
  readonly cursor: string | undefined
}

export function readListQuery(
  type: ResourceType,
  params: ListParams,
  config: Config,
  { also = [], newestFirst = false }: ListOptions = {}
): ListRequest {
  const asked =
    params.filter === undefined ? [] : [resolveFilter(type, parseFilter(params.filter, filterLimitsOf(config)))]
  const filters = [...asked, ...also]
  return {
    name: `api:${type.name}`,
    limit: params.limit ?? config.pageSizeDefault,
    cursor: params.cursor,
    newestFirst,
    filter: filters.length === 0 ? undefined : all(...filters),
    sort: params.sort === undefined ? undefined : readSort(type, params.sort)
  }
}

/** What a filter may cost, wherever a client sends one. */
export function filterLimitsOf(config: Config): Partial<FilterLimits> {
  return {
    lengthMax: config.filterLengthMax,
    depthMax: config.filterDepthMax,
    comparisonsMax: config.filterComparisonsMax
  }
}

function readSort(type: ResourceType, text: string): Sort {
  const descending = text.startsWith('-')
  const target = resolveTarget(type, descending ? text.slice(1) : text)
  if (
    target?.kind !== 'attribute' ||
    target.attribute.type === 'complex' ||
    whyHidden(target.attribute) !== undefined ||
    target.attribute.path.some(step => step.many)
  ) {
    throw new Refusal('invalid_value', `There is no attribute ${JSON.stringify(text)} to sort by.`, { field: 'sort' })
  }
  return { path: target.attribute.path, descending }
}

/** Where the items of a list come from, and what becomes of them. */
export interface ListSource<T extends Doc, Item> {
  readonly find: (part: Omit<Query, 'filter'>) => Promise<readonly Stored<T>[]>
  readonly search: (doc: T) => SearchForm
  readonly show: (doc: T) => Item
}

/** @throws Refusal `invalid_value` for a cursor that is not of this list, or too old. */
export async function readPage<T extends Doc, Item>(
  context: Context,
  config: Config,
  query: ListRequest,
  { find, search, show }: ListSource<T, Item>
): Promise<{ items: Item[]; next: string | null }> {
  const place = query.cursor === undefined ? beginning : await readPlace(context, config, query, query.cursor)
  const page = await pageAt(
    place,
    query.limit,
    ask => find(partOf(query, ask)),
    ({ doc }) => spotIn(query.sort, doc.id, () => search(doc))
  )
  return {
    items: page.items.map(({ doc }) => show(doc)),
    next: page.next === undefined ? null : await writeCursor(context, query, { place: page.next })
  }
}

async function readPlace(context: Context, config: Config, query: ListRequest, text: string): Promise<Place> {
  const cursor = await readCursor(context, query, text, config.cursorSeconds * 1000)
  if (typeof cursor === 'object') return cursor.place
  const why =
    cursor === 'expired'
      ? `This cursor is older than ${config.cursorSeconds} s.`
      : 'This cursor is not one of this list, filter and order.'
  throw new Refusal('invalid_value', `${why} Start again without it.`, { field: 'cursor' })
}
