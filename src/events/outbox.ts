/**
 * The outbox: what streams have yet to be told, written in the commit that made it happen, and removed once its receiver has
 * acknowledged it. Nothing is ever skipped by counting on, so nothing is missed, whatever order commits become visible in.
 */
import type { Context } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import { field } from '../scim/filter/filter.ts'
import { type Change, type Collection, insert } from '../store/port.ts'
import { type EventStream, streamsOf } from './streams.ts'
import { type ChangeKind, fullUri, noticeUri } from './uris.ts'

/** The subject of an event (RFC 9967 2.1). */
export interface Subject {
  /** Below the service's root: `/Users/2819c223`. */
  readonly uri: string
  readonly externalId?: string
}

/** One security event token that is not signed yet, for one stream. */
export interface OutboxRow {
  /** `jti`. Of two rows about one resource that of the earlier change is the lesser, whichever nodes wrote them. */
  readonly id: string
  readonly stream: string
  readonly at: EpochMs
  readonly subject: Subject
  readonly txn: string
  /** By their URIs: the payloads. */
  readonly events: JsonObject
}

export const outbox: Collection<OutboxRow> = {
  name: 'outbox',
  search: ({ id, stream, subject }) => ({ id, stream, uri: subject.uri }),
  indexes: [{ name: 'stream', paths: [field('stream')], complete: true }]
}

/** A resource was created, patched or put: told as a notice, or in full. */
export interface ChangeEvent {
  readonly kind: ChangeKind
  /** Names of attributes that were added, revised or removed. */
  readonly attributes: readonly string[]
  /** What is told in full. Absent: too much for an event; those who want it in full get the notice (RFC 9967 5). */
  readonly data?: JsonObject | undefined
}

/** What one commit did to one resource. All of it is one token. */
export interface Announcement {
  readonly subject: Subject
  /**
   * Where it stands among the changes of its resource: a time that is never less than that of the change before, and a number
   * that is greater where the times are the same. Both come from the document that the commit replaces: so of two commits
   * the one that had to come second has the greater place, though the clocks of their nodes differ.
   */
  readonly place: { readonly at: EpochMs; readonly revision: number }
  /** The entity tag of the resource then. */
  readonly version?: string | undefined
  readonly change?: ChangeEvent | undefined
  /** Other events by their URIs, with their payloads. */
  readonly others?: Readonly<Record<string, JsonObject>>
  /** Absent: the id of the request. */
  readonly txn?: string | undefined
}

/**
 * The changes that tell an organisation's streams; none where it has none. To be asked last in an attempt, right before it is
 * committed (`streams.ts` says why), and committed with what it tells of.
 *
 * @param make called only where somebody wants to know.
 */
export async function announce(
  context: Context,
  make: () => Announcement | undefined | Promise<Announcement | undefined>
): Promise<readonly Change[]> {
  const streams = await streamsOf(context, context.tenant)
  if (streams.length === 0) return []
  const announcement = await make()
  return announcement === undefined ? [] : streams.flatMap(stream => rowsFor(context, stream, announcement))
}

/** Whether anybody wants to know anything. */
export async function isHeard(context: Context): Promise<boolean> {
  return (await streamsOf(context, context.tenant)).length > 0
}

function rowsFor(context: Context, { id: stream, events: wanted }: EventStream, told: Announcement): readonly Change[] {
  const events = eventsFor(wanted, told)
  if (Object.keys(events).length === 0) return []
  const { tenant, clock, requestId, makeId } = context
  const txn = told.txn ?? requestId ?? makeId()
  const row = { id: jtiOf(context, told.place), stream, at: clock.now(), subject: told.subject, txn, events }
  return [insert(outbox, tenant, row)]
}

function eventsFor(wanted: readonly string[], { change, others = {}, version }: Announcement): JsonObject {
  const events: Record<string, JsonObject> = {}
  if (change !== undefined) {
    const { kind, data, attributes } = change
    const [full, notice] = [fullUri(kind), noticeUri(kind)]
    const tag = version === undefined ? {} : { version }
    if (wanted.includes(full) && data !== undefined) events[full] = { ...tag, data }
    else if (wanted.includes(full) || wanted.includes(notice)) events[notice] = { ...tag, attributes }
  }
  for (const [uri, payload] of Object.entries(others)) if (wanted.includes(uri)) events[uri] = payload
  return events
}

/** The place in digits that sort as texts, and behind it what makes it the only one. */
function jtiOf({ makeId }: Context, { at, revision }: Announcement['place']): string {
  const digits = (value: number, length: number) => value.toString(16).padStart(length, '0')
  return `${digits(at, 12)}-${digits(revision, 8)}-${makeId().slice(-17).replace('-', '')}`
}
