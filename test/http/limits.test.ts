/** Hardening row F3: what is exactly at a limit is taken, and one more is refused, before it costs anything. */
import t from 'tap'
import { type Answer, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { bulk } from './hostile/row.ts'

/** The answer to a request of the size `n`. */
type Ask = (server: TestServer, n: number) => Promise<Answer>

const filtered: (text: (n: number) => string) => Ask = text => (server, n) =>
  server.scim('GET', `/Users?filter=${encodeURIComponent(text(n))}`)
const created: (more: (n: number) => object) => Ask = more => (server, n) =>
  server.scim('POST', '/Users', newUser(`user-${server.env.makeId()}`, more(n) as never))

/** A body that could be a user but for its name, of exactly so many bytes. */
function ofBytes(n: number): string {
  const [start, end] = ['{"schemas":[],"title":"x","filler":"', '"}']
  return start + 'x'.repeat(n - start.length - end.length) + end
}

const rows: readonly (readonly [string, limit: number, taken: number, refused: string, Ask])[] = [
  ['characters of a filter', 4096, 200, '400 invalidFilter', filtered(n => 'active pr'.padEnd(n))],
  ['levels of parentheses', 20, 200, '400 invalidFilter', filtered(n => `${'('.repeat(n)}active pr${')'.repeat(n)}`)],
  [
    'levels of parentheses in brackets',
    19,
    200,
    '400 invalidFilter',
    filtered(n => `emails[${'('.repeat(n)}type pr${')'.repeat(n)}]`)
  ],
  ['negations', 20, 200, '400 invalidFilter', filtered(n => `${'not ('.repeat(n)}active pr${')'.repeat(n)}`)],
  [
    'comparisons in a row',
    100,
    200,
    '400 invalidFilter',
    filtered(n => Array.from({ length: n }, () => 'active pr').join(' or '))
  ],
  [
    'comparisons in brackets',
    100,
    200,
    '400 invalidFilter',
    filtered(n => `emails[${Array.from({ length: n }, () => 'type pr').join(' and ')}]`)
  ],
  ['characters of a value', 1024, 200, '400 invalidFilter', filtered(n => `userName eq "${'x'.repeat(n)}"`)],
  [
    'a part of an exponential filter',
    50,
    200,
    '400 invalidFilter',
    filtered(n => Array.from({ length: n }, () => '(active eq true or title pr)').join(' and '))
  ],
  [
    'operations of a PATCH',
    1000,
    200,
    '400 invalidSyntax',
    async (server, n) => {
      const id = await provision(server, `user-${server.env.makeId()}`)
      return server.scim(
        'PATCH',
        `/Users/${id}`,
        patch(...Array.from({ length: n }, (_, i) => ({ op: 'replace', path: 'title', value: `${i}` })))
      )
    }
  ],
  [
    'operations of a bulk request',
    1000,
    200,
    '413 payload_too_large',
    (server, n) =>
      server.scim('POST', '/Bulk', {
        ...bulk(...Array.from({ length: n }, () => ({ method: 'DELETE', path: '/Users/nobody' }))),
        failOnErrors: 3
      })
  ],
  ['bytes of a body', 1 << 20, 400, '413 payload_too_large', (server, n) => server.scim('POST', '/Users', ofBytes(n))],
  [
    'levels of a body',
    32,
    201,
    '400 invalidSyntax',
    (server, n) =>
      server.scim(
        'POST',
        '/Users',
        `{"userName":"user-${server.env.makeId()}","deep":${'['.repeat(n - 1)}${']'.repeat(n - 1)}}`
      )
  ],
  // The object, its two members and the array are four values; a comma stands for one more.
  [
    'values of a body',
    50_000,
    201,
    '400 invalidSyntax',
    (server, n) =>
      server.scim(
        'POST',
        '/Users',
        `{"userName":"user-${server.env.makeId()}","many":[${Array.from({ length: n - 2 }, () => '0').join()}]}`
      )
  ],
  ['characters of a text', 4096, 201, '400 invalidValue', created(n => ({ title: 'x'.repeat(n) }))],
  [
    'characters of a certificate',
    16_384,
    201,
    '400 invalidValue',
    created(n => ({ x509Certificates: [{ value: 'A'.repeat(n) }] }))
  ],
  [
    'addresses of a user',
    1000,
    201,
    '400 invalidValue',
    created(n => ({ emails: Array.from({ length: n }, (_, i) => ({ value: `${i}@x` })) }))
  ],
  ['characters of an id', 256, 404, '414 uri_too_long', (server, n) => server.scim('GET', `/Users/${'x'.repeat(n)}`)],
  [
    'characters of an id for the admin API',
    200,
    404,
    '400 invalid_value',
    (server, n) => server.api('GET', `/users/${'x'.repeat(n)}`)
  ],
  [
    'items on a page of the admin API',
    1000,
    200,
    '400 invalid_value',
    (server, n) => server.api('GET', `/users?limit=${n}`)
  ],
  [
    'characters of a filter of the admin API',
    4096,
    200,
    '400 invalid_filter',
    (server, n) => server.api('GET', `/audit?filter=${encodeURIComponent('id pr'.padEnd(n))}`)
  ],
  [
    'license changes',
    100,
    404,
    '400 invalid_value',
    (server, n) =>
      server.api('POST', '/users/license-changes', {
        changes: Array.from({ length: n }, (_, i) => ({ user: `nobody-${i}`, type: 'PAM' }))
      })
  ],
  [
    'rows of a file',
    1000,
    200,
    '400 invalid_value',
    (server, n) =>
      server.api('POST', '/users/import', `userName\n${'admin\n'.repeat(n)}`, { 'content-type': 'text/csv' })
  ],
  [
    'characters of a key for repeats',
    255,
    404,
    '400 invalid_value',
    (server, n) => server.api('POST', '/users/nobody/suspend', undefined, { 'idempotency-key': 'k'.repeat(n) })
  ],
  [
    'seats of a purchase',
    10_000_000,
    201,
    '400 invalid_value',
    (server, n) => server.api('POST', '/seats/purchases', { type: 'PAM', quantity: n })
  ],
  [
    'days of grace',
    3650,
    200,
    '400 invalid_value',
    (server, n) => server.api('PATCH', '/organization', { settings: { seatGraceDays: n } })
  ]
]

onBothStores(
  t,
  'F3 at the limit it is taken, beyond it is refused',
  async (t, server) => {
    for (const [title, limit, taken, refused, ask] of rows) {
      const at = await ask(server, limit)
      t.equal(at.status, taken, `${limit} ${title}: ${at.text.slice(0, 200)}`)
      const before = process.cpuUsage()
      const beyond = await ask(server, limit + 1)
      const { user, system } = process.cpuUsage(before)
      const word = beyond.body.scimType ?? beyond.body.code ?? beyond.headers['x-error-code']
      t.equal(`${beyond.status} ${word}`, refused, `${limit + 1} ${title}`)
      t.match(beyond.body.detail, /\w.*\.$/, 'it says what was too much')
      t.ok(user + system < 250_000, `${title}: refused in ${Math.round((user + system) / 1000)} ms of the processor`)
    }
  },
  { seats: 'PAM=20,PWM=20' }
)

onBothStores(
  t,
  'a page holds as many as ServiceProviderConfig says, however many are asked for',
  async (t, server) => {
    for (let i = 0; i < 12; i++) await provision(server, `user-${i}`)
    const { body: service } = await server.scim<{ filter: { maxResults: number } }>('GET', '/ServiceProviderConfig')
    t.equal(service.filter.maxResults, 10)
    for (const [count, expected] of [
      [9, 9],
      [10, 10],
      [11, 10],
      [1e9, 10]
    ] as const) {
      const { body } = await server.scim<{ Resources: unknown[]; totalResults: number }>('GET', `/Users?count=${count}`)
      t.equal(body.Resources.length, expected, `${count}`)
      t.equal(body.totalResults, 13)
    }
  },
  { seats: 'PAM=20', settings: { USHER_PAGE_SIZE_MAX: '10', USHER_PAGE_SIZE_DEFAULT: '5' } }
)
