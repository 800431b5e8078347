/** What the routes of event streams take and give. */
import Type, { type Static } from 'typebox'
import { type Algorithm, algorithms } from '../../../events/streams.ts'
import { eventUris } from '../../../events/uris.ts'
import { Nullable, Strict, Time } from './schemas.ts'

const nameLengthMax = 100
const audienceLengthMax = 500
const urlLengthMax = 2000
const authorizationLengthMax = 4000
/** Tokens that one poll may speak of: more than any answer held. */
const acknowledgedMax = 10_000
const jtiLengthMax = 100
const errorLengthMax = 1000

const Name = Type.String({ minLength: 1, maxLength: nameLengthMax })
const Audience = Type.String({ minLength: 1, maxLength: audienceLengthMax, description: '`aud` of its tokens' })
const Events = Type.Array(Type.Unsafe<string>({ type: 'string', enum: eventUris }), {
  minItems: 1,
  uniqueItems: true,
  description: 'URIs of events. Where both forms of one are named, it comes in full'
})
const AlgorithmSchema = Type.Unsafe<Algorithm>({
  type: 'string',
  enum: algorithms,
  description: 'How its tokens are signed'
})
const Url = Type.String({
  maxLength: urlLengthMax,
  description: 'Where tokens are posted to (RFC 8935): https, and on the internet'
})
// A header's value: no control characters, so that it stays one.
const Authorization = Type.String({
  minLength: 1,
  maxLength: authorizationLengthMax,
  pattern: '^[\\x20-\\x7e]+$',
  description: 'Sent as the header Authorization, and never shown again'
})

export const StreamSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  audience: Type.String(),
  issuer: Type.String({ description: '`iss` of its tokens; their keys are at /.well-known/jwks.json below it' }),
  events: Type.Array(Type.String()),
  algorithm: AlgorithmSchema,
  delivery: Type.Union([
    Type.Object({
      method: Type.Literal('poll'),
      url: Type.String({ description: 'Where the receiver polls (RFC 8936)' })
    }),
    Type.Object({
      method: Type.Literal('push'),
      url: Type.String(),
      authorized: Type.Boolean({ description: 'Whether an Authorization header is sent' })
    })
  ]),
  paused: Type.Boolean({ description: 'Nothing is delivered; what happens waits' }),
  created: Time('When made')
})

export const StreamStateSchema = Type.Intersect([
  StreamSchema,
  Type.Object({
    state: Type.Object({
      waiting: Type.Integer({ description: 'Events that wait for the receiver' }),
      acknowledged: Type.Integer(),
      lastAcknowledgedAt: Nullable(Time('When the receiver last acknowledged one')),
      lastError: Nullable(Type.Object({ at: Time('When'), text: Type.String() })),
      failures: Type.Integer({ description: 'Pushes that failed in a row' }),
      nextTryAt: Nullable(Time('When a push is tried again')),
      dropped: Type.Integer({ description: 'Events given up, because too many waited or they waited for too long' }),
      lastDroppedAt: Nullable(Time('When events were last given up'))
    })
  })
])

export const MadeStreamSchema = Type.Intersect([
  StreamSchema,
  Type.Object({ token: Nullable(Type.String({ description: 'With which the receiver polls: shown this once' })) })
])

export const NewStream = Strict({
  name: Name,
  audience: Audience,
  events: Events,
  algorithm: Type.Optional(AlgorithmSchema),
  delivery: Type.Union([
    Strict({ method: Type.Literal('poll') }),
    Strict({ method: Type.Literal('push'), url: Url, authorization: Type.Optional(Authorization) })
  ])
})
export type NewStream = Static<typeof NewStream>

export const StreamChangeSchema = Strict({
  name: Type.Optional(Name),
  audience: Type.Optional(Audience),
  events: Type.Optional(Events),
  algorithm: Type.Optional(AlgorithmSchema),
  paused: Type.Optional(Type.Boolean()),
  delivery: Type.Optional(Strict({ url: Type.Optional(Url), authorization: Type.Optional(Nullable(Authorization)) }))
})
export type StreamChangeSchema = Static<typeof StreamChangeSchema>

export const PollBody = Type.Object({
  maxEvents: Type.Optional(Type.Integer({ minimum: 0, description: '0 only acknowledges; absent: as many as may be' })),
  returnImmediately: Type.Optional(
    Type.Boolean({ description: 'false, as by default: waits until there is something' })
  ),
  ack: Type.Optional(
    Type.Array(Type.String({ maxLength: jtiLengthMax }), {
      maxItems: acknowledgedMax,
      description: '`jti` of tokens that the receiver has kept: they are not sent again'
    })
  ),
  setErrs: Type.Optional(
    Type.Record(
      Type.String({ maxLength: jtiLengthMax }),
      Type.Object({
        err: Type.String({ maxLength: errorLengthMax }),
        description: Type.Optional(Type.String({ maxLength: errorLengthMax }))
      }),
      {
        maxProperties: acknowledgedMax,
        description: 'Tokens that the receiver could not take: shown to administrators, and sent again'
      }
    )
  )
})
export type PollBody = Static<typeof PollBody>

export const PollAnswerSchema = Type.Object({
  sets: Type.Unsafe<Record<string, string>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Signed tokens by their `jti`'
  }),
  moreAvailable: Type.Boolean()
})
