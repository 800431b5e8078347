/** What a rewrite is, and how it takes hold of a request. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { FilterLimits } from '../filter/parsed.ts'
import { operationsMadeMax } from '../patch/parse.ts'
import type { ResourceType } from '../schema/types.ts'

export interface ScimRequest {
  readonly method: string
  /** What it is about; undefined where that is several types. */
  readonly type: ResourceType | undefined
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  /** What its filters and paths may cost, where that is something else than `filterLimits`. */
  readonly limits?: Partial<FilterLimits>
}

/**
 * One thing that identity providers do differently, put into the words of the RFCs. Pure; never changes its argument and never
 * throws: what it does not understand is left for the core to refuse.
 */
export interface Rewrite {
  readonly name: string
  /** @returns undefined where there is nothing to rewrite. */
  readonly rewrite: (request: ScimRequest) => ScimRequest | undefined
}

/** Rewrites the body of a POST or PUT; `rewrite` answers the same object where there is nothing to do. */
export function mapResource(
  request: ScimRequest,
  rewrite: (resource: JsonObject) => JsonObject
): ScimRequest | undefined {
  const { method, body } = request
  if ((method !== 'POST' && method !== 'PUT') || !isObject(body)) return undefined
  const rewritten = rewrite(body)
  return rewritten === body ? undefined : { ...request, body: rewritten }
}

/**
 * Rewrites each operation of a PATCH into as many as it likes; `[operation]` itself where there is nothing to do. None where there
 * are more than `operationsMadeMax`: such a request is refused whatever is in them.
 */
export function mapOperations(
  request: ScimRequest,
  rewrite: (operation: JsonObject) => readonly Json[]
): ScimRequest | undefined {
  const { method, body } = request
  if (method !== 'PATCH' || !isObject(body)) return undefined
  const key = keyOf(body, 'operations')
  const operations = key === undefined ? undefined : body[key]
  if (key === undefined || !Array.isArray(operations) || operations.length > operationsMadeMax) return undefined
  const rewritten = operations.flatMap((operation: Json) => (isObject(operation) ? rewrite(operation) : [operation]))
  const same = rewritten.length === operations.length && rewritten.every((operation, i) => operation === operations[i])
  return same ? undefined : { ...request, body: { ...body, [key]: rewritten } }
}

/** The key of a member as this object spells it. */
export function keyOf(object: JsonObject, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name
  return Object.keys(object).find(key => key.toLowerCase() === name)
}

/** A member by its lower-case name. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  const key = keyOf(object, name)
  return key === undefined ? undefined : object[key]
}

/** The object with another value of a member that it has, or with one that it had not. */
export function withMember(object: JsonObject, name: string, value: Json): JsonObject {
  return { ...object, [keyOf(object, name) ?? name]: value }
}

export function opOf(operation: JsonObject): string | undefined {
  const op = memberOf(operation, 'op')
  return typeof op === 'string' ? op.toLowerCase() : undefined
}

export function pathOf(operation: JsonObject): string | undefined {
  const path = memberOf(operation, 'path')
  return typeof path === 'string' ? path : undefined
}

/** As `Array.map`, but the same array where every element stays the same. */
export function mapArray(array: readonly Json[], map: (element: Json) => Json): readonly Json[] {
  let same = true
  const mapped = array.map(element => {
    const after = map(element)
    same &&= after === element
    return after
  })
  return same ? array : mapped
}

/** Maps the values of an object; the same object where every value stays the same. */
export function mapMembers(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  // Runs over every body many times, and mostly finds nothing to do: so it makes nothing until then.
  const changed: [string, Json][] = []
  for (const key of Object.keys(object)) {
    const value = object[key] ?? null
    const mapped = map(value, key)
    if (mapped !== value) changed.push([key, mapped])
  }
  return changed.length === 0 ? object : Object.fromEntries([...Object.entries(object), ...changed])
}
