import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Attribute } from '../schema/types.ts'
import { mapArray, type Rewrite } from './rewrite.ts'
import { rewriteValues } from './values.ts'

/**
 * An app role as JSON in the `value` of a role (Entra ID, quirk 16):
 * `{ "value": "{\"id\":\"…\",\"value\":\"Admin\",\"displayName\":\"Admin\"}" }` is `{ "value": "Admin", "display": "Admin" }`.
 */
export const jsonInString: Rewrite = {
  name: 'json-in-string',
  rewrite: request => rewriteValues(request, unpackRoles)
}

function unpackRoles({ name, many }: Attribute, value: Json): Json {
  if (name !== 'roles' || !many) return value
  return Array.isArray(value) ? mapArray(value, unpack) : unpack(value)
}

function unpack(element: Json): Json {
  if (!isObject(element)) return element
  const role = roleIn(element.value)
  if (role === undefined) return element
  return { ...element, value: role.value, ...(role.display === undefined ? {} : { display: role.display }) }
}

interface AppRole {
  readonly value: string
  readonly display?: string
}

function roleIn(text: Json | undefined): AppRole | undefined {
  const role = typeof text === 'string' && text.startsWith('{') ? parse(text) : undefined
  if (role === undefined || typeof role.value !== 'string') return undefined
  const { value, displayName } = role
  return typeof displayName === 'string' ? { value, display: displayName } : { value }
}

function parse(text: string): JsonObject | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return isObject(found) ? found : undefined
  } catch {
    return undefined
  }
}
