/** The body of a POST -> the attributes to store. For a PUT see `replace.ts`. */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { byName, readTable } from './schema/read-value.ts'
import type { Extension, ResourceType } from './schema/types.ts'

export interface ReadOptions {
  /** RFC 7643 3.1 demands `schemas`; some clients leave it out (quirk 64), and nothing is unclear then. */
  readonly schemasRequired?: boolean
}

/**
 * The writable attributes of `body` in the schema's order and spelling, without `schemas`, `id` and `meta`. Absent are attributes
 * that are null, empty, readOnly, unknown, or never returned (`password` is validated and then forgotten). Extensions stand
 * under their URN, only where something in them is assigned. Reading the result again gives the same.
 *
 * @throws ScimError 400: `invalidSyntax` where the body is no object or names an attribute twice, else `invalidValue`.
 */
export function readResource(type: ResourceType, body: unknown, options: ReadOptions = {}): JsonObject {
  if (!isObject(body)) throw bad('invalidSyntax', 'The body must be a JSON object.')
  const sent = byName(body, name => name === 'schemas' || type.extensions.has(name))
  checkSchemas(type, sent.get('schemas'), options)
  const read: Record<string, Json> = { ...readTable(type.attributes, body) }
  for (const [name, extension] of type.extensions) {
    const attributes = readExtension(extension, sent.get(name))
    if (attributes !== undefined) read[extension.urn] = attributes
  }
  return read
}

// Unknown URNs and extensions without an object are ignored (quirks 27, 54), and so is an object whose URN is not listed.
function checkSchemas(type: ResourceType, schemas: Json | undefined, { schemasRequired = false }: ReadOptions): void {
  if (schemas === undefined && !schemasRequired) return
  const wanted = `schemas must be an array that contains "${type.schema}".`
  if (!Array.isArray(schemas)) throw bad('invalidValue', wanted, { attribute: 'schemas', rfc: 'RFC 7643 3' })
  const urns = schemas.map(urn => (typeof urn === 'string' ? urn.toLowerCase() : undefined))
  if (urns.includes(undefined) || !urns.includes(type.schema.toLowerCase()))
    throw bad('invalidValue', wanted, { attribute: 'schemas', rfc: 'RFC 7643 3' })
}

function readExtension(extension: Extension, value: Json | undefined): JsonObject | undefined {
  if (value !== undefined && !isObject(value))
    throw bad('invalidValue', `${extension.urn} must be an object.`, { attribute: extension.urn, rfc: 'RFC 7643 3.3' })
  if (value === undefined && !extension.required) return undefined
  const read = readTable(extension.attributes, value ?? {})
  if (Object.keys(read).length > 0) return read
  // RFC 7643 6: where the extension is required, "a resource of this type MUST include it".
  if (extension.required) throw bad('invalidValue', `${extension.urn} is required: it must be an object with a value.`)
  return undefined
}
