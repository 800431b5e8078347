import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { replaceResource } from '../../src/scim/replace.ts'
import { compileResourceType } from '../../src/scim/schema/compile.ts'
import type { AttributeDefinition } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'

const users = userType({ licenseFromIdp: false })
const U = 'urn:ietf:params:scim:schemas:core:2.0:User'
const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

const before = {
  externalId: 'x1',
  userName: 'a',
  name: { givenName: 'Kim' },
  emails: [{ value: 'a@b', type: 'work' }],
  [E]: { department: 'd', manager: { value: '1' } }
}

const rows: Array<[string, object, boolean, JsonObject]> = [
  ['what is left out is cleared', { userName: 'a' }, false, { userName: 'a' }],
  [
    'quirk 55: null clears',
    { ...before, emails: null, [E]: null },
    false,
    { externalId: 'x1', userName: 'a', name: { givenName: 'Kim' } }
  ],
  [
    'a complex value is replaced, not merged',
    { userName: 'a', name: { familyName: 'U' } },
    false,
    { userName: 'a', name: { familyName: 'U' } }
  ],
  [
    'quirk 39: a GET sent back is no change',
    { schemas: [U, E], id: '7', ...before, groups: [{ value: 'g' }], meta: { version: 'W/"1"' } },
    false,
    before
  ],
  ['quirk 40: what is not named is kept on demand', { userName: 'b' }, true, { ...before, userName: 'b' }],
  [
    'also inside an extension that is named, in whatever letter case',
    { USERNAME: 'b', [E.toLowerCase()]: { division: 'v', MANAGER: null } },
    true,
    { ...before, userName: 'b', [E]: { department: 'd', division: 'v' } }
  ],
  [
    'what is named is replaced and not merged, and null clears',
    { userName: 'b', name: { familyName: 'U' }, emails: null, externalId: null, [E]: null },
    true,
    { userName: 'b', name: { familyName: 'U' } }
  ]
]
for (const [name, body, preserveUnmapped, expected] of rows) {
  t.test(name, async t => {
    t.strictSame(replaceResource(users, before, body, { preserveUnmapped }), expected)
  })
}

t.test('what a PUT must have is what a POST must have', async t => {
  t.throws(() => replaceResource(users, before, { name: {} }), {
    scimType: 'invalidValue',
    message: /userName is required/
  })
  t.throws(() => replaceResource(users, before, []), { scimType: 'invalidSyntax', message: /JSON object/ })
  t.throws(() => replaceResource(users, before, { userName: 'a' }, { schemasRequired: true }), { message: /schemas/ })
})

t.test('readOnly attributes stay, also in an extension', async t => {
  const held = { ...before, [L]: { licenseType: 'PAM' } }
  const after = replaceResource(users, held, { userName: 'a', [L]: { licenseType: 'PWM' } })
  t.strictSame(after, { userName: 'a', [L]: { licenseType: 'PAM' } })
})

t.test('quirk 46: members come and go though their values are immutable', async t => {
  const group = { displayName: 'Eng', members: [{ value: '1' }, { value: '2' }] }
  t.strictSame(replaceResource(groupType, group, { displayName: 'Eng', members: [{ value: '3', display: null }] }), {
    displayName: 'Eng',
    members: [{ value: '3' }]
  })
})

const serial: AttributeDefinition = {
  name: 'serial',
  type: 'string',
  multiValued: false,
  description: '',
  required: false,
  mutability: 'immutable',
  returned: 'default'
}
const devices = compileResourceType(
  { ...groupType.definition, schema: 'urn:d', schemaExtensions: [] },
  [
    {
      id: 'urn:d',
      name: 'd',
      description: '',
      attributes: [serial, { ...serial, name: 'label', mutability: 'readWrite' }]
    }
  ],
  []
)

t.test('an immutable attribute is set once', async t => {
  t.strictSame(replaceResource(devices, { label: 'x' }, { serial: '1' }), { serial: '1' }, 'it may be set later')
  t.strictSame(replaceResource(devices, { serial: '1' }, { serial: '1', label: 'y' }), { serial: '1', label: 'y' })
  t.strictSame(
    replaceResource(devices, { serial: '1' }, { label: 'y' }),
    { label: 'y', serial: '1' },
    'it stays when it is left out'
  )
  t.throws(() => replaceResource(devices, { serial: '1' }, { serial: '2' }), {
    status: 400,
    scimType: 'mutability',
    message: /serial/
  })
})
