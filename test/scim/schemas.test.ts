import t from 'tap'
import { compileResourceType } from '../../src/scim/schema/compile.ts'
import { resolveTarget } from '../../src/scim/schema/path.ts'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'
import { groupType, schemaDefinitions, userType } from '../../src/scim/schemas.ts'

const users = userType({ licenseFromIdp: false })
const license = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

function attribute(type: ResourceType, name: string): Attribute {
  const target = resolveTarget(type, name)
  if (target?.kind !== 'attribute') throw new Error(`no ${name}`)
  return target.attribute
}

function everyAttribute(type: ResourceType): Attribute[] {
  const tables = [type.attributes, ...[...type.extensions.values()].map(e => e.attributes)]
  return tables.flatMap(table => [...table.values()].flatMap(a => [a, ...a.sub.values()]))
}

const flags: Array<[string, ResourceType, string, Partial<Attribute>]> = [
  ['RFC 7643 3.1: id is the server’s', users, 'id', { mutability: 'readOnly', returned: 'always', caseExact: true }],
  ['RFC 7643 3.1: externalId is case exact', users, 'externalId', { caseExact: true, mutability: 'readWrite' }],
  ['RFC 7643 3.1: schemas is always returned', groupType, 'schemas', { many: true, returned: 'always' }],
  ['RFC 7643 3.1: meta is readOnly', groupType, 'meta.lastModified', { type: 'dateTime', mutability: 'readOnly' }],
  [
    'RFC 7643 4.1.1: userName is unique without regard to case',
    users,
    'userName',
    { required: true, caseExact: false, uniqueness: 'server' }
  ],
  ['RFC 7643 4.1.1: a password is never returned', users, 'password', { mutability: 'writeOnly', returned: 'never' }],
  ['RFC 7643 4.1.2: groups change through the groups', users, 'groups', { mutability: 'readOnly', many: true }],
  ['RFC 7643 8.2: addresses have a primary', users, 'addresses.primary', { type: 'boolean' }],
  ['RFC 7643 2.3.6: binary is case exact', users, 'x509Certificates.value', { type: 'binary', caseExact: true }],
  ['RFC 7643 2.3.7: references are case exact', users, 'profileUrl', { type: 'reference', caseExact: true }],
  ['erratum 5368: a group needs a displayName', groupType, 'displayName', { required: true }],
  ['RFC 7643 8.7.1: members are immutable inside', groupType, 'members.value', { mutability: 'immutable' }],
  ['erratum 8472: manager.value is case exact', users, 'manager.value', { caseExact: true }],
  ['RFC 7643 4.3: manager.displayName is readOnly', users, 'manager.displayName', { mutability: 'readOnly' }],
  [
    'SEAT-50 licenseType is readOnly by default',
    users,
    `${license}:licenseType`,
    { mutability: 'readOnly', closed: true }
  ],
  [
    'SEAT-51 licenseType is readWrite where the provider may choose',
    userType({ licenseFromIdp: true }),
    `${license}:licenseType`,
    { mutability: 'readWrite', canonicalValues: ['PAM', 'PWM'] }
  ],
  [
    'licenseState stays readOnly also then',
    userType({ licenseFromIdp: true }),
    `${license}:licenseState`,
    { mutability: 'readOnly', canonicalValues: ['held', 'suspended', 'released', 'none'] }
  ]
]

for (const [name, type, path, expected] of flags) {
  t.test(name, async t => {
    t.has(attribute(type, path), expected)
  })
}

t.test('erratum 8471: $ref of a user’s groups leads to groups only', async t => {
  const user = schemaDefinitions({ licenseFromIdp: false }).find(s => s.name === 'User')
  const groups = user?.attributes.find(a => a.name === 'groups')
  t.same(groups?.subAttributes?.find(a => a.name === '$ref')?.referenceTypes, ['Group'])
})

t.test('indexes serve what identity providers filter by', async t => {
  const indexed = (type: ResourceType) =>
    everyAttribute(type)
      .filter(a => a.indexed)
      .map(a => a.label)
  t.same(indexed(users), [
    'externalId',
    'meta.lastModified',
    'userName',
    'displayName',
    'emails.value',
    'entitlements.value',
    'roles.value',
    `${license}:licenseType`
  ])
  t.same(indexed(groupType), ['externalId', 'meta.lastModified', 'displayName'])
})

for (const type of [users, groupType]) {
  t.test(`every attribute of ${type.name} obeys the rules for all`, async t => {
    for (const a of everyAttribute(type)) {
      t.match(a.name, /^(\$ref|[A-Za-z][A-Za-z0-9_-]*)$/, `RFC 7643 2.1: ${a.label} has a lawful name`)
      t.equal(a.type === 'complex', a.sub.size > 0, `${a.label} has sub-attributes if it is complex`)
      // Erratum 8415.
      t.notOk(a.parent !== undefined && a.type === 'complex', `${a.label} is not complex inside a complex attribute`)
      if (a.closed) t.ok(a.canonicalValues.length > 0, `${a.label} has values to choose from`)
    }
  })
}

t.test('the same options give the same type', async t => {
  t.equal(userType({ licenseFromIdp: true }), userType({ licenseFromIdp: true }))
  t.not(userType({ licenseFromIdp: true }), users)
})

t.test('a resource type whose schema is missing does not compile', async t => {
  t.throws(() => compileResourceType(groupType.definition, [], []), /Group names the unknown schema/)
})
