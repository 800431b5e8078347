import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { E, patchUser, U } from './support.ts'

const a = { userName: 'a' }
const workMail = { value: 'w@x', type: 'work', primary: true }
const homeMail = { value: 'h@x', type: 'home' }
const mails = { ...a, emails: [workMail, homeMail] }
const managed = { ...a, [E]: { department: 'd', manager: { value: '1', $ref: '../Users/1' } } }

const changed: Array<[string, JsonObject, object[], JsonObject]> = [
  ['add sets an absent attribute', a, [{ op: 'add', path: 'title', value: 'T' }], { ...a, title: 'T' }],
  [
    'add replaces the value of a single attribute',
    { ...a, title: 'S' },
    [{ op: 'add', path: 'title', value: 'T' }],
    { ...a, title: 'T' }
  ],
  [
    'names in paths and values have no case',
    a,
    [{ op: 'add', path: 'NAME', value: { GIVENNAME: 'K' } }],
    { ...a, name: { givenName: 'K' } }
  ],
  [
    'add to a complex attribute leaves its other sub-attributes',
    { ...a, name: { familyName: 'F' } },
    [{ op: 'add', path: 'name', value: { givenName: 'G' } }],
    { ...a, name: { familyName: 'F', givenName: 'G' } }
  ],
  [
    'replace of a complex attribute leaves them too (quirk 63)',
    { ...a, name: { familyName: 'F' } },
    [{ op: 'replace', path: 'name', value: { givenName: 'G' } }],
    { ...a, name: { familyName: 'F', givenName: 'G' } }
  ],
  [
    'a null sub-attribute is cleared',
    { ...a, name: { familyName: 'F', givenName: 'G' } },
    [{ op: 'replace', path: 'name', value: { givenName: null } }],
    { ...a, name: { familyName: 'F' } }
  ],
  ['a replace by null unassigns', { ...a, title: 'T' }, [{ op: 'replace', path: 'title', value: null }], a],
  ['a replace by no elements unassigns', mails, [{ op: 'replace', path: 'emails', value: [] }], a],
  [
    'a null among the members of a value clears what it names',
    { ...a, title: 'T' },
    [{ op: 'replace', value: { title: null, nickName: 'N' } }],
    { ...a, nickName: 'N' }
  ],
  ['a path of null is none', a, [{ op: 'add', path: null, value: { title: 'T' } }], { ...a, title: 'T' }],
  [
    'nulls among elements are none',
    a,
    [{ op: 'add', path: 'emails', value: [null, workMail] }],
    { ...a, emails: [workMail] }
  ],
  ['adding no element but null adds none', mails, [{ op: 'add', path: 'emails', value: [null] }], mails],
  ['a replace by null as the only element unassigns', mails, [{ op: 'replace', path: 'emails', value: [null] }], a],
  ['a value of null chooses nothing in a remove', mails, [{ op: 'remove', path: 'emails', value: null }], a],
  [
    'unknown attributes beside known ones are ignored',
    a,
    [{ op: 'add', value: { title: 'T', colour: 'red' } }],
    { ...a, title: 'T' }
  ],
  [
    'add appends to a multi-valued attribute, also a value outside an array',
    mails,
    [{ op: 'add', path: 'emails', value: { value: 'o@x', type: 'other' } }],
    { ...a, emails: [workMail, homeMail, { value: 'o@x', type: 'other' }] }
  ],
  ['an element that is there is not doubled', mails, [{ op: 'add', path: 'emails', value: [homeMail] }], mails],
  [
    'nor in another letter case; what is new in it goes into the one there',
    mails,
    [{ op: 'add', path: 'emails', value: [{ value: 'H@X', type: 'Home', display: 'D' }] }],
    { ...a, emails: [workMail, { value: 'H@X', type: 'Home', display: 'D' }] }
  ],
  [
    'an address that is there is not doubled, primary or not',
    { ...a, addresses: [{ locality: 'L', primary: true }, { locality: 'M' }] },
    [{ op: 'add', path: 'addresses', value: [{ locality: 'M', primary: true }] }],
    {
      ...a,
      addresses: [
        { locality: 'L', primary: false },
        { locality: 'M', primary: true }
      ]
    }
  ],
  ['adding no elements changes nothing', mails, [{ op: 'add', path: 'emails', value: [] }], mails],
  [
    'a new primary takes the place of the old one',
    mails,
    [{ op: 'add', path: 'emails', value: [{ value: 'n@x', primary: true }] }],
    { ...a, emails: [{ ...workMail, primary: false }, homeMail, { value: 'n@x', primary: true }] }
  ],
  [
    'also where it is set on an element that is there',
    mails,
    [{ op: 'replace', path: 'emails[type eq "home"].primary', value: true }],
    {
      ...a,
      emails: [
        { ...workMail, primary: false },
        { ...homeMail, primary: true }
      ]
    }
  ],
  [
    'add to chosen elements keeps what is in them, replace does not',
    mails,
    [
      { op: 'add', path: 'emails[type eq "work"]', value: { display: 'W' } },
      { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'i@x' } }
    ],
    { ...a, emails: [{ value: 'w@x', display: 'W', type: 'work', primary: true }, { value: 'i@x' }] }
  ],
  [
    'all chosen elements change',
    mails,
    [{ op: 'replace', path: 'emails[value ew "x"].display', value: 'D' }],
    {
      ...a,
      emails: [
        { value: 'w@x', display: 'D', type: 'work', primary: true },
        { value: 'h@x', display: 'D', type: 'home' }
      ]
    }
  ],
  [
    'elements that become equal become one',
    { ...a, addresses: [{ locality: 'L' }, { locality: 'M' }] },
    [{ op: 'replace', path: 'addresses[locality pr]', value: { locality: 'N' } }],
    { ...a, addresses: [{ locality: 'N' }] }
  ],
  [
    'add to a sub-attribute makes the element that the filter describes',
    a,
    [{ op: 'add', path: 'emails[type eq "work" and primary eq true].value', value: 'n@x' }],
    { ...a, emails: [{ value: 'n@x', type: 'work', primary: true }] }
  ],
  [
    'and that element takes the primary from others',
    mails,
    [{ op: 'add', path: 'emails[type eq "other" and primary eq true].value', value: 'n@x' }],
    {
      ...a,
      emails: [{ ...workMail, primary: false }, homeMail, { value: 'n@x', type: 'other', primary: true }]
    }
  ],
  [
    'a sub-attribute without brackets is that of the only element',
    { ...a, emails: [homeMail] },
    [{ op: 'replace', path: 'emails.value', value: 'i@x' }],
    { ...a, emails: [{ ...homeMail, value: 'i@x' }] }
  ],
  [
    'a remove of a sub-attribute without brackets is of all elements',
    { ...a, emails: [{ ...homeMail, display: 'D' }, { display: 'D' }] },
    [{ op: 'remove', path: 'emails.display' }],
    { ...a, emails: [homeMail] }
  ],
  ['remove of an attribute', { ...a, title: 'T' }, [{ op: 'remove', path: 'title' }], a],
  ['what is not there is removed already', a, [{ op: 'remove', path: 'title' }], a],
  ['so are elements', mails, [{ op: 'remove', path: 'emails[type eq "other"]' }], mails],
  [
    'a value beside the remove of a single attribute says nothing',
    { ...a, title: 'T' },
    [{ op: 'remove', path: 'title', value: 'T' }],
    a
  ],
  [
    'a complex attribute goes with its last sub-attribute',
    { ...a, name: { givenName: 'G' } },
    [{ op: 'remove', path: 'name.givenName' }],
    a
  ],
  [
    'a list goes with its last element',
    { ...a, emails: [homeMail] },
    [{ op: 'remove', path: 'emails[type eq "home"]' }],
    a
  ],
  [
    'an extension goes with its last attribute',
    { ...a, [E]: { department: 'd' } },
    [{ op: 'remove', path: `${E}:department` }],
    a
  ],
  ['an extension is removed by its URN', managed, [{ op: 'remove', path: E.toUpperCase() }], a],
  ['or by null', managed, [{ op: 'replace', value: { [E]: null } }], a],
  [
    'an extension is a value like a complex one',
    managed,
    [{ op: 'replace', path: E, value: { division: 'v' } }],
    { ...a, [E]: { ...managed[E], division: 'v' } }
  ],
  [
    'its URN is a name in a value without a path',
    managed,
    [{ op: 'add', value: { [E]: { division: 'v' } } }],
    { ...a, [E]: { ...managed[E], division: 'v' } }
  ],
  [
    'a new manager does not keep the reference to the old one',
    managed,
    [{ op: 'replace', path: `${E}:manager`, value: { value: '2' } }],
    { ...a, [E]: { department: 'd', manager: { value: '2' } } }
  ],
  [
    'but takes the one that comes with it, whatever their order',
    managed,
    [{ op: 'replace', path: `${E}:manager`, value: { $ref: '../Users/2', value: '2', displayName: 'B' } }],
    { ...a, [E]: { department: 'd', manager: { value: '2', $ref: '../Users/2' } } }
  ],
  ['a password is accepted and not kept', a, [{ op: 'replace', path: 'password', value: 'secret' }], a],
  ['and so there is none to remove', a, [{ op: 'remove', path: 'password' }], a],
  [
    'the schemas in use follow from the attributes; sending known ones is no change',
    a,
    [
      { op: 'add', path: 'schemas', value: [E] },
      { op: 'replace', value: { schemas: [U, E] } }
    ],
    a
  ],
  [
    'operations work in their order, each on what the last one left',
    a,
    [
      { op: 'add', path: 'emails', value: [workMail] },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'v@x' },
      { op: 'remove', path: 'emails[value eq "v@x"].primary' },
      { op: 'add', path: 'title', value: 'T' },
      { op: 'remove', path: 'title' }
    ],
    { ...a, emails: [{ value: 'v@x', type: 'work' }] }
  ]
]
for (const [name, before, operations, expected] of changed) {
  t.test(name, async t => {
    const copy = structuredClone(before)
    t.strictSame(patchUser(before, operations), expected)
    t.strictSame(before, copy, 'the resource given stays as it was')
  })
}
