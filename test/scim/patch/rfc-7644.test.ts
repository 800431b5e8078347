import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { refusalOf } from '../filter/refusal.ts'
import { patchMembers, patchUser } from './support.ts'

const babs = '2819c223-7f76-453a-919d-413861904646'
const james = '902c246b-6245-4190-8e05-00816be7344a'

const work = {
  streetAddress: '100 Universal City Plaza',
  locality: 'Hollywood',
  region: 'CA',
  postalCode: '91608',
  country: 'USA',
  type: 'work'
}
const home = { streetAddress: '456 Hollywood Blvd', type: 'home' }
const user: JsonObject = {
  userName: 'bjensen',
  addresses: [work, home],
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'bj@example.org', type: 'work' },
    { value: 'babs@example.com', type: 'home' }
  ]
}
const plaza = {
  streetAddress: '911 Universal City Plaza',
  locality: 'Hollywood',
  region: 'CA',
  postalCode: '91608',
  country: 'US',
  type: 'work',
  primary: true
}
const mails = [
  { value: 'bjensen@example.com', type: 'work', primary: true },
  { value: 'babs@jensen.org', type: 'home' }
]

const ofUsers: Array<[string, object, JsonObject]> = [
  [
    '3.5.2.1 an add without a path adds to a multi-valued attribute and sets a single one',
    { op: 'add', value: { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' } },
    {
      ...user,
      emails: [...(user.emails as object[] as JsonObject[]), { value: 'babs@jensen.org', type: 'home' }],
      nickName: 'Babs'
    }
  ],
  [
    '3.5.2.2 a remove with a complex filter removes what it matches',
    { op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' },
    {
      ...user,
      emails: [
        { value: 'bj@example.org', type: 'work' },
        { value: 'babs@example.com', type: 'home' }
      ]
    }
  ],
  [
    '3.5.2.3 a replace of a chosen element replaces the whole element',
    { op: 'replace', path: 'addresses[type eq "work"]', value: plaza },
    { ...user, addresses: [plaza, home] }
  ],
  [
    '3.5.2.3 a replace of one sub-attribute of a chosen element',
    { op: 'replace', path: 'addresses[type eq "work"].streetAddress', value: '1010 Broadway Ave' },
    { ...user, addresses: [{ ...work, streetAddress: '1010 Broadway Ave' }, home] }
  ],
  [
    '3.5.2.3 a replace without a path replaces the values of what it names',
    { op: 'replace', value: { emails: mails, nickname: 'Babs' } },
    { ...user, emails: mails, nickName: 'Babs' }
  ],
  [
    'figure 7: the path of a sub-attribute',
    { op: 'add', path: 'name.familyName', value: 'Jensen' },
    { ...user, name: { familyName: 'Jensen' } }
  ]
]
for (const [name, operation, expected] of ofUsers) {
  t.test(name, async t => t.same(patchUser(user, [operation]), expected))
}

const ofMembers: Array<[string, object[], object[]]> = [
  [
    '3.5.2.1 adding a member',
    [
      {
        op: 'add',
        path: 'members',
        value: [{ display: 'Babs Jensen', $ref: `https://example.com/v2/Users/${babs}`, value: babs }]
      }
    ],
    [{ kind: 'add', values: [{ value: babs }] }]
  ],
  [
    '3.5.2.2 removing one member',
    [{ op: 'remove', path: `members[value eq "${babs}"]` }],
    [{ kind: 'remove', ids: [babs] }]
  ],
  ['3.5.2.2 removing all members', [{ op: 'remove', path: 'members' }], [{ kind: 'clear' }]],
  [
    '3.5.2.2 removing and adding a member in one request, in this order',
    [
      { op: 'remove', path: `members[value eq "${babs}"]` },
      { op: 'add', path: 'members', value: [{ display: 'James Smith', value: james }] }
    ],
    [
      { kind: 'remove', ids: [babs] },
      { kind: 'add', values: [{ value: james }] }
    ]
  ],
  [
    '3.5.2.3 replacing all members',
    [{ op: 'replace', path: 'members', value: [{ value: babs }, { value: james, type: 'user' }] }],
    [{ kind: 'replace', values: [{ value: babs }, { value: james, type: 'User' }] }]
  ]
]
for (const [name, operations, expected] of ofMembers) {
  t.test(name, async t => t.same(patchMembers(...operations), expected))
}

t.test('figure 7: a sub-attribute that members do not have is no path', async t => {
  const path = `members[value eq "${babs}"].displayName`
  t.equal(refusalOf(() => patchMembers({ op: 'remove', path })).scimType, 'invalidPath')
})
