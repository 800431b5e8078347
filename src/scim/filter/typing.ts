/** Which operators an attribute's type has, and what a value of a filter compares as. */
import { bad } from '../errors.ts'
import { normalise } from '../schema/normalise.ts'
import { booleanIn } from '../schema/text.ts'
import type { Attribute, AttributeType } from '../schema/types.ts'
import type { Scalar } from './filter.ts'
import type { Literal, ParsedComparison } from './parsed.ts'

type Value = Exclude<Literal, null>

const equality = ['eq', 'ne']
const order = [...equality, 'gt', 'ge', 'lt', 'le']
const text = [...order, 'co', 'sw', 'ew']

// RFC 7644 3.4.2.2: order on Boolean and Binary attributes fails with invalidFilter.
const operators: Readonly<Record<AttributeType, readonly string[]>> = {
  string: text,
  reference: text,
  binary: equality,
  boolean: equality,
  dateTime: order,
  integer: order,
  decimal: order,
  complex: []
}

/** @throws ScimError 400 `invalidFilter` where the attribute's type does not have the operator. */
export function checkOperator(attribute: Attribute, op: ParsedComparison): void {
  const possible = operators[attribute.type]
  if (possible.includes(op)) return
  throw bad(
    'invalidFilter',
    `${attribute.label} is a ${attribute.type}: it compares by ${possible.join(', ')} and pr, not by ${op}.`,
    { attribute: attribute.label }
  )
}

/**
 * The value as it stands in search forms. Two kinds are taken for another where nothing else can be meant: `"True"` for a
 * boolean (Entra, quirk 15), and a whole number for a text of its digits (`employeeNumber eq 701984`, quirk 52).
 *
 * @throws ScimError 400 `invalidFilter` where the value is of another type than the attribute.
 */
export function scalarOf(attribute: Attribute, value: Value): Scalar {
  const scalar = typed(attribute, value)
  if (scalar !== undefined) return scalar
  throw bad(
    'invalidFilter',
    `${attribute.label} is a ${attribute.type}: it compares with ${examples[attribute.type]}.`,
    { attribute: attribute.label }
  )
}

const examples: Readonly<Record<AttributeType, string>> = {
  string: 'a text in double quotes',
  reference: 'a URI in double quotes',
  binary: 'base64 text in double quotes',
  boolean: 'true or false',
  dateTime: 'a time such as "2011-05-13T04:42:34Z"',
  integer: 'a number',
  decimal: 'a number',
  complex: 'nothing'
}

function typed(attribute: Attribute, value: Value): Scalar | undefined {
  switch (attribute.type) {
    case 'boolean':
      return typeof value === 'string' ? booleanIn(value) : ofType('boolean', value)
    case 'integer':
    case 'decimal':
      return ofType('number', value)
    case 'dateTime':
      return typeof value === 'string' ? normalise(attribute, value) : undefined
    default:
      return typeof value === 'boolean' || isInexact(value) ? undefined : normalise(attribute, String(value))
  }
}

function ofType(type: 'boolean' | 'number', value: Value): Value | undefined {
  return typeof value === type ? value : undefined
}

// Other numbers have lost the digits that were sent.
function isInexact(value: Value): boolean {
  return typeof value === 'number' && !Number.isSafeInteger(value)
}
