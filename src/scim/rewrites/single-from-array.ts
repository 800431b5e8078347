import type { Json } from '../../base/json.ts'
import type { Attribute } from '../schema/types.ts'
import type { Rewrite } from './rewrite.ts'
import { rewriteValues } from './values.ts'

/** An array of one around a single value: `manager: [{ "value": "2819" }]` (Entra ID, quirk 17). An empty one is no value. */
export const singleFromArray: Rewrite = {
  name: 'single-from-array',
  rewrite: request => rewriteValues(request, unwrap)
}

function unwrap({ many }: Attribute, value: Json): Json {
  if (many || !Array.isArray(value) || value.length > 1) return value
  return value[0] ?? null
}
