/**
 * The JSON of a schema (RFC 7643 7) or of a resource type (RFC 7643 6), as an administrator wrote it -> the definition with everything
 * said that the RFC lets him leave out, or a refusal that names the member. Strict: a misspelt member is told, not ignored.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { readAttributes } from './read-attributes.ts'
import type { ResourceTypeDefinition, SchemaDefinition } from './types.ts'

export interface DefinitionLimits {
  /** Attributes and sub-attributes of one schema. */
  readonly attributesMax: number
  /** Those of them that are unique or have `usher:index`: each value is one more entry to write. */
  readonly indexedMax: number
}

/** URNs are parts of URLs (`/Schemas/{urn}`), which end at 256 characters. */
const urnCharsMax = 200
const nameCharsMax = 64
const descriptionCharsMax = 1000

// RFC 8141, and of its characters those that names in filters and paths can have.
const urnSyntax = /^urn:[a-z0-9][a-z0-9-]{0,31}:[a-z0-9._-]+(?::[a-z0-9._-]+)*$/i
const reserved = ['urn:ietf:params:scim:api:', 'urn:ietf:params:scim:schemas:core:']

/** @throws ScimError 400 `invalidValue`. */
export function readSchemaDefinition(body: unknown, limits: DefinitionLimits): SchemaDefinition {
  const sent = membersOf(body, 'A schema', ['id', 'name', 'description', 'attributes'])
  const id = readUrn(sent.id, 'id')
  const attributes = readAttributes(sent.attributes)
  const all = attributes.flatMap(attribute => [attribute, ...(attribute.subAttributes ?? [])])
  if (all.length > limits.attributesMax) {
    throw bad(
      'invalidValue',
      `A schema may have ${limits.attributesMax} attributes and sub-attributes, not ${all.length}.`
    )
  }
  const indexed = all.filter(a => a['usher:index'] === true || (a.uniqueness ?? 'none') !== 'none')
  if (indexed.length > limits.indexedMax) {
    throw bad(
      'invalidValue',
      `A schema may have ${limits.indexedMax} attributes with usher:index or uniqueness, not ${indexed.length}.`
    )
  }
  return {
    id,
    name: readText(sent.name ?? id.slice(id.lastIndexOf(':') + 1), 'name', nameCharsMax),
    description: readText(sent.description ?? '', 'description', descriptionCharsMax),
    attributes
  }
}

const typeName = /^[A-Za-z][A-Za-z0-9]*$/
const endpointSyntax = /^\/[A-Za-z][A-Za-z0-9_-]*$/

/** @throws ScimError 400 `invalidValue`. */
export function readTypeDefinition(body: unknown): ResourceTypeDefinition {
  const sent = membersOf(body, 'A resource type', [
    'id',
    'name',
    'description',
    'endpoint',
    'schema',
    'schemaExtensions'
  ])
  const name = readText(sent.name, 'name', nameCharsMax)
  if (!typeName.test(name)) throw bad('invalidValue', 'name must be letters and digits, the first a letter: "Device".')
  if (sent.id !== undefined && sent.id !== name) throw bad('invalidValue', 'id, where it is sent, must be the name.')
  const endpoint = readText(sent.endpoint, 'endpoint', nameCharsMax)
  if (!endpointSyntax.test(endpoint)) {
    throw bad('invalidValue', 'endpoint must be a slash and one word of letters, digits, - and _: "/Devices".')
  }
  return {
    id: name,
    name,
    description: readText(sent.description ?? '', 'description', descriptionCharsMax),
    endpoint,
    schema: readUrn(sent.schema, 'schema'),
    schemaExtensions: readExtensions(sent.schemaExtensions ?? [])
  }
}

function readExtensions(value: Json): ResourceTypeDefinition['schemaExtensions'] {
  if (!Array.isArray(value)) throw bad('invalidValue', 'schemaExtensions must be an array.')
  const extensions = value.map((each: Json, i) => {
    const { schema, required = false } = membersOf(each, `schemaExtensions[${i}]`, ['schema', 'required'])
    if (typeof required !== 'boolean') {
      throw bad('invalidValue', `schemaExtensions[${i}].required must be true or false.`)
    }
    return { schema: readUrn(schema, `schemaExtensions[${i}].schema`), required }
  })
  const urns = new Set(extensions.map(({ schema }) => schema.toLowerCase()))
  if (urns.size < extensions.length) throw bad('invalidValue', 'schemaExtensions names a schema twice.')
  return extensions
}

/** What discovery shows beside the definition (`schemas`, `meta`) may be sent back, and says nothing. */
function membersOf(value: unknown, what: string, known: readonly string[]): JsonObject {
  if (!isObject(value)) throw bad('invalidSyntax', `${what} must be a JSON object.`)
  const unknown = Object.keys(value).find(name => !known.includes(name) && name !== 'schemas' && name !== 'meta')
  if (unknown === undefined) return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
  throw bad('invalidValue', `${what} has no member ${JSON.stringify(unknown)}: it has ${known.join(', ')}.`)
}

function readText(value: Json | undefined, name: string, charsMax: number): string {
  const isText = typeof value === 'string' && value.length <= charsMax && value.isWellFormed() && !value.includes('\0')
  if (isText && (value !== '' || name === 'description')) return value
  throw bad('invalidValue', `${name} must be a text of ${charsMax} characters at most.`)
}

function readUrn(value: Json | undefined, name: string): string {
  if (typeof value !== 'string' || value.length > urnCharsMax || !urnSyntax.test(value)) {
    throw bad(
      'invalidValue',
      `${name} must be a URN of letters, digits, - . _ and colons: "urn:example:params:scim:Badge".`
    )
  }
  if (reserved.some(prefix => value.toLowerCase().startsWith(prefix)) && name === 'id') {
    throw bad(
      'invalidValue',
      `${name} begins like the schemas of the RFC, which are not for others: choose another URN.`
    )
  }
  return value
}
