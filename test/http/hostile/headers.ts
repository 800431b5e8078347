import { patch, type Row, user } from './row.ts'

const change = patch({ op: 'replace', path: 'title', value: 'owned' })

const stale: readonly (readonly [string, string])[] = [
  ['of another version', 'W/"99"'],
  ['of another version, strong', '"99"'],
  ['of several others', 'W/"97", W/"98"'],
  ['empty', '""'],
  ['without a value', 'W/'],
  ['that is no tag', 'yesterday'],
  ['that is SQL', `"1' or '1'='1"`],
  ['that is an operator', '{"$gt":0}'],
  ['of a thousand', Array.from({ length: 1000 }, (_, i) => `"${i + 100}"`).join(', ')],
  ['of a version that is no whole number', 'W/"1.00"'],
  ['with a version in another notation', 'W/"0x1"'],
  ['with a quote too many', 'W/""1""'],
  ['with a sign', 'W/"+1"']
]

const types: readonly (readonly [string, string])[] = [
  ['a form', 'application/x-www-form-urlencoded'],
  ['a form of parts', 'multipart/form-data; boundary=x'],
  ['plain text', 'text/plain'],
  ['XML', 'application/xml'],
  ['JSON in another name', 'application/jsonp'],
  ['nearly JSON', 'application/scim+jsonx'],
  ['what is no type', 'json'],
  ['a way to a prototype', '__proto__'],
  ['a list', 'text/html, application/json'],
  ['CSV', 'text/csv'],
  ['10,000 characters', `application/${'x'.repeat(10_000)}`]
]

export const headerRows: readonly Row[] = [
  ...stale.flatMap(([title, tag]): Row[] => [
    [`If-Match ${title}: a change`, 'PATCH /Users/{ada}', change, '412 precondition_failed', { 'if-match': tag }],
    [`If-Match ${title}: a delete`, 'DELETE /Groups/{eng}', undefined, '412 precondition_failed', { 'if-match': tag }]
  ]),
  ['If-Match of a user that is not there', 'DELETE /Users/{nobody}', undefined, '404 not_found', { 'if-match': '*' }],
  ['If-None-Match that is no tag', 'GET /Users/{ada}', undefined, '200', { 'if-none-match': '{"$ne":""}' }],
  ...types.map(
    ([title, type]): Row => [
      `a body that is called ${title}`,
      'POST /Users',
      JSON.stringify(user({})),
      '415 unsupported_media_type',
      { 'content-type': type }
    ]
  ),
  ['an Accept of nothing we have', 'GET /Users/{ada}', undefined, '200', { accept: 'image/png' }],
  ['an Accept that is no list', 'GET /Users/{ada}', undefined, '200', { accept: ';;;,,,q=' }],
  [
    'an id of a request with line ends',
    'GET /Users/{nobody}',
    undefined,
    '404 not_found',
    { 'x-request-id': '"}\\n{"level":60' }
  ],
  [
    'another method behind the back',
    'POST /Users/{ada}',
    undefined,
    '405 method_not_allowed',
    { 'x-http-method-override': 'DELETE' }
  ],
  [
    'another URL behind the back',
    'GET /Users/{nobody}',
    undefined,
    '404 not_found',
    { 'x-original-url': '/scim/v2/Users', 'x-rewrite-url': '/' }
  ],
  ['a key for repeats that is empty', 'POST /Users', user({}), '400 invalidValue', { 'idempotency-key': '' }],
  [
    'a key for repeats that is too long',
    'POST /Users',
    user({}),
    '400 invalidValue',
    { 'idempotency-key': 'k'.repeat(256) }
  ],
  ['an Authorization that is empty', 'GET /Users', undefined, '401 unauthorized', { authorization: '' }],
  ['an Authorization without a token', 'POST /Users', user({}), '401 unauthorized', { authorization: 'Bearer' }],
  [
    'an Authorization of an operator',
    'DELETE /Users/{ada}',
    undefined,
    '401 unauthorized',
    { authorization: 'Bearer {"$ne":null}' }
  ],
  [
    'an Authorization of SQL',
    'DELETE /Users/{ada}',
    undefined,
    '401 unauthorized',
    { authorization: "Bearer ' or '1'='1" }
  ],
  [
    'an Authorization of 10,000 characters',
    'GET /Users',
    undefined,
    '401 unauthorized',
    { authorization: `Bearer ${'x'.repeat(10_000)}` }
  ],
  [
    'an Authorization of another kind',
    'GET /Users',
    undefined,
    '401 unauthorized',
    { authorization: 'Basic YWRtaW46YWRtaW4=' }
  ]
]
