/** The parameters of a list request, in a URL or in the body of `/.search`, and its answer (RFC 7644 3.4.2, 3.4.3). */
import type { JsonObject } from '../base/json.ts'
import { parseAttributesParam } from './attributes-param.ts'
import { bad } from './errors.ts'

/** Resources in a page when `count` is not sent: what Okta asks for (quirk 34), and a page of users stays below 200 kB. */
export const pageSizeDefault = 100

/** The largest `startIndex` that is told from a larger one: every engine can skip so many, and no collection has more. */
export const startIndexMax = 2 ** 31 - 1

export interface ListLimits {
  /** The most resources in one answer; a larger `count` gets so many (RFC 7644 3.4.2.4). */
  readonly pageSizeMax: number
}

export interface ListQuery {
  /** The filter's text, not yet parsed. */
  readonly filter?: string
  /** From 1. */
  readonly startIndex: number
  /** 0: only the total is asked. */
  readonly count: number
  readonly sortBy?: string
  readonly descending: boolean
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

/**
 * Names of parameters have no case (quirk 29), unknown ones are ignored (quirk 7), and an empty value is none. A `startIndex` below
 * 1 is 1 and a negative `count` is 0 (RFC 7644 3.4.2.4).
 *
 * @throws ScimError 400 `invalidValue` for a parameter that is sent twice (but for the lists of attributes, which
 *   add up) or is of another form.
 */
export function readListQuery(query: Readonly<Record<string, unknown>>, { pageSizeMax }: ListLimits): ListQuery {
  const sent = parameters(query)
  const filter = text('filter', sent)
  const sortBy = text('sortBy', sent)
  return {
    ...(filter === undefined ? {} : { filter }),
    startIndex: clamp(integer('startIndex', sent) ?? 1, 1, startIndexMax),
    count: clamp(integer('count', sent) ?? pageSizeDefault, 0, pageSizeMax),
    ...(sortBy === undefined ? {} : { sortBy }),
    descending: isDescending(text('sortOrder', sent)),
    ...readSelection(query)
  }
}

/** The two parameters that every request which answers resources may have. Errors as `readListQuery`. */
export function readSelection(query: Readonly<Record<string, unknown>>) {
  const sent = parameters(query)
  return { attributes: names('attributes', sent), excludedAttributes: names('excludedAttributes', sent) }
}

/** Values by lower-case name; several where the name came several times. */
type Parameters = ReadonlyMap<string, readonly unknown[]>

function parameters(query: Readonly<Record<string, unknown>>): Parameters {
  const sent = new Map<string, unknown[]>()
  for (const [key, value] of Object.entries(query)) {
    const name = key.toLowerCase()
    const values = (Array.isArray(value) ? value : [value]).filter(v => v !== null && v !== undefined && v !== '')
    sent.set(name, [...(sent.get(name) ?? []), ...values])
  }
  return sent
}

function one(name: string, sent: Parameters): unknown {
  const [value, ...others] = sent.get(name.toLowerCase()) ?? []
  if (others.length > 0) throw bad('invalidValue', `${name} must be sent once.`)
  return value
}

function text(name: string, sent: Parameters): string | undefined {
  const value = one(name, sent)
  if (value === undefined || typeof value === 'string') return value
  throw bad('invalidValue', `${name} must be a string.`)
}

function integer(name: string, sent: Parameters): number | undefined {
  const value = one(name, sent)
  if (value === undefined) return undefined
  // A `+` in a URL is a space.
  const isWhole = typeof value === 'number' ? Number.isInteger(value) : /^\s*[+-]?\d+$/.test(String(value))
  if (!isWhole) throw bad('invalidValue', `${name} must be a whole number.`)
  return Number(value)
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}

function isDescending(order: string | undefined): boolean {
  const word = order?.toLowerCase() ?? 'ascending'
  if (word === 'ascending' || word === 'descending') return word === 'descending'
  throw bad('invalidValue', 'sortOrder must be "ascending" or "descending".')
}

function names(name: string, sent: Parameters): readonly string[] {
  return (sent.get(name.toLowerCase()) ?? []).flatMap(value => {
    if (typeof value === 'string') return parseAttributesParam(value)
    throw bad('invalidValue', `${name} must be a list of attribute names.`)
  })
}

export const listResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export interface ListAnswer {
  readonly totalResults: number
  readonly startIndex: number
  readonly resources: readonly JsonObject[]
}

/** The body of the answer. `Resources` is there also when it is empty: Okta and Entra rely on it. */
export function listResponse({ totalResults, startIndex, resources }: ListAnswer): JsonObject {
  return {
    schemas: [listResponseUrn],
    totalResults,
    itemsPerPage: resources.length,
    startIndex,
    Resources: resources
  }
}
