import type { Row } from './row.ts'

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const lists = ['users', 'audit', 'roles', 'connectors', 'seats/refusals', 'seats/purchases', 'notifications']
const bad = (code = 'invalid_value') => `400 ${code}`

const cursors: readonly (readonly [string, string])[] = [
  ['no base64', '!!!'],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['null', base64(null)],
  ['a number', base64(5)],
  ['an array', base64([])],
  ['without an id', base64({ v: 1 })],
  ['with an operator for an id', base64({ i: { $ne: null } })],
  ['with an operator for a value', base64({ i: 'a', v: { $gt: '' } })],
  ['of another order', base64({ i: 'a', s: 'id' })],
  ['of 8,193 characters', 'A'.repeat(8193)]
]

const filters: readonly (readonly [string, string])[] = [
  ['an attribute it has not', 'shoeSize eq "x"'],
  ['no filter', 'id'],
  ['a secret', 'token pr'],
  ['__proto__', '__proto__ pr'],
  ['an operator of MongoDB', '$where eq "1"'],
  ['SQL', `id eq "x" or 1=1`],
  ['too deep', `${'('.repeat(21)}id pr${')'.repeat(21)}`]
]

const params: readonly (readonly [string, string])[] = [
  ['limit 0', 'limit=0'],
  ['limit -1', 'limit=-1'],
  ['limit 1001', 'limit=1001'],
  ['limit 1.5', 'limit=1.5'],
  ['limit "all"', 'limit=all'],
  ['limit twice', 'limit=1&limit=2'],
  ['limit beyond all numbers', 'limit=99999999999999999999'],
  ['a sort that is none', 'sort=shoeSize'],
  ['a sort that is SQL', 'sort=id;drop+table+users'],
  ['a sort of two minuses', 'sort=--id'],
  ['a sort twice', 'sort=id&sort=-id'],
  ['a filter twice', 'filter=id+pr&filter=id+pr']
]

const quantities: readonly unknown[] = [-1, 1.5, '5', 1e99, 10_000_001, 2 ** 53, null, true, [5], { $gt: 0 }]
const dates: readonly unknown[] = [
  'yesterday',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01',
  '',
  5,
  {},
  '2026-01-01T25:00:00Z',
  '+123456-01-01T00:00:00Z'
]

const purchase = (more: object) => ({ type: 'PAM', quantity: 1, ...more })
const show = (value: unknown) => JSON.stringify(value) ?? 'nothing'

export const adminRows: readonly Row[] = [
  ...cursors.map(([title, cursor]): Row => [`cursor: ${title}`, `GET /users?cursor=${cursor}`, undefined, bad()]),
  ...lists.flatMap(list => [
    ...filters.map(
      ([title, text]): Row => [
        `${list} by ${title}`,
        `GET /${list}?filter=${encodeURIComponent(text)}`,
        undefined,
        bad('invalid_filter')
      ]
    ),
    ...params.map(([title, query]): Row => [`${list} with ${title}`, `GET /${list}?${query}`, undefined, bad()])
  ]),
  ...quantities.map(
    (quantity): Row => [`buying ${show(quantity)} seats`, 'POST /seats/purchases', purchase({ quantity }), bad()]
  ),
  ...quantities.map(
    (quantity): Row => [`changing to ${show(quantity)} seats`, 'PATCH /seats/purchases/{purchase}', { quantity }, bad()]
  ),
  ...dates.map((start): Row => [`buying from ${show(start)}`, 'POST /seats/purchases', purchase({ start }), bad()]),
  ...dates.map((end): Row => [`buying until ${show(end)}`, 'PATCH /seats/purchases/{purchase}', { end }, bad()]),
  [
    'buying for a time that ends before it begins',
    'POST /seats/purchases',
    purchase({ start: '2027-01-01T00:00:00Z', end: '2026-01-01T00:00:00Z' }),
    bad()
  ],
  ['buying nothing', 'POST /seats/purchases', undefined, bad()],
  ['buying what there is not', 'POST /seats/purchases', { type: 'VIP', quantity: 1 }, bad('invalid_license_type')],
  ['buying pam', 'POST /seats/purchases', { type: 'pam', quantity: 1 }, bad('invalid_license_type')],
  ['buying an operator', 'POST /seats/purchases', { type: { $ne: null }, quantity: 1 }, bad('invalid_license_type')],
  ['buying with a member nobody knows', 'POST /seats/purchases', purchase({ price: 0 }), bad()],
  ['buying by an array', 'POST /seats/purchases', [purchase({})], bad()],
  ['changing what nobody bought', 'PATCH /seats/purchases/{nobody}', { quantity: 1 }, '404 not_found'],
  ['changing the type of what was bought', 'PATCH /seats/purchases/{purchase}', { type: 'PWM' }, bad()],
  ['deleting what nobody bought', 'DELETE /seats/purchases/{nobody}', undefined, '404 not_found'],
  [
    'changing what was bought, stale',
    'PATCH /seats/purchases/{purchase}',
    { quantity: 1 },
    '412 precondition_failed',
    { 'if-match': '"99"' }
  ],
  [
    'changing what was bought, by a tag that is none',
    'PATCH /seats/purchases/{purchase}',
    { quantity: 1 },
    '412 precondition_failed',
    { 'if-match': 'x' }
  ],
  [
    'deleting what was bought, stale',
    'DELETE /seats/purchases/{purchase}',
    undefined,
    '412 precondition_failed',
    { 'if-match': '"99"' }
  ],
  ['dismissing a notice that is not there', 'POST /notifications/{nobody}/dismiss', undefined, '404 not_found'],

  ['users with a license that is none', 'GET /users?license=VIP', undefined, bad('invalid_license_type')],
  ['users with two licenses', 'GET /users?license=PAM&license=PWM', undefined, bad()],
  ['a user without a license', 'POST /users', { userName: 'mallory' }, bad('license_required')],
  [
    'a user with a license that is none',
    'POST /users',
    { userName: 'mallory', license: { type: 'VIP' } },
    bad('invalid_license_type')
  ],
  [
    'a user with a license that is null',
    'POST /users',
    { userName: 'mallory', license: { type: null } },
    bad('invalid_license_type')
  ],
  ['a user with a license and more', 'POST /users', { userName: 'mallory', license: { type: 'PAM', seat: 5 } }, bad()],
  ['a user without a name', 'POST /users', { license: { type: 'PWM' } }, bad()],
  ['a user whose name is an operator', 'POST /users', { userName: { $ne: null }, license: { type: 'PWM' } }, bad()],
  ['a user whose name is taken', 'POST /users', { userName: 'ADA', license: { type: 'PWM' } }, '409 uniqueness'],
  [
    'a user of a role nobody has',
    'POST /users',
    { userName: 'mallory', license: { type: 'PWM' }, roles: ['root'] },
    bad()
  ],
  [
    'a user of a role of every object',
    'POST /users',
    { userName: 'mallory', license: { type: 'PWM' }, roles: ['__proto__'] },
    bad()
  ],
  [
    'a user of a role that is an operator',
    'POST /users',
    { userName: 'mallory', license: { type: 'PWM' }, roles: [{ $ne: null }] },
    bad()
  ],
  [
    'a user of 101 roles',
    'POST /users',
    { userName: 'mallory', license: { type: 'PWM' }, roles: Array.from({ length: 101 }, () => 'user') },
    bad()
  ],
  [
    'a user with a bad attribute',
    'POST /users',
    { userName: 'mallory', license: { type: 'PWM' }, active: 'False' },
    bad()
  ],
  ['a user of broken JSON', 'POST /users', '{"userName":', bad('invalid_syntax')],
  [
    'a user of a way to a prototype',
    'POST /users',
    '{"userName":"m","__proto__":{"isAdmin":true}}',
    bad('invalid_syntax')
  ],
  ['a user that is too deep', 'POST /users', `${'['.repeat(33)}${']'.repeat(33)}`, bad('invalid_syntax')],
  ['a user of plain text', 'POST /users', 'mallory', '415 unsupported_media_type', { 'content-type': 'text/plain' }],
  ['activating by a change', 'PATCH /users/{ada}', { active: false }, bad()],
  ['activating by a change, in capital letters', 'PATCH /users/{ada}', { ACTIVE: false }, bad('invalid_syntax')],
  ['a license by a change', 'PATCH /users/{ada}', { license: { type: 'PAM' } }, bad()],
  ['no name by a change', 'PATCH /users/{ada}', { userName: null }, bad()],
  ['a name that is taken, by a change', 'PATCH /users/{ada}', { userName: 'bob' }, '409 uniqueness'],
  ['a change by an array', 'PATCH /users/{ada}', [], bad()],
  ['a change by null', 'PATCH /users/{ada}', 'null', bad()],
  ['no change at all', 'PATCH /users/{ada}', undefined, bad()],
  ['a change, stale', 'PATCH /users/{ada}', { title: 'x' }, '412 precondition_failed', { 'if-match': '"99"' }],
  ['a change of nobody', 'PATCH /users/{nobody}', { title: 'x' }, '404 not_found'],
  ['the user admin, renamed', 'PATCH /users/{admin}', { userName: 'root' }, '409 admin_protected'],
  ['the user admin, suspended', 'POST /users/{admin}/suspend', undefined, '409 admin_protected'],
  ['the user admin, deleted', 'DELETE /users/{admin}', undefined, '409 admin_protected'],
  ['the user admin without the role', 'PUT /users/{admin}/roles', { roles: [] }, '409 admin_protected'],
  ['suspending nobody', 'POST /users/{nobody}/suspend', undefined, '404 not_found'],
  ['activating nobody', 'POST /users/{nobody}/activate', undefined, '404 not_found'],
  [
    'activating with a license that is none',
    'POST /users/{ada}/activate',
    { license: { type: 'VIP' } },
    bad('invalid_license_type')
  ],
  ['activating with a member nobody knows', 'POST /users/{ada}/activate', { seat: 1 }, bad()],
  ['a license that is none', 'PUT /users/{ada}/license', { type: 'VIP' }, bad('invalid_license_type')],
  ['a license that is an array', 'PUT /users/{ada}/license', { type: ['PAM'] }, bad('invalid_license_type')],
  ['no license', 'PUT /users/{ada}/license', {}, bad()],
  ['a license for nobody', 'PUT /users/{nobody}/license', { type: 'PAM' }, '404 not_found'],
  ['a license, stale', 'PUT /users/{ada}/license', { type: 'PAM' }, '412 precondition_failed', { 'if-match': '"99"' }],
  ['license changes: none', 'POST /users/license-changes', { changes: [] }, bad()],
  [
    'license changes: 101',
    'POST /users/license-changes',
    { changes: Array.from({ length: 101 }, () => ({ user: '{ada}', type: 'PAM' })) },
    bad()
  ],
  [
    'license changes: of nobody',
    'POST /users/license-changes',
    {
      changes: [
        { user: '{ada}', type: 'PAM' },
        { user: '{nobody}', type: 'PAM' }
      ]
    },
    '404 not_found'
  ],
  [
    'license changes: of an operator',
    'POST /users/license-changes',
    { changes: [{ user: { $ne: null }, type: 'PAM' }] },
    bad()
  ],
  [
    'license changes: of one user twice',
    'POST /users/license-changes',
    {
      changes: [
        { user: '{ada}', type: 'PAM' },
        { user: '{ada}', type: 'PWM' }
      ]
    },
    bad()
  ],
  ['roles that are none', 'PUT /users/{ada}/roles', { roles: ['root'] }, bad()],
  ['roles that are a text', 'PUT /users/{ada}/roles', { roles: 'admin' }, bad()],
  ['roles of nobody', 'PUT /users/{nobody}/roles', { roles: [] }, '404 not_found'],
  ['permissions of nobody', 'GET /users/{nobody}/effective-permissions', undefined, '404 not_found'],
  ['a user of an id of 201 characters', `GET /users/${'x'.repeat(201)}`, undefined, bad()],
  ['a user of an id of 257 characters', `GET /users/${'x'.repeat(257)}`, undefined, '414 uri_too_long'],
  ['a user of an operator', 'GET /users/%7B%22$ne%22:null%7D', undefined, '404 not_found'],
  ['a file without a heading', 'POST /users/import', '"', bad(), { 'content-type': 'text/csv' }],
  [
    'a file with rows of different lengths',
    'POST /users/import',
    'userName,active\nmallory\n',
    bad(),
    { 'content-type': 'text/csv' }
  ],
  [
    'a file of 1,001 rows',
    'POST /users/import',
    `userName\n${'m\n'.repeat(1001)}`,
    bad(),
    { 'content-type': 'text/csv' }
  ],
  [
    'a file that is no UTF-8',
    'POST /users/import',
    Buffer.from('userName\nm\xff\n', 'latin1'),
    bad('invalid_syntax'),
    { 'content-type': 'text/csv' }
  ],
  ['an empty file, which has no rows', 'POST /users/import', undefined, '200', { 'content-type': 'text/csv' }],

  ['a role that is not there', 'PATCH /roles/{nobody}', { default: true }, '404 not_found'],
  ['a role of every object', 'PATCH /roles/__proto__', { default: true }, '404 not_found'],
  ['a static role, renamed', 'PATCH /roles/guest', { name: 'Owner' }, '409 static_role'],
  ['a static role, deleted', 'DELETE /roles/guest', undefined, '409 static_role'],
  ['the Admin role, renamed', 'PATCH /roles/admin', { name: 'Owner' }, '409 admin_protected'],
  ['the Admin role, emptied', 'PATCH /roles/admin', { permissions: [] }, '409 admin_protected'],
  ['the Admin role for everybody, unconfirmed', 'PATCH /roles/admin', { default: true }, '409 confirmation_required'],
  ['the Admin role for everybody, nearly confirmed', 'PATCH /roles/admin', { default: true, confirm: 'true' }, bad()],
  ['a permission that is none', 'PATCH /roles/guest', { permissions: ['pages.everything'] }, bad()],
  ['a permission of every object', 'PATCH /roles/guest', { permissions: ['constructor'] }, bad()],
  ['a permission that is an operator', 'PATCH /roles/guest', { permissions: [{ $ne: null }] }, bad()],
  ['501 permissions', 'PATCH /roles/guest', { permissions: Array.from({ length: 501 }, () => 'pages') }, bad()],
  ['a role with a member nobody knows', 'PATCH /roles/guest', { static: false }, bad()],
  ['a role, stale', 'PATCH /roles/guest', { default: true }, '412 precondition_failed', { 'if-match': '"99"' }],
  ['a role without a body', 'PATCH /roles/guest', undefined, bad()],

  ['the organization with a member nobody knows', 'PATCH /organization', { tenant: 'other' }, bad()],
  ['the organization without a name', 'PATCH /organization', { name: '' }, bad()],
  ['the organization with a name that is too long', 'PATCH /organization', { name: 'x'.repeat(201) }, bad()],
  ['a setting nobody knows', 'PATCH /organization', { settings: { seats: 5 } }, bad()],
  ['a grace of -1 days', 'PATCH /organization', { settings: { seatGraceDays: -1 } }, bad()],
  ['a grace of half a day', 'PATCH /organization', { settings: { seatGraceDays: 0.5 } }, bad()],
  ['a grace of 1e99 days', 'PATCH /organization', { settings: { seatGraceDays: 1e99 } }, bad()],
  ['a grace of "30" days', 'PATCH /organization', { settings: { seatGraceDays: '30' } }, bad()],
  [
    'a mask of what is no page',
    'PATCH /organization',
    { settings: { licenseMask: { PWM: ['administration'] } } },
    bad()
  ],
  ['a mask for a license that is none', 'PATCH /organization', { settings: { licenseMask: { VIP: [] } } }, bad()],
  [
    'the organization, stale',
    'PATCH /organization',
    { name: 'x' },
    '412 precondition_failed',
    { 'if-match': 'W/"99"' }
  ],

  ['a connector without a name', 'POST /connectors', {}, bad()],
  ['a connector of a profile that is none', 'POST /connectors', { name: 'x', profile: 'root' }, bad()],
  ['a connector of a profile of every object', 'POST /connectors', { name: 'x', profile: 'constructor' }, bad()],
  ['a connector that brings its own token', 'POST /connectors', { name: 'x', token: 'y' }, bad()],
  ['a connector of another organization', 'POST /connectors', { name: 'x', tenant: 'other' }, bad()],
  ['a connector that is not there', 'PATCH /connectors/{nobody}', { name: 'x' }, '404 not_found'],
  ['a connector of a profile that is none, changed', 'PATCH /connectors/{connector}', { profile: '__proto__' }, bad()],
  [
    'a connector, stale',
    'PATCH /connectors/{connector}',
    { name: 'x' },
    '412 precondition_failed',
    { 'if-match': '"99"' }
  ],
  [
    'deleting a connector, stale',
    'DELETE /connectors/{connector}',
    undefined,
    '412 precondition_failed',
    { 'if-match': '"99"' }
  ],
  ['deleting a connector that is not there', 'DELETE /connectors/{nobody}', undefined, '404 not_found'],
  ['writing the audit log', 'POST /audit', {}, '405 method_not_allowed'],
  ['deleting the audit log', 'DELETE /audit', undefined, '405 method_not_allowed'],
  ['changing who one is', 'PATCH /me', { role: 'administrator_with_billing' }, '405 method_not_allowed'],
  ['a route that is not there', 'GET /secrets', undefined, '404 not_found']
]
