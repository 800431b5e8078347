/** Event streams (RFC 9967 1.3): who is told what, and how it gets there. */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { kept } from '../base/kept.ts'
import { fold } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'

/** Signatures that a receiver may ask for. */
export const algorithms = ['EdDSA', 'ES256'] as const
export type Algorithm = (typeof algorithms)[number]

export type Delivery =
  /** RFC 8936. */
  | { readonly method: 'poll' }
  /** RFC 8935. `authorization`: sent as the header of this name, and shown to nobody. */
  | { readonly method: 'push'; readonly url: string; readonly authorization: string | null }

export interface EventStream {
  readonly id: string
  readonly name: string
  readonly created: EpochMs
  /** `iss` of its tokens: where this service stood for whoever made the stream. */
  readonly issuer: string
  /** `aud` of its tokens. */
  readonly audience: string
  /** Of `eventUris`. Where both forms of one event are named, it comes in full. */
  readonly events: readonly string[]
  readonly algorithm: Algorithm
  readonly delivery: Delivery
  /** Nothing is delivered; what happens waits. */
  readonly paused: boolean
}

export const eventStreams: Collection<EventStream> = {
  name: 'eventStreams',
  search: ({ id, name, audience, delivery, paused }) => ({
    id,
    name: fold(name),
    audience,
    paused,
    delivery: { method: delivery.method }
  }),
  indexes: []
}

/** Streams of one organisation: every change writes a row for each. */
export const streamsMax = 10

/**
 * How old the look may be that decides what a change is written for. A stream is made only after this time and that of the
 * slowest commit have passed (`settleSeconds`): then every node knows it, and no change that was decided without it is
 * under way any more. So nothing that is committed after the stream's creation was acknowledged can be missed.
 */
const maxAgeMs = 1000

const streams = kept(async ({ store }: Env, tenant: string) => {
  const found = await store.find(eventStreams, tenant, { limit: streamsMax })
  return found.map(({ doc }) => doc)
}, maxAgeMs)

/** The streams of an organisation, as they were a second ago at most. */
export const streamsOf = (env: Env, tenant: string): Promise<readonly EventStream[]> => streams.of(env, tenant)

/** To be called after a change of a stream. */
export const forgetStreams = (env: Env, tenant: string): void => streams.forget(env, tenant)
