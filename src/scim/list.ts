/** The parameters of a list request, and its answer (RFC 7644 3.4.2, 3.4.3; RFC 9865). */
import { isObject, type JsonObject } from '../base/json.ts'
import { parseAttributesParam } from './attributes-param.ts'
import { bad } from './errors.ts'
import { integer, type Parameters, parameters, text, valuesOf } from './parameters.ts'
import type { Selection } from './projection.ts'

/** Resources in a page when `count` is not sent: what Okta asks for (quirk 34), and a page of users stays below 200 kB. */
export const pageSizeDefault = 100

/** The largest `startIndex` that is told from a larger one: every engine can skip so many, and no collection has more. */
export const startIndexMax = 2 ** 31 - 1

export interface ListLimits {
  /** Resources in an answer where `count` is not sent. */
  readonly pageSizeDefault?: number
  /** The most resources in one answer; a larger `count` gets so many (RFC 7644 3.4.2.4). */
  readonly pageSizeMax: number
}

export interface ListQuery {
  /** The filter's text, not yet parsed. */
  readonly filter?: string
  /** From 1. With a cursor it is 1. */
  readonly startIndex: number
  /** By cursor, from this one on; an empty one asks for the first page. Absent: by index. */
  readonly cursor?: string
  /** 0: only the total is asked. */
  readonly count: number
  readonly sortBy?: string
  readonly descending: boolean
}

/**
 * Unknown parameters are ignored (quirk 7). A `startIndex` below 1 is 1 and a negative `count` is 0 (RFC 7644 3.4.2.4). Which
 * attributes are shown is read by `readSelection`.
 *
 * A page is asked for by index unless there is a `cursor`, also an empty one. A `count` above the limit gets so many by either
 * method: RFC 9865 has `maxPageSize` hold "regardless of what is specified for the count".
 *
 * @param query the query of the URL, or the body of `/.search`.
 * @throws ScimError 400 `invalidValue` for a parameter that is sent twice or has another form; for the cursor `invalidCursor`, and
 *   for a count beside it `invalidCount`.
 */
export function readListQuery(query: Readonly<Record<string, unknown>>, limits: ListLimits): ListQuery {
  const sent = parameters(query)
  const filter = text(sent, 'filter')
  const sortBy = text(sent, 'sortBy')
  const cursor = cursorIn(query)
  const count = cursor === undefined ? integer(sent, 'count') : integer(sent, 'count', 'invalidCount')
  const startIndex = clamp(integer(sent, 'startIndex') ?? 1, 1, startIndexMax)
  if (cursor !== undefined && startIndex > 1) {
    throw bad(
      'invalidValue',
      'startIndex and cursor are two ways to ask for a page: send one of them (RFC 9865 2.4).',
      { attribute: 'cursor' }
    )
  }
  return {
    ...(filter === undefined ? {} : { filter }),
    startIndex,
    ...(cursor === undefined ? {} : { cursor }),
    count: clamp(count ?? limits.pageSizeDefault ?? pageSizeDefault, 0, limits.pageSizeMax),
    ...(sortBy === undefined ? {} : { sortBy }),
    descending: isDescending(text(sent, 'sortOrder'))
  }
}

/** The one parameter of which an empty value says something. */
function cursorIn(query: Readonly<Record<string, unknown>>): string | undefined {
  const sent = Object.entries(query).flatMap(([name, value]) =>
    name.toLowerCase() === 'cursor' && value !== null && value !== undefined ? [value] : []
  )
  const [cursor] = sent
  if (sent.length <= 1 && (cursor === undefined || typeof cursor === 'string')) return cursor
  throw bad(
    'invalidCursor',
    'cursor must be sent once, as a string; an empty one asks for the first page (RFC 9865 2).'
  )
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}

function isDescending(order: string | undefined): boolean {
  const word = order?.toLowerCase() ?? 'ascending'
  if (word === 'ascending' || word === 'descending') return word === 'descending'
  throw bad('invalidValue', 'sortOrder must be "ascending" or "descending".', {
    attribute: 'sortOrder',
    rfc: 'RFC 7644 3.4.2.3'
  })
}

export const searchRequestUrn = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

/**
 * The parameters of a list, from the body of `/.search` (RFC 7644 3.4.3).
 *
 * @throws ScimError 400 `invalidSyntax` where it is no object, `invalidValue` where its schemas are those of something else.
 */
export function readSearchRequest(body: unknown): JsonObject {
  if (!isObject(body))
    throw bad('invalidSyntax', 'A search is a JSON object.', { attribute: 'body', rfc: 'RFC 7644 3.4.3' })
  const { schemas, ...sent } = body as JsonObject
  if (schemas !== undefined && !(Array.isArray(schemas) && schemas.includes(searchRequestUrn))) {
    throw bad('invalidValue', `The schemas of a search are ["${searchRequestUrn}"].`, {
      attribute: 'schemas',
      rfc: 'RFC 7644 3.4.3'
    })
  }
  return sent
}

/**
 * Which attributes the answer shall show: lists with commas, or arrays in the body of `/.search`. Every request that answers
 * resources may have them.
 *
 * @throws ScimError 400 `invalidValue` where an element is no text.
 */
export function readSelection(query: Readonly<Record<string, unknown>>): Required<Selection> {
  const sent = parameters(query)
  return { attributes: names(sent, 'attributes'), excludedAttributes: names(sent, 'excludedAttributes') }
}

function names(sent: Parameters, parameter: string): readonly string[] {
  return valuesOf(sent, parameter).flatMap(value => {
    if (typeof value === 'string') return parseAttributesParam(value)
    throw bad('invalidValue', `${parameter} must be a list of attribute names.`, {
      attribute: parameter,
      rfc: 'RFC 7644 3.9'
    })
  })
}

export const listResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** An answer but for its resources. */
export interface ListHead {
  readonly totalResults: number
  readonly itemsPerPage: number
  /** By index. */
  readonly startIndex?: number
  /** By cursor (RFC 9865 2). */
  readonly previousCursor?: string
  readonly nextCursor?: string
}

export function listHead({ totalResults, itemsPerPage, ...rest }: ListHead): JsonObject {
  return { schemas: [listResponseUrn], totalResults, itemsPerPage, ...rest }
}

export interface ListAnswer {
  readonly totalResults: number
  readonly startIndex: number
  readonly resources: readonly JsonObject[]
}

/** The body of the answer. `Resources` is there also when it is empty: Okta and Entra rely on it. */
export function listResponse({ totalResults, startIndex, resources }: ListAnswer): JsonObject {
  return { ...listHead({ totalResults, itemsPerPage: resources.length, startIndex }), Resources: resources }
}
