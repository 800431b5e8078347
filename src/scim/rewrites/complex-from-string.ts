import type { Json } from '../../base/json.ts'
import type { Attribute } from '../schema/types.ts'
import { mapArray, type Rewrite } from './rewrite.ts'
import { rewriteValues } from './values.ts'

/**
 * A bare text where an object with a `value` stands: `manager: "2819"`, `members: ["id-1"]` (Entra ID, quirks 18, 23). An empty
 * text for a single one clears it.
 */
export const complexFromString: Rewrite = {
  name: 'complex-from-string',
  rewrite: request => rewriteValues(request, toComplex)
}

function toComplex(attribute: Attribute, value: Json): Json {
  if (attribute.type !== 'complex' || !attribute.sub.has('value')) return value
  if (Array.isArray(value)) return mapArray(value, element => (isText(element) ? { value: element } : element))
  if (value === '' && !attribute.many) return null
  return isText(value) ? { value } : value
}

function isText(value: Json): boolean {
  return typeof value === 'string' && value !== ''
}
