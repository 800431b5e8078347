/** A stream without its receiver, and what waits in it. */
import type { Test } from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { type OutboxRow, outbox } from '../../src/events/outbox.ts'
import { type EventStream, eventStreams, forgetStreams } from '../../src/events/streams.ts'
import { eventUris } from '../../src/events/uris.ts'
import { field, is } from '../../src/scim/filter/filter.ts'
import { insert, remove } from '../../src/store/port.ts'
import { onBothStores, type ServerOptions, type TestServer } from '../support/app.ts'

/** A stream that is known at once to this server. */
export async function stream(t: Test, server: TestServer, change: Partial<EventStream> = {}): Promise<EventStream> {
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
  t.teardown(async () => {
    await store.commit([remove(eventStreams, context.tenant, made.id, 1)], { id: context.makeId() })
    forgetStreams(context, context.tenant)
  })
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

type Rule = (t: Test, server: TestServer) => Promise<unknown>

/** Rules that share a server on each store, one after the other: each has users and streams of its own. */
export function rulesOnBothStores(t: Test, title: string, options: ServerOptions = {}) {
  const rules: (readonly [string, Rule])[] = []
  onBothStores(
    t,
    title,
    async (t, server) => {
      for (const [rule, run] of rules) await t.test(rule, async t => run(t, server))
    },
    { seats: 'PWM=60,PAM=60', ...options }
  )
  return (rule: string, run: Rule): void => void rules.push([rule, run])
}
