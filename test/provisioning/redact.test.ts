import t from 'tap'
import type { Json } from '../../src/base/json.ts'
import { keep, mask, secretsIn, secretsOf } from '../../src/provisioning/redact.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'

const secrets = secretsOf([userType({ licenseFromIdp: false }), groupType])
const kept = (value: unknown, max = 10_000) => keep(value, secrets, max)
const patched = (operation: Json) => ({ Operations: [operation] })
const canary = 'hunter2'

const left: Array<[string, Json]> = [
  ['of a new user', { userName: 'ada', password: canary }],
  ['in any letter case', { PassWord: canary }],
  ['under its qualified name', { 'urn:ietf:params:scim:schemas:core:2.0:User:password': canary }],
  ['under a qualified name with a dot', { 'urn:ietf:params:scim:schemas:core:2.0:User.password': canary }],
  ['that is an object', { password: { value: canary } }],
  ['that is a list', { password: [canary] }],
  ['beside a path that names it', patched({ op: 'replace', path: 'password', value: canary })],
  ['beside a qualified path', patched({ OP: 'Add', Path: 'urn:x:User:PASSWORD', Value: { a: canary } })],
  ['in the value of an operation without a path', patched({ op: 'add', value: { password: canary, active: true } })],
  ['under a dotted name without a path', patched({ op: 'add', value: { 'user.password': canary } })],
  ['in a filter of a path', patched({ op: 'remove', path: `emails[password eq "${canary}"]` })],
  ['in the filter of a search', { filter: `userName eq "a" and password sw "${canary}"` }],
  ['in the filters of a query that has two', { filter: ['id pr', `password eq "${canary}"`] }],
  ['in the data of a bulk request', { Operations: [{ method: 'POST', path: '/Users', data: { password: canary } }] }],
  ['in JSON that is a text', { roles: [{ value: JSON.stringify({ password: canary, id: 1 }) }] }],
  [
    'in JSON that is a text in JSON that is a text',
    { a: JSON.stringify({ b: JSON.stringify([{ password: canary }]) }) }
  ],
  ['whose name is escaped in JSON that is a text', { value: `{"p\\u0061ssword":"${canary}"}` }],
  ['in what only looks like JSON', { value: `{password: ${canary}` }],
  ['of another name that no schema knows', { userPassword: canary, access_token: canary, clientSecret: canary }],
  ['that is a token of ours', { note: `usher_scim_${'a'.repeat(23)}hunter2${'b'.repeat(6)}` }]
]
for (const [what, body] of left) {
  t.test(`a secret ${what} is left out`, async t => {
    const { value, redacted } = kept(body)
    const text = JSON.stringify(value)
    t.notMatch(text, canary)
    t.match(text, mask)
    t.ok(redacted)
  })
}

t.test('what is secret by the schema of the organization is left out under its own names', async t => {
  const hidden = { name: 'badge', returned: 'never', mutability: 'readWrite', sub: new Map() }
  const pin = { name: 'pin', returned: 'default', mutability: 'writeOnly', sub: new Map() }
  const card = { name: 'card', returned: 'default', mutability: 'readWrite', sub: new Map([['pin', pin]]) }
  const attributes = new Map(Object.entries({ badge: hidden, card }))
  const type = { ...groupType, attributes: attributes as unknown as typeof groupType.attributes }
  const body = { badge: canary, card: { pin: canary, color: 'blue' }, pinned: true }
  t.same(keep(body, secretsOf([type]), 1000).value, { badge: mask, card: { pin: mask, color: 'blue' }, pinned: true })
})

t.test('everything else stays as it was sent', async t => {
  const body = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'Ada@example.com',
    name: { givenName: '<script>alert(1)</script>', formatted: '=HYPERLINK("x")' },
    emails: [{ value: 'a@x', primary: true }],
    active: 'False',
    nothing: null,
    number: 5,
    json: '{"id":"1","value":"Admin"}',
    tabs: '{"a\\tb":"c"}',
    Operations: [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'n@x' }]
  }
  t.strictSame(kept(body), { value: body, truncated: false, redacted: false, obscured: false })
})

t.test('the name alone tells nothing, and a comparison may: that request cannot be made again', async t => {
  t.match(kept({ path: 'password', op: 'remove' }), { value: { path: 'password' }, obscured: false })
  t.match(kept({ path: 'x[password eq "1"]', op: 'remove' }), { value: { path: mask }, obscured: true })
  t.match(kept({ password: null }), { value: { password: null }, redacted: false })
})

t.test('what is kept of a long body is bounded, and says so', async t => {
  const members = Array.from({ length: 5000 }, (_, i) => ({ value: `id-${i}` }))
  const { value, truncated } = kept({ Operations: [{ op: 'add', path: 'members', value: members }] }, 1000)
  const text = JSON.stringify(value)
  t.ok(truncated)
  t.ok(text.length < 1300, String(text.length))
  t.match(text, /… \d+ more/)
  t.match(kept({ a: 'x'.repeat(500) }, 100), { value: { a: /^x{90,100}…$/ }, truncated: true })
  t.match(kept(Object.fromEntries(members.map(({ value }) => [value, 1])), 100), { truncated: true })
  t.match(kept({ a: 1 }, 6), { truncated: false }, 'what just fits is whole')
})

t.test('a text that is cut between two halves of a character is well-formed', async t => {
  for (const max of [50, 51]) {
    const { value } = kept({ a: '😀'.repeat(100) }, max)
    t.notMatch(JSON.stringify(value), /\\ud/)
  }
})

t.test('what stands under the name of a secret is left out wherever else it stands', async t => {
  const body = { password: 'correct horse', nickName: 'my correct horse!', emails: [{ password: ['battery staple'] }] }
  const known = secretsIn(body, secrets)
  t.same(known, ['correct horse', 'battery staple'])
  t.match(keep(body, secrets, 10_000, known).value, { nickName: `my ${mask}!` })
  t.same(keep({ 'battery staple': 1 }, secrets, 100, known).value, { [mask]: 1 }, 'also where it is a name')
  t.same(secretsIn({ password: 'short' }, secrets), [], 'short ones are words that stand anywhere')
})
