/**
 * Every list of the admin API pages, filters and sorts in the same way:
 * `?filter=` in the grammar of SCIM filters, `?sort=name` or `?sort=-name`, `?limit=`, and `?cursor=` for the next page.
 */
import Type from 'typebox'
import { Refusal } from '../base/domain-error.ts'
import type { Config } from '../config.ts'
import { all, type Filter, type Scalar, type SearchForm, type SearchValue } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import type { FilterLimits } from '../scim/filter/parsed.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import { compileResourceType } from '../scim/schema/compile.ts'
import { resolveTarget } from '../scim/schema/path.ts'
import type { Attribute, AttributeDefinition, AttributeType, ResourceType } from '../scim/schema/types.ts'
import type { Doc, Query, Sort, Stored } from '../store/port.ts'

/** A cursor holds the value that it stands at: 4,096 characters of a user's title, in base64. Node takes 16 kB of URL and headers. */
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

/** The attributes of a list that can be filtered and sorted by, `name: type`, dotted names below one complex attribute. */
export function listType(name: string, fields: Readonly<Record<string, AttributeType>>): ResourceType {
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

function nested(fields: Readonly<Record<string, AttributeType>>): AttributeDefinition[] {
  const heads = new Set(Object.keys(fields).map(key => key.split('.')[0] ?? ''))
  return [...heads].map(head => {
    const below = Object.entries(fields).filter(([key]) => key.startsWith(`${head}.`))
    const children = below.map(([key, type]) => attribute(key.slice(head.length + 1), type))
    const type = fields[head]
    return type === undefined ? { ...attribute(head, 'complex'), subAttributes: children } : attribute(head, type)
  })
}

function attribute(name: string, type: AttributeType): AttributeDefinition {
  return {
    name,
    type,
    multiValued: false,
    description: '',
    required: false,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'default'
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

export function readListQuery(
  type: ResourceType,
  params: ListParams,
  config: Config,
  { also = [], newestFirst = false }: ListOptions = {}
): Query {
  const limit = params.limit ?? config.pageSizeDefault
  const asked =
    params.filter === undefined ? [] : [resolveFilter(type, parseFilter(params.filter, filterLimitsOf(config)))]
  const filters = [...asked, ...also]
  const sort = params.sort === undefined ? undefined : readSort(type, params.sort)
  const after = params.cursor === undefined ? undefined : readCursor(params.cursor, params.sort)
  return {
    limit: limit + 1,
    newestFirst,
    ...(filters.length === 0 ? {} : { filter: all(...filters) }),
    ...(sort === undefined ? {} : { sort }),
    ...(after === undefined ? {} : { after })
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
    target.attribute.path.some(step => step.many)
  ) {
    throw new Refusal('invalid_value', `There is no attribute ${JSON.stringify(text)} to sort by.`, { field: 'sort' })
  }
  return { path: target.attribute.path, descending }
}

/** Cuts the one more that was asked for, and makes of the last item the way to go on. */
export function writePage<T extends Doc, Item>(
  query: Query,
  params: ListParams,
  found: readonly Stored<T>[],
  search: (doc: T) => SearchForm,
  show: (doc: T) => Item
): { items: Item[]; next: string | null } {
  const page = found.slice(0, query.limit - 1)
  const last = page.at(-1)
  const next =
    found.length < query.limit || last === undefined ? null : writeCursor(last.doc, search, query.sort, params.sort)
  return { items: page.map(({ doc }) => show(doc)), next }
}

/** `s`: the sort it belongs to, `v`: the value it stands at, `i`: the id it stands at. */
interface Cursor {
  readonly s: string | undefined
  readonly v: Scalar | undefined
  readonly i: string
}

function writeCursor<T extends Doc>(
  doc: T,
  search: (doc: T) => SearchForm,
  sort: Sort | undefined,
  text: string | undefined
): string {
  const cursor: Cursor = { s: text, v: sort === undefined ? undefined : valueAt(search(doc), sort), i: doc.id }
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function valueAt(form: SearchForm, { path }: Sort): Scalar | undefined {
  let value: SearchValue | undefined = form
  for (const { name } of path) value = (value as SearchForm | undefined)?.[name]
  return value as Scalar | undefined
}

function readCursor(
  text: string,
  sort: string | undefined
): { readonly value?: Scalar | undefined; readonly id: string } {
  const broken = () =>
    new Refusal('invalid_value', 'This cursor is not one of this list and order. Start again without it.', {
      field: 'cursor'
    })
  let cursor: Partial<Cursor>
  try {
    cursor = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw broken()
  }
  if (cursor === null || typeof cursor.i !== 'string' || typeof cursor.v === 'object' || cursor.s !== sort)
    throw broken()
  return { id: cursor.i, value: cursor.v }
}
