/** A stream without its receiver, and what waits in it. */
import type { JsonObject } from '../../src/base/json.ts'
import { type OutboxRow, outbox } from '../../src/events/outbox.ts'
import { type EventStream, eventStreams, forgetStreams } from '../../src/events/streams.ts'
import { eventUris } from '../../src/events/uris.ts'
import { field, is } from '../../src/scim/filter/filter.ts'
import { insert } from '../../src/store/port.ts'
import type { TestServer } from '../support/app.ts'

/** A stream that is known at once to this server. */
export async function stream(server: TestServer, change: Partial<EventStream> = {}): Promise<EventStream> {
  const { context, store } = server
  const made: EventStream = {
    id: context.makeId(),
    name: 'Receiver',
    created: context.clock.now(),
    issuer: 'https://usher.example.com',
    audience: 'https://receiver.example.com',
    events: eventUris,
    algorithm: 'EdDSA',
    delivery: { method: 'poll' },
    paused: false,
    ...change
  }
  await store.commit([insert(eventStreams, context.tenant, made)], { id: context.makeId() })
  forgetStreams(context, context.tenant)
  return made
}

/** What waits for the receiver of a stream, in the order in which it is delivered. */
export async function waiting({ store, context }: TestServer, { id }: EventStream): Promise<readonly OutboxRow[]> {
  const filter = is(field('stream'), id)
  return (await store.find(outbox, context.tenant, { filter, limit: 1000 })).map(({ doc }) => doc)
}

/** The ends of the event URIs of a row: `prov:create:full`. */
export const kinds = ({ events }: OutboxRow): readonly string[] =>
  Object.keys(events).map(uri => uri.replace(/^urn:(ietf|usher):params:scim:event:/, ''))

export const payload = ({ events }: OutboxRow, end: string): JsonObject =>
  (Object.entries(events).find(([uri]) => uri.endsWith(end))?.[1] ?? {}) as JsonObject
