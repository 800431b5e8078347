/** Values that an attribute takes by its description, and such as it must not take. */
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import type { AttributeDefinition } from '../../src/scim/schema/types.ts'
import type { Described, DescribedType } from './documents.ts'

/** @param n tells values apart. */
export function exampleOf(attribute: AttributeDefinition, n: number): Json {
  const one = attribute.type === 'complex' ? partsOf(attribute, n) : simple(attribute, n)
  return attribute.multiValued ? [one] : one
}

export function partsOf({ subAttributes = [] }: AttributeDefinition, n: number): JsonObject {
  const writable = subAttributes.filter(({ mutability }) => mutability !== 'readOnly')
  return Object.fromEntries(writable.map(sub => [sub.name, exampleOf(sub, n)]))
}

function simple({ name, type, canonicalValues = [] }: AttributeDefinition, n: number): Json {
  const [canonical] = canonicalValues.slice(n % Math.max(canonicalValues.length, 1))
  if (canonical !== undefined) return canonical
  switch (type) {
    case 'boolean':
      return n % 2 === 0
    case 'integer':
      return n
    case 'decimal':
      return n + 0.5
    case 'dateTime':
      return new Date(Date.parse('2026-01-02T03:04:05Z') + n * 1000).toISOString()
    case 'reference':
      return `https://example.com/Some/${n}`
    case 'binary':
      return Buffer.from(`Some ${n}`).toString('base64')
    default:
      return `Some ${name} ${n}`
  }
}

const kinds: readonly Json[] = [
  'text',
  7,
  7.5,
  true,
  { value: { value: 'x' } },
  ['text'],
  [7],
  [true],
  [{ type: 7 }],
  [['x']]
]
const ill: Readonly<Partial<Record<AttributeDefinition['type'], readonly Json[]>>> = {
  dateTime: ['yesterday', '2026-02-30T00:00:00Z', '2026-01-01'],
  binary: ['***', 'a'],
  integer: [1.5, 2 ** 60],
  boolean: ['true', 0]
}

/** JSON of every other kind, and texts that are not in the form of the type. */
export function wrongFor(attribute: AttributeDefinition): readonly Json[] {
  const { type, multiValued } = attribute
  const others = kinds.filter(value => !isOfKind(attribute, value))
  const inside = ill[type] ?? []
  return [...others, ...inside.map(value => (multiValued ? [value] : value))]
}

function isOfKind({ type, multiValued }: AttributeDefinition, value: Json): boolean {
  if (Array.isArray(value)) return multiValued && value.every(element => isOne(type, element))
  return !multiValued && isOne(type, value)
}

/** Whether it is of the JSON type that values of this type have. */
export function isOne(type: AttributeDefinition['type'], value: Json): boolean {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isInteger(value)
    case 'decimal':
      return typeof value === 'number'
    case 'complex':
      return isObject(value)
    // Of texts that are in no form, more below.
    default:
      return typeof value === 'string'
  }
}

/** What a resource of the type must have, and nothing else. */
export function leastOf({ definition, core, extensions, attributes }: DescribedType, n: number): JsonObject {
  const needed = attributes.filter(({ attribute, parent }) => {
    return parent === undefined && attribute.required && attribute.mutability !== 'readOnly'
  })
  const schemas = [core.id, ...extensions.filter(({ id }) => isRequired(definition, id)).map(({ id }) => id)]
  return needed.reduce((body, one) => placed(body, one, exampleOf(one.attribute, n)), { schemas } as JsonObject)
}

function isRequired({ schemaExtensions }: DescribedType['definition'], urn: string): boolean {
  return schemaExtensions.some(({ schema, required }) => schema === urn && required)
}

/** The resource with the attribute at its place; a sub-attribute beside those that must be there, in the place of all others. */
export function placed(body: JsonObject, { attribute, parent, extension }: Described, value: Json): JsonObject {
  const needed = (parent?.subAttributes ?? []).filter(sub => sub.required && sub.mutability !== 'readOnly')
  const beside = Object.fromEntries(needed.map(sub => [sub.name, exampleOf(sub, 0)]))
  const complex = { ...beside, [attribute.name]: value }
  const own = parent === undefined ? complex : { [parent.name]: parent.multiValued ? [complex] : complex }
  if (extension === undefined) return { ...body, ...own }
  const before = body[extension]
  return { ...body, [extension]: { ...(typeof before === 'object' ? before : {}), ...own } }
}

/** Roles and licenses that a user holds stand behind what was sent, whatever it was. */
const heldTypes: readonly (Json | undefined)[] = ['VaultRole', 'License']

/** All values that a resource shows of the attribute. */
export function shownOf(resource: JsonObject, { attribute, parent, extension }: Described): readonly Json[] {
  const holder = extension === undefined ? resource : resource[extension]
  const outer = [parent === undefined ? holder : memberOf(holder, parent.name)].flat()
  const values = outer.filter(isSent).flatMap(one => [memberOf(one, attribute.name)].flat())
  return values.filter(value => value !== undefined).filter(isSent)
}

const isSent = (element: Json | undefined) => !heldTypes.includes(memberOf(element, 'type'))

function memberOf(holder: Json | undefined, name: string): Json | undefined {
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder)
    ? (holder as JsonObject)[name]
    : undefined
}
