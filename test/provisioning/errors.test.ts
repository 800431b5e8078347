/** Every refusal says of which attribute it is, for what reason, and what demands it. */
import t from 'tap'
import { bulkRequestUrn } from '../../src/scim/bulk.ts'
import { enterpriseUrn, type Method, newUser, onBothStores, patch, provision, userUrn } from '../support/app.ts'
import { newest } from './support.ts'

interface Bad {
  readonly ask: readonly [method: Method, path: string, body?: unknown, headers?: Record<string, string>]
  readonly attribute: string
  readonly rfc: string
  /** Found in the reason. */
  readonly reason: RegExp
}

const bad = (ask: Bad['ask'], attribute: string, rfc: string, reason: RegExp): Bad => ({ ask, attribute, rfc, reason })

const bulk = (operations: unknown, attribute: string, rfc: string, reason: RegExp) =>
  bad(['POST', '/Bulk', { schemas: [bulkRequestUrn], Operations: operations }], attribute, rfc, reason)

/** A PATCH of the user with one operation. */
const op = (operation: object, attribute: string, rfc: string, reason: RegExp) =>
  bad(['PATCH', '/Users/{user}', patch({ op: 'replace', ...operation })], attribute, rfc, reason)
const list = (query: string, attribute: string, rfc: string, reason: RegExp) =>
  bad(['GET', `/Users?${encodeURI(query)}`], attribute, rfc, reason)
const create = (body: unknown, attribute: string, rfc: string, reason: RegExp) =>
  bad(['POST', '/Users', body], attribute, rfc, reason)

const rows: readonly Bad[] = [
  create({ schemas: [userUrn] }, 'userName', 'RFC 7643 7', /is required/),
  create(newUser(''), 'userName', 'RFC 7643 7', /must not be empty/),
  create(newUser('a', { active: 'maybe' }), 'active', 'RFC 7643 2.3', /must be true or false/),
  create(newUser('a', { name: 5 }), 'name', 'RFC 7643 2.3', /must be an object/),
  create(newUser('a', { name: { givenName: {} } }), 'name.givenName', 'RFC 7643 2.3', /must be a string/),
  create(newUser('a', { title: 'x'.repeat(5000) }), 'title', 'RFC 7643 2.3.1', /characters at most/),
  create(
    newUser('a', {
      emails: [
        { value: 'a', primary: true },
        { value: 'b', primary: true }
      ]
    }),
    'emails',
    'RFC 7643 2.4',
    /primary/
  ),
  create(newUser('a', { [enterpriseUrn]: 5 }), enterpriseUrn, 'RFC 7643 3.3', /must be an object/),
  create({ schemas: ['x'], userName: 'a' }, 'schemas', 'RFC 7643 3', /must be an array that contains/),
  create({ ...newUser('a'), UserName: 'b' }, 'UserName', 'RFC 7643 2.1', /given twice/),
  create(newUser('ADA'), 'userName', 'RFC 7644 3.3', /exists already/),
  create('{"userName":', 'body', 'RFC 7644 3.8', /not valid JSON/),
  create('[]', 'body', 'RFC 7644 3.8', /must be a JSON object/),
  create('', 'body', 'RFC 7644 3.8', /needs a body/),
  op({ op: 'move' }, 'op', 'RFC 7644 3.5.2', /op must be/),
  op({ path: 'title' }, 'value', 'RFC 7644 3.5.2', /needs a value/),
  op({ path: 5, value: 1 }, 'path', 'RFC 7644 3.5.2', /must be a string/),
  op({ path: 'nothing', value: 1 }, 'nothing', 'RFC 7644 3.10', /no attribute/),
  op({ path: 'emails.nothing', value: 1 }, 'emails.nothing', 'RFC 7644 3.10', /no attribute/),
  op({ path: 'name[', value: 1 }, 'path', 'RFC 7644 3.5.2', /Expected/),
  op({ path: 'id', value: 'x' }, 'id', 'RFC 7644 3.5.2', /readOnly/),
  op({ op: 'remove' }, 'path', 'RFC 7644 3.5.2.2', /needs a path/),
  op({ op: 'remove', path: 'userName' }, 'userName', 'RFC 7644 3.5.2.2', /cannot be removed/),
  op({ op: 'remove', path: 'active' }, 'active', 'RFC 7644 3.5.2.2', /cannot be removed/),
  op({ path: 'emails[value co "x"].display', value: 'x' }, 'emails', 'RFC 7644 3.5.2.3', /No element/),
  bad(['PATCH', '/Users/{user}', { schemas: ['x'], Operations: [{}] }], 'schemas', 'RFC 7644 3.5.2', /PatchOp/),
  bad(['PATCH', '/Users/{user}', patch()], 'Operations', 'RFC 7644 3.5.2', /at least one/),
  bad(['PUT', '/Users/{user}', { schemas: [userUrn] }], 'userName', 'RFC 7643 7', /is required/),
  bad(['PUT', '/Users/{user}', newUser('ada'), { 'if-match': 'W/"9"' }], 'If-Match', 'RFC 7644 3.14', /meantime/),
  bad(['GET', '/Users/nobody'], 'id', 'RFC 7644 3.12', /no user of this id/),
  bad(['DELETE', '/Groups/nobody'], 'id', 'RFC 7644 3.12', /no group of this id/),
  bad(['POST', '/Groups', { displayName: 'x', members: [{ value: 'nobody' }] }], 'members', 'RFC 7643 4.2', /nobody/),
  bad(['POST', '/Groups', {}], 'displayName', 'RFC 7643 7', /is required/),
  bad(
    ['PATCH', '/Groups/{group}', patch({ op: 'remove', path: 'members[display eq "x"]' })],
    'members',
    'RFC 7644 3.5.2.2',
    /by their value and type/
  ),
  list('filter=userName', 'filter', 'RFC 7644 3.4.2.2', /Expected/),
  list('filter=nothing eq 1', 'nothing', 'RFC 7644 3.4.2.2', /no attribute/),
  list('filter=active gt true', 'active', 'RFC 7644 3.4.2.2', /compares by/),
  list('filter=active eq 5', 'active', 'RFC 7644 3.4.2.2', /compares with/),
  list('filter=password eq "x"', 'password', 'RFC 7644 3.4.2.2', /^\*\*\*$/),
  list('sortBy=nothing', 'sortBy', 'RFC 7644 3.4.2.3', /no attribute/),
  list('sortOrder=up', 'sortOrder', 'RFC 7644 3.4.2.3', /ascending/),
  list('count=many', 'count', 'RFC 7644 3.4.2.4', /whole number/),
  list('startIndex=1&startIndex=2', 'startIndex', 'RFC 7644 3.4.2', /once/),
  list('cursor=abc', 'cursor', 'RFC 9865 2', /none of this list/),
  list('attributes=id&excludedAttributes=name', 'excludedAttributes', 'RFC 7644 3.9', /exclude each other/),
  bad(['POST', '/Users/.search', '[]'], 'body', 'RFC 7644 3.4.3', /A search is/),
  bad(['POST', '/Users/.search', { schemas: ['x'] }], 'schemas', 'RFC 7644 3.4.3', /schemas of a search/),
  bulk(undefined, 'Operations', 'RFC 7644 3.7', /array named Operations/),
  bulk([5], 'Operations[0]', 'RFC 7644 3.7', /must be an object/),
  bulk([{ method: 'GET', path: '/Users/x' }], 'Operations[0].method', 'RFC 7644 3.7', /one of POST/),
  bulk([{ method: 'PUT', path: '/Nothing/x' }], 'Operations[0].path', 'RFC 7644 3.7', /must be/),
  bulk([{ method: 'POST', path: '/Users' }], 'Operations[0].bulkId', 'RFC 7644 3.7', /required/),
  bad(['GET', '/Schemas?filter=id%20pr'], 'filter', 'RFC 7644 4', /cannot be filtered/),
  bad(['POST', '/Schemas', {}], 'method', 'RFC 9110 15.5.6', /takes GET/),
  bad(['POST', '/Users', '<user/>', { 'content-type': 'text/xml' }], 'Content-Type', 'RFC 7644 3.8', /JSON/)
]

onBothStores(t, 'every refusal says of what it is, why, and what demands it', async (t, server) => {
  const user = await provision(server, 'ada')
  const group = String((await server.scim('POST', '/Groups', { displayName: 'Eng' })).body.id)
  for (const { ask, attribute, rfc, reason } of rows) {
    const [method, path, body, headers] = ask
    const answer = await server.scim(method, path.replace('{user}', user).replace('{group}', group), body, headers)
    const title = `${method} ${path} ${JSON.stringify(body)?.slice(0, 80) ?? ''}`
    const { error, outcome } = await newest(server)
    t.match({ outcome, error }, { outcome: 'refused', error: { attribute, rfc, detail: reason } }, title)
    t.match(String(answer.body.detail), rfc, `${title}: the client is told`)
    t.strictSame(
      Object.keys(answer.body).filter(name => !['schemas', 'status', 'scimType', 'detail'].includes(name)),
      []
    )
  }
})
