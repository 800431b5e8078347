/** The body of a PATCH -> operations on attributes of the schema (RFC 7644 3.5.2). */
import { isObject, type Json } from '../../base/json.ts'
import { bad, ScimError } from '../errors.ts'
import type { FilterLimits } from '../filter/parsed.ts'
import type { ResourceType } from '../schema/types.ts'
import { assignmentsAt, type Patched, removalsAt } from './assignments.ts'
import type { PatchOp, PatchOperation } from './operation.ts'
import { type Place, placeOf } from './place.ts'

export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export interface PatchOptions {
  /** Of one request; see `operationsMax`. */
  readonly operationsMax?: number
  /** What a path may cost, where that is something else than `filterLimits`. */
  readonly limits?: Partial<FilterLimits>
  /** Of the resource: sending it back unchanged changes nothing, and so is no error (quirk 43). */
  readonly id?: string
}

/** Entra ID and Okta stay below 100 operations; a thousand leave room for one per id in their largest batches. */
export const operationsMax = 1000

/** Operations that a request may come to when rewrites have taken its operations apart. No configuration lets a client send more. */
export const operationsMadeMax = 10_000

/**
 * Counts the operations of a PATCH as the client sent it: what a rewrite makes of one of them it does not see, and cannot help.
 *
 * @throws ScimError 400 `invalidSyntax` where there are more than `max`.
 */
export function checkOperationCount(body: unknown, max: number): void {
  if (!isObject(body)) return
  for (const [key, value] of Object.entries(body)) {
    if (key.toLowerCase() !== 'operations' || !Array.isArray(value) || value.length <= max) continue
    throw bad('invalidSyntax', `One request may have ${max} operations; this has ${value.length}.`, {
      attribute: 'Operations',
      rfc: 'RFC 7644 3.5.2'
    })
  }
}

/**
 * Reads a PATCH body. Names of members have no case, values of `op` do. A null value of a `replace` unassigns (RFC 7643 2.5) and so
 * is a `remove`. Unknown attributes beside known ones are ignored as in a POST; an operation of which nothing would be left is refused.
 *
 * @throws ScimError 400. `invalidSyntax`: no PatchOp message, an unknown `op`, too many operations. `invalidPath`: no such
 *   attribute. `noTarget`: a `remove` without a path. `mutability`: the path names a readOnly attribute. `invalidValue`: a value is
 *   missing, not of the attribute's type, or names nothing known. The detail says which operation it was.
 */
export function parsePatch(type: ResourceType, body: unknown, options: PatchOptions = {}): readonly PatchOperation[] {
  const { limits } = options
  const patched = { type, id: options.id }
  checkOperationCount(body, options.operationsMax ?? operationsMax)
  return operationsIn(body).flatMap((operation, i) => {
    try {
      return parseOperation(patched, operation, path => placeOf(type, path, limits))
    } catch (error) {
      if (!(error instanceof ScimError)) throw error
      throw new ScimError(error.status, error.scimType, `Operations[${i}]: ${error.message}`, error.code, error.about)
    }
  })
}

function operationsIn(body: unknown): readonly Json[] {
  const message = membersOf(body, 'The body must be a JSON object.')
  const schemas = message.get('schemas')
  const isPatch = (urn: Json) => typeof urn === 'string' && urn.toLowerCase() === patchUrn.toLowerCase()
  if (!Array.isArray(schemas) || !schemas.some(isPatch)) {
    throw bad('invalidSyntax', `schemas must be an array that contains "${patchUrn}".`, {
      attribute: 'schemas',
      rfc: 'RFC 7644 3.5.2'
    })
  }
  const operations = message.get('operations')
  if (!Array.isArray(operations) || operations.length === 0) {
    throw bad('invalidSyntax', 'Operations must be an array of at least one operation.', {
      attribute: 'Operations',
      rfc: 'RFC 7644 3.5.2'
    })
  }
  return operations
}

// RFC 7643 2.1: attribute names are case insensitive.
function membersOf(value: unknown, otherwise: string): ReadonlyMap<string, Json> {
  if (!isObject(value)) throw bad('invalidSyntax', otherwise, { attribute: 'Operations', rfc: 'RFC 7644 3.5.2' })
  const members = new Map<string, Json>()
  for (const [key, member] of Object.entries(value)) {
    const name = key.toLowerCase()
    if (members.has(name))
      throw bad('invalidSyntax', `${key} is given twice, in different letter case.`, {
        attribute: key,
        rfc: 'RFC 7643 2.1'
      })
    members.set(name, member)
  }
  return members
}

function parseOperation(
  patched: Patched,
  operation: Json,
  placeAt: (path: string) => Place
): readonly PatchOperation[] {
  const members = membersOf(operation, 'An operation must be a JSON object.')
  const op = readOp(members.get('op'))
  const path = members.get('path') ?? undefined
  const value = members.get('value')
  if (path !== undefined && typeof path !== 'string')
    throw bad('invalidPath', 'path must be a string.', { attribute: 'path', rfc: 'RFC 7644 3.5.2' })

  // RFC 7644 3.5.2.2: a remove without a path is noTarget.
  if (op === 'remove') {
    if (path === undefined)
      throw bad('noTarget', 'A remove needs a path.', { attribute: 'path', rfc: 'RFC 7644 3.5.2.2' })
    return removalsAt(placeAt(path), value)
  }
  if (value === undefined)
    throw bad('invalidValue', `An operation "${op}" needs a value.`, { attribute: 'value', rfc: 'RFC 7644 3.5.2' })
  return assignmentsAt(op, patched, path === undefined ? { kind: 'resource' } : placeAt(path), value)
}

function readOp(op: Json | undefined): PatchOp {
  if (op === 'add' || op === 'replace' || op === 'remove') return op
  throw bad('invalidSyntax', 'op must be "add", "replace" or "remove".', { attribute: 'op', rfc: 'RFC 7644 3.5.2' })
}
