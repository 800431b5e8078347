/** Headers that mean something to us or to what stands in front of us, well and badly written, once and twice. */
import fc from 'fast-check'
import { assertion } from './bodies.ts'
import { text } from './words.ts'

export type Headers = Readonly<Record<string, string | readonly string[]>>

const types = fc.constantFrom(
  ...[
    'application/json',
    'application/scim+json',
    'application/scim+json; charset=utf-8',
    'application/json;charset=x'
  ],
  ...[
    'text/csv',
    'text/plain',
    'application/xml',
    '*/*',
    ';',
    '',
    'application/json, text/html',
    'multipart/form-data'
  ],
  ...['application/x-www-form-urlencoded', 'APPLICATION/JSON', 'application/json; a="', 'application/patch+json']
)
const tags = fc.constantFrom(
  ...['*', 'W/"1"', '"1"', '"', 'W/', '1.0', 'W/"1.0", "2"', '{etag}', '{etag}, "x"', '"1"'.repeat(900), '', ',,'],
  ...['w/"1"', 'W/"-1"', 'W/"1e3"', 'W/"99999999999999999999"']
)
const preferences = fc.constantFrom(
  ...['respond-async', 'respond-async, wait=10', 'RESPOND-ASYNC', 'wait=x', 'return=minimal', 'return=representation'],
  ...['handling=strict', 'respond-async; foo="b,ar"', 'respond-async='.repeat(50), '"', ';;', 'respond-async=no']
)
const keys = fc.oneof(
  fc.integer({ min: 0, max: 5 }).map(n => `key-${n}`),
  fc.constantFrom('', 'x'.repeat(255), 'x'.repeat(300), '"quoted"', '../..', '{u0}')
)
const plain = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('1', 'true', '0', 'gzip', 'br', 'identity', 'bytes=0-1', '127.0.0.1', 'https', 'evil.example', '*')
)

const one = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('content-type', 'accept'), types) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('if-match', 'if-none-match'), tags) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('prefer'), preferences) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('idempotency-key'), keys) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('usher-transaction'), fc.constantFrom('true', 'true', 'false', 'yes', ''))
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        'x-request-id',
        'cookie',
        'range',
        'host',
        'origin',
        'content-encoding',
        'accept-encoding',
        'expect'
      ),
      plain
    )
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(
        'x-forwarded-for',
        'x-forwarded-host',
        'x-forwarded-proto',
        'x-http-method-override',
        'traceparent'
      ),
      plain
    )
  }
)
const twice = fc.tuple(one, one).map(([[name, a], [, b]]) => [name, [a, b]] as const)

// A line end in a header is refused by whoever sends it.
const sendable = (value: string | readonly string[]) =>
  ![value].flat().some(part => /[^\t\x20-\x7e\x80-\xff]/.test(part))

export const headers: fc.Arbitrary<Headers> = fc
  .array(fc.oneof({ weight: 12, arbitrary: one }, { weight: 1, arbitrary: twice }), { maxLength: 3 })
  .map(entries => Object.fromEntries(entries.filter(([, value]) => sendable(value))))

/** What stands where a token should. */
export const authorization = fc.oneof(
  fc.constantFrom(
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer  x',
    'Bearer a b',
    'Bearer ,',
    `Bearer ${'x'.repeat(5000)}`
  ),
  text.map(one => `Bearer ${one.replace(/[^\x21-\x7e]/g, '')}`),
  assertion.map(token => `Bearer ${token}`)
)
