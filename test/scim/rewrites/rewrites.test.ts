import fc from 'fast-check'
import t from 'tap'
import { parseFilter, parsePath } from '../../../src/scim/filter/parse.ts'
import { applyRewrites } from '../../../src/scim/rewrites/apply.ts'
import { isProfile, profiles, rewriteNames } from '../../../src/scim/rewrites/profiles.ts'
import type { ScimRequest } from '../../../src/scim/rewrites/rewrite.ts'
import { groupType } from '../../../src/scim/schemas.ts'
import { patchBody } from '../../support/arbitrary-patch.ts'
import { E, message, U, users } from '../patch/support.ts'

const patch = (...operations: unknown[]): ScimRequest => ({
  method: 'PATCH',
  type: users,
  query: {},
  body: message(...operations)
})
const post = (body: object): ScimRequest => ({
  method: 'POST',
  type: users,
  query: {},
  body: { schemas: [U], ...body }
})

const rows: Array<[string, ScimRequest, readonly string[]]> = [
  ['op-case: another case', patch({ op: 'REPLACE', path: 'title', value: 'T' }), ['op-case']],
  ['op-case: what is no op stays', patch({ op: 'Move', path: 'title', value: 'T' }), []],
  ['string-booleans: only where a boolean stands', patch({ op: 'add', path: 'displayName', value: 'True' }), []],
  ['string-booleans: only for its two words', patch({ op: 'add', path: 'active', value: 'yes' }), []],
  [
    'string-booleans: within elements',
    patch({ op: 'add', path: 'emails', value: [{ value: 'a', primary: 'tRUE' }] }),
    ['string-booleans']
  ],
  ['string-booleans: in a body', post({ userName: 'a', active: 'False' }), ['string-booleans']],
  ['number-to-string: a fraction is no id', patch({ op: 'add', path: 'externalId', value: 1.5 }), []],
  ['number-to-string: nor is a number that lost digits', patch({ op: 'add', path: 'externalId', value: 2 ** 60 }), []],
  ['single-from-array: two are a choice', patch({ op: 'add', path: 'title', value: ['a', 'b'] }), []],
  ['single-from-array: lists stay', patch({ op: 'add', path: 'emails', value: [{ value: 'a' }] }), []],
  ['complex-from-string: not where no value is', patch({ op: 'add', path: 'name', value: 'Kim' }), []],
  ['complex-from-string: an empty element stays', patch({ op: 'add', path: 'emails', value: '' }), []],
  ['dotted-keys: unknown ones stay', patch({ op: 'add', value: { 'name.initials': 'K', title: 'T' } }), []],
  ['dotted-keys: an extension is a name', patch({ op: 'add', value: { [E]: { department: 'd' } } }), []],
  ['dotted-keys: a value in the way stays', post({ userName: 'a', name: 'Kim', 'name.givenName': 'K' }), []],
  [
    'create-on-miss: only sub-attributes of chosen elements',
    patch(
      { op: 'replace', path: 'emails[type eq "a"]', value: {} },
      { op: 'replace', path: 'name.givenName', value: 'x' }
    ),
    []
  ],
  [
    'create-on-miss: brackets within a text are none',
    patch({ op: 'replace', path: 'emails[type eq "a].b"]', value: {} }),
    []
  ],
  [
    'member-array-remove: of any list with values',
    patch({ op: 'remove', path: 'emails', value: [{ value: 'a@b', type: 'work' }] }),
    ['member-array-remove']
  ],
  [
    'member-array-remove: one without a value leaves it to the core',
    patch({ op: 'remove', path: 'emails', value: [{ value: 'a@b' }, { type: 'work' }] }),
    []
  ],
  ['member-array-remove: nothing chosen leaves it to the core', patch({ op: 'remove', path: 'emails', value: [] }), []],
  [
    'member-array-remove: addresses have no value',
    patch({ op: 'remove', path: 'addresses', value: [{ value: 'a' }] }),
    []
  ],
  ['member-array-remove: a single attribute needs none', patch({ op: 'remove', path: 'title', value: 'T' }), []],
  ['null is absent to the core: elements', post({ userName: 'a', emails: [null, { value: 'a@b' }] }), []],
  ['null is absent to the core: a path', patch({ op: 'add', path: null, value: { title: 'T' } }), []],
  ['null is absent to the core: elements in an operation', patch({ op: 'add', path: 'emails', value: [null] }), []],
  [
    'null is absent to the core: a value that is null unassigns',
    patch({ op: 'replace', path: 'title', value: null }),
    []
  ],
  [
    'legacy-urns: paths',
    patch({ op: 'add', path: 'urn:scim:schemas:extension:enterprise:1.0:department', value: 'd' }),
    ['legacy-urns']
  ],
  [
    'legacy-urns: values',
    patch({ op: 'add', value: { 'urn:scim:schemas:extension:enterprise:1.0': { department: 'd' } } }),
    ['legacy-urns']
  ],
  ['default-schemas: other schemas stay', post({ schemas: ['urn:x'], userName: 'a' }), []],
  ['a DELETE has nothing to rewrite', { method: 'DELETE', type: users, query: {}, body: undefined }, []],
  ['nor has what is no resource', { method: 'POST', type: undefined, query: {}, body: { 'name.x': 'True' } }, []]
]
for (const [name, request, expected] of rows) {
  t.test(name, async t => {
    const given = structuredClone(request)
    const { request: rewritten, applied } = applyRewrites('generic', request)
    t.strictSame(applied, expected)
    if (expected.length === 0) t.equal(rewritten, request)
    t.strictSame(request, given)
  })
}

t.test('a filter with a bare word is quoted for Entra ID alone (quirk 5)', async t => {
  const request = (filter: string): ScimRequest => ({
    method: 'GET',
    type: users,
    query: { filter, count: '5' },
    body: undefined
  })
  const { request: rewritten, applied } = applyRewrites('entra', request('externalId eq jyoung'))
  t.strictSame(applied, ['bare-filter-token'])
  t.strictSame(rewritten.query, { filter: 'externalId eq "jyoung"', count: '5' })
  t.same(parseFilter(String(rewritten.query.filter)).op, 'eq')
  t.strictSame(applyRewrites('generic', request('externalId eq jyoung')).applied, [])
  t.strictSame(applyRewrites('entra', request('externalId eq "jyoung"')).applied, [])
  t.strictSame(applyRewrites('entra', request('externalId eq')).applied, [])
})

t.test('elements to remove are put into as few paths as the limits allow', async t => {
  const removal = (limits: ScimRequest['limits'], path: string, ...value: object[]) => {
    const { request } = applyRewrites('generic', { ...patch({ op: 'remove', path, value }), ...(limits && { limits }) })
    return (request.body as { Operations: { path: string }[] }).Operations.map(operation => operation.path)
  }
  const mail = (value: string) => ({ value, type: 'work' })
  const two = ['a', 'b'].map(mail)
  const both = 'emails[value eq "a" and type eq "work" or value eq "b" and type eq "work"]'
  const each = ['emails[value eq "a" and type eq "work"]', 'emails[value eq "b" and type eq "work"]']
  t.strictSame(removal(undefined, 'emails', ...two), [both])
  t.strictSame(removal({ comparisonsMax: 4 }, 'emails', ...two), [both])
  t.strictSame(removal({ comparisonsMax: 3 }, 'emails', ...two), each)
  t.strictSame(removal({ lengthMax: both.length }, 'emails', ...two), [both])
  t.strictSame(removal({ lengthMax: both.length - 1 }, 'emails', ...two), each)
  t.strictSame(removal({ lengthMax: 10 }, 'emails', ...two), each, 'one is left to the core')

  const many = Array.from({ length: 1000 }, (_, i) => ({ value: `${i}`.padStart(36, '0') }))
  const paths = removal(undefined, 'emails', ...many)
  for (const path of paths) t.doesNotThrow(() => parsePath(path))
  t.strictSame(
    paths
      .join(' ')
      .match(/\d{36}/g)
      ?.map(Number),
    many.map(({ value }) => Number(value))
  )
})

t.test('texts that are JSON stay texts, but for the roles of Entra ID', async t => {
  const value = '{"value":"Admin"}'
  const request = patch({ op: 'add', path: 'roles', value: [{ value }] })
  t.strictSame(applyRewrites('generic', request).applied, [])
  t.strictSame(applyRewrites('entra', request).applied, ['json-in-string'])
  for (const text of ['{"value":1}', '{', '{}', 'null', '[1]']) {
    t.strictSame(
      applyRewrites('entra', patch({ op: 'add', path: 'roles', value: [{ value: text }] })).applied,
      [],
      text
    )
  }
  t.strictSame(applyRewrites('entra', patch({ op: 'add', path: 'emails', value: [{ value }] })).applied, [])
})

t.test('profiles are lists of rewrites; an unknown one is generic; strict has none', async t => {
  const request = patch({ op: 'Add', path: 'active', value: 'True' })
  t.strictSame(applyRewrites('strict', request), { request, applied: [] })
  t.strictSame(applyRewrites('nonesuch', request), applyRewrites('generic', request))
  t.strictSame(applyRewrites('toString', request), applyRewrites('generic', request))
  t.equal(isProfile('__proto__'), false)
  for (const names of Object.values<readonly string[]>(profiles)) {
    t.strictSame(
      names,
      rewriteNames.filter(name => names.includes(name)),
      'each once, in the order in which they are applied'
    )
  }
  t.strictSame(profiles.entra, rewriteNames)
})

t.test('no request makes a rewrite throw or is changed by one, and rewriting again changes nothing', async t => {
  const bodies = fc.oneof(
    patchBody(),
    fc.jsonValue(),
    fc.array(fc.jsonValue()).map(ops => message(...ops))
  )
  const requests = fc.record({
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'GET'),
    type: fc.constantFrom(users, groupType, undefined),
    query: fc.dictionary(fc.constantFrom('filter', 'count', '__proto__'), fc.string()),
    body: bodies
  })
  fc.assert(
    fc.property(requests, fc.constantFrom(...Object.keys(profiles)), (request, profile) => {
      const given = structuredClone(request)
      const { request: rewritten } = applyRewrites(profile, request)
      if (JSON.stringify(request) !== JSON.stringify(given)) return false
      return applyRewrites(profile, rewritten).applied.length === 0
    }),
    { numRuns: 500 }
  )
  t.pass()
})
