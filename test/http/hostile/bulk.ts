import { bulk, bulkUrn, group, nested, patch, type Row, user } from './row.ts'

const post = (data: unknown, bulkId: unknown = 'a') => ({ method: 'POST', path: '/Users', bulkId, data })

const whole: readonly (readonly [string, unknown, string])[] = [
  ['an array', [], '400 invalidSyntax'],
  ['no schemas', { Operations: [] }, '400 invalidSyntax'],
  ['the message of something else', { schemas: ['urn:example'], Operations: [] }, '400 invalidSyntax'],
  ['no operations', { schemas: [bulkUrn] }, '400 invalidSyntax'],
  ['operations that are an object', { schemas: [bulkUrn], Operations: { 0: post(user({})) } }, '400 invalidSyntax'],
  ['an operation that is null', bulk(null), '400 invalidSyntax'],
  ['an operation that is an array', bulk([]), '400 invalidSyntax'],
  ['no method', bulk({ path: '/Users', bulkId: 'a', data: user({}) }), '400 invalidSyntax'],
  ['a method that is none', bulk({ method: 'GET', path: '/Users' }), '400 invalidSyntax'],
  ['a method of HTTP that is dangerous', bulk({ method: 'TRACE', path: '/Users' }), '400 invalidSyntax'],
  ['a method that is an operator', bulk({ method: { $ne: 'GET' }, path: '/Users' }), '400 invalidSyntax'],
  ['a method that cannot be made a text', bulk({ method: { toString: 1 }, path: '/Users' }), '400 invalidSyntax'],
  ['no bulkId', bulk({ method: 'POST', path: '/Users', data: user({}) }), '400 invalidSyntax'],
  ['a bulkId that is an operator', bulk(post(user({}), { $ne: null })), '400 invalidSyntax'],
  [
    'a version that is none',
    bulk({ method: 'DELETE', path: '/Users/{ada}', version: { $ne: '' } }),
    '400 invalidSyntax'
  ],
  ['no path', bulk({ method: 'DELETE' }), '400 invalidPath'],
  ['the admin API as a path', bulk({ method: 'DELETE', path: '/api/v1/users/{ada}' }), '400 invalidPath'],
  ['a way up as a path', bulk({ method: 'DELETE', path: '/Users/../../api/v1/users/{ada}' }), '400 invalidPath'],
  ['a whole URL as a path', bulk({ method: 'DELETE', path: 'http://example.com/Users/{ada}' }), '400 invalidPath'],
  [
    'a query in a path',
    bulk({ method: 'POST', path: '/Users?attributes=id', bulkId: 'a', data: user({}) }),
    '400 invalidPath'
  ],
  [
    'a bulk request in a bulk request',
    bulk({ method: 'POST', path: '/Bulk', bulkId: 'a', data: bulk() }),
    '400 invalidPath'
  ],
  ['a path that is a number', bulk({ method: 'DELETE', path: 5 }), '400 invalidPath'],
  ['failOnErrors 0', { ...bulk(post(user({}))), failOnErrors: 0 }, '400 invalidValue'],
  ['failOnErrors "1"', { ...bulk(post(user({}))), failOnErrors: '1' }, '400 invalidValue'],
  ['failOnErrors 1.5', { ...bulk(post(user({}))), failOnErrors: 1.5 }, '400 invalidValue'],
  [
    '1,001 operations',
    bulk(...Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/{nobody}' }))),
    '413 payload_too_large'
  ],
  ['one bad operation among good ones', bulk(post(user({})), { method: 'PUT' }), '400 invalidPath'],
  ['two operations of one bulkId', bulk(post(user({})), post(user({ userName: 'eve' }))), '400 invalidValue'],
  ['an id that is not well escaped', bulk({ method: 'DELETE', path: '/Users/%zz' }), '400 invalidPath'],
  ['a way up in escapes', bulk({ method: 'DELETE', path: '/Users/%2e%2e' }), '400 invalidPath'],
  ['a way up', bulk({ method: 'DELETE', path: '/Users/..' }), '400 invalidPath']
]

/** What each operation would be alone. */
const operations: readonly (readonly [string, unknown, string])[] = [
  ['no data', bulk({ method: 'POST', path: '/Users', bulkId: 'a' }), '400 invalidSyntax'],
  ['data that is a text', bulk(post('mallory')), '400 invalidSyntax'],
  ['data without a userName', bulk(post({ schemas: [] })), '400 invalidValue'],
  ['data that is too deep by itself', bulk(post(JSON.parse(nested(28)))), '400 invalidValue'],
  ['a name that is taken', bulk(post(user({ userName: 'ada' }))), '409 uniqueness'],
  ['deleting nobody', bulk({ method: 'DELETE', path: '/Users/{nobody}' }), '404 not_found'],
  ['deleting everybody', bulk({ method: 'DELETE', path: '/Users' }), '405 method_not_allowed'],
  ['deleting the user admin', bulk({ method: 'DELETE', path: '/Users/{admin}' }), '403 admin_protected'],
  ['a stale version', bulk({ method: 'DELETE', path: '/Users/{ada}', version: 'W/"99"' }), '412 precondition_failed'],
  ['changing by nothing', bulk({ method: 'PATCH', path: '/Users/{ada}', data: patch() }), '400 invalidSyntax'],
  [
    'a bulkId that is not there',
    bulk({ method: 'POST', path: '/Groups', bulkId: 'g', data: group({ members: [{ value: 'bulkId:zz' }] }) }),
    '409 invalidValue'
  ],
  [
    'a bulkId in a circle with one that is not there',
    bulk(
      { method: 'POST', path: '/Groups', bulkId: 'a', data: group({ members: [{ value: 'bulkId:b' }] }) },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'b',
        data: group({ members: [{ value: 'bulkId:a' }, { value: 'bulkId:c' }] })
      }
    ),
    '409 invalidValue, 409 invalidValue'
  ],
  [
    'a bulkId as a name',
    bulk({ method: 'POST', path: '/Users', bulkId: 'a', data: user({ displayName: 'bulkid:zz' }) }),
    '409 invalidValue'
  ],
  ['a bulkId of every object', bulk({ method: 'DELETE', path: '/Users/bulkId:__proto__' }), '409 invalidValue'],
  ['an id in a line of its own', bulk({ method: 'DELETE', path: '/Users/{nobody}\r\nX-Evil: 1' }), '404 not_found']
]

export const bulkRows: readonly Row[] = [
  ...whole.map(([title, body, answer]): Row => [`bulk: ${title}`, 'POST /Bulk', body, answer]),
  ...operations.map(([title, body, answer]): Row => [`bulk: ${title}`, 'POST /Bulk', body, `200 ${answer}`])
]
