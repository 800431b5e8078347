/** The provisioning log: what an identity provider sent, and what was done with it. One entry for each SCIM request. */
import type { Actor } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { field, fold, many } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'
import type { Difference } from './difference.ts'

/** `gap`: no request, but the place of some that were not kept, because more came than could be written. */
export const operations = [
  'create',
  'replace',
  'patch',
  'delete',
  'read',
  'list',
  'search',
  'bulk',
  'discover',
  'other',
  'gap'
] as const
export type Operation = (typeof operations)[number]

/**
 * - `done`: it was read, or something was changed.
 * - `unchanged`: it was meant to change something, and all was so already.
 * - `refused`: 4xx; nothing was changed. `failed`: 5xx.
 */
export const outcomes = ['done', 'unchanged', 'refused', 'failed'] as const
export type EntryOutcome = (typeof outcomes)[number]

export interface Caller {
  readonly kind: Actor['kind']
  readonly id: string
  readonly name: string
  /** The rewrites it gets. */
  readonly profile: string
}

export interface Body {
  readonly value: Json
  readonly truncated: boolean
  readonly redacted: boolean
  readonly obscured: boolean
}

export interface EntryError {
  readonly scimType?: string
  /** For machines: `X-Error-Code`. */
  readonly code: string
  /** The attribute, parameter or part of the request that is wrong. */
  readonly attribute?: string
  /** What is wrong and what to do: the reason. */
  readonly detail: string
  /** What demands it: a section of an RFC, or a statement of the spec. */
  readonly rfc?: string
}

export interface Effect {
  /** As in the audit log: `seat.assigned`, `group.membersChanged`. */
  readonly action: string
  /** Of the audit event. */
  readonly event: string
  readonly target: JsonObject
  readonly detail: JsonObject
}

export interface EntryResource {
  readonly type: string
  readonly id?: string
  /** userName or displayName. */
  readonly name?: string
  readonly externalId?: string
}

export interface Entry {
  readonly id: string
  /** When the request came. */
  readonly at: EpochMs
  /** How long it took, in ms. */
  readonly ms: number
  readonly caller: Caller
  readonly requestId: string
  /** The entry of the bulk request that it was an operation of. */
  readonly bulk?: string
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly query: JsonObject
  /** A part of the query was left out, because it names something secret. */
  readonly obscured?: boolean
  /** Those that decide what the answer is. */
  readonly headers: JsonObject
  /** The body as sent; absent where there was none, or none that could be read. */
  readonly body?: Body
  readonly rewrites: readonly string[]
  /** The request as it was understood, where rewrites changed it. */
  readonly read?: { readonly query: JsonObject; readonly body?: Body }
  readonly status: number
  readonly outcome: EntryOutcome
  readonly error?: EntryError
  /** The body of the answer as text; where it is truncated, its beginning. */
  readonly answer?: { readonly text: string; readonly truncated: boolean }
  readonly resource?: EntryResource
  readonly difference: readonly Difference[]
  readonly effects: readonly Effect[]
  /** Whom it concerns: ids, and folded names. What a search for a user finds. */
  readonly subjects: readonly string[]
  /** Requests that are missing here; only of a `gap`. */
  readonly missing?: number
  /** What it counts for the space of its organisation, in bytes, about. */
  readonly size: number
}

export const provisioningLog: Collection<Entry> = {
  name: 'provisioningLog',
  search: entry => ({
    id: entry.id,
    at: entry.at,
    requestId: entry.requestId,
    operation: entry.operation,
    method: entry.method,
    status: entry.status,
    outcome: entry.outcome,
    connector: { id: entry.caller.id, name: fold(entry.caller.name), profile: entry.caller.profile },
    ...(entry.rewrites.length === 0 ? {} : { rewrites: entry.rewrites }),
    ...(entry.subjects.length === 0 ? {} : { subjects: entry.subjects }),
    ...(entry.bulk === undefined ? {} : { bulk: entry.bulk }),
    ...(entry.error === undefined ? {} : { error: errorForm(entry.error) }),
    ...(entry.resource === undefined ? {} : { resource: resourceForm(entry.resource) })
  }),
  indexes: [
    { name: 'at', paths: [field('at')], complete: true },
    { name: 'subjects', paths: [many('subjects')] }
  ]
}

function errorForm({ code, scimType, attribute }: EntryError) {
  return {
    code,
    ...(scimType === undefined ? {} : { scimType }),
    ...(attribute === undefined ? {} : { attribute: fold(attribute) })
  }
}

function resourceForm({ type, id, name, externalId }: EntryResource) {
  return {
    type,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name: fold(name) }),
    ...(externalId === undefined ? {} : { externalId })
  }
}

/** Kept totals: how many there are, and what they take. */
export const entriesKey = 'provisioningLog.entries'
export const sizeKey = 'provisioningLog.size'
