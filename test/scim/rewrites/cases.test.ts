/** The numbered cases of identity providers that are a PATCH, in their literal form, in the profile of their sender. */
import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { splitMemberOperations } from '../../../src/scim/patch/members.ts'
import { parsePatch, patchUrn } from '../../../src/scim/patch/parse.ts'
import { applyRewrites } from '../../../src/scim/rewrites/apply.ts'
import { groupType, userType } from '../../../src/scim/schemas.ts'
import { refusalOf } from '../filter/refusal.ts'
import { E, G } from '../patch/support.ts'

const users = userType({ licenseFromIdp: false })
const id = 'abf4dd94-a4c0-4f67-89c9-76b03340cb9b'

function patchBody(profile: string, resourceType: 'User' | 'Group', operations: readonly unknown[]) {
  const body = { schemas: [patchUrn], Operations: operations }
  const given = JSON.stringify(body)
  const type = resourceType === 'User' ? users : groupType
  const { request } = applyRewrites(profile, { method: 'PATCH', type, query: {}, body })
  if (JSON.stringify(body) !== given) throw new Error('the request given was changed')
  return parsePatch(type, request.body, { id })
}

const patchUser = (profile: string, before: JsonObject, operations: readonly unknown[]) =>
  applyPatch(users, before, patchBody(profile, 'User', operations))

const a = { userName: 'a', active: true }
const off = { userName: 'a', active: false }
const roles = (...elements: JsonObject[]) => ({ ...a, roles: elements })
const emails = (...elements: JsonObject[]) => ({ ...a, emails: elements })
const fixed = { value: 'w@x', type: 'work', primary: true }

const ofUsers: Array<[string, 'entra' | 'okta', JsonObject, object[], JsonObject]> = [
  ['6 SEAT-55 False', 'entra', a, [{ op: 'Replace', path: 'active', value: 'False' }], off],
  ['6 SEAT-55 fALSE', 'entra', a, [{ op: 'Replace', path: 'active', value: 'fALSE' }], off],
  ['7 the flag', 'entra', a, [{ op: 'replace', path: 'active', value: false }], off],
  ['8 Add', 'entra', a, [{ op: 'Add', path: 'nickName', value: 'Babs' }], { ...a, nickName: 'Babs' }],
  ['8 Remove', 'entra', { ...a, nickName: 'Babs' }, [{ op: 'Remove', path: 'nickName' }], a],
  [
    '9 several attributes',
    'entra',
    a,
    [
      { op: 'Replace', path: 'displayName', value: 'D' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'w@x' },
      { op: 'Replace', path: 'name.givenName', value: 'G' },
      { op: 'Replace', path: 'externalId', value: 'e' },
      { op: 'Replace', path: `${E}:employeeNumber`, value: '77' }
    ],
    {
      ...a,
      displayName: 'D',
      emails: [{ value: 'w@x', type: 'work' }],
      name: { givenName: 'G' },
      externalId: 'e',
      [E]: { employeeNumber: '77' }
    }
  ],
  [
    '10 paths as keys',
    'entra',
    a,
    [
      {
        op: 'replace',
        value: {
          displayName: 'Bjfe',
          'name.givenName': 'Kim',
          'name.familyName': 'U',
          [`${E}:employeeNumber`]: '77',
          'emails[type eq "work"].value': 'w@x'
        }
      }
    ],
    {
      ...a,
      displayName: 'Bjfe',
      name: { givenName: 'Kim', familyName: 'U' },
      [E]: { employeeNumber: '77' },
      emails: [{ value: 'w@x', type: 'work' }]
    }
  ],
  [
    '11 Add makes the element',
    'entra',
    a,
    [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'n@x.y' }],
    emails({ value: 'n@x.y', type: 'work' })
  ],
  [
    '11 Add overwrites, and does not double',
    'entra',
    emails(fixed),
    [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'n@x.y' }],
    emails({ ...fixed, value: 'n@x.y' })
  ],
  [
    '12 Replace makes the element and keeps the bundle',
    'entra',
    a,
    [
      { op: 'Replace', path: 'phoneNumbers[type eq "work"].value', value: '+1-555-0100' },
      { op: 'Replace', path: 'name.familyName', value: 'King' }
    ],
    { ...a, phoneNumbers: [{ value: '+1-555-0100', type: 'work' }], name: { familyName: 'King' } }
  ],
  [
    '13 two sub-attributes of an absent element make one',
    'entra',
    a,
    [
      { op: 'Replace', path: 'addresses[type eq "work"].streetAddress', value: '1 Main' },
      { op: 'Replace', path: 'addresses[type eq "work"].postalCode', value: '94105' }
    ],
    { ...a, addresses: [{ streetAddress: '1 Main', postalCode: '94105', type: 'work' }] }
  ],
  [
    '14 another element does not move primary',
    'entra',
    emails(fixed),
    [{ op: 'Replace', path: 'emails[type eq "other"].value', value: 'o@x' }],
    emails(fixed, { value: 'o@x', type: 'other' })
  ],
  [
    '15 a quoted boolean in a filter',
    'entra',
    roles({ value: 'y', primary: true }, { value: 'z' }),
    [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'x' }],
    roles({ value: 'x', primary: true }, { value: 'z' })
  ],
  [
    '15 makes a primary where there is none',
    'entra',
    roles({ value: 'z', primary: false }),
    [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'x' }],
    roles({ value: 'z', primary: false }, { value: 'x', primary: true })
  ],
  [
    '12 a Replace by null clears, and makes nothing',
    'entra',
    emails(fixed),
    [
      { op: 'Replace', path: 'emails[type eq "work"].value', value: null },
      { op: 'Replace', path: 'emails[type eq "home"].value', value: null }
    ],
    emails({ type: 'work', primary: true })
  ],
  [
    '16 an app role as JSON in a text',
    'entra',
    a,
    [{ op: 'Add', path: 'roles', value: [{ value: '{"id":"..","value":"Admin","displayName":"Admin"}' }] }],
    roles({ value: 'Admin', display: 'Admin' })
  ],
  [
    '17 an unqualified manager in an array',
    'entra',
    a,
    [{ op: 'Add', path: 'manager', value: [{ $ref: 'http://.../Users/2819', value: '2819' }] }],
    { ...a, [E]: { manager: { value: '2819', $ref: 'http://.../Users/2819' } } }
  ],
  [
    '18 a manager as a text',
    'entra',
    a,
    [{ op: 'Add', path: `${E}:manager`, value: '2819' }],
    { ...a, [E]: { manager: { value: '2819' } } }
  ],
  [
    '18 an empty text clears the manager',
    'entra',
    { ...a, [E]: { manager: { value: '2819' } } },
    [{ op: 'Replace', path: `${E}:manager`, value: '' }],
    a
  ],
  [
    '19 a dot behind the URN',
    'entra',
    a,
    [{ op: 'add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager', value: '2819' }],
    { ...a, [E]: { manager: { value: '2819' } } }
  ],
  ['33 reactivation', 'entra', off, [{ op: 'Replace', path: 'active', value: 'True' }], a],
  ['41 deactivation without a path', 'okta', a, [{ op: 'replace', value: { active: false } }], off],
  ['42 password sync', 'okta', a, [{ op: 'replace', value: { password: 'secret' } }], a],
  [
    '52 a number for a text',
    'okta',
    a,
    [{ op: 'replace', value: { externalId: 701984, name: null, [E]: { employeeNumber: 701984 } } }],
    { ...a, externalId: '701984', [E]: { employeeNumber: '701984' } }
  ]
]
for (const [name, sender, before, operations, expected] of ofUsers) {
  t.test(`case ${name}`, async t => {
    for (const profile of sender === 'entra' && name.startsWith('16') ? [sender] : [sender, 'generic']) {
      t.strictSame(patchUser(profile, before, operations), expected, profile)
    }
  })
}

t.test('in profile strict, what only identity providers mean is refused', async t => {
  const refused: Array<[string, object]> = [
    ['invalidValue', { op: 'replace', path: 'active', value: 'False' }],
    ['invalidSyntax', { op: 'Add', path: 'nickName', value: 'Babs' }],
    ['noTarget', { op: 'replace', path: 'emails[type eq "work"].value', value: 'x' }],
    ['invalidValue', { op: 'add', path: 'manager', value: [{ value: '2819' }] }],
    ['invalidValue', { op: 'add', path: 'manager', value: '2819' }],
    ['invalidPath', { op: 'add', path: `${E}.manager`, value: { value: '2819' } }],
    ['invalidValue', { op: 'add', path: 'externalId', value: 701984 }]
  ]
  for (const [scimType, operation] of refused) {
    t.equal(refusalOf(() => patchUser('strict', a, [operation])).scimType, scimType, JSON.stringify(operation))
  }
})

const ofMembers: Array<[string, 'entra' | 'okta' | 'jumpcloud', object[], object[]]> = [
  [
    '20 a null $ref',
    'entra',
    [{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'f648' }] }],
    [{ kind: 'add', values: [{ value: 'f648' }] }]
  ],
  [
    '21 Remove with a value removes that member only',
    'entra',
    [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'f648' }] }],
    [{ kind: 'remove', ids: ['f648'] }]
  ],
  [
    '21 without $ref',
    'entra',
    [{ op: 'Remove', path: 'members', value: [{ value: 'u1091' }] }],
    [{ kind: 'remove', ids: ['u1091'] }]
  ],
  [
    '21 with the URN of the schema',
    'entra',
    [{ op: 'Remove', path: `${G}:members`, value: [{ value: 'u1091', type: 'User' }] }],
    [{ kind: 'remove', ids: ['u1091'] }]
  ],
  ['22 the flag', 'entra', [{ op: 'remove', path: 'members[value eq "7f4b"]' }], [{ kind: 'remove', ids: ['7f4b'] }]],
  [
    '23 a bare text',
    'entra',
    [{ op: 'add', path: 'members', value: 'id-1' }],
    [{ kind: 'add', values: [{ value: 'id-1' }] }]
  ],
  [
    '23 further keys',
    'entra',
    [{ name: 'addMember', op: 'add', path: 'members', value: [{ displayName: 'D', value: 'id-1' }] }],
    [{ kind: 'add', values: [{ value: 'id-1' }] }]
  ],
  [
    '44 one PATCH of all kinds, in order',
    'okta',
    [
      { op: 'remove', path: 'members[value eq "89bb"]' },
      { op: 'add', path: 'members', value: [{ value: '23a3', display: 'test.user@okta.local' }] },
      { op: 'replace', path: 'members', value: [{ value: '1', display: 'a' }, { value: '2' }] }
    ],
    [
      { kind: 'remove', ids: ['89bb'] },
      { kind: 'add', values: [{ value: '23a3' }] },
      { kind: 'replace', values: [{ value: '1' }, { value: '2' }] }
    ]
  ],
  ['45 an empty group', 'okta', [{ op: 'replace', path: 'members', value: [] }], [{ kind: 'clear' }]],
  [
    '57 Remove with a value',
    'jumpcloud',
    [{ op: 'Remove', path: 'members', value: [{ value: 'a' }, { value: 'b' }] }],
    [{ kind: 'remove', ids: ['a', 'b'] }]
  ],
  [
    '57 the form of the RFC',
    'jumpcloud',
    [{ op: 'remove', path: 'members[value eq "a"]' }],
    [{ kind: 'remove', ids: ['a'] }]
  ]
]
for (const [name, sender, operations, expected] of ofMembers) {
  t.test(`case ${name}`, async t => {
    for (const profile of [sender, 'generic']) {
      const split = splitMemberOperations(groupType, patchBody(profile, 'Group', operations))
      t.strictSame(split, { members: expected, rest: [] }, profile)
    }
  })
}

t.test('case 43 an equal id beside a new name', async t => {
  const operations = [{ op: 'replace', value: { id, displayName: 'Test SCIMv2' } }]
  t.strictSame(applyPatch(groupType, { displayName: 'x' }, patchBody('okta', 'Group', operations)), {
    displayName: 'Test SCIMv2'
  })
})

t.test('a large removal names all its members and no others', async t => {
  const ids = Array.from({ length: 1201 }, (_, i) => `2819c223-7f76-453a-919d-${String(i).padStart(12, '0')}`)
  const value = ids.map(value => ({ value }))
  const { members } = splitMemberOperations(
    groupType,
    patchBody('entra', 'Group', [{ op: 'Remove', path: 'members', value }])
  )
  t.strictSame(
    members.flatMap(change => (change.kind === 'remove' ? change.ids : ['?'])),
    ids
  )
})

t.test('case 64 a PATCH without schemas', async t => {
  const body = { Operations: [{ op: 'replace', path: 'active', value: false }] }
  const { request, applied } = applyRewrites('generic', { method: 'PATCH', type: users, query: {}, body })
  t.strictSame(applied, ['default-schemas'])
  t.strictSame(applyPatch(users, a, parsePatch(users, request.body)), off)
})
