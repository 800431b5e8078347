/** How definitions of schemas and resource types stand in the description of the API. */
import Type, { type Static } from 'typebox'
import type { JsonObject } from '../../../base/json.ts'

/** URNs of 200 characters at most, and names. */
export const DefinitionParams = Type.Object({
  id: Type.String({ maxLength: 200, description: 'The URN of a schema; the name of a resource type' })
})
export type DefinitionParams = Static<typeof DefinitionParams>

const meta = Type.Object({
  created: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  lastModified: Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
})

const Anything = Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true })

export const DefinedSchemaSchema = Type.Object({
  id: Type.String({ description: 'Its URN' }),
  name: Type.String(),
  description: Type.String(),
  attributes: Type.Array(Anything, {
    description:
      'RFC 7643 7, and of ours `usher:index` (filters on it are served by an index), `usher:closed` (the canonical values are the only ' +
      'ones) and `usher:elementsMax`'
  }),
  meta
})

export const DefinedTypeSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  endpoint: Type.String({ description: 'Below /scim/v2: `/Devices`' }),
  schema: Type.String({ description: 'The URN of its core schema' }),
  schemaExtensions: Type.Array(Type.Object({ schema: Type.String(), required: Type.Boolean() })),
  meta
})

export const schemaExample: JsonObject = {
  id: 'urn:example:params:scim:schemas:extension:badge:1.0:User',
  name: 'Badge',
  description: 'The badge that opens the doors',
  attributes: [
    {
      name: 'number',
      type: 'string',
      description: 'As printed on it',
      required: true,
      mutability: 'immutable',
      uniqueness: 'server',
      'usher:index': true
    },
    {
      name: 'colour',
      type: 'string',
      canonicalValues: ['green', 'red'],
      'usher:closed': true
    },
    { name: 'validUntil', type: 'dateTime' }
  ]
}

export const resourceTypeExample: JsonObject = {
  name: 'Device',
  description: 'What people work with',
  endpoint: '/Devices',
  schema: 'urn:example:params:scim:schemas:1.0:Device',
  schemaExtensions: []
}
