/** Random bodies of requests: what a client could mean, and what it should not send. */
import fc from 'fast-check'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'

type Table = ReadonlyMap<string, Attribute>

const spelled = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase())

const text = fc.oneof(fc.constantFrom('', 'a', 'A', 'ß', 'work', 'PAM', '2819'), fc.string({ unit: 'grapheme' }))

const simple: Record<Attribute['type'], fc.Arbitrary<unknown>> = {
  string: text,
  reference: text,
  binary: fc.base64String(),
  boolean: fc.boolean(),
  integer: fc.integer(),
  decimal: fc.double({ noNaN: true, noDefaultInfinity: true }),
  dateTime: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map(d => d.toISOString()),
  complex: fc.constant({})
}

function anyValue(attribute: Attribute): fc.Arbitrary<unknown> {
  const element = elementOf(attribute)
  const value = attribute.many ? fc.array(fc.option(element, { freq: 9 }), { maxLength: 4 }) : element
  return fc.option(value, { freq: 9 })
}

function elementOf(attribute: Attribute): fc.Arbitrary<unknown> {
  if (attribute.closed) return fc.constantFrom(...attribute.canonicalValues)
  return attribute.type === 'complex' ? object(attribute.sub) : simple[attribute.type]
}

function object(table: Table): fc.Arbitrary<unknown> {
  const members = [...table.values()].map(attribute => fc.tuple(spelled(attribute.name), anyValue(attribute)))
  return fc
    .uniqueArray(fc.oneof(...members), { maxLength: 6, selector: ([name]) => name.toLowerCase() })
    .map(entries => Object.fromEntries(entries))
}

/** Values of the right type nearly always, names in any case. */
export function likelyBody(type: ResourceType): fc.Arbitrary<unknown> {
  const extensions = [...type.extensions.values()].map(({ urn, attributes }) =>
    fc.tuple(spelled(urn), object(attributes))
  )
  const required = [...type.attributes.values()].filter(a => a.required && a.mutability !== 'readOnly')
  return fc
    .tuple(
      object(type.attributes),
      extensions.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...extensions), { maxLength: 2 }),
      fc.constant(required.map(a => [a.name, 'someone']))
    )
    .map(([attributes, others, needed]) => ({
      ...(attributes as object),
      ...Object.fromEntries(others),
      ...Object.fromEntries(needed)
    }))
}

/** Known names with values of any kind, and any JSON at all. */
export function hostileBody(type: ResourceType): fc.Arbitrary<unknown> {
  const names = [...type.attributes.keys(), ...type.extensions.keys(), '__proto__', 'constructor', 'prototype']
  const members = fc.array(fc.tuple(fc.constantFrom(...names), fc.jsonValue()), { maxLength: 8 })
  return fc.oneof(
    fc.jsonValue(),
    members.map(entries => Object.fromEntries(entries))
  )
}
