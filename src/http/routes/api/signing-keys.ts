/** The keys that sign our tokens: their public halves for everybody, and their change for who may. */
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { toDateTime } from '../../../base/clock.ts'
import { jwks, jwksMaxAgeSeconds, rotateKeys } from '../../../events/keys.ts'
import { contextOf } from '../../context.ts'
import type { Services } from '../../services.ts'

const RotateBody = Type.Union([
  Type.Object(
    {
      compromised: Type.Optional(
        Type.Boolean({ description: 'The old keys are withdrawn at once: what they signed is not believed any more' })
      )
    },
    { additionalProperties: false }
  ),
  Type.Null()
])

const KeyState = Type.Object({
  kid: Type.String(),
  alg: Type.String(),
  signsFrom: Type.String({ format: 'date-time' }),
  publishedUntil: Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
})

export function signingKeyRoutes(app: FastifyInstance, { env }: Services): void {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        tags: ['Keys'],
        summary: 'The public keys of our tokens (RFC 7517)',
        response: {
          200: Type.Object({
            keys: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }))
          })
        }
      }
    },
    async (_request, reply) => {
      const { keys } = await jwks(env)
      return reply
        .header('cache-control', `public, max-age=${jwksMaxAgeSeconds}`)
        .send({ keys: keys.map(key => ({ ...key })) })
    }
  )

  app.post<{ Body: Static<typeof RotateBody> }>(
    '/api/v1/signing-keys/rotate',
    {
      schema: {
        tags: ['Keys'],
        summary: 'Let new keys take over, after the minutes in which everybody gets to know them',
        body: RotateBody,
        response: { 200: Type.Object({ keys: Type.Array(KeyState) }) }
      }
    },
    async request => {
      const keys = await rotateKeys(contextOf(env, request), { compromised: request.body?.compromised === true })
      return {
        keys: keys.map(({ kid, alg, signsFrom, publishedUntil }) => ({
          ...{ kid, alg, signsFrom: toDateTime(signsFrom) },
          publishedUntil: publishedUntil === null ? null : toDateTime(publishedUntil)
        }))
      }
    }
  )
}
