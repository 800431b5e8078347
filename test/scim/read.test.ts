import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { ScimError } from '../../src/scim/errors.ts'
import { readResource } from '../../src/scim/read.ts'
import { compileResourceType } from '../../src/scim/schema/compile.ts'
import { binaryCharsMax, textCharsMax } from '../../src/scim/schema/read-value.ts'
import type { AttributeDefinition } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'
import { hostileBody, likelyBody } from './bodies.ts'

const users = userType({ licenseFromIdp: false })
const usersWithChoice = userType({ licenseFromIdp: true })
const U = 'urn:ietf:params:scim:schemas:core:2.0:User'
const G = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

const a = { userName: 'a' }

const accepted: Array<[string, object, JsonObject]> = [
  [
    'names have no case, the result has the schema’s',
    { USERNAME: 'a', Name: { GIVENNAME: 'Kim' } },
    { ...a, name: { givenName: 'Kim' } }
  ],
  ['unknown attributes are ignored', { ...a, favouriteColour: 'red', name: { initials: 'K' } }, a],
  ['readOnly attributes are ignored, whatever they hold', { ...a, id: 7, meta: 'x', groups: [{ value: 'g' }] }, a],
  [
    'readOnly sub-attributes too',
    { ...a, [E]: { manager: { value: '1', displayName: 5 } } },
    { ...a, [E]: { manager: { value: '1' } } }
  ],
  ['null is absent', { ...a, name: null, emails: null, [E]: null }, a],
  [
    'nulls inside are absent',
    { ...a, name: { givenName: null }, emails: [null, { value: null }], [E]: { department: null, manager: null } },
    a
  ],
  ['an empty array is absent', { ...a, emails: [] }, a],
  ['an empty object is absent', { ...a, name: {}, emails: [{}], [E]: {} }, a],
  ['an empty text is a value', { ...a, title: '' }, { ...a, title: '' }],
  ['a password is taken and forgotten', { ...a, password: '1mz050nq' }, a],
  [
    'an extension’s URN has no case',
    { ...a, [E.toUpperCase()]: { Department: 'd' } },
    { ...a, [E]: { department: 'd' } }
  ],
  [
    'an extension need not be listed in schemas',
    { schemas: [U], ...a, [E]: { department: 'd' } },
    { ...a, [E]: { department: 'd' } }
  ],
  ['unknown URNs are ignored', { ...a, 'urn:example:User': { x: 1 } }, a],
  ['quirk 54: an extension that is listed need not be there', { schemas: [U, E], ...a }, a],
  ['quirk 26: unknown schemas are ignored', { schemas: [U, `${E}2`, 'http://example.org/'], ...a }, a],
  ['schemas twice, in any order and case', { schemas: [E, U.toUpperCase(), U], ...a }, a],
  ['quirk 64: no schemas', { ...a }, a],
  ['schemas that is null is absent', { schemas: null, ...a }, a],
  ['SEAT-50 a licenseType that is readOnly is ignored', { ...a, [L]: { licenseType: 'PAM' } }, a],
  [
    'type labels are not a closed set',
    { ...a, emails: [{ value: 'x', type: 'Sidejob' }] },
    { ...a, emails: [{ value: 'x', type: 'Sidejob' }] }
  ],
  [
    'one primary',
    {
      ...a,
      emails: [
        { value: 'x', primary: true },
        { value: 'y', primary: false }
      ]
    },
    {
      ...a,
      emails: [
        { value: 'x', primary: true },
        { value: 'y', primary: false }
      ]
    }
  ],
  [
    'elements of the same type and value are one: the later says more',
    { ...a, emails: [{ value: 'X@y', type: 'work' }, { value: 'z' }, { value: 'x@Y', type: 'Work', primary: true }] },
    { ...a, emails: [{ value: 'x@Y', type: 'Work', primary: true }, { value: 'z' }] }
  ],
  [
    'the same value with another type is another element',
    { ...a, emails: [{ value: 'x', type: 'work' }, { value: 'x', type: 'home' }, { value: 'x' }] },
    { ...a, emails: [{ value: 'x', type: 'work' }, { value: 'x', type: 'home' }, { value: 'x' }] }
  ],
  [
    'elements without a value are never the same',
    {
      ...a,
      addresses: [
        { type: 'work', locality: 'Oslo' },
        { type: 'work', locality: 'Bergen' }
      ]
    },
    {
      ...a,
      addresses: [
        { locality: 'Oslo', type: 'work' },
        { locality: 'Bergen', type: 'work' }
      ]
    }
  ],
  [
    'base64, padded',
    { ...a, x509Certificates: [{ value: 'MIIDQw==' }] },
    { ...a, x509Certificates: [{ value: 'MIIDQw==' }] }
  ],
  [
    'base64url, not padded',
    { ...a, x509Certificates: [{ value: 'MI-_Qw' }] },
    { ...a, x509Certificates: [{ value: 'MI-_Qw' }] }
  ],
  ['text at the limit', { ...a, title: 'x'.repeat(textCharsMax) }, { ...a, title: 'x'.repeat(textCharsMax) }],
  ['a whole pair of surrogates', { ...a, title: '😀' }, { ...a, title: '😀' }],
  [
    'names that pollute are unknown names',
    JSON.parse(
      '{"userName":"a","__proto__":{"title":"x"},"constructor":{"prototype":{"title":"x"}},"name":{"__proto__":{"givenName":"x"}}}'
    ),
    a
  ]
]
for (const [name, body, expected] of accepted) {
  t.test(name, async t => {
    const read = readResource(users, body)
    t.strictSame(read, expected)
    t.strictSame(readResource(users, read), read, 'reading it again gives the same')
  })
}

const refused: Array<[string, unknown, string, RegExp]> = [
  ['no object', [a], 'invalidSyntax', /JSON object/],
  ['no body', undefined, 'invalidSyntax', /JSON object/],
  ['a text', 'userName', 'invalidSyntax', /JSON object/],
  ['a name twice', { userName: 'a', USERNAME: 'b' }, 'invalidSyntax', /USERNAME is given twice/],
  ['a sub-attribute twice', { ...a, name: { givenName: 'a', givenname: 'b' } }, 'invalidSyntax', /twice/],
  [
    'an extension twice',
    { ...a, [E]: { department: 'a' }, [E.toLowerCase()]: { department: 'b' } },
    'invalidSyntax',
    /twice/
  ],
  [
    'a required attribute is missing',
    { displayName: 'A' },
    'invalidValue',
    /userName is required: it must be a string/
  ],
  ['a required attribute is null', { userName: null }, 'invalidValue', /userName is required/],
  ['a required attribute is empty', { userName: '' }, 'invalidValue', /userName must not be empty/],
  ['a required attribute is blank', { userName: ' \t' }, 'invalidValue', /userName must not be empty/],
  ['a number for a text', { userName: 7 }, 'invalidValue', /userName must be a string. This was a number/],
  [
    'an object for a text',
    { userName: { $ne: null } },
    'invalidValue',
    /userName must be a string. This was an object/
  ],
  ['an array for a text', { userName: ['a'] }, 'invalidValue', /This was an array/],
  ['an empty array for a text', { ...a, title: [] }, 'invalidValue', /title must be a string/],
  ['an empty object for a boolean', { ...a, active: {} }, 'invalidValue', /active must be true or false/],
  ['a text for a boolean', { ...a, active: 'true' }, 'invalidValue', /active must be true or false. This was a string/],
  [
    'a text for a complex attribute',
    { ...a, name: 'Kim' },
    'invalidValue',
    /name must be an object. This was a string/
  ],
  ['an array for a complex attribute', { ...a, name: [] }, 'invalidValue', /name must be an object. This was an array/],
  ['a wrong sub-attribute', { ...a, name: { givenName: 1 } }, 'invalidValue', /name\.givenName must be a string/],
  [
    'one object for many',
    { ...a, emails: { value: 'x' } },
    'invalidValue',
    /emails must be an array, each element an object/
  ],
  ['texts for complex elements', { ...a, emails: ['x@y'] }, 'invalidValue', /emails must be an object/],
  ['an array in an array', { ...a, emails: [[]] }, 'invalidValue', /emails must be an object/],
  [
    'two primaries',
    {
      ...a,
      emails: [
        { value: 'x', primary: true },
        { value: 'y', primary: true }
      ]
    },
    'invalidValue',
    /emails .* primary/
  ],
  ['a password that is no text', { ...a, password: 7 }, 'invalidValue', /password must be a string/],
  ['an extension that is no object', { ...a, [E]: 'd' }, 'invalidValue', /enterprise:2.0:User must be an object/],
  ['an extension that is an array', { ...a, [E]: [] }, 'invalidValue', /must be an object/],
  [
    'a wrong attribute of an extension',
    { ...a, [E]: { department: 1 } },
    'invalidValue',
    /User:department must be a string/
  ],
  [
    'text beyond the limit',
    { ...a, title: 'x'.repeat(textCharsMax + 1) },
    'invalidValue',
    /title must have 4096 characters at most/
  ],
  [
    'binary beyond the limit',
    { ...a, x509Certificates: [{ value: 'A'.repeat(binaryCharsMax + 1) }] },
    'invalidValue',
    /16384/
  ],
  ['NUL in a text', { userName: 'a\0b' }, 'invalidValue', /userName must be well-formed/],
  ['half a pair of surrogates', { userName: 'a\udc00' }, 'invalidValue', /userName must be well-formed/],
  [
    'no base64',
    { ...a, x509Certificates: [{ value: 'MII*' }] },
    'invalidValue',
    /x509Certificates.value must be a string of base64/
  ],
  [
    'very much padding',
    { ...a, x509Certificates: [{ value: `${'='.repeat(binaryCharsMax - 1)}A` }] },
    'invalidValue',
    /base64/
  ],
  ['both alphabets of base64', { ...a, x509Certificates: [{ value: 'M+_I' }] }, 'invalidValue', /base64/],
  ['base64 of no whole byte', { ...a, x509Certificates: [{ value: 'MIIDQ' }] }, 'invalidValue', /base64/],
  ['base64 with too much padding', { ...a, x509Certificates: [{ value: 'MIID=' }] }, 'invalidValue', /base64/],
  [
    'schemas of another resource',
    { schemas: [G], ...a },
    'invalidValue',
    /schemas must be an array that contains "urn.*User"/
  ],
  ['an extension’s schema alone', { schemas: [E], ...a }, 'invalidValue', /schemas/],
  ['schemas that is empty', { schemas: [], ...a }, 'invalidValue', /schemas/],
  ['schemas that is a text', { schemas: U, ...a }, 'invalidValue', /schemas/],
  ['schemas with a number', { schemas: [U, 7], ...a }, 'invalidValue', /schemas/]
]
for (const [name, body, scimType, detail] of refused) {
  t.test(`refused: ${name}`, async t => {
    t.throws(() => readResource(users, body), { status: 400, scimType, message: detail })
  })
}

t.test('a refusal does not repeat what was sent', async t => {
  try {
    readResource(users, { userName: 'a', password: { secret: 'hunter2' } })
    t.fail('not refused')
  } catch (error) {
    t.notMatch(String(error), /hunter2/)
  }
})

t.test('schemas may be demanded', async t => {
  t.throws(() => readResource(users, a, { schemasRequired: true }), { scimType: 'invalidValue', message: /schemas/ })
  t.strictSame(readResource(users, { ...a, schemas: [U] }, { schemasRequired: true }), a)
})

t.test('erratum 5368: a group needs a displayName', async t => {
  t.throws(() => readResource(groupType, { members: [] }), { scimType: 'invalidValue', message: /displayName/ })
})

t.test('quirks 23, 27, 46: members carry more than is wanted', async t => {
  const members = [{ $ref: null, value: 'f648', display: null, displayName: 'x' }, { value: 'f648' }]
  t.strictSame(readResource(groupType, { schemas: [G], displayName: 'Eng', members }), {
    displayName: 'Eng',
    members: [{ value: 'f648' }]
  })
})

t.test('SEAT-51 a provisioned licenseType is read where the provider may choose', async t => {
  const chosen = (licenseType: unknown) =>
    readResource(usersWithChoice, { ...a, [L]: { licenseType, licenseState: 'held' } })
  t.strictSame(chosen('PAM'), { ...a, [L]: { licenseType: 'PAM' } })
  t.strictSame(chosen('pwm'), { ...a, [L]: { licenseType: 'PWM' } })
  t.throws(() => chosen('PLATINUM'), { scimType: 'invalidValue', message: /licenseType must be one of: PAM, PWM/ })
})

const flags = { description: '', required: false, mutability: 'readWrite', returned: 'default' } as const
const things = (extension: Partial<AttributeDefinition>) =>
  compileResourceType(
    { ...groupType.definition, schema: 'urn:t', schemaExtensions: [{ schema: 'urn:x', required: true }] },
    [
      {
        id: 'urn:t',
        name: 't',
        description: '',
        attributes: [
          { name: 'when', type: 'dateTime', multiValued: false, ...flags },
          { name: 'size', type: 'integer', multiValued: false, ...flags },
          { name: 'weight', type: 'decimal', multiValued: false, ...flags },
          { name: 'tags', type: 'string', multiValued: true, ...flags }
        ]
      },
      {
        id: 'urn:x',
        name: 'x',
        description: '',
        attributes: [{ name: 'y', type: 'string', multiValued: false, ...flags, ...extension }]
      }
    ],
    []
  )

t.test('types that users and groups have not', async t => {
  const type = things({})
  const whole = { when: '2011-05-13T04:42:34+02:00', size: -3, weight: 0.5, tags: ['a', 'b'], 'urn:x': { y: 'z' } }
  t.strictSame(readResource(type, { ...whole, tags: ['a', null, 'b', 'a'] }), whole)
  t.throws(() => readResource(type, { when: '2011-05-13' }), { message: /when must be a time such as/ })
  t.throws(() => readResource(type, { size: 1.5 }), { message: /size must be a whole number. This was a number/ })
  t.throws(() => readResource(type, { weight: '1' }), { message: /weight must be a number. This was a string/ })
  t.throws(() => readResource(type, { tags: [1] }), { message: /tags must be a string/ })
})

t.test('RFC 7643 6: a required extension is there, also where none of its attributes is required', async t => {
  for (const sent of [{}, { 'urn:x': {} }, { 'urn:x': { y: null } }]) {
    t.throws(() => readResource(things({}), sent), { scimType: 'invalidValue', message: /urn:x is required/ })
  }
  t.throws(() => readResource(things({ required: true }), {}), {
    scimType: 'invalidValue',
    message: /urn:x:y is required/
  })
})

for (const type of [usersWithChoice, groupType]) {
  t.test(`any JSON as a ${type.name} is read or refused with 400, and pollutes nothing`, async t => {
    fc.assert(
      fc.property(fc.oneof(hostileBody(type), likelyBody(type)), body => {
        try {
          readResource(type, body)
          return true
        } catch (error) {
          return error instanceof ScimError && error.status === 400
        }
      }),
      { numRuns: 500 }
    )
    t.strictSame(Object.keys(Object.prototype), [])
  })

  t.test(`reading a ${type.name} again gives the same`, async t => {
    let read = 0
    fc.assert(
      fc.property(likelyBody(type), body => {
        let once: JsonObject
        try {
          once = readResource(type, body)
        } catch {
          return true
        }
        read++
        return JSON.stringify(readResource(type, once)) === JSON.stringify(once)
      }),
      { numRuns: 300 }
    )
    t.ok(read > 50, `${read} of 300 bodies were accepted`)
  })
}
