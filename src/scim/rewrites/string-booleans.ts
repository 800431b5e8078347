import type { Json } from '../../base/json.ts'
import { booleanIn } from '../schema/text.ts'
import type { Attribute } from '../schema/types.ts'
import type { Rewrite } from './rewrite.ts'
import { rewriteValues } from './values.ts'

/** `"False"` for a boolean, in any letter case (Entra ID without its flag: quirks 6, 33; SEAT-55). */
export const stringBooleans: Rewrite = {
  name: 'string-booleans',
  rewrite: request => rewriteValues(request, toBoolean)
}

function toBoolean({ type }: Attribute, value: Json): Json {
  return type === 'boolean' && typeof value === 'string' ? (booleanIn(value) ?? value) : value
}
