/** From what is known of a request that was answered to its entry in the log. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { type AuditEvent, auditEvents } from '../audit/events.ts'
import type { Done, Subject } from '../audit/trace.ts'
import type { EpochMs } from '../base/clock.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { licenseUrn } from '../directory/view.ts'
import { fold } from '../scim/filter/filter.ts'
import type { Doc } from '../store/port.ts'
import { type Difference, differenceOf } from './difference.ts'
import type { Body, Caller, Effect, Entry, EntryError, EntryOutcome, EntryResource } from './entry.ts'
import { type Asked, askedOf, writes } from './operation.ts'
import { keep, mask, type Secrets, secretsIn } from './redact.ts'

export interface Facts {
  readonly id: string
  readonly at: EpochMs
  readonly ms: number
  readonly caller: Caller
  readonly requestId: string
  readonly bulk?: string | undefined
  readonly method: string
  /** The URL below the root of the service, as it was sent: `/Users/2819?attributes=id`. */
  readonly url: string
  readonly query: unknown
  readonly headers: Readonly<Record<string, unknown>>
  /** undefined: none, or none that is JSON. */
  readonly body: unknown
  readonly rewritten?:
    | { readonly names: readonly string[]; readonly query: unknown; readonly body: unknown }
    | undefined
  readonly status: number
  readonly error?: EntryError | undefined
  readonly answer?: string | undefined
  readonly done: readonly Done[]
}

export interface Keeping {
  readonly secrets: Secrets
  /** Characters of each body, of the query and of the difference. */
  readonly lengthMax: number
  /** Texts that are secret wherever they stand. */
  readonly known?: readonly string[]
}

export function entryOf(facts: Facts, keeping: Keeping): Entry {
  const { id, at, ms, caller, requestId, bulk, method, status, error, done } = facts
  const body = bodyOf(facts.body, keeping)
  if (body?.redacted === true && keeping.known === undefined) {
    return entryOf(facts, { ...keeping, known: secretsIn(facts.body, keeping.secrets) })
  }
  const asked = askedOf(method, facts.url)
  const effects = effectsOf(done)
  const { value: query, obscured } = queryOf(facts.query, keeping)
  // What a filter or a path compares with may be repeated where it is refused.
  const quoting = obscured || body?.obscured === true
  const resource = resourceOf(facts, asked)
  const entry = {
    id,
    at,
    ms: Math.round(ms * 10) / 10,
    caller,
    requestId,
    ...(bulk === undefined ? {} : { bulk }),
    operation: asked.operation,
    method,
    path: String(keep(asked.path, keeping.secrets, partLengthMax, keeping.known).value),
    query,
    ...(obscured ? { obscured } : {}),
    headers: headersOf(facts.headers, keeping),
    ...(body === undefined ? {} : { body }),
    rewrites: facts.rewritten?.names ?? [],
    ...readAs(facts, keeping),
    status,
    outcome: outcomeOf(facts, asked),
    ...(error === undefined ? {} : { error: quoting ? { ...error, detail: mask } : error }),
    ...(quoting ? {} : answerOf(facts, keeping)),
    ...(resource === undefined ? {} : { resource }),
    difference: keptDifference(changesOf(done, effects), keeping),
    effects: effects.slice(0, effectsMax),
    subjects: subjectsOf(resource, done, query, effects)
  }
  return { ...entry, size: JSON.stringify(entry).length }
}

/** Of a path or a header. */
const partLengthMax = 1024
/** One request changes the seat and the roles of one user: more are of a Bulk that is one transaction. */
const effectsMax = 100
/** Whom an entry is found for: the members that one request adds or removes, as many as the audit log lists. */
const subjectsMax = 100

/** Headers that change what is done or answered, and who sent the request. */
const headerNames = [
  'content-type',
  'if-match',
  'if-none-match',
  'prefer',
  'usher-transaction',
  'idempotency-key',
  'user-agent'
]

function headersOf(headers: Facts['headers'], { secrets, known }: Keeping): JsonObject {
  const sent = headerNames.filter(name => typeof headers[name] === 'string')
  return Object.fromEntries(sent.map(name => [name, keep(headers[name], secrets, partLengthMax, known).value]))
}

function bodyOf(body: unknown, { secrets, lengthMax, known }: Keeping): Body | undefined {
  return body === undefined ? undefined : keep(body, secrets, lengthMax, known)
}

function queryOf(query: unknown, { secrets, lengthMax, known }: Keeping): { value: JsonObject; obscured: boolean } {
  const { value, obscured } = keep(query ?? {}, secrets, lengthMax, known)
  return { value: isObject(value) ? value : {}, obscured }
}

function readAs({ rewritten }: Facts, keeping: Keeping): Pick<Entry, 'read'> {
  if (rewritten === undefined) return {}
  const body = bodyOf(rewritten.body, keeping)
  return { read: { query: queryOf(rewritten.query, keeping).value, ...(body === undefined ? {} : { body }) } }
}

function answerOf({ answer }: Facts, { lengthMax }: Keeping): Pick<Entry, 'answer'> {
  if (answer === undefined || answer === '') return {}
  const truncated = answer.length > lengthMax
  return { answer: { text: truncated ? answer.slice(0, lengthMax).toWellFormed() : answer, truncated } }
}

function outcomeOf({ status, done }: Facts, { operation }: Asked): EntryOutcome {
  if (status >= 500) return 'failed'
  if (status >= 400) return 'refused'
  if (!writes(operation) || operation === 'bulk' || status === 202) return 'done'
  return done.some(({ changes }) => changes.length > 0) ? 'done' : 'unchanged'
}

/** What the same commits wrote to the audit log. */
export function effectsOf(done: readonly Done[]): readonly Effect[] {
  return done.flatMap(({ changes }) =>
    changes.flatMap(change => {
      if (change.do !== 'insert' || change.in.name !== auditEvents.name) return []
      // The collection says what its documents are; the list of changes has lost it.
      const { id, action, target, detail } = change.doc as AuditEvent
      return [{ action, event: id, target: { ...target }, detail }]
    })
  )
}

function changesOf(done: readonly Done[], effects: readonly Effect[]): readonly Difference[] {
  const subjects = done.flatMap(({ subject }) => (subject === undefined ? [] : [subject]))
  const attributes = subjects.flatMap(({ before, after }) => differenceOf(shownOf(before), shownOf(after)))
  return [...attributes, ...effects.flatMap(membersOf)]
}

/** The attributes of a resource, its licence among them. */
function shownOf(doc: Doc | undefined): JsonObject {
  if (doc === undefined) return {}
  const license = 'license' in doc && isObject(doc.license) ? doc.license : {}
  const { type = null, state = null } = license
  return {
    ...attributesOf(doc),
    ...(type === null ? {} : { [licenseUrn]: { licenseType: type, licenseState: state } })
  }
}

function attributesOf(doc: Doc): JsonObject {
  return 'resource' in doc && isObject(doc.resource) ? doc.resource : {}
}

/** Members are edges beside the group: the audit event names those that came and went. */
function membersOf({ action, detail }: Effect): readonly Difference[] {
  const { added, removed } = detail
  if (!action.startsWith('group.') || (added === undefined && removed === undefined)) return []
  return [
    {
      path: 'members',
      ...(removed === undefined ? {} : { before: removed }),
      ...(added === undefined ? {} : { after: added })
    }
  ]
}

function keptDifference(
  difference: readonly Difference[],
  { secrets, lengthMax, known }: Keeping
): readonly Difference[] {
  let left = lengthMax
  return difference.map(({ path, ...values }) => {
    // Under its own name, so that what is secret by that name is left out.
    const own = Object.fromEntries(Object.entries(values).map(([when, value]) => [when, { [path]: value }]))
    const { value } = keep(own, secrets, left, known)
    left = Math.max(0, left - JSON.stringify(value).length)
    return { path, ...unwrapped(value, path) }
  })
}

function unwrapped(value: Json, path: string): JsonObject {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([when, own]) => [when, isObject(own) ? (own[path] ?? '…') : own])
  )
}

function resourceOf({ done, body }: Facts, { type, id }: Asked): EntryResource | undefined {
  const subject = done.findLast(one => one.subject !== undefined)?.subject
  if (subject !== undefined) return named(subject)
  if (type === undefined) return undefined
  const names = id === undefined && isObject(body) ? namesIn(body) : {}
  return id === undefined && Object.keys(names).length === 0
    ? undefined
    : { type, ...(id === undefined ? {} : { id }), ...names }
}

function named({ type, before, after }: Subject): EntryResource | undefined {
  const doc = after ?? before
  return doc === undefined ? undefined : { type, id: doc.id, ...namesIn(attributesOf(doc)) }
}

function namesIn(resource: JsonObject): Pick<EntryResource, 'name' | 'externalId'> {
  const name = textOf(resource, 'username') ?? textOf(resource, 'displayname')
  const externalId = textOf(resource, 'externalid')
  return { ...(name === undefined ? {} : { name }), ...(externalId === undefined ? {} : { externalId }) }
}

/** Clients write names in any letter case. */
function textOf(resource: JsonObject, name: string): string | undefined {
  const key = Object.keys(resource).find(one => one.toLowerCase() === name)
  const value = key === undefined ? undefined : resource[key]
  return typeof value === 'string' ? value.slice(0, partLengthMax).toWellFormed() : undefined
}

function subjectsOf(
  resource: EntryResource | undefined,
  done: readonly Done[],
  query: JsonObject,
  effects: readonly Effect[]
): readonly string[] {
  const asked = typeof query.filter === 'string' ? lookedFor.exec(query.filter)?.[1] : undefined
  const names = namesTold(resource, done)
  const all = [resource?.id, ...names.map(fold), asked === undefined ? undefined : fold(asked), ...touchedBy(effects)]
  return [...new Set(all.filter(one => typeof one === 'string'))].slice(0, subjectsMax)
}

/** Ids of those whom it happened to, beside the resource of the request. */
export function touchedBy(effects: readonly Effect[]): readonly Json[] {
  return effects.flatMap(({ target, detail }) => [
    ...(target.kind === 'user' ? [target.id ?? null] : []),
    ...idsIn(detail.added),
    ...idsIn(detail.removed)
  ])
}

/** Where a resource keeps its names, its id leads to them; so each entry that has them costs less. */
function namesTold(resource: EntryResource | undefined, done: readonly Done[]): readonly string[] {
  const subjects = done.flatMap(({ subject }) => (subject === undefined ? [] : [subject]))
  if (subjects.length === 0) return Object.values(namesOf(resource))
  return subjects.flatMap(({ before, after }) => {
    const [was, is] = [before, after].map(doc => Object.values(namesIn(doc === undefined ? {} : attributesOf(doc))))
    return isDeepStrictEqual(was, is) ? [] : [...(was ?? []), ...(is ?? [])]
  })
}

const namesOf = ({ name, externalId }: Partial<EntryResource> = {}) => ({
  ...(name === undefined ? {} : { name }),
  ...(externalId === undefined ? {} : { externalId })
})

const idsIn = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

/** The look-up that identity providers begin with: `userName eq "ada@example.com"`. */
const lookedFor = /^\s*[\w.:[\]" ]{1,200}? eq "([^"]{1,200})"\s*$/i
