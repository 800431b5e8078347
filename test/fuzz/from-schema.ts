/**
 * Values for a route by the JSON Schema that it declares: mostly such as it takes, so that requests come as far as its handler,
 * with one in ten of its parts something else.
 */
import fc from 'fast-check'
import { isObject, type Json } from '../../src/base/json.ts'
import { id, resources, text } from './words.ts'

type Value = fc.Arbitrary<unknown>
type Schema = { readonly [name: string]: Json }

const something: Value = fc.oneof(text, fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, [], {}, [null]))
const usually = (value: Value): Value => fc.oneof({ weight: 40, arbitrary: value }, { weight: 1, arbitrary: something })

/** Of what kind a value is that the schema says nothing of, by the name of the member. Nothing listens at these addresses. */
const byName: Readonly<Record<string, Value>> = {
  type: fc.constantFrom('PAM', 'PWM'),
  user: fc.constantFrom(...resources),
  users: fc.array(fc.constantFrom(...resources), { maxLength: 3 }),
  roles: fc.subarray(['user', 'guest', 'admin']),
  url: fc.constantFrom('http://127.0.0.1:1/', 'https://[::1]:1/', 'https://10.0.0.1/'),
  jwksUri: fc.constantFrom('http://127.0.0.1:1/', 'https://[::1]:1/'),
  profile: fc.constantFrom('entra', 'okta', 'strict', 'generic', 'jumpcloud')
}

/** @param name of the member that has this schema. */
export function valueBySchema(schema: unknown, name = ''): Value {
  if (!isObject(schema)) return something
  return usually(byName[name] ?? fitting(schema as Schema))
}

function fitting(schema: Schema): Value {
  const { const: only, enum: some, anyOf, oneOf, allOf, type } = schema
  if (only !== undefined) return fc.constant(only)
  if (Array.isArray(some) && some.length > 0) return fc.constantFrom<unknown>(...some)
  const choices = [anyOf, oneOf].find(Array.isArray)
  if (choices !== undefined) return fc.oneof(...choices.map(choice => valueBySchema(choice)))
  if (Array.isArray(allOf)) {
    const parts = allOf.map(part => valueBySchema(part))
    return fc.tuple(...parts).map(all => Object.assign({}, ...all.filter(part => typeof part === 'object')))
  }
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return objectOf(schema)
    case 'array':
      return listOf(schema)
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

function listOf({ items, minItems, uniqueItems }: Schema): Value {
  const minLength = typeof minItems === 'number' ? minItems : 0
  const size = { minLength, maxLength: minLength + 2 }
  const one = valueBySchema(items)
  return uniqueItems === true
    ? fc.uniqueArray(one, { ...size, selector: value => JSON.stringify(value) })
    : fc.array(one, size)
}

function objectOf({ properties, required, additionalProperties }: Schema): Value {
  const known = isObject(properties) ? Object.entries(properties) : []
  const needed = Array.isArray(required) ? required : []
  const parts = known.map(([name, of]) => {
    const value = valueBySchema(of, name)
    const maybe = fc.option(value, { nil: undefined, freq: needed.includes(name) ? 60 : 1 })
    return maybe.map((one): [string, unknown] => [name, one])
  })
  const any = fc.oneof(
    { weight: 30, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(text, something, { maxKeys: 3 }) }
  )
  const free = isObject(additionalProperties)
    ? fc.dictionary(fc.oneof(text, fc.constantFrom('PAM', 'PWM', 'a')), valueBySchema(additionalProperties), {
        maxKeys: 3
      })
    : any
  return fc
    .tuple(free, ...parts)
    .map(([more, ...all]) => ({ ...more, ...Object.fromEntries(all.filter(([, value]) => value !== undefined)) }))
}

function numberOf({ minimum, maximum }: Schema): Value {
  const min = typeof minimum === 'number' ? Math.ceil(minimum) : -2
  const max = typeof maximum === 'number' ? Math.floor(maximum) : min + 40
  const limit = fc.constantFrom(min, max, min - 1, max + 1)
  return fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min, max: Math.min(max, min + 40) }) },
    { weight: 1, arbitrary: limit }
  )
}

const times = fc.constantFrom('2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00+14:00')
const word = fc.integer({ min: 0, max: 20 }).map(n => `word ${n}`)

function textOf({ format, maxLength }: Schema): Value {
  if (format === 'date' || format === 'date-time') return times
  const max = typeof maxLength === 'number' ? maxLength : 20
  const sized = fc.constantFrom(1, max, max + 1).map(n => 'x'.repeat(Math.min(n, 5000)))
  return fc.oneof(
    { weight: 6, arbitrary: word },
    { weight: 2, arbitrary: id },
    { weight: 1, arbitrary: sized },
    { weight: 1, arbitrary: text }
  )
}
