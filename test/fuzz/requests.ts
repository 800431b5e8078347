/**
 * Random requests: every route with every method, what identity providers really send with something in it changed, and noise.
 * `{u0}`, `{g0}` and the like stand for ids, which the runner puts in.
 */
import fc from 'fast-check'
import { userType } from '../../src/scim/schemas.ts'
import { allCases } from '../idp/cases.ts'
import { arbitraryFilterText, arbitraryUserResource } from '../support/arbitrary-filter.ts'
import { patchBody } from '../support/arbitrary-patch.ts'
import type { Route } from '../support/route-table.ts'

export interface FuzzRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | Buffer | undefined
  /** Who sends it. */
  readonly as: 'administrator' | 'connector' | 'nobody'
}

const type = userType({ licenseFromIdp: false })
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'SEARCH']

// Texts that mean something to a parser, an engine, a file system or a prototype.
const nasty = fc.constantFrom(
  ...[
    '',
    ' ',
    '*',
    '%',
    "'",
    '"',
    '\\',
    '/',
    '..',
    '../../etc/passwd',
    '.',
    '$',
    '$ne',
    '$where',
    '[]',
    '{}',
    '{',
    '}'
  ],
  ...[
    "' or 1=1 --",
    '"; drop table users',
    '{"$gt":""}',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty'
  ],
  ...['null', 'true', 'NaN', '1e999', '-1', '0', '99999999999999999999', '2026-02-30T00:00:00Z', '0x10', '+1', '1_000'],
  ...[
    '\0',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '\ufeff',
    'İ',
    'ß',
    'ﬃ',
    '😀',
    'e\u0301',
    '\r\n',
    '\u2028',
    'x'.repeat(5000)
  ],
  ...[
    'userName',
    'userName eq "x"',
    'emails[type eq "work"].value',
    'members',
    'urn:ietf:params:scim:schemas:core:2.0:User'
  ]
)
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('{u0}', '{u1}', '{u2}', '{u3}', '{g0}', '{g1}', '{g2}') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{admin}', '{purchase}', '{connector}', '{nobody}', 'user', 'guest', 'admin')
  },
  { weight: 1, arbitrary: nasty }
)
const text = fc.oneof(
  { weight: 2, arbitrary: nasty },
  { weight: 1, arbitrary: id },
  fc.string({ unit: 'binary', maxLength: 20 })
)

const encoded = (value: string) =>
  value.startsWith('{') && value.length < 13 ? value : encodeURIComponent(value.toWellFormed())

const parameter = fc.oneof(
  arbitraryFilterText(type).map(filter => `filter=${encodeURIComponent(filter.toWellFormed())}`),
  fc
    .tuple(fc.constantFrom('filter', 'sortBy', 'sort', 'cursor', 'attributes', 'excludedAttributes', 'license'), text)
    .map(([name, value]) => `${name}=${encoded(value)}`),
  fc
    .tuple(fc.constantFrom('startIndex', 'count', 'limit', 'sortOrder', 'FILTER', 'x'), text)
    .map(([name, value]) => `${name}=${encoded(value)}`),
  fc.constantFrom(
    'sortBy=userName',
    'sortOrder=descending',
    'count=0',
    'count=2',
    'limit=1',
    'sort=-id',
    '%zz',
    '&&',
    'a[b]=c'
  )
)
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 3 }).map(all => `?${all.join('&')}`) }
)

const anyJson = fc.json({ maxDepth: 4, stringUnit: 'binary' })
const members = fc.array(fc.record({ value: id, type: fc.constantFrom('User', 'Group', 'x') }, { requiredKeys: [] }), {
  maxLength: 3
})
const names = [
  'userName',
  'displayName',
  'active',
  'emails',
  'name',
  'members',
  'schemas',
  'Operations',
  'license',
  'roles',
  'type'
]
const more = [
  'quantity',
  'start',
  'end',
  'default',
  'permissions',
  'settings',
  'profile',
  'changes',
  'constructor',
  'id',
  'meta',
  'groups'
]
const memberOfAny: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.constantFrom(true, false, null, 0, 1, -1, 1.5, 1e99, 'PAM', 'PWM', 'False'),
  fc.array(text, { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom('type', 'value', 'primary', 'givenName', '$ne', 'PAM', 'seatGraceDays', 'toString'),
    text,
    { maxKeys: 3 }
  ),
  members
)
const known = fc.dictionary(fc.constantFrom(...names, ...more), memberOfAny, { maxKeys: 6 })
const memberPatch = fc
  .record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'Add'),
      path: fc.constantFrom('members', 'members[value eq "{u1}"]', 'displayName'),
      value: members
    },
    { requiredKeys: ['op'] }
  )
  .map(operation => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] }))
const bulk = fc
  .array(
    fc.record(
      {
        method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'GET'),
        path: fc.oneof(
          fc.constantFrom('/Users', '/Groups', '/Users/bulkId:a'),
          id.map(one => `/Users/${one}`)
        ),
        bulkId: fc.constantFrom('a', 'b'),
        data: fc.oneof(known, arbitraryUserResource(), patchBody())
      },
      { requiredKeys: ['method', 'path'] }
    ),
    { maxLength: 4 }
  )
  .map(operations => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations }))

const body: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: anyJson },
  { weight: 3, arbitrary: known.map(value => JSON.stringify(value)) },
  { weight: 4, arbitrary: arbitraryUserResource().map(({ schemas: _, ...value }) => JSON.stringify(value)) },
  { weight: 3, arbitrary: patchBody().map(value => JSON.stringify(value)) },
  { weight: 2, arbitrary: memberPatch.map(value => JSON.stringify(value)) },
  { weight: 1, arbitrary: bulk.map(value => JSON.stringify(value)) }
)

/** One thing changed somewhere in a text or in its bytes. */
function mutated(sent: fc.Arbitrary<string>): fc.Arbitrary<string | Buffer> {
  const place = fc.nat(10_000)
  return fc.oneof(
    { weight: 3, arbitrary: sent },
    fc
      .tuple(sent, place, text)
      .map(([all, at, put]) => all.slice(0, at % (all.length + 1)) + put + all.slice(at % (all.length + 1))),
    fc
      .tuple(sent, place, fc.nat(40))
      .map(([all, at, gone]) => all.slice(0, at % (all.length + 1)) + all.slice((at % (all.length + 1)) + gone)),
    fc.tuple(sent, place, text).map(([all, at, put]) => withStringReplaced(all, at, put)),
    fc.tuple(sent, place, fc.nat(255)).map(([all, at, byte]) => {
      const bytes = Buffer.from(all)
      if (bytes.length > 0) bytes[at % bytes.length] = byte
      return bytes
    })
  )
}

/** Puts another text, or another name of a member, in the place of one between quotes. */
function withStringReplaced(all: string, at: number, put: string): string {
  const quoted = [...all.matchAll(/"(?:[^"\\]|\\.)*"/g)]
  const chosen = quoted[quoted.length === 0 ? 0 : at % quoted.length]
  if (chosen === undefined) return all
  return `${all.slice(0, chosen.index)}${JSON.stringify(put)}${all.slice(chosen.index + chosen[0].length)}`
}

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom('content-type', 'accept'),
    fc.constantFrom('application/json', 'application/scim+json; charset=x', 'text/csv', 'text/plain', '*/*', ';')
  ),
  fc.tuple(
    fc.constantFrom('if-match', 'if-none-match'),
    fc.constantFrom('*', 'W/"1"', '"1"', '"', 'W/', '1.0', 'W/"1.0", "2"')
  ),
  fc.tuple(
    fc.constantFrom('x-request-id', 'idempotency-key', 'prefer', 'cookie', 'range', 'x-forwarded-for', 'host'),
    fc.string({ maxLength: 20 })
  )
)
const headers = fc.array(header, { maxLength: 2 }).map(entries => Object.fromEntries(entries))
const sender = fc.oneof(
  { weight: 4, arbitrary: fc.constant('administrator' as const) },
  { weight: 3, arbitrary: fc.constant('connector' as const) },
  { weight: 1, arbitrary: fc.constant('nobody' as const) }
)

function toRoute(routes: readonly Route[]): fc.Arbitrary<FuzzRequest> {
  const url = ({ pattern }: Route) =>
    fc.tuple(id, query).map(([one, asked]) => `${pattern.replace(/:\w+|\*$/g, encoded(one))}${asked}`)
  return fc.constantFrom(...routes).chain(route =>
    fc.record({
      method: fc.oneof(
        { weight: 8, arbitrary: fc.constant(route.method) },
        { weight: 1, arbitrary: fc.constantFrom(...methods) }
      ),
      url: url(route),
      headers,
      payload:
        route.method === 'GET' || route.method === 'HEAD'
          ? fc.constant(undefined)
          : fc.option(mutated(body), { nil: undefined, freq: 8 }),
      as: sender
    })
  )
}

/** What providers send: `test/idp`. Names of resources in it become ids of ours. */
const traffic = allCases()
  .flatMap(({ steps }) => steps)
  .filter(step => step.request !== undefined)
  .map(step => ({
    request: step.request ?? '',
    body: typeof step.body === 'string' ? step.body : JSON.stringify(step.body)
  }))

const fromProvider: fc.Arbitrary<FuzzRequest> = fc.constantFrom(...traffic).chain(({ request, body: sent }) => {
  const [method = 'GET', ...rest] = request.split(' ')
  const path = rest.join(' ')
  const filled = (all: string, one: string) => all.replaceAll(/\{\{\w+\}\}/g, one)
  return fc.record({
    method: fc.constant(method),
    url: fc
      .tuple(id, query)
      .map(
        ([one, asked]) => `/scim/v2${filled(path, encoded(one))}${path.includes('?') ? asked.replace('?', '&') : asked}`
      ),
    headers,
    payload:
      sent === undefined
        ? fc.constant(undefined)
        : mutated(id.map(one => filled(sent, JSON.stringify(one).slice(1, -1)))),
    as: sender
  })
})

const noise: fc.Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom(...methods),
  url: fc.oneof(
    fc.webPath().map(path => `/${path.replace(/^\/+/, '')}`),
    fc
      .array(
        fc.constantFrom(
          'scim',
          'v2',
          'Users',
          'Groups',
          'api',
          'v1',
          'users',
          '..',
          '.',
          '',
          '%2e%2e',
          '%2f',
          '%00',
          '%zz',
          'docs',
          'static',
          'health',
          'live',
          ':id',
          '*',
          'json'
        ),
        { maxLength: 6 }
      )
      .map(parts => `/${parts.join('/')}`)
  ),
  headers,
  payload: fc.option(mutated(body), { nil: undefined }),
  as: sender
})

export function anyRequest(routes: readonly Route[]): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    { weight: 5, arbitrary: toRoute(routes) },
    { weight: 4, arbitrary: fromProvider },
    { weight: 1, arbitrary: noise }
  )
}
