/** What the API takes and gives of connectors. */
import Type, { type Static } from 'typebox'
import type { TokenIssuer } from '../../../admin/connector-settings.ts'
import type { KeySource } from '../../../admin/key-sets.ts'
import { profiles, rewriteNames } from '../../../scim/rewrites/profiles.ts'
import { Nullable, Strict, Time } from './schemas.ts'

const nameLengthMax = 100
/** A second of more than this many is no limit. */
const requestsMax = 1_000_000
/** Longer windows forbid for longer than any client waits. */
const secondsMax = 3600

const onDelete = Type.Union([Type.Literal('delete'), Type.Literal('deactivate')], {
  description: 'What DELETE does to a user: either way it is answered 204, the seat is free and the user in no group'
})
const preserveUnmapped = Type.Boolean({ description: 'A PUT leaves as it is what it does not name' })
const unknownMembers = Type.Union([Type.Literal('refuse'), Type.Literal('wait')], {
  description:
    'A member of a group that is nobody’s id: refuse the request, or let it wait for whom the provider calls so (externalId)'
})
const bareToken = Type.Boolean({ description: 'The token may come without Bearer in front' })
const rateLimit = Nullable(
  Strict({
    requests: Type.Integer({ minimum: 1, maximum: requestsMax }),
    seconds: Type.Integer({ minimum: 1, maximum: secondsMax })
  })
)

const keySource = {
  jwks: Type.Optional(
    Type.Unsafe<{ keys: { kty: string }[] }>({
      ...Strict({
        keys: Type.Array(Type.Object({ kty: Type.String() }, { additionalProperties: true }), { maxItems: 50 })
      }),
      description: 'Public keys (RFC 7517)'
    })
  ),
  jwksUri: Type.Optional(Type.String({ maxLength: 1024, description: 'Where they are published' }))
}
const clientKeys = Nullable(
  Type.Unsafe<KeySource>({
    ...Strict(keySource),
    description:
      'By which the connector proves at the token endpoint who it is: one of the two. null: it has no client there'
  })
)
const tokenIssuer = Nullable(
  Type.Unsafe<TokenIssuer>({
    ...Strict({
      issuer: Type.String({ minLength: 1, maxLength: 1024 }),
      audience: Type.String({ minLength: 1, maxLength: 1024 }),
      claims: Type.Optional(
        Type.Record(Type.String(), Type.String({ maxLength: 1024 }), {
          maxProperties: 5,
          description: 'What a token must say besides, appid say'
        })
      ),
      ...keySource
    }),
    description: 'Whose JWTs open what the tokens of the connector do. null: nobody’s'
  })
)

const SettingsSchema = Type.Object({
  rewrites: Type.Record(Type.String(), Type.Boolean(), {
    description: 'On or off, whatever the profile says'
  }),
  onDelete,
  preserveUnmapped,
  unknownMembers,
  bareToken,
  rateLimit,
  clientKeys,
  tokenIssuer
})

const SettingsChangeSchema = Strict({
  rewrites: Type.Optional(
    Type.Record(Type.String(), Nullable(Type.Boolean()), {
      maxProperties: rewriteNames.length,
      description: `Each true, false, or null for what the profile says: ${rewriteNames.join(', ')}`
    })
  ),
  onDelete: Type.Optional(onDelete),
  preserveUnmapped: Type.Optional(preserveUnmapped),
  unknownMembers: Type.Optional(unknownMembers),
  bareToken: Type.Optional(bareToken),
  rateLimit: Type.Optional(rateLimit),
  clientKeys: Type.Optional(clientKeys),
  tokenIssuer: Type.Optional(tokenIssuer)
})

export const ConnectorSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  profile: Type.String(),
  settings: SettingsSchema,
  clientId: Type.String({ description: 'What it is called at the token endpoint' }),
  rewrites: Type.Array(Type.String(), { description: 'What its requests go through, in order' }),
  created: Time('When')
})

export const OneConnectorSchema = Type.Intersect([
  ConnectorSchema,
  Type.Object({
    suggestedProfile: Nullable(
      Type.Object(
        { profile: Type.String(), evidence: Type.Array(Type.String()), at: Time('When') },
        { description: 'What its first requests look like. Nothing follows from it by itself' }
      )
    )
  })
])

const name = Type.String({ minLength: 1, maxLength: nameLengthMax })
const profile = Type.String({ description: `How its requests are read: ${Object.keys(profiles).join(', ')}` })

export const NewConnector = Strict({
  name,
  profile: Type.Optional(profile),
  settings: Type.Optional(SettingsChangeSchema)
})
export type NewConnector = Static<typeof NewConnector>

export const ConnectorChangeSchema = Strict({
  name: Type.Optional(name),
  profile: Type.Optional(profile),
  settings: Type.Optional(SettingsChangeSchema)
})
export type ConnectorChangeSchema = Static<typeof ConnectorChangeSchema>

export const ProfilesSchema = Type.Object({
  profiles: Type.Array(Type.Object({ name: Type.String(), about: Type.String(), rewrites: Type.Array(Type.String()) })),
  rewrites: Type.Array(Type.Object({ name: Type.String(), about: Type.String() }), {
    description: 'In the order in which they are applied'
  })
})
