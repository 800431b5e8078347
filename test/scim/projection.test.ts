import t from 'tap'
import { project, projection, type Selection } from '../../src/scim/projection.ts'
import { compileResourceType } from '../../src/scim/schema/compile.ts'
import type { AttributeDefinition, Returned } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'

const users = userType({ licenseFromIdp: false })
const U = 'urn:ietf:params:scim:schemas:core:2.0:User'
const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

const always = { schemas: [U, E, L], id: '7' }
const rest = {
  userName: 'a',
  name: { givenName: 'Kim', familyName: 'U' },
  emails: [{ value: 'a@b', type: 'work' }, { value: 'c@d' }],
  meta: { resourceType: 'User' }
}
const enterprise = { [E]: { department: 'd', manager: { value: '1', $ref: '../Users/1' } } }
const license = { [L]: { licenseType: 'PAM', licenseState: 'held' } }
const user = { ...always, ...rest, ...enterprise, ...license }

const rows: Array<[string, Selection, object]> = [
  ['all by default', {}, user],
  ['empty lists are none', { attributes: [], excludedAttributes: [] }, user],
  ['only what is named, and schemas and id', { attributes: ['userName'] }, { ...always, userName: 'a' }],
  [
    'names have no case',
    { attributes: ['USERNAME', `${U.toUpperCase()}:Name.GivenName`] },
    { ...always, userName: 'a', name: { givenName: 'Kim' } }
  ],
  ['a complex attribute is shown whole', { attributes: ['emails', 'emails.type'] }, { ...always, emails: rest.emails }],
  [
    'sub-attributes alone',
    { attributes: ['emails.type', 'name.familyName'] },
    { ...always, name: { familyName: 'U' }, emails: [{ type: 'work' }] }
  ],
  ['a sub-attribute that nothing has', { attributes: ['name.middleName', 'emails.display'] }, always],
  ['unknown names select nothing', { attributes: ['shoe', '__proto__'] }, always],
  ['SEAT-21 an extension by its URN', { attributes: [L.toLowerCase()] }, { ...always, ...license }],
  [
    'SEAT-21 an attribute of an extension',
    { attributes: [`${L}:licenseType`] },
    { ...always, [L]: { licenseType: 'PAM' } }
  ],
  [
    'a sub-attribute in an extension',
    { attributes: [`${E}:manager.value`] },
    { ...always, [E]: { manager: { value: '1' } } }
  ],
  ['an unqualified name of an extension', { attributes: ['department'] }, { ...always, [E]: { department: 'd' } }],
  [
    'what is excluded is left out',
    { excludedAttributes: ['NAME', 'emails'] },
    { ...always, userName: 'a', meta: rest.meta, ...enterprise, ...license }
  ],
  [
    'a sub-attribute is left out',
    { excludedAttributes: ['emails.value', 'name.givenName'] },
    { ...user, name: { familyName: 'U' }, emails: [{ type: 'work' }] }
  ],
  ['SEAT-21 an extension is left out', { excludedAttributes: [L] }, { ...always, ...rest, ...enterprise }],
  [
    'SEAT-21 an attribute of an extension is left out',
    { excludedAttributes: [`${L}:licenseState`] },
    { ...user, [L]: { licenseType: 'PAM' } }
  ],
  [
    'an extension of which nothing is left',
    { excludedAttributes: [`${L}:licenseState`, 'licenseType'] },
    { ...always, ...rest, ...enterprise }
  ],
  ['what is always returned cannot be excluded', { excludedAttributes: ['id', 'schemas'] }, user],
  ['unknown names exclude nothing', { excludedAttributes: ['shoe'] }, user]
]
for (const [name, selection, expected] of rows) {
  t.test(name, async t => {
    t.strictSame(project(users, user, selection), expected)
  })
}

t.test('RFC 7644 3.9: the two exclude each other', async t => {
  t.throws(() => projection(users, { attributes: ['id'], excludedAttributes: ['name'] }), {
    status: 400,
    scimType: 'invalidValue',
    message: /send one of them/
  })
})

t.test('what is not shown need not be read', async t => {
  t.ok(projection(groupType, {}).shows('members'))
  t.notOk(projection(groupType, { excludedAttributes: ['Members'] }).shows('members'))
  t.notOk(projection(groupType, { attributes: ['displayName'] }).shows('members'))
  t.ok(projection(groupType, { attributes: ['members.value'] }).shows('members'))
})

t.test('a password is not shown even if one were stored', async t => {
  for (const selection of [{}, { attributes: ['password'] }, { excludedAttributes: ['name'] }]) {
    t.notOk('password' in project(users, { ...always, password: 'x' }, selection))
  }
})

const attribute = (name: string, returned: Returned, sub?: readonly AttributeDefinition[]): AttributeDefinition => ({
  name,
  type: sub === undefined ? 'string' : 'complex',
  multiValued: false,
  description: '',
  required: false,
  mutability: 'readWrite',
  returned,
  ...(sub === undefined ? {} : { subAttributes: sub })
})
const inside = [attribute('a', 'always'), attribute('d', 'default'), attribute('r', 'request'), attribute('n', 'never')]
const things = compileResourceType(
  { ...groupType.definition, schema: 'urn:t', schemaExtensions: [{ schema: 'urn:x', required: false }] },
  [
    {
      id: 'urn:t',
      name: 't',
      description: '',
      attributes: [
        attribute('r', 'request'),
        attribute('always', 'always', inside),
        attribute('usual', 'default', inside)
      ]
    },
    { id: 'urn:x', name: 'x', description: '', attributes: [attribute('xr', 'request'), attribute('xd', 'default')] }
  ],
  []
)
const full = { a: '1', d: '2', r: '3', n: '4' }
const thing = { r: '0', always: full, usual: full, 'urn:x': { xr: '5', xd: '6' } }

const returned: Array<[string, Selection, object]> = [
  [
    'request is not shown by default',
    {},
    { always: { a: '1', d: '2' }, usual: { a: '1', d: '2' }, 'urn:x': { xd: '6' } }
  ],
  ['request is shown on request', { attributes: ['r'] }, { r: '0', always: { a: '1', d: '2' } }],
  [
    'a request sub-attribute, with those that are always shown',
    { attributes: ['usual.r'] },
    { always: { a: '1', d: '2' }, usual: { a: '1', r: '3' } }
  ],
  [
    'beside the whole',
    { attributes: ['usual', 'usual.r'] },
    { always: { a: '1', d: '2' }, usual: { a: '1', d: '2', r: '3' } }
  ],
  [
    'a never sub-attribute stays hidden',
    { attributes: ['usual.n'] },
    { always: { a: '1', d: '2' }, usual: { a: '1' } }
  ],
  [
    'an extension as a whole is what it shows by default',
    { attributes: ['urn:x'] },
    { always: { a: '1', d: '2' }, 'urn:x': { xd: '6' } }
  ],
  [
    'always holds against exclusion',
    { excludedAttributes: ['always', 'usual.a', 'usual.d', 'urn:x'] },
    { always: { a: '1', d: '2' }, usual: { a: '1' } }
  ]
]
for (const [name, selection, expected] of returned) {
  t.test(`returned: ${name}`, async t => {
    t.strictSame(project(things, thing, selection), expected)
  })
}
