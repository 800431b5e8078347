/** Bulk requests (RFC 7644 3.7): reading one, and finding and filling in its `bulkId` references. Pure. */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad, ScimError } from './errors.ts'

export const bulkRequestUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const bulkResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'

export interface BulkOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the service's root: `/Users`, `/Users/{id}`. */
  readonly path: string
  readonly bulkId: string | undefined
  readonly version: string | undefined
  readonly data: Json | undefined
}

export interface BulkRequest {
  /** Stop after so many errors; undefined: never. */
  readonly failOnErrors: number | undefined
  readonly operations: readonly BulkOperation[]
}

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const
// No `..`, nothing encoded: what is checked here must be what is called.
const paths = /^(\/[^/?#%\\]+)(?:\/(?!\.{1,2}$)[^/?#%\\]+)?$/

export interface BulkLimits {
  readonly operationsMax: number
  /** Where resources are: `/Users`. */
  readonly endpoints: readonly string[]
}

/** @throws ScimError 413 above `operationsMax` (RFC 7644 3.7.4), 400 for anything malformed. */
export function readBulk(body: unknown, { operationsMax, endpoints }: BulkLimits): BulkRequest {
  if (!isObject(body) || !Array.isArray(body.Operations)) {
    throw bad('invalidSyntax', 'A bulk request is an object with an array named Operations.', {
      attribute: 'Operations',
      rfc: 'RFC 7644 3.7'
    })
  }
  const schemas: Json = body.schemas ?? []
  if (!Array.isArray(schemas) || !schemas.includes(bulkRequestUrn)) {
    throw bad('invalidSyntax', `schemas must name ${bulkRequestUrn}.`, { attribute: 'schemas', rfc: 'RFC 7644 3.7' })
  }
  if (body.Operations.length > operationsMax) {
    throw new ScimError(
      413,
      undefined,
      `A bulk request holds at most ${operationsMax} operations (maxOperations). Split it.`,
      undefined,
      { attribute: 'Operations', rfc: 'RFC 7644 3.7.4' }
    )
  }
  const operations = body.Operations.map((value, i) => readOperation(value, i, endpoints))
  checkNames(operations)
  return { failOnErrors: readFailOnErrors(body.failOnErrors), operations }
}

// RFC 7644 3.7: a bulkId is "unique within a bulk request"; of two, which one would a reference mean?
function checkNames(operations: readonly BulkOperation[]): void {
  const named = operations.flatMap(({ method, bulkId }) => (method === 'POST' && bulkId !== undefined ? [bulkId] : []))
  if (new Set(named).size < named.length)
    throw bad('invalidValue', 'One bulkId stands for two new resources.', {
      attribute: 'bulkId',
      rfc: 'RFC 7644 3.7'
    })
}

function readFailOnErrors(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw bad('invalidValue', 'failOnErrors must be a whole number of 1 or more.', {
    attribute: 'failOnErrors',
    rfc: 'RFC 7644 3.7.3'
  })
}

function readOperation(value: Json, i: number, endpoints: readonly string[]): BulkOperation {
  const where = `Operations[${i}]`
  if (!isObject(value))
    throw bad('invalidSyntax', `${where} must be an object.`, { attribute: where, rfc: 'RFC 7644 3.7' })
  const { path, bulkId, version, data } = value
  const sent = typeof value.method === 'string' ? value.method.toUpperCase() : undefined
  const method = methods.find(name => name === sent)
  if (method === undefined)
    throw bad('invalidSyntax', `${where}.method must be one of ${methods.join(', ')}.`, {
      attribute: `${where}.method`,
      rfc: 'RFC 7644 3.7'
    })
  const endpoint = typeof path === 'string' ? paths.exec(path)?.[1] : undefined
  if (typeof path !== 'string' || endpoint === undefined || !endpoints.includes(endpoint)) {
    const known = endpoints.join(', ')
    throw bad('invalidPath', `${where}.path must be ${known}, or one of them with an id behind it: /Users/{id}.`, {
      attribute: `${where}.path`,
      rfc: 'RFC 7644 3.7'
    })
  }
  if (method === 'POST' && (typeof bulkId !== 'string' || bulkId === ''))
    throw bad('invalidSyntax', `${where}.bulkId is required with POST.`, {
      attribute: `${where}.bulkId`,
      rfc: 'RFC 7644 3.7'
    })
  // Where it can't be read, nothing must be changed as if it had not been asked for.
  if (version !== undefined && version !== null && typeof version !== 'string')
    throw bad('invalidSyntax', `${where}.version must be an entity tag, as meta.version has it.`, {
      attribute: `${where}.version`,
      rfc: 'RFC 7644 3.7'
    })
  return {
    method,
    path,
    data,
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' ? version : undefined
  }
}

/** The bulkIds that an operation's path and data refer to. @param names those that are known. */
export function referencesOf({ path, data }: BulkOperation, names: ReadonlySet<string>): ReadonlySet<string> {
  return referencesIn(data === undefined ? path : [path, data], names)
}

export function referencesIn(value: Json, names: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (inner: Json): void => {
    if (typeof inner === 'string') for (const name of namesIn(inner, names)) found.add(name)
    else if (Array.isArray(inner)) for (const item of inner) visit(item)
    else if (isObject(inner)) for (const item of Object.values(inner)) visit(item)
  }
  visit(value)
  return found
}

/** A text that is a reference as a whole may name anything; within a text a name ends where names mostly do. */
function namesIn(text: string, names: { has(name: string): boolean }): readonly string[] {
  const whole = text.replace(start, '')
  if (whole !== text && names.has(whole)) return [whole]
  return [...text.matchAll(reference)].map(([, name]) => name ?? '')
}

const start = /^bulkId:/i
const reference = /bulkId:([^/"'\s\]]*)/gi

/** The operation with every known reference replaced by the id it stands for. */
export function resolved(operation: BulkOperation, ids: ReadonlyMap<string, string>): BulkOperation {
  const text = (value: string) => {
    const id = start.test(value) ? ids.get(value.replace(start, '')) : undefined
    return id ?? value.replace(reference, (whole, name: string) => ids.get(name) ?? whole)
  }
  const deep = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(deep)
    return isObject(value) ? mapped(value, deep) : value
  }
  return {
    ...operation,
    path: text(operation.path),
    data: operation.data === undefined ? undefined : deep(operation.data)
  }
}

function mapped(value: JsonObject, deep: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, deep(item)]))
}
