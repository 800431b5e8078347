/** How a value of an attribute compares. Stored values and filter values pass through this one function. */
import { fold, type Scalar } from '../filter/filter.ts'
import { parseDateTime } from './date-time.ts'
import { isCleanText } from './text.ts'
import type { Attribute } from './types.ts'

/**
 * The value as it stands in a search form: text folded unless the attribute is `caseExact`, a dateTime as epoch
 * milliseconds, numbers and booleans as they are.
 *
 * @returns undefined when `value` cannot be of the attribute's type; always for a complex attribute.
 */
export function normalise(attribute: Attribute, value: string | number | boolean): Scalar | undefined {
  switch (attribute.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined
    case 'decimal':
      return Number.isFinite(value) ? value : undefined
    case 'dateTime':
      return typeof value === 'string' ? parseDateTime(value) : undefined
    case 'complex':
      return undefined
    default:
      if (typeof value !== 'string' || !isCleanText(value)) return undefined
      return attribute.caseExact ? value : fold(value)
  }
}
