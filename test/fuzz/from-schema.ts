/**
 * Values for a route by the JSON Schema that it declares: mostly such as it takes, so that requests come as far as its handler,
 * with one in ten of its parts something else.
 */
import fc from 'fast-check'
import { isObject, type Json } from '../../src/base/json.ts'
import { id, text } from './words.ts'

type Value = fc.Arbitrary<unknown>

const something: Value = fc.oneof(text, fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, [], {}, [null]))
const usually = (value: Value, other: Value = something): Value =>
  fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: other })

export function valueBySchema(schema: unknown): Value {
  if (!isObject(schema)) return something
  return usually(fitting(schema as { readonly [name: string]: Json }))
}

function fitting(schema: { readonly [name: string]: Json }): Value {
  const { const: only, enum: some, anyOf, oneOf, allOf, type } = schema
  if (only !== undefined) return fc.constant(only)
  if (Array.isArray(some) && some.length > 0) return fc.constantFrom<unknown>(...some)
  const choices = [anyOf, oneOf].find(Array.isArray)
  if (choices !== undefined) return fc.oneof(...choices.map(valueBySchema))
  if (Array.isArray(allOf)) {
    return fc
      .tuple(...allOf.map(valueBySchema))
      .map(parts => Object.assign({}, ...parts.filter(part => typeof part === 'object')))
  }
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      return fc.array(valueBySchema(schema.items), { maxLength: 3 })
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'string':
      return textOf(schema)
    case 'null':
      return fc.constant(null)
    default:
      return something
  }
}

function objectOf({ properties, required, additionalProperties }: { readonly [name: string]: Json }): Value {
  const known = isObject(properties) ? Object.entries(properties) : []
  const needed = Array.isArray(required) ? required : []
  const parts = known.map(([name, of]) => {
    const value = valueBySchema(of)
    const maybe = fc.option(value, { nil: undefined, freq: needed.includes(name) ? 30 : 1 })
    return maybe.map((one): [string, unknown] => [name, one])
  })
  const free = isObject(additionalProperties)
    ? fc.dictionary(fc.oneof(text, fc.constantFrom('PAM', 'PWM', 'a')), valueBySchema(additionalProperties), {
        maxKeys: 3
      })
    : fc.oneof({ weight: 12, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(text, something) })
  return fc
    .tuple(free, ...parts)
    .map(([more, ...all]) => ({ ...more, ...Object.fromEntries(all.filter(([, value]) => value !== undefined)) }))
}

function numberOf({ minimum, maximum }: { readonly [name: string]: Json }): Value {
  const min = typeof minimum === 'number' ? Math.ceil(minimum) : -2
  const max = typeof maximum === 'number' ? Math.floor(maximum) : min + 40
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, min - 1, max + 1))
}

function textOf({ format, maxLength }: { readonly [name: string]: Json }): Value {
  const max = typeof maxLength === 'number' ? maxLength : 20
  const sized = fc.constantFrom(1, max, max + 1).map(n => 'x'.repeat(Math.min(n, 5000)))
  const times = fc.constantFrom('2026-01-01T00:00:00Z', '2026-12-31', '2027-01-01T00:00:00+14:00', '2026-02-30')
  if (format === 'date' || format === 'date-time') return times
  return fc.oneof({ weight: 2, arbitrary: id }, { weight: 1, arbitrary: sized }, { weight: 2, arbitrary: text })
}
