/** JSON Schemas of resources and messages, for the description of the API: from the attributes that validate. */
import type { JsonObject } from '../base/json.ts'
import { bulkRequestUrn, bulkResponseUrn } from './bulk.ts'
import { errorUrn } from './errors.ts'
import { listResponseUrn, searchRequestUrn } from './list.ts'
import { patchUrn } from './patch/parse.ts'
import type { Attribute, AttributeType, ResourceType } from './schema/types.ts'

const simple: Readonly<Record<Exclude<AttributeType, 'complex'>, JsonObject>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  reference: { type: 'string', format: 'uri-reference' },
  binary: { type: 'string', contentEncoding: 'base64' }
}

/** A resource as it is sent and shown. What a client may leave out is not required, as it differs by request. */
export function resourceSchema(type: ResourceType): JsonObject {
  const extensions = [...type.extensions.values()].map(({ urn, attributes }) => [urn, objectOf(attributes)] as const)
  const { properties } = objectOf(type.attributes)
  return {
    type: 'object',
    title: type.name,
    properties: { ...(properties as JsonObject), ...Object.fromEntries(extensions) }
  }
}

/** What every resource has (RFC 7643 3.1); the rest is as its type says. */
export const commonSchema: JsonObject = {
  type: 'object',
  properties: {
    schemas: { type: 'array', items: { type: 'string' } },
    id: { type: 'string', readOnly: true },
    externalId: { type: 'string' },
    meta: { type: 'object', readOnly: true, additionalProperties: true }
  },
  additionalProperties: true
}

function objectOf(table: ReadonlyMap<string, Attribute>): JsonObject {
  // The resolver of the description takes a property of the name $ref for a reference.
  const named = [...table.values()].filter(attribute => attribute.name !== '$ref')
  const shown = named.map(attribute => [attribute.name, attributeSchema(attribute)] as const)
  return { type: 'object', properties: Object.fromEntries(shown) }
}

function attributeSchema(attribute: Attribute): JsonObject {
  const one = attribute.type === 'complex' ? objectOf(attribute.sub) : simple[attribute.type]
  const marks = {
    ...(attribute.mutability === 'readOnly' ? { readOnly: true } : {}),
    ...(attribute.mutability === 'writeOnly' ? { writeOnly: true } : {}),
    ...(attribute.closed ? { enum: attribute.canonicalValues } : {})
  }
  return attribute.many ? { type: 'array', items: one, ...marks } : { ...one, ...marks }
}

const message = (urn: string, properties: JsonObject): JsonObject => ({
  type: 'object',
  properties: { schemas: { type: 'array', items: { const: urn } }, ...properties }
})

const text = { type: 'string' }
const integer = { type: 'integer' }

export const listSchema = (items: JsonObject): JsonObject =>
  message(listResponseUrn, {
    totalResults: integer,
    startIndex: integer,
    itemsPerPage: integer,
    previousCursor: text,
    nextCursor: text,
    Resources: { type: 'array', items }
  })

export const searchSchema = message(searchRequestUrn, {
  filter: text,
  startIndex: integer,
  cursor: text,
  count: integer,
  sortBy: text,
  sortOrder: { enum: ['ascending', 'descending'] },
  attributes: { type: 'array', items: text },
  excludedAttributes: { type: 'array', items: text }
})

export const patchSchema = message(patchUrn, {
  Operations: {
    type: 'array',
    items: {
      type: 'object',
      properties: { op: { enum: ['add', 'replace', 'remove'] }, path: text, value: {} },
      required: ['op']
    }
  }
})

export const scimErrorSchema = message(errorUrn, { status: text, scimType: text, detail: text })

const bulkOperation = { method: { enum: ['POST', 'PUT', 'PATCH', 'DELETE'] }, bulkId: text, version: text }

export const bulkRequestSchema = message(bulkRequestUrn, {
  failOnErrors: integer,
  Operations: {
    type: 'array',
    items: { type: 'object', properties: { ...bulkOperation, path: text, data: {} }, required: ['method', 'path'] }
  }
})

export const bulkOperationsSchema = {
  type: 'array',
  items: { type: 'object', properties: { ...bulkOperation, location: text, status: text, response: {} } }
}

export const bulkResponseSchema = message(bulkResponseUrn, { Operations: bulkOperationsSchema })
