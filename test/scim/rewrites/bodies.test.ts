/** The numbered cases of identity providers that are the shape of a POST or PUT body, in their literal form, in the profile of their sender. */
import t from 'tap'
import { readResource } from '../../../src/scim/read.ts'
import { applyRewrites } from '../../../src/scim/rewrites/apply.ts'
import { groupType } from '../../../src/scim/schemas.ts'
import { E, G, U, users } from '../patch/support.ts'

const bodies: Array<[string, 'entra' | 'okta' | 'jumpcloud' | 'generic', 'User' | 'Group', object, object]> = [
  [
    '25 nulls and empties',
    'entra',
    'User',
    {
      schemas: [U, E],
      userName: 'a',
      addresses: null,
      phoneNumbers: null,
      [E]: { department: null, manager: null },
      roles: [],
      meta: { resourceType: 'User' }
    },
    { userName: 'a' }
  ],
  [
    '26 a misprinted URN',
    'entra',
    'User',
    { schemas: [U, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'], userName: 'a' },
    { userName: 'a' }
  ],
  [
    '27 a schema of another directory',
    'entra',
    'Group',
    { schemas: [G, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'], displayName: 'g' },
    { displayName: 'g' }
  ],
  [
    '28 capitalised names',
    'entra',
    'User',
    {
      schemas: [U, E],
      UserName: 'x',
      emails: [{ Primary: true, Type: 'work', Value: 'a@b' }],
      [E]: { Department: 'd', Manager: { Value: '1' } }
    },
    {
      userName: 'x',
      emails: [{ value: 'a@b', type: 'work', primary: true }],
      [E]: { department: 'd', manager: { value: '1' } }
    }
  ],
  [
    '36 a user of Okta',
    'okta',
    'User',
    {
      schemas: [U],
      userName: 'test.user@okta.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true
    },
    {
      externalId: '00ujl29u0le5T6Aj10h7',
      userName: 'test.user@okta.local',
      name: { familyName: 'User', givenName: 'Test' },
      displayName: 'Test User',
      locale: 'en-US',
      active: true,
      emails: [{ value: 'test.user@okta.local', type: 'work', primary: true }]
    }
  ],
  [
    '46 a pushed group',
    'okta',
    'Group',
    { schemas: [G], id: '1', displayName: 'g', members: [{ value: '0982', display: null }] },
    { displayName: 'g', members: [{ value: '0982' }] }
  ],
  [
    '47 an empty group',
    'okta',
    'Group',
    { schemas: [G], displayName: 'Test SCIMv2', members: [] },
    { displayName: 'Test SCIMv2' }
  ],
  [
    '52 numbers in a user',
    'okta',
    'User',
    {
      schemas: [U, E],
      userName: 'a',
      externalId: 701984,
      name: null,
      addresses: [{ postalCode: 91608 }],
      [E]: { employeeNumber: 701984 }
    },
    { externalId: '701984', userName: 'a', addresses: [{ postalCode: '91608' }], [E]: { employeeNumber: '701984' } }
  ],
  [
    '54 an extension that is named and not there',
    'jumpcloud',
    'User',
    { active: true, emails: [{ value: 'a@b', primary: 'TRUE' }], schemas: [U, E], userName: 'a' },
    { userName: 'a', active: true, emails: [{ value: 'a@b', primary: true }] }
  ],
  [
    '56 schemas in the other order, a photo without a type',
    'jumpcloud',
    'User',
    { schemas: [E, U], userName: 'a', addresses: [], photos: [{ value: 'https://x/y' }] },
    { userName: 'a', photos: [{ value: 'https://x/y' }] }
  ],
  ['58 SCIM 1.0', 'generic', 'User', { schemas: ['urn:scim:schemas:core:1.0'], userName: 'a' }, { userName: 'a' }],
  [
    '58 SCIM 1.1 with an extension',
    'generic',
    'User',
    {
      schemas: ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'],
      userName: 'a',
      'urn:scim:schemas:extension:enterprise:2.0': { department: 'd' }
    },
    { userName: 'a', [E]: { department: 'd' } }
  ],
  ['64 no schemas', 'generic', 'User', { userName: 'a' }, { userName: 'a' }],
  [
    'paths as keys of a user',
    'entra',
    'User',
    {
      schemas: [U],
      userName: 'a',
      name: { givenName: 'G' },
      'name.familyName': 'F',
      [`${E}:department`]: 'd',
      [`${E}.manager`]: '1',
      [`${U}:title`]: 'T'
    },
    {
      userName: 'a',
      name: { familyName: 'F', givenName: 'G' },
      title: 'T',
      [E]: { department: 'd', manager: { value: '1' } }
    }
  ]
]
for (const [name, sender, resourceType, body, expected] of bodies) {
  t.test(`case ${name}`, async t => {
    const given = structuredClone(body)
    for (const profile of [sender, 'generic']) {
      const type = resourceType === 'User' ? users : groupType
      const { request } = applyRewrites(profile, { method: 'POST', type, query: {}, body })
      t.strictSame(readResource(type, request.body, { schemasRequired: true }), expected, profile)
    }
    t.strictSame(body, given, 'the request given stays as it was')
  })
}
