import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import t from 'tap'
import { notFound, Refusal, stale } from '../../src/base/domain-error.ts'
import { codes } from '../../src/http/problem.ts'
import { bad, ScimError, type ScimType } from '../../src/scim/errors.ts'
import { QueryTooCostly, StoreUnavailable } from '../../src/store/port.ts'
import { ask, throwing } from './small-server.ts'

interface Expected {
  readonly status: number
  readonly code: string
  readonly scimStatus?: number
  readonly scimType?: ScimType
}

const rows: Array<[string, unknown, Expected]> = [
  ['not there', notFound('user'), { status: 404, code: 'not_found' }],
  ['a stale version', stale(), { status: 412, code: 'precondition_failed' }],
  ['a taken name', new Refusal('uniqueness', 'x'), { status: 409, code: 'uniqueness', scimType: 'uniqueness' }],
  [
    'a wrong value',
    new Refusal('invalid_value', 'x'),
    { status: 400, code: 'invalid_value', scimType: 'invalidValue' }
  ],
  [
    'an unknown member',
    new Refusal('unknown_member', 'x'),
    { status: 400, code: 'unknown_member', scimType: 'invalidValue' }
  ],
  ['the user admin', new Refusal('admin_protected', 'x'), { status: 409, code: 'admin_protected', scimStatus: 403 }],
  [
    'SEAT-67 no seat of a type',
    new Refusal('seat_limit_reached', 'x'),
    { status: 409, code: 'seat_limit_reached', scimStatus: 403 }
  ],
  [
    'SEAT-67 no seat at all',
    new Refusal('no_seat_for_provisioning', 'x'),
    { status: 409, code: 'seat_limit_reached', scimStatus: 403 }
  ],
  [
    'a key used before',
    new Refusal('idempotency_mismatch', 'x'),
    { status: 422, code: 'idempotency_mismatch', scimStatus: 409 }
  ],
  ['a preview that has ended', new Refusal('preview_expired', 'x'), { status: 410, code: 'preview_expired' }],
  ['more than a role may give', new Refusal('escalation_denied', 'x'), { status: 403, code: 'escalation_denied' }],
  ['a filter', bad('invalidFilter', 'x'), { status: 400, code: 'invalid_filter', scimType: 'invalidFilter' }],
  ['a path', bad('invalidPath', 'x'), { status: 400, code: 'invalid_path', scimType: 'invalidPath' }],
  ['no target', bad('noTarget', 'x'), { status: 400, code: 'no_target', scimType: 'noTarget' }],
  ['a read-only attribute', bad('mutability', 'x'), { status: 400, code: 'mutability', scimType: 'mutability' }],
  [
    'a conflict over SCIM',
    new ScimError(409, 'uniqueness', 'x'),
    { status: 409, code: 'uniqueness', scimType: 'uniqueness' }
  ],
  [
    'a SCIM error with a code',
    new ScimError(403, undefined, 'x', 'seat_limit_reached'),
    { status: 403, code: 'seat_limit_reached' }
  ],
  ['a SCIM error without a word', new ScimError(403, undefined, 'x'), { status: 403, code: 'forbidden' }],
  ['a SCIM 404', new ScimError(404, undefined, 'x'), { status: 404, code: 'not_found' }],
  ['a SCIM status that is rare', new ScimError(501, undefined, 'x'), { status: 501, code: 'not_implemented' }],
  ['a query that costs too much', new QueryTooCostly('x'), { status: 400, code: 'too_costly', scimType: 'tooMany' }],
  ['no database', new StoreUnavailable('mongodb://user:pw@10.0.0.1'), { status: 503, code: 'unavailable' }],
  [
    'a status of a library',
    Object.assign(new Error('/etc/passwd'), { statusCode: 404 }),
    { status: 404, code: 'not_found' }
  ],
  [
    'a status of a library without a code',
    Object.assign(new Error('x'), { statusCode: 418 }),
    { status: 400, code: 'bad_request' }
  ],
  ['a bug', new TypeError('Cannot read SELECT * FROM users'), { status: 500, code: 'internal' }],
  ['a library that fails', Object.assign(new Error('x'), { statusCode: 502 }), { status: 500, code: 'internal' }],
  ['a code nobody knows', new Refusal('no_such_code', 'secret'), { status: 500, code: 'internal' }],
  ['a code that every object has', new Refusal('toString', 'secret'), { status: 500, code: 'internal' }],
  ['no Error', 'oops', { status: 500, code: 'internal' }],
  ['nothing', undefined, { status: 500, code: 'internal' }]
]

for (const [name, error, { status, code, scimStatus = status, scimType }] of rows) {
  t.test(`${name} is ${code}: ${status}, over SCIM ${scimStatus} ${scimType ?? ''}`, async t => {
    const app = await throwing(t, error)
    const api = await ask(app, { url: '/api/v1/seats' })
    t.equal(api.status, status)
    t.equal(api.headers['content-type'], 'application/problem+json; charset=utf-8')
    t.match(api.body, { type: `urn:usher:error:${code}`, title: /^[A-Z]/, status, code, detail: /./ })

    const scim = await ask(app, { url: '/scim/v2/Users' })
    t.equal(scim.status, scimStatus)
    t.equal(scim.headers['content-type'], 'application/scim+json; charset=utf-8')
    t.equal(scim.headers['x-error-code'], code)
    t.strictSame(Object.keys(scim.body), [
      'schemas',
      'status',
      ...(scimType === undefined ? [] : ['scimType']),
      'detail'
    ])
    t.match(scim.body, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(scimStatus) })
    t.equal(scim.body.scimType, scimType)
    t.notMatch(api.text + scim.text, /stack|SELECT|passwd|mongodb|secret|node_modules|\.ts/, 'nothing of the inside')
  })
}

t.test('a refusal carries what the domain adds, and cannot replace what every problem has', async t => {
  const app = await throwing(
    t,
    new Refusal('seat_limit_reached', 'Full.', { type: 'PAM', inUse: 5, status: 200, capacity: 5 })
  )
  const { status, body } = await ask(app, { url: '/api/v1/seats' })
  t.match(
    { ...body, httpStatus: status },
    { httpStatus: 409, status: 409, type: 'urn:usher:error:seat_limit_reached', inUse: 5, capacity: 5 }
  )
})

t.test('when the database is away, the answer says when to come back', async t => {
  const app = await throwing(t, new StoreUnavailable('x', { retryAfterSeconds: 7 }))
  t.match(await ask(app, { url: '/scim/v2/Users' }), {
    status: 503,
    headers: { 'retry-after': '7' },
    body: { detail: /7 s/ }
  })
})

t.test('every code that the domain says, and every one of the spec, has a status', async t => {
  const spoken = new Map<string, string>()
  for await (const file of glob('src/**/*.ts')) {
    for (const [, code = ''] of readFileSync(file, 'utf8').matchAll(/new Refusal\(\s*'(\w+)'/g)) spoken.set(code, file)
  }
  t.ok(spoken.size > 10, 'the sources were found')
  for (const [code, file] of spoken) t.ok(Object.hasOwn(codes, code), `${code} of ${file}`)
  const spec: Readonly<Record<number, string>> = {
    400: 'license_required invalid_license_type invalid_name not_allowed_in_role invalid_token invalid_destination exceeds_role not_offered invalid_alternate_role subjects_required products_required unknown_subject product_not_licensed',
    403: 'insufficient_scope escalation_denied master_admin_required hidden_by_license',
    409: 'no_seat_capacity seat_limit_reached static_role admin_protected name_taken preview_stale built_in_role last_super_admin custom_role_limit role_in_use confirmation_required',
    410: 'preview_expired'
  }
  for (const [status, names] of Object.entries(spec)) {
    for (const code of names.split(' ')) t.equal(codes[code]?.status, Number(status), code)
  }
})
