/** Random definitions of schemas, as an administrator may write them, and the type that they make. */
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'
import { readSchemaDefinition, readTypeDefinition } from '../../src/scim/schema/read-definition.ts'
import type { ResourceType, SchemaDefinition } from '../../src/scim/schema/types.ts'
import { typesFor } from '../../src/scim/schemas.ts'

const simpleTypes = ['string', 'string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'] as const

const flags = {
  mutability: fc.constantFrom('readWrite', 'readWrite', 'readWrite', 'immutable', 'writeOnly', 'readOnly'),
  returned: fc.constantFrom('default', 'default', 'always', 'request')
}

const often = fc.constantFrom(true, false)
const seldom = fc.constantFrom(true, false, false, false, false, false, false, false)

/** An attribute that `readSchemaDefinition` takes: what cannot be meant together is not drawn together. */
function simple(name: string, { withMany }: { readonly withMany: boolean }): fc.Arbitrary<JsonObject> {
  return fc
    .record({
      type: fc.constantFrom(...simpleTypes),
      many: withMany ? often : fc.constant(false),
      required: seldom,
      closed: seldom,
      unique: seldom,
      index: often,
      caseExact: often,
      ...flags
    })
    .map(({ type, many, required, closed, unique, index, caseExact, mutability, returned }): JsonObject => {
      const isSecret = mutability === 'writeOnly'
      const isText = type === 'string'
      return {
        name,
        type,
        multiValued: many,
        mutability,
        ...(isSecret ? {} : { returned }),
        ...(required && !isSecret && mutability !== 'readOnly' ? { required } : {}),
        ...(isText ? { caseExact } : {}),
        ...(isText && closed ? { canonicalValues: ['red', 'Green', 'ß'], 'usher:closed': true } : {}),
        ...(index && !isSecret ? { 'usher:index': true } : {}),
        ...(unique && !isSecret && ['string', 'integer', 'decimal', 'dateTime'].includes(type)
          ? { uniqueness: 'server' }
          : {})
      }
    })
}

function complex(name: string): fc.Arbitrary<JsonObject> {
  const subs = fc.tuple(
    simple('value', { withMany: false }),
    simple('display', { withMany: false }),
    simple('locality', { withMany: true }),
    fc.constant<JsonObject>({ name: 'type' }),
    fc.constant<JsonObject>({ name: 'primary', type: 'boolean' })
  )
  return fc.record({ subAttributes: subs, multiValued: often, ...flags }).map((drawn): JsonObject => {
    const { subAttributes, multiValued, mutability, returned } = drawn
    const isSecret = mutability === 'writeOnly'
    return { name, type: 'complex', subAttributes, multiValued, mutability, ...(isSecret ? {} : { returned }) }
  })
}

const attributes = fc
  .tuple(
    simple('title', { withMany: true }),
    simple('serial', { withMany: true }),
    simple('colour-1', { withMany: true }),
    simple('size', { withMany: true }),
    complex('badges'),
    complex('desk'),
    // So that there always is something of each kind to ask for.
    fc.constant<JsonObject>({
      name: 'places',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value', 'usher:index': true }, { name: 'type' }, { name: 'primary', type: 'boolean' }]
    })
  )
  .chain(all => fc.shuffledSubarray(all.slice(0, -1), { minLength: 2 }).map(some => [...some, ...all.slice(-1)]))

export interface DrawnSchemas {
  /** As they are sent. */
  readonly core: JsonObject
  readonly extension: JsonObject
  readonly resourceType: JsonObject
}

/** A core schema, an extension, and the resource type of both. */
export const arbitrarySchemas: fc.Arbitrary<DrawnSchemas> = fc
  .record({ core: attributes, extension: attributes })
  .map(({ core, extension }) => ({
    core: { id: 'urn:example:params:scim:Thing', attributes: core },
    extension: { id: 'urn:example:params:scim:More.2.0:Thing', attributes: extension },
    resourceType: {
      name: 'Thing',
      endpoint: '/Things',
      schema: 'urn:example:params:scim:Thing',
      schemaExtensions: [{ schema: 'urn:example:params:scim:More.2.0:Thing', required: false }]
    }
  }))

const limits = { attributesMax: 100, indexedMax: 100 }

const read = (schema: JsonObject): SchemaDefinition => readSchemaDefinition(schema, limits)

/** The resource type, and users with the same extension. */
export function typesOfDrawn({ core, extension, resourceType }: DrawnSchemas): {
  readonly thing: ResourceType
  readonly user: ResourceType
} {
  const definition = readTypeDefinition(resourceType)
  const edited = definition.schemaExtensions.map(each => ({ ...each, 'usher:edition': 'extension' }))
  const { all, user } = typesFor(
    { licenseFromIdp: false },
    {
      revision: 1,
      schemas: [read(core), read(extension)],
      resourceTypes: [{ ...definition, 'usher:edition': 'thing', schemaExtensions: edited }],
      extensions: new Map([['User', edited]])
    }
  )
  const thing = all.find(({ name }) => name === 'Thing')
  if (thing === undefined) throw new Error('there is no Thing')
  return { thing, user }
}
