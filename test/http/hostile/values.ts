/** A value of the wrong type for each writable attribute of each schema, made from the schemas themselves. */
import type { Attribute, AttributeType, ResourceType } from '../../../src/scim/schema/types.ts'
import { groupType, userType } from '../../../src/scim/schemas.ts'
import { group, type Row, user } from './row.ts'

// Operators of the two engines, and what other languages would take for another type.
const wrong: Readonly<Record<AttributeType, readonly unknown[]>> = {
  string: [{ $ne: null }, ['a', 'b'], true],
  reference: [{ $gt: '' }, ['https://example.com'], false],
  binary: [{ $regex: '.*' }, 'ä€', 5],
  boolean: ['yes', 1, { $exists: true }],
  integer: ['5', 0.5, null],
  decimal: ['5', true, {}],
  dateTime: ['yesterday', 5, {}],
  complex: ['text', 5, [1]]
}

function rowsOf(type: ResourceType, path: string, around: (more: object) => object): readonly Row[] {
  const tables = [
    { urn: '', table: type.attributes },
    ...[...type.extensions.values()].map(e => ({ urn: e.urn, table: e.attributes }))
  ]
  return tables.flatMap(({ urn, table }) => {
    const held = (name: string, value: unknown) => (urn === '' ? { [name]: value } : { [urn]: { [name]: value } })
    return [...table.values()].filter(isWritten).flatMap(attribute => {
      const whole = attribute.many ? ['text', { $in: [] }, [true]] : wrong[attribute.type]
      const below = [...attribute.sub.values()].filter(isWritten)
      const row = (label: string, value: unknown): Row => [
        `${label} is ${JSON.stringify(value).slice(0, 60)}`,
        `POST ${path}`,
        around(held(attribute.name, value)),
        '400 invalidValue'
      ]
      return [
        ...whole.map(value => row(attribute.label, value)),
        ...below.flatMap(sub =>
          wrong[sub.type].map(value => {
            const holder = { [sub.name]: value }
            return row(`${attribute.label}.${sub.name}`, attribute.many ? [holder] : holder)
          })
        )
      ]
    })
  })
}

const isWritten = ({ mutability }: Attribute) => mutability !== 'readOnly'

/** For a connector whose requests are taken as they are. */
export const valueRows: readonly Row[] = [
  ...rowsOf(userType({ licenseFromIdp: false }), '/Users', user),
  ...rowsOf(groupType, '/Groups', group)
]
