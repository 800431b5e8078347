/** Whether a resource is as its schemas say: nothing in it that they do not tell of, every value of its type. */
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { parseDateTime } from '../../src/scim/schema/date-time.ts'
import type { AttributeDefinition } from '../../src/scim/schema/types.ts'
import type { DescribedType } from './documents.ts'
import { isOne } from './examples.ts'

// RFC 7643 3.1: attributes of every resource, which no schema tells of.
const common: readonly Partial<AttributeDefinition>[] = [
  { name: 'schemas', type: 'reference', multiValued: true, required: true, returned: 'always' },
  { name: 'id', type: 'string', required: true, returned: 'always' },
  { name: 'externalId', type: 'string' },
  {
    name: 'meta',
    type: 'complex',
    subAttributes: (['resourceType', 'created', 'lastModified', 'location', 'version'] as const).map(name => {
      return {
        name,
        type: name === 'created' || name === 'lastModified' ? 'dateTime' : 'string'
      } as AttributeDefinition
    })
  }
]

/** @returns a sentence for each fault. */
export function faultsOf(type: DescribedType, resource: JsonObject): readonly string[] {
  const { definition, core, extensions } = type
  const urns = new Set([core.id, ...extensions.map(({ id }) => id)])
  const own = Object.fromEntries(Object.entries(resource).filter(([name]) => !urns.has(name)))
  const held = extensions.flatMap(({ id, attributes }) => {
    const value = resource[id]
    if (value === undefined) return []
    return isObject(value) && Object.keys(value).length > 0
      ? tableFaults(attributes, value, `${id}:`)
      : [`${id} is empty`]
  })
  const listed = Array.isArray(resource.schemas) ? resource.schemas : []
  const inside = [...urns].filter(urn => urn in resource)
  // Clients may ask for parts of a resource.
  const kind = isObject(resource.meta) ? resource.meta.resourceType : undefined
  return [
    ...tableFaults([...common, ...core.attributes], own, ''),
    ...held,
    ...(listed[0] === core.id ? [] : [`schemas does not begin with ${core.id}`]),
    ...inside.filter(urn => !listed.includes(urn)).map(urn => `schemas does not name ${urn}`),
    ...listed.filter(urn => !urns.has(String(urn))).map(urn => `schemas names ${urn}`),
    ...(kind === undefined || kind === definition.name ? [] : [`meta.resourceType is ${kind}`])
  ]
}

function tableFaults(
  table: readonly Partial<AttributeDefinition>[],
  object: JsonObject,
  prefix: string
): readonly string[] {
  const known = new Map(table.map(attribute => [attribute.name, attribute]))
  // What is not required may have no value that could be returned.
  const missing = table.filter(({ name, required, returned }) => {
    return required === true && returned === 'always' && !(String(name) in object)
  })
  return [
    ...missing.map(({ name }) => `${prefix}${name} is always returned, and is not there`),
    ...Object.entries(object).flatMap(([name, value]) => {
      const attribute = known.get(name)
      if (attribute === undefined) return [`${prefix}${name} is told of nowhere`]
      if (attribute.returned === 'never') return [`${prefix}${name} is never returned`]
      return valueFaults(attribute, value, `${prefix}${name}`)
    })
  ]
}

function valueFaults(attribute: Partial<AttributeDefinition>, value: Json, path: string): readonly string[] {
  if (attribute.multiValued !== true) return oneFaults(attribute, value, path)
  if (!Array.isArray(value) || value.length === 0) return [`${path} is no array of values`]
  return value.flatMap(element => oneFaults(attribute, element, path))
}

function oneFaults(attribute: Partial<AttributeDefinition>, value: Json, path: string): readonly string[] {
  if (attribute.type === 'complex') {
    return isObject(value) ? tableFaults(attribute.subAttributes ?? [], value, `${path}.`) : [`${path} is no object`]
  }
  return isOf(attribute.type, value) ? [] : [`${path} is no ${attribute.type}: ${JSON.stringify(value)}`]
}

function isOf(type: AttributeDefinition['type'] = 'string', value: Json): boolean {
  if (type === 'dateTime') return typeof value === 'string' && parseDateTime(value) !== undefined
  return isOne(type, value)
}
