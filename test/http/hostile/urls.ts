import type { Row } from './row.ts'

/** Ids that are none, written so that an engine, a file system or a router could make something of them. */
const ids: readonly (readonly [string, string])[] = [
  ['a number', '1'],
  ['zero', '0'],
  ['a negative one', '-1'],
  ['the name of a user', 'ada'],
  ['SQL', "'%20or%20'1'='1"],
  ['a wildcard of SQL', '%25'],
  ['a wildcard', '*'],
  ['an operator', '%7B%22$ne%22:null%7D'],
  ['an operator without braces', '$ne'],
  ['an array', '[object%20Object]'],
  ['null', 'null'],
  ['undefined', 'undefined'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['a slash in an escape', 'a%2Fb'],
  ['a way up in escapes', '%2e%2e%2fUsers'],
  ['NUL', '%00'],
  ['an id and NUL', '{ada}%00'],
  ['an id and a blank', '{ada}%20'],
  ['an id with parameters behind a semicolon', '{ada};a=b'],
  ['two ids', '{ada},{bob}'],
  ['an id in braces', '%7B{ada}%7D'],
  ['a colon', ':id'],
  ['an emoji', '%F0%9F%98%80'],
  ['another organization and an id', 'default:{ada}'],
  ['256 characters', 'x'.repeat(256)]
]

/** Below `/scim/v2`, as the connector. */
export const idRows: readonly Row[] = [
  ...ids.flatMap(([title, id]): Row[] => [
    [`a user by ${title}`, `GET /Users/${id}`, undefined, '404 not_found'],
    [`deleting a user by ${title}`, `DELETE /Users/${id}`, undefined, '404 not_found']
  ]),
  ['a user by an id in capital letters is nobody', 'GET /Users/{ADA}', undefined, '404 not_found'],
  ['a user by the id of a group', 'GET /Users/{eng}', undefined, '404 not_found'],
  ['a group by the id of a user', 'DELETE /Groups/{ada}', undefined, '404 not_found'],
  ['a group by an operator', 'GET /Groups/%7B%22$gt%22:%22%22%7D', undefined, '404 not_found'],
  ['an id of 257 characters', `GET /Users/${'x'.repeat(257)}`, undefined, '414 uri_too_long'],
  ['an id that is not well escaped', 'GET /Users/%zz', undefined, '400 bad_request'],
  ['an id that is half a letter', 'GET /Users/%c3', undefined, '400 bad_request'],
  ['an id that is an overlong slash', 'GET /Users/%c0%af', undefined, '400 bad_request'],
  ['a schema that is none', 'GET /Schemas/urn:example', undefined, '404 not_found'],
  ['a schema by a name of every object', 'GET /Schemas/constructor', undefined, '404 not_found'],
  ['a resource type by a name of every object', 'GET /ResourceTypes/__proto__', undefined, '404 not_found'],
  ['something below a user', 'GET /Users/{ada}/password', undefined, '404 not_found'],
  ['an endpoint in small letters', 'GET /users', undefined, '404 not_found'],
  ['an endpoint that is none', 'GET /Devices', undefined, '404 not_found'],
  ['the admin API below SCIM', 'GET /api/v1/users', undefined, '404 not_found'],
  ['a search that is none', 'POST /.search', { schemas: [] }, '400 invalidValue'],
  ['a search of no collection', 'POST /Nothing/.search', { schemas: [] }, '404 not_found'],
  ['deleting all users', 'DELETE /Users', undefined, '405 method_not_allowed'],
  ['replacing all users', 'PUT /Users', [], '405 method_not_allowed'],
  ['changing all groups', 'PATCH /Groups', {}, '405 method_not_allowed'],
  ['making a user under an id', 'POST /Users/{nobody}', {}, '405 method_not_allowed'],
  ['reading a bulk request', 'GET /Bulk', undefined, '405 method_not_allowed'],
  ['changing a schema', 'PUT /Schemas/urn:ietf:params:scim:schemas:core:2.0:User', {}, '405 method_not_allowed'],
  ['making a schema of broken JSON', 'POST /Schemas', '{', '405 method_not_allowed'],
  ['deleting the configuration', 'DELETE /ServiceProviderConfig', undefined, '405 method_not_allowed'],
  ['making a resource type', 'POST /ResourceTypes', {}, '405 method_not_allowed'],
  ['only the head of users', 'HEAD /Users', undefined, '405'],
  ['what may be done with users', 'OPTIONS /Users', undefined, '405 method_not_allowed'],
  ['deleting the user admin', 'DELETE /Users/{admin}', undefined, '403 admin_protected'],
  ['a user that is not there, with a body', 'PUT /Users/{nobody}', { schemas: [], userName: 'x' }, '404 not_found'],
  [
    'a group that is not there, changed',
    'PATCH /Groups/{nobody}',
    { schemas: [], Operations: [{ op: 'add', path: 'displayName', value: 'x' }] },
    '404 not_found'
  ]
]

/** As they are, with the key of the administrator. */
export const urlRows: readonly Row[] = [
  ['the root', 'GET /', undefined, '404 not_found'],
  ['a file of the server', 'GET /package.json', undefined, '404 not_found'],
  ['a way out of the folder of the docs', 'GET /docs/static/..%2f..%2fpackage.json', undefined, '404 not_found'],
  ['a way out, doubly escaped', 'GET /docs/static/%252e%252e%252fpackage.json', undefined, '404 not_found'],
  ['a file of the docs that is not there', 'GET /docs/static/none.js', undefined, '404 not_found'],
  ['a hidden file of the docs', 'GET /docs/static/.env', undefined, '404 not_found'],
  ['the folder of the docs', 'GET /docs/static/', undefined, '404 not_found'],
  ['a file of the docs with NUL', 'GET /docs/static/%00', undefined, '403 forbidden'],
  ['what browsers ask for', 'GET /favicon.ico', undefined, '404 not_found'],
  ['an older version', 'GET /scim/v1/Users', undefined, '404 not_found'],
  ['no version', 'GET /scim/Users', undefined, '404 not_found'],
  ['SCIM in capital letters', 'GET /SCIM/v2/Users', undefined, '404 not_found'],
  ['slashes in escapes', 'GET /scim%2Fv2%2FUsers', undefined, '404 not_found'],
  ['the URL of another server', 'GET /http://example.com/scim/v2/Users', undefined, '404 not_found'],
  ['health that is told to stop', 'DELETE /health/live', undefined, '405 method_not_allowed'],
  ['health with a body', 'POST /health/ready', '{', '405 method_not_allowed'],
  ['the description, replaced', 'PUT /openapi.json', {}, '405 method_not_allowed']
]
