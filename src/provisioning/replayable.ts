/** Whether a request that was logged can be made again, and how what comes of it differs. Pure. */
import { Refusal } from '../base/domain-error.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { type Difference, differenceOf } from './difference.ts'
import type { Effect, Entry } from './entry.ts'

export interface Again {
  readonly method: string
  /** Below the root of the service, with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | undefined
  /** In what it is not what was sent; none: it is the same. */
  readonly notes: readonly string[]
}

/** Of the headers kept: those that decide about the answer. An idempotency key would bring back the answer of then. */
const sentAgain = ['content-type', 'if-match', 'if-none-match', 'usher-transaction']

/** @throws Refusal `not_replayable` where too little of the request is known. */
export function againOf(entry: Entry): Again {
  const { operation, method, path, query, obscured, headers, body } = entry
  if (operation === 'gap') throw not('this entry is not a request')
  if (obscured === true || body?.obscured === true) {
    throw not('a filter or a path in it names something secret, and was left out')
  }
  if (body?.truncated === true) throw not('only the beginning of its body is kept (USHER_PROVISIONING_LOG_BODY_MAX)')
  if (body === undefined && bodied.has(method)) throw not('it had no body that could be read, and none is kept')
  const search = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => textsOf(name, value))).toString()
  return {
    method,
    url: search === '' ? path : `${path}?${search}`,
    headers: Object.fromEntries(
      sentAgain.flatMap(name => (typeof headers[name] === 'string' ? [[name, headers[name]] as const] : []))
    ),
    payload: body === undefined ? undefined : JSON.stringify(body.value),
    notes: [
      ...(body?.redacted === true ? ['What is secret in the body was not kept: *** was sent in its place.'] : []),
      ...(headers.prefer === undefined ? [] : ['It was not made as an asynchronous request.'])
    ]
  }
}

const bodied = new Set(['POST', 'PUT', 'PATCH'])

const not = (why: string) => new Refusal('not_replayable', `This request cannot be made again: ${why}.`)

function textsOf(name: string, value: Json): [string, string][] {
  return [value].flat().flatMap(one => (typeof one === 'object' ? [] : [[name, String(one)]]))
}

/** What would not be as it was: `status`, `effects`, `difference.title.after`. */
export function turnedIn(was: Entry, would: Entry): readonly Difference[] {
  return differenceOf(outcomeOf(was), outcomeOf(would))
}

/** What two runs of one request can be compared by: no ids that are made anew, no times. */
function outcomeOf({ status, outcome, error, rewrites, difference, effects }: Entry): JsonObject {
  return {
    status,
    outcome,
    rewrites,
    ...(error === undefined ? {} : { error: { ...error } }),
    difference: Object.fromEntries(difference.map(({ path, ...values }) => [path, values])),
    effects: effects.map(effectOf)
  }
}

function effectOf({ action, target, detail }: Effect): JsonObject {
  const { name } = target
  return { action, ...(isObject(detail) ? { detail } : {}), ...(name === undefined ? {} : { name }) }
}
