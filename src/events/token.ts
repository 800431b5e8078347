/** From what waits in the outbox to a security event token (RFC 8417, RFC 9967 2). */
import type { Env } from '../audit/context.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { sign } from './keys.ts'
import type { OutboxRow } from './outbox.ts'
import type { EventStream } from './streams.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

/**
 * The claims. `sub` is never there (RFC 9967 2.1), nor `exp` (RFC 8417 2.2). They are the same whenever the token is sent again.
 */
export function claimsOf({ issuer, audience }: EventStream, { id, at, txn, subject, events }: OutboxRow) {
  return {
    iss: issuer,
    iat: seconds(at),
    jti: id,
    aud: audience,
    txn,
    toe: seconds(at),
    sub_id: { format: 'scim', ...subject },
    events: located(events, `${issuer}/scim/v2${subject.uri}`)
  }
}

/** The signed token. */
export function tokenOf(env: Env, stream: EventStream, row: OutboxRow): Promise<string> {
  return sign(env, claimsOf(stream, row), { typ: 'secevent+jwt', alg: stream.algorithm })
}

/** Resources in full get their location here, which depends on whom the stream calls its issuer. */
function located(events: JsonObject, location: string): JsonObject {
  return Object.fromEntries(Object.entries(events).map(([uri, event]) => [uri, withLocation(event, location)]))
}

function withLocation(event: Json, location: string): Json {
  if (!isObject(event) || !isObject(event.data) || !isObject(event.data.meta)) return event
  return { ...event, data: { ...event.data, meta: { ...event.data.meta, location } } }
}
