/** The provisioning log as the API shows it. */
import Type, { type Static } from 'typebox'
import { operations, outcomes } from '../../../provisioning/entry.ts'
import { IdParams } from './schemas.ts'

export const EntryParams = IdParams
export type EntryParams = Static<typeof EntryParams>

const AnyJson = (description: string) => Type.Unsafe<unknown>({ description })
const Members = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description })
const Text = (description: string) => Type.String({ description })

export const DifferenceSchema = Type.Object({
  path: Text('`name.givenName`, `urn:…:User:department`, `members`'),
  before: Type.Optional(AnyJson('What was there; of a list: the elements that went')),
  after: Type.Optional(AnyJson('What is there; of a list: the elements that came'))
})

export const EffectSchema = Type.Object({
  action: Text('As in the audit log: `seat.assigned`, `group.membersChanged`'),
  event: Text('Id of the event in the audit log'),
  target: Members('What it happened to'),
  detail: Members('As in the audit log')
})

export const ErrorSchema = Type.Object({
  code: Text('For machines, as in X-Error-Code'),
  scimType: Type.Optional(Text('RFC 7644 3.12')),
  attribute: Type.Optional(Text('The attribute, parameter or part of the request that is wrong')),
  detail: Text('The reason, and what to do'),
  rfc: Type.Optional(Text('The section of an RFC, or the rule of the product, that demands it'))
})

export const ResourceSchema = Type.Object({
  type: Type.String(),
  id: Type.Optional(Type.String()),
  name: Type.Optional(Text('userName or displayName')),
  externalId: Type.Optional(Type.String())
})

const summary = {
  id: Type.String(),
  at: Type.String({ format: 'date-time', description: 'When the request came' }),
  ms: Type.Number({ description: 'How long it took, in milliseconds' }),
  connector: Type.Object({
    kind: Text('`connector`, or `administrator` for an API key'),
    id: Type.String(),
    name: Type.String(),
    profile: Type.String()
  }),
  requestId: Text('As in X-Request-Id and the audit log'),
  bulk: Type.Optional(Text('The entry of the bulk request that it was an operation of')),
  operation: Type.Union(operations.map(name => Type.Literal(name))),
  method: Type.String(),
  path: Text('Below /scim/v2'),
  status: Type.Integer(),
  outcome: Type.Union(
    outcomes.map(name => Type.Literal(name)),
    { description: '`unchanged`: all was so already' }
  ),
  rewrites: Type.Array(Type.String(), { description: 'What was put into the words of the RFCs' }),
  error: Type.Optional(ErrorSchema),
  resource: Type.Optional(ResourceSchema),
  difference: Type.Array(DifferenceSchema),
  effects: Type.Array(EffectSchema),
  missing: Type.Optional(Type.Integer({ description: 'Of a `gap`: requests that are not in the log' }))
}

const BodySchema = Type.Object({
  value: AnyJson('JSON, without what is secret'),
  truncated: Type.Boolean({ description: 'More was sent than is kept' }),
  redacted: Type.Boolean({ description: 'Something secret was left out: ***' })
})

export const EntrySummarySchema = Type.Object(summary)

export const EntrySchema = Type.Object({
  ...summary,
  query: Members('Of the URL'),
  headers: Members('Those that change what is done, and who sent it'),
  body: Type.Optional(BodySchema),
  read: Type.Optional(
    Type.Object(
      { query: Members('Of the URL'), body: Type.Optional(BodySchema) },
      { description: 'The request after the rewrites' }
    )
  ),
  answer: Type.Optional(
    Type.Object({ value: AnyJson('The body; a text where it is truncated'), truncated: Type.Boolean() })
  )
})

export const ReplaySchema = Type.Object({
  exact: Type.Boolean({ description: 'What was made again is what was sent' }),
  notes: Type.Array(Type.String(), { description: 'In what it is not' }),
  was: EntrySchema,
  would: Type.Object(EntrySchema.properties, { description: 'What would come of it now; its ids are nobody’s' }),
  operations: Type.Optional(Type.Array(EntrySchema, { description: 'Of a bulk request: each of its operations, now' })),
  turned: Type.Array(DifferenceSchema, {
    description: 'What would not be as it was: before, as it was; after, as it would be'
  })
})
