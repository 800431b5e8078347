/**
 * Random PATCH bodies over the schemas of a resource type, mostly well formed, whose values come from small pools so that paths find
 * something about as often as not.
 */
import fc from 'fast-check'
import { patchUrn } from '../../src/scim/patch/parse.ts'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'
import { userType } from '../../src/scim/schemas.ts'

const text = fc.constantFrom('a', 'A', 'b', 'work', 'home', 'ß', 'SS', '', 'x@example.com', '{"value":"a"}', '2819')

function scalar(attribute: Attribute): fc.Arbitrary<unknown> {
  if (attribute.type === 'boolean')
    return fc.oneof({ weight: 6, arbitrary: fc.boolean() }, { weight: 1, arbitrary: fc.constant('True') })
  if (attribute.type === 'binary') return fc.constantFrom('YQ==', 'Yg==')
  if (attribute.type === 'dateTime') return fc.constant('2024-02-29T12:00:00Z')
  if (attribute.type === 'integer') return fc.constantFrom(0, 1, -1)
  if (attribute.type === 'decimal') return fc.constantFrom(0, 0.5, -1)
  if (attribute.closed) return fc.constantFrom(...attribute.canonicalValues, 'no such value')
  return attribute.name === 'type' ? fc.constantFrom('work', 'home', 'Work') : text
}

function element(attribute: Attribute): fc.Arbitrary<unknown> {
  if (attribute.type !== 'complex') return scalar(attribute)
  const members = [...attribute.sub.values()].map(sub => fc.tuple(fc.constant(sub.name), scalar(sub)))
  return fc.array(fc.oneof(...members), { minLength: 1, maxLength: 4 }).map(entries => Object.fromEntries(entries))
}

function whole(attribute: Attribute): fc.Arbitrary<unknown> {
  const value = attribute.many ? fc.array(element(attribute), { maxLength: 3 }) : element(attribute)
  return fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })
}

interface Aim {
  readonly path: string
  readonly value: fc.Arbitrary<unknown>
}

const quoted = fc.constantFrom('"a"', '"work"', '"home"', '"A"', 'true')
const comparison = fc
  .tuple(
    fc.constantFrom('type', 'value', 'primary', 'display', 'locality'),
    fc.constantFrom('eq', 'eq', 'ne', 'co'),
    quoted
  )
  .map(([name, op, value]) => `${name} ${op} ${value}`)
const condition = fc.oneof(
  comparison,
  fc.tuple(comparison, fc.constantFrom('and', 'or'), comparison).map(parts => parts.join(' ')),
  fc.constant('type pr')
)

function operationsOf(type: ResourceType): fc.Arbitrary<unknown> {
  const tables = [
    { prefix: '', table: type.attributes },
    ...[...type.extensions.values()].map(({ urn, attributes }) => ({ prefix: `${urn}:`, table: attributes }))
  ]
  const attributes = tables.flatMap(({ prefix, table }) =>
    [...table.values()].map(attribute => ({ prefix, attribute }))
  )

  // Mostly what can be written: an operation that is refused ends its request.
  const writable = attributes.filter(({ attribute }) => attribute.mutability !== 'readOnly')
  const lists = writable.filter(({ attribute }) => attribute.many)
  const complex = writable.filter(({ attribute }) => attribute.sub.size > 0)

  const plain = fc
    .oneof(
      { weight: 19, arbitrary: fc.constantFrom(...writable) },
      { weight: 1, arbitrary: fc.constantFrom(...attributes) }
    )
    .map(({ prefix, attribute }): Aim => ({ path: prefix + attribute.name, value: whole(attribute) }))

  const dotted = fc
    .constantFrom(
      ...complex.flatMap(({ prefix, attribute }) =>
        [...attribute.sub.values()].map(sub => ({ prefix, attribute, sub }))
      )
    )
    .map(({ prefix, attribute, sub }): Aim => ({ path: `${prefix}${attribute.name}.${sub.name}`, value: scalar(sub) }))

  const chosen = fc.tuple(fc.constantFrom(...lists), condition).map(
    ([{ prefix, attribute }, where]): Aim => ({
      path: `${prefix}${attribute.name}[${where}]`,
      value: element(attribute)
    })
  )

  const chosenSub = fc
    .tuple(fc.constantFrom(...lists), condition, fc.constantFrom('value', 'type', 'primary', 'display'))
    .map(([{ prefix, attribute }, where, name]): Aim => {
      const sub = attribute.sub.get(name)
      return { path: `${prefix}${attribute.name}[${where}].${name}`, value: sub === undefined ? text : scalar(sub) }
    })

  const odd = fc
    .constantFrom(
      '__proto__.x',
      'emails[__proto__ eq "a"].value',
      'constructor.prototype',
      'colour',
      'emails[',
      'name.x.y',
      ''
    )
    .map((path): Aim => ({ path, value: text }))

  const aim = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 4, arbitrary: dotted },
    { weight: 4, arbitrary: chosen },
    { weight: 5, arbitrary: chosenSub },
    { weight: 1, arbitrary: odd }
  )

  const op = fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom('add', 'replace', 'remove') },
    { weight: 1, arbitrary: fc.constantFrom('Add', 'Replace', 'Remove', 'move') }
  )

  const atPath = fc
    .tuple(op, aim)
    .chain(([name, { path, value }]) =>
      name.toLowerCase() === 'remove'
        ? fc.constant({ op: name, path })
        : fc.record({ op: fc.constant(name), path: fc.constant(path), value }, { noNullPrototype: true })
    )

  const pathless = fc
    .tuple(
      fc.constantFrom('add', 'replace'),
      fc.array(fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: dotted }), {
        minLength: 1,
        maxLength: 4
      })
    )
    .chain(([name, aims]) =>
      fc.record({
        op: fc.constant(name),
        value: fc.record(Object.fromEntries(aims.map(({ path, value }) => [path, value])), { noNullPrototype: true })
      })
    )

  return fc.oneof({ weight: 5, arbitrary: atPath }, { weight: 1, arbitrary: pathless })
}

const users = userType({ licenseFromIdp: false })

/** One operation on a user, as it was sent. */
export const patchOperation: fc.Arbitrary<unknown> = operationsOf(users)

/** A body for a PATCH of a resource, of users if nothing else is said; about half of those with one operation are accepted. */
export function patchBody({
  operations = 4,
  type = users
}: {
  readonly operations?: number
  readonly type?: ResourceType
} = {}): fc.Arbitrary<unknown> {
  return fc
    .array(type === users ? patchOperation : operationsOf(type), { minLength: 1, maxLength: operations })
    .map(sent => ({ schemas: [patchUrn], Operations: sent }))
}
