import { enterpriseUrn, group, groupUrn, licenseUrn, patch, patchUrn, type Row, user, userUrn } from './row.ts'

const one = (operation: unknown) => patch(operation)
const replaceAt = (path: unknown, value: unknown) => one({ op: 'replace', path, value })
const user1 = 'PATCH /Users/{ada}'
const group1 = 'PATCH /Groups/{eng}'

const syntax: readonly (readonly [string, unknown])[] = [
  ['no operations', { schemas: [patchUrn] }],
  ['operations that are none', patch()],
  ['operations that are an object', { schemas: [patchUrn], Operations: { op: 'remove', path: 'title' } }],
  ['operations that are a text', { schemas: [patchUrn], Operations: 'remove title' }],
  ['an operation that is null', one(null)],
  ['an operation that is a text', one('remove title')],
  ['an operation that is an array', one([{ op: 'remove', path: 'title' }])],
  ['no op', one({ path: 'title', value: 'x' })],
  ['an op that is none', one({ op: 'move', path: 'title', value: 'x' })],
  ['an op of JSON Patch', one({ op: 'test', path: '/title', value: 'x' })],
  ['an op that is an operator', one({ op: { $ne: null }, path: 'title' })],
  ['an op that is a number', one({ op: 1, path: 'title' })],
  ['an op of every object', one({ op: 'constructor', path: 'title', value: 'x' })],
  ['op twice, in two cases', one({ op: 'remove', OP: 'add', path: 'title' })],
  [
    'operations twice, in two cases',
    { schemas: [patchUrn], Operations: [{ op: 'remove', path: 'title' }], operations: [] }
  ],
  ['a user instead of operations', user({})],
  ['an array of operations, as JSON Patch has it', [{ op: 'remove', path: '/title' }]],
  ['the message of something else', { schemas: [userUrn], Operations: [{ op: 'remove', path: 'title' }] }],
  ['1,001 operations', patch(...Array.from({ length: 1001 }, () => ({ op: 'add', path: 'title', value: 'x' })))],
  [
    '__proto__ as a member of the value',
    `{"schemas":["${patchUrn}"],"Operations":[{"op":"add","value":{"__proto__":{"isAdmin":true}}}]}`
  ],
  [
    'a good operation and then a bad one',
    patch({ op: 'replace', path: 'title', value: 'owned' }, { op: 'move', path: 'title' })
  ]
]

const paths: readonly (readonly [string, unknown])[] = [
  ['an attribute nobody has', 'shoeSize'],
  ['a sub-attribute nobody has', 'name.nick'],
  ['a path of JSON Patch', '/userName'],
  ['an empty path', ''],
  ['a blank', ' '],
  ['a number', 5],
  ['an object', { $ne: null }],
  ['an array', ['userName']],
  ['__proto__', '__proto__'],
  ['a way to a prototype', '__proto__.isAdmin'],
  ['another way to it', 'constructor.prototype.isAdmin'],
  ['a way to it in brackets', 'emails[__proto__ eq "x"].value'],
  ['a way to it behind brackets', 'emails[type eq "work"].__proto__'],
  ['a way to it behind a schema', `${userUrn}:__proto__`],
  ['brackets without an end', 'emails[type eq "work"'],
  ['brackets without a filter', 'emails[]'],
  ['brackets behind brackets', 'emails[type eq "work"][primary eq true]'],
  ['brackets on a text', 'title[value eq "x"]'],
  ['an index', 'emails[0]'],
  ['a filter without brackets', 'emails type eq "work"'],
  ['a sub-attribute behind brackets that nobody has', 'emails[type eq "work"].colour'],
  ['a name three deep', 'name.givenName.first'],
  ['an operator of MongoDB', '$set'],
  ['SQL', "userName' = 'x"],
  ['a dot behind', 'name.'],
  ['NUL', 'user\0Name'],
  ['21 levels in brackets', `emails[${'('.repeat(21)}type eq "x"${')'.repeat(21)}]`],
  ['5,000 characters', `emails[type eq "${'x'.repeat(5000)}"]`],
  ['an attribute of groups', 'members'],
  ['a schema of nobody', 'urn:example:2.0:User:userName']
]

const unwritable: readonly (readonly [string, unknown])[] = [
  ['the id', replaceAt('id', '{bob}')],
  ['the id, without a path', one({ op: 'replace', value: { id: '{bob}' } })],
  ['meta', replaceAt('meta.created', '2000-01-01T00:00:00Z')],
  ['the version', replaceAt('meta.version', 'W/"9"')],
  ['meta, removed', one({ op: 'remove', path: 'meta' })],
  ['the id, removed', one({ op: 'remove', path: 'id' })],
  ['the schemas, removed', one({ op: 'remove', path: 'schemas' })],
  ['schemas of something else', replaceAt('schemas', [groupUrn])],
  ['the groups of a user', one({ op: 'add', path: 'groups', value: [{ value: '{eng}' }] })],
  ['the groups of a user, without a path', one({ op: 'add', value: { groups: [{ value: '{eng}' }] } })],
  ['the groups of a user, removed', one({ op: 'remove', path: 'groups[value eq "{eng}"]' })],
  ['the license', replaceAt(`${licenseUrn}:licenseType`, 'PAM')],
  ['the license, without a path', one({ op: 'replace', value: { [licenseUrn]: { licenseType: 'PAM' } } })],
  ['the state of the license', replaceAt(`${licenseUrn}:licenseState`, 'held')],
  ['the license, removed', one({ op: 'remove', path: licenseUrn })],
  // RFC 7644 3.5.2.2: what is required cannot be removed, which is mutability too.
  ['the userName, removed', one({ op: 'remove', path: 'userName' })],
  ['null as the userName', replaceAt('userName', null)],
  ['the display name of the manager', replaceAt(`${enterpriseUrn}:manager.displayName`, 'Eve')]
]

const values: readonly (readonly [string, unknown])[] = [
  ['no value', one({ op: 'add', path: 'title' })],
  ['null to add', one({ op: 'add', path: 'title', value: null })],
  ['no value and no path', one({ op: 'replace' })],
  ['a text without a path', one({ op: 'replace', value: 'x' })],
  ['an array without a path', one({ op: 'add', value: [{ title: 'x' }] })],
  ['nothing without a path', one({ op: 'add', value: {} })],
  ['only what nobody knows', one({ op: 'add', value: { shoeSize: 5 } })],
  ['an operator as a text', replaceAt('title', { $ne: null })],
  ['an array as a text', replaceAt('title', ['a', 'b'])],
  ['a word as a boolean', replaceAt('active', 'maybe')],
  ['a number as a boolean', replaceAt('active', 0)],
  ['an operator as a boolean', replaceAt('active', { $exists: true })],
  ['an empty userName', replaceAt('userName', '')],
  ['a text that is too long', replaceAt('title', 'x'.repeat(4097))],
  ['half a surrogate pair', replaceAt('title', 'a\ud800')],
  ['NUL', replaceAt('title', 'a\0')],
  [
    'two primary addresses',
    replaceAt('emails', [
      { value: 'a', primary: true },
      { value: 'b', primary: true }
    ])
  ],
  ['an element of unknown members', one({ op: 'add', path: 'emails', value: [{ colour: 'red' }] })],
  ['a value that chooses what to remove', one({ op: 'remove', path: 'emails', value: [{ colour: 'red' }] })],
  ['a number as an element', one({ op: 'add', path: 'addresses', value: [5] })],
  [
    'first a good operation',
    patch({ op: 'replace', path: 'title', value: 'owned' }, { op: 'replace', path: 'active', value: 'maybe' })
  ]
]

const members: readonly (readonly [string, unknown, string])[] = [
  ['a member that is nobody', one({ op: 'add', path: 'members', value: [{ value: '{nobody}' }] }), '400 invalidValue'],
  [
    'somebody and nobody',
    one({ op: 'add', path: 'members', value: [{ value: '{bob}' }, { value: '{nobody}' }] }),
    '400 invalidValue'
  ],
  [
    'nobody in place of all',
    one({ op: 'replace', path: 'members', value: [{ value: '{nobody}' }] }),
    '400 invalidValue'
  ],
  [
    'an operator as a member',
    one({ op: 'add', path: 'members', value: [{ value: { $ne: null } }] }),
    '400 invalidValue'
  ],
  ['a member without a value', one({ op: 'add', path: 'members', value: [{ display: 'ada' }] }), '400 invalidValue'],
  ['a member without a value in place of all', replaceAt('members', [{ display: 'ada' }]), '400 invalidValue'],
  [
    'a member whose value is null in place of all',
    replaceAt('members', [{ value: null, display: 'ada' }]),
    '400 invalidValue'
  ],
  ['an empty member in place of all', replaceAt('members', [{}]), '400 invalidValue'],
  [
    'a member without a value in place of all, without a path',
    one({ op: 'replace', value: { members: [{ $ref: null }] } }),
    '400 invalidValue'
  ],
  ['a member that is a number', one({ op: 'add', path: 'members', value: [7] }), '400 invalidValue'],
  ['an empty id', one({ op: 'add', path: 'members', value: [{ value: '' }] }), '400 invalidValue'],
  ['members to remove that say nothing', one({ op: 'remove', path: 'members', value: [{}] }), '400 invalidValue'],
  ['a number to remove', one({ op: 'remove', path: 'members', value: 7 }), '400 invalidValue'],
  ['a remove without a path', one({ op: 'remove', value: { members: [{ value: '{ada}' }] } }), '400 noTarget'],
  ['a filter by what a member has not', one({ op: 'remove', path: 'members[colour eq "red"]' }), '400 invalidFilter'],
  ['another id in the place of one', replaceAt('members[value eq "{ada}"].value', '{bob}'), '400 mutability'],
  ['another type', replaceAt('members[value eq "{ada}"].type', 'Group'), '400 mutability'],
  ['no name', one({ op: 'remove', path: 'displayName' }), '400 mutability'],
  ['an empty name', replaceAt('displayName', ''), '400 invalidValue'],
  ['an attribute of users', replaceAt('userName', 'x'), '400 invalidPath'],
  [
    'a name, and then nobody',
    patch(
      { op: 'replace', path: 'displayName', value: 'owned' },
      { op: 'add', path: 'members', value: [{ value: '{nobody}' }] }
    ),
    '400 invalidValue'
  ],
  [
    'one that leaves, and then nobody',
    patch(
      { op: 'remove', path: 'members[value eq "{ada}"]' },
      { op: 'add', path: 'members', value: [{ value: '{nobody}' }] }
    ),
    '400 invalidValue'
  ]
]

export const changeRows: readonly Row[] = [
  ...syntax.map(([title, body]): Row => [`change: ${title}`, user1, body, '400 invalidSyntax']),
  ...paths.map(([title, path]): Row => [`path: ${title}`, user1, replaceAt(path, 'x'), '400 invalidPath']),
  ...unwritable.map(([title, body]): Row => [`unwritable: ${title}`, user1, body, '400 mutability']),
  ...values.map(([title, body]): Row => [`value: ${title}`, user1, body, '400 invalidValue']),
  ...members.map(([title, body, answer]): Row => [`group: ${title}`, group1, body, answer]),
  ['path: a filter on the password', user1, replaceAt('emails[password eq "x"].value', 'x'), '400 invalidFilter'],
  [
    'path: a filter by what an address has not',
    user1,
    replaceAt('emails[colour eq "red"].value', 'x'),
    '400 invalidFilter'
  ],
  ['path: an element that is not there', user1, replaceAt('emails[value eq "none"]', { value: 'x' }), '400 noTarget'],
  ['path: an element that a filter leaves open', user1, replaceAt('emails[type ne "work"].value', 'x'), '400 noTarget'],
  ['remove without a path', user1, one({ op: 'remove' }), '400 noTarget'],
  ['remove everything by a value', user1, one({ op: 'remove', value: { title: 'x' } }), '400 noTarget'],
  ['a name that is taken', user1, replaceAt('userName', 'BOB'), '409 uniqueness'],
  ['the user admin, deactivated', 'PATCH /Users/{admin}', replaceAt('active', false), '403 admin_protected'],
  ['the user admin, renamed', 'PATCH /Users/{admin}', replaceAt('userName', 'root'), '403 admin_protected'],
  ['the user admin, replaced', 'PUT /Users/{admin}', user({ userName: 'admin', active: false }), '403 admin_protected'],
  ['a user that is not there', 'PATCH /Users/{nobody}', replaceAt('title', 'x'), '404 not_found'],
  ['in place of a user: no userName', 'PUT /Users/{ada}', { schemas: [userUrn] }, '400 invalidValue'],
  ['in place of a user: a name that is taken', 'PUT /Users/{ada}', user({ userName: 'bob' }), '409 uniqueness'],
  ['in place of a user: a group', 'PUT /Users/{ada}', group({}), '400 invalidValue'],
  ['in place of a user: an array', 'PUT /Users/{ada}', [], '400 invalidSyntax'],
  [
    'in place of a group: a member that is nobody',
    'PUT /Groups/{eng}',
    group({ members: [{ value: '{nobody}' }] }),
    '400 invalidValue'
  ],
  [
    'in place of a group: a member without a value',
    'PUT /Groups/{eng}',
    group({ members: [{ display: 'ada' }] }),
    '400 invalidValue'
  ],
  ['in place of a group: an empty member', 'PUT /Groups/{eng}', group({ members: [{}] }), '400 invalidValue'],
  ['in place of a group: no name', 'PUT /Groups/{eng}', { schemas: [groupUrn], members: [] }, '400 invalidValue']
]
