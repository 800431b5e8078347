/** Texts that requests are put together from. `{u0}` and the like stand for what only the runner knows: see `world.ts`. */
import fc from 'fast-check'

/** Users and groups that are there. */
export const resources = ['{u0}', '{u1}', '{u2}', '{u3}', '{g0}', '{g1}', '{g2}']
const others = ['{admin}', '{purchase}', '{connector}', '{nobody}', 'user', 'guest', 'admin']

/** What an answer gave that a later request may send back, whole or damaged. */
export const remembered = ['{cursor}', '{etag}', '{location}']

/** The id of what an answer to a URL that ends in this segment told last. */
export const newest = (segment: string) => `{newest_${segment.toLowerCase().replaceAll('-', '_')}}`

// Texts that mean something to a parser, an engine, a file system or a prototype.
export const nasty = fc.constantFrom(
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
  ...["' or 1=1 --", '"; drop table users', '{"$gt":""}', '__proto__', 'constructor', 'prototype', 'toString'],
  ...['hasOwnProperty', '\0', '\ud800', '\udfff\ud800', '\u202e', '\ufeff', 'İ', 'ß', 'ﬃ', '😀', 'e\u0301', '\r\n'],
  ...['null', 'true', 'NaN', '1e999', '-1', '0', '99999999999999999999', '2026-02-30T00:00:00Z', '0x10', '+1', '1_000'],
  ...['\u2028', 'x'.repeat(5000), 'userName', 'userName eq "x"', 'emails[type eq "work"].value', 'members', 'bulkId:a'],
  ...['urn:ietf:params:scim:schemas:core:2.0:User', 'http://127.0.0.1:1/', 'https://[::1]/', 'file:///etc/passwd']
)

/** The id of a resource, mostly of one that is there. */
export const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...resources) },
  { weight: 1, arbitrary: fc.constantFrom(...others) },
  { weight: 1, arbitrary: nasty }
)

export const text = fc.oneof(
  { weight: 4, arbitrary: nasty },
  { weight: 2, arbitrary: id },
  { weight: 1, arbitrary: fc.constantFrom(...remembered) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) }
)

/** As it stands in a URL. What the runner puts in is safe there as it is. */
export const encoded = (value: string) => (/^\{\w+\}$/.test(value) ? value : encodeURIComponent(value.toWellFormed()))
