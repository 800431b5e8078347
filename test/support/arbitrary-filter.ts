/**
 * Random filters and random resources that meet: values come from small pools, so that comparisons hold about as often as
 * not. They drive the comparison of `evaluate` with the compiled queries of every store.
 */
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Operand, ParsedComparison, ParsedFilter } from '../../src/scim/filter/parsed.ts'
import { printFilter } from '../../src/scim/filter/print.ts'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'
import { userType } from '../../src/scim/schemas.ts'

type Values = fc.Arbitrary<string | number | boolean>

// Case, expansion (ß, İ), normal forms (é twice, full width), both sides of the surrogates, and what engines give a meaning.
const texts = [
  ...[
    'anna',
    'Anna',
    'ANNA',
    'ann',
    'straße',
    'STRASSE',
    'STRAẞE',
    'İpek',
    'i̇pek',
    'ipek',
    'Ａnna',
    'ΣΊΣΥΦΟΣ',
    'σίσυφος'
  ],
  ...[
    '\u00e9',
    'e\u0301',
    '\uFB03',
    '\uE000',
    '\uFFFD',
    '😀',
    '😀😁',
    '日本',
    '',
    ' ',
    '701984',
    '0701984',
    'true',
    'null'
  ],
  ...['50%', 'a_b', 'a*b?', '[a]', '.*', '^a$', '$ne', '$a.b', 'a"b', 'a\\b', "o'neil", 'a\nb', 'x\n', '{"$gt":""}']
]
const times = [
  ...['2024-02-29T12:00:00Z', '2024-02-29T13:00:00+01:00', '2024-02-29T04:30:00-07:30', '2024-02-29T12:00:00.000Z'],
  ...['2024-02-29T12:00:00.001Z', '2024-02-29T11:59:59.999Z', '1969-12-31T23:59:59.500Z', '9999-12-31T23:59:59Z']
]
const uris = [
  ...['https://example.com/a', 'https://example.com/A', 'urn:ietf:params:scim:schemas:core:2.0:User'],
  ...['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', '../Users/1']
]

/** A value that a resource may hold. */
function storedValue(attribute: Attribute): Values {
  if (attribute.closed) return fc.constantFrom(...attribute.canonicalValues)
  switch (attribute.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.constantFrom(-1, 0, 1, 2, 9007199254740991)
    case 'decimal':
      return fc.constantFrom(-0.5, 0, 0.5, 1, 1e21)
    case 'dateTime':
      return fc.constantFrom(...times)
    case 'reference':
      return fc.constantFrom(...uris)
    case 'binary':
      return fc.constantFrom('', 'AA==', 'aa==')
    default:
      return fc.constantFrom(...(attribute.name === 'type' ? ['work', 'Work', 'home', ''] : texts))
  }
}

// Attributes that the server computes for an answer, and those that are like another one.
const leftOut = new Set([
  ...['password', 'groups', 'ims', 'photos', 'phoneNumbers', 'entitlements', 'profileUrl', 'locale', 'timezone'],
  ...['nickName', 'userType', 'preferredLanguage', '$ref', 'location', 'version']
])

// What is never returned is not kept, and no filter asks for it.
const used = (table: ReadonlyMap<string, Attribute>) =>
  [...table.values()].filter(a => !leftOut.has(a.name) && a.returned !== 'never')

/** Well-typed filters over the attributes of `type`, of a depth that any parser limit allows. */
export function arbitraryFilter(type: ResourceType): fc.Arbitrary<ParsedFilter> {
  return fc.oneof(
    { weight: 1, arbitrary: anyExpression(type) },
    { weight: 2, arbitrary: nested(anyExpression(type), 3) }
  )
}

/** The same as text. */
export function arbitraryFilterText(type: ResourceType): fc.Arbitrary<string> {
  return arbitraryFilter(type).map(printFilter)
}

function nested(leaf: fc.Arbitrary<ParsedFilter>, depth: number): fc.Arbitrary<ParsedFilter> {
  if (depth === 0) return leaf
  const part = nested(leaf, depth - 1)
  const parts = fc.array(part, { minLength: 2, maxLength: 3 })
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('and', 'or'), parts }) },
    { weight: 1, arbitrary: part.map((p): ParsedFilter => ({ op: 'not', part: p })) }
  )
}

function anyExpression(type: ResourceType): fc.Arbitrary<ParsedFilter> {
  const core = used(type.attributes)
  const extended = [...type.extensions.values()].flatMap(e => used(e.attributes))
  const attributes = [...core, ...extended]
  const simple = attributes.flatMap(a => [a, ...used(a.sub)])
  const withSub = attributes.filter(a => a.type === 'complex')
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...simple).chain(a => namesOf(a).chain(name => expression(a, { attr: name })))
    },
    { weight: 2, arbitrary: fc.constantFrom(...withSub).chain(element) },
    { weight: 1, arbitrary: fc.constantFrom(...withSub).chain(chosen) },
    { weight: 1, arbitrary: fc.constantFrom(...[...type.extensions.values()].map(e => presence({ attr: e.urn }))) }
  )
}

/** The spellings of a name: with and without its URN, in any case. */
function namesOf(attribute: Attribute): fc.Arbitrary<string> {
  const { urn, extension, label } = attribute
  const full = urn === undefined || extension !== undefined ? label : `${urn}:${label}`
  return fc.constantFrom(label, label.toUpperCase(), full)
}

function inside(complex: Attribute): fc.Arbitrary<ParsedFilter> {
  return nested(
    fc.constantFrom(...used(complex.sub)).chain(s => expression(s, { attr: s.name })),
    2
  )
}

function element(complex: Attribute): fc.Arbitrary<ParsedFilter> {
  return fc.record({ op: fc.constant('element'), attr: namesOf(complex), part: inside(complex) })
}

function chosen(complex: Attribute): fc.Arbitrary<ParsedFilter> {
  return fc
    .tuple(namesOf(complex), inside(complex), fc.constantFrom(...used(complex.sub)))
    .chain(([attr, where, sub]) => expression(sub, { attr, where, sub: sub.name }))
}

const presence = (on: Operand): ParsedFilter => ({ op: 'pr', on })

function expression(attribute: Attribute, on: Operand): fc.Arbitrary<ParsedFilter> {
  const compared = attribute.type === 'complex' ? used(attribute.sub).find(sub => sub.name === 'value') : attribute
  const op = fc.constantFrom<ParsedComparison>('eq', 'ne')
  const alone = fc.oneof(fc.constant(presence(on)), fc.record({ op, on: fc.constant(on), value: fc.constant(null) }))
  if (compared === undefined) return alone
  return fc.oneof({ weight: 1, arbitrary: alone }, { weight: 6, arbitrary: comparison(compared, on) })
}

function comparison(attribute: Attribute, on: Operand): fc.Arbitrary<ParsedFilter> {
  const equality: ParsedComparison[] = ['eq', 'ne']
  const order: ParsedComparison[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']
  const isUnordered = attribute.type === 'boolean' || attribute.type === 'binary'
  const op = fc.constantFrom(...(isUnordered ? equality : order))
  const whole = fc.record({ op, on: fc.constant(on), value: literalOf(attribute) })
  if (attribute.type !== 'string' && attribute.type !== 'reference') return whole
  const part = fc.constantFrom<ParsedComparison>('co', 'sw', 'ew')
  return fc.oneof(whole, fc.record({ op: part, on: fc.constant(on), value: partOf(attribute) }))
}

/** A value that a filter may compare with, among them the forms that are accepted for another type. */
function literalOf(attribute: Attribute): Values {
  switch (attribute.type) {
    case 'boolean':
      return fc.constantFrom(true, false, 'True', 'false')
    case 'integer':
      return fc.oneof(storedValue(attribute), fc.constant(0.5))
    case 'string':
      return fc.oneof({ weight: 9, arbitrary: storedValue(attribute) }, { weight: 1, arbitrary: fc.constant(701984) })
    default:
      return storedValue(attribute)
  }
}

/** A piece of a value, cut between code points. */
function partOf(attribute: Attribute): fc.Arbitrary<string> {
  return fc.tuple(storedValue(attribute), fc.nat(3), fc.nat(4)).map(([value, from, length]) => {
    return [...String(value)].slice(from, from + length).join('')
  })
}

/** Resources as a representation shows them: no nulls, every attribute of the right type, many of them absent. */
export function arbitraryResource(type: ResourceType): fc.Arbitrary<JsonObject> {
  const extensions = [...type.extensions.values()].map(e => [e.urn, objectOf(e.attributes)] as const)
  return fc.tuple(objectOf(type.attributes), someOf(extensions)).map(([core, extended]) => ({ ...core, ...extended }))
}

/** Users of the service's own schemas. Neither ids nor names are unique among them. */
export function arbitraryUserResource(): fc.Arbitrary<JsonObject> {
  return arbitraryResource(userType({ licenseFromIdp: false }))
}

function objectOf(table: ReadonlyMap<string, Attribute>): fc.Arbitrary<JsonObject> {
  return someOf(used(table).map(a => [a.name, memberOf(a)] as const))
}

function memberOf(attribute: Attribute): fc.Arbitrary<Json> {
  const one: fc.Arbitrary<Json> = attribute.type === 'complex' ? objectOf(attribute.sub) : storedValue(attribute)
  return attribute.many ? fc.array(one, { maxLength: 3 }) : one
}

function someOf(members: readonly (readonly [string, fc.Arbitrary<Json>])[]): fc.Arbitrary<JsonObject> {
  const present = members.map(([name, value]) => fc.option(value, { nil: undefined }).map(v => [name, v] as const))
  return fc.tuple(...present).map(entries => {
    return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  })
}
