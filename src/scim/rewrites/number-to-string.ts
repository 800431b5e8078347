import type { Json } from '../../base/json.ts'
import type { Attribute } from '../schema/types.ts'
import type { Rewrite } from './rewrite.ts'
import { rewriteValues } from './values.ts'

/** A whole number for a text of its digits: `employeeNumber: 701984` (Okta's documentation, quirk 52). */
export const numberToString: Rewrite = {
  name: 'number-to-string',
  rewrite: request => rewriteValues(request, toText)
}

// Larger numbers have lost the digits that were sent.
function toText({ type }: Attribute, value: Json): Json {
  return type === 'string' && typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
}
