import { group, groupUrn, nested, type Row, user, userUrn } from './row.ts'

const start = `{"schemas":["${userUrn}"],"userName":"mallory"`

/** Texts that are no JSON. */
const broken: readonly (readonly [string, string | Buffer])[] = [
  ['a blank', ' '],
  ['an open brace', '{'],
  ['a closing brace', '}'],
  ['an open bracket', '['],
  ['braces that cross', '{"a":[}]'],
  ['a name without an end', '{"a'],
  ['a name without a value', '{"a"'],
  ['a colon without a value', '{"a":'],
  ['nothing behind the colon', '{"a":}'],
  ['a name without quotes', '{userName:"mallory"}'],
  ['single quotes', "{'userName':'mallory'}"],
  ['a comma at the end', `${start},}`],
  ['two commas', '{"a":1,,"b":2}'],
  ['a brace too many', `${start}}}`],
  ['two objects', `${start}}${start}}`],
  ['lines of JSON', `${start}}\n${start}}`],
  ['a leading zero', '{"a":01}'],
  ['a plus in front', '{"a":+1}'],
  ['a point in front', '{"a":.5}'],
  ['a point behind', '{"a":5.}'],
  ['hexadecimal', '{"a":0x10}'],
  ['a big integer', '{"a":10n}'],
  ['NaN', '{"a":NaN}'],
  ['Infinity', '{"a":-Infinity}'],
  ['undefined', '{"a":undefined}'],
  ['True', '{"active":True}'],
  ['a line end in a text', '{"a":"\n"}'],
  ['a NUL in a text', '{"a":"\0"}'],
  ['an unknown escape', '{"a":"\\x41"}'],
  ['an escape without an end', '{"a":"\\u12"}'],
  ['a text without an end', '{"a":"b'],
  ['a backslash at the end', '{"a":"b\\'],
  ['a comment', `/* hello */${start}}`],
  ['a comment behind', `${start}} // hello`],
  ['XML', '<user><userName>mallory</userName></user>'],
  ['a form', 'userName=mallory&active=true'],
  ['YAML', 'userName: mallory'],
  ['JSON in a call', `callback(${start}})`],
  ['a guard of other frameworks', `)]}',\n${start}}`],
  ['NULs', '\0\0\0\0'],
  ['UTF-16', Buffer.from(`${start}}`, 'utf16le')],
  ['compressed without saying so', Buffer.from('1f8b0800000000000003ab56ca2d4e5752', 'hex')],
  ['a lone continuation byte', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0x80, 0x22, 0x7d])],
  [
    'an overlong slash',
    Buffer.concat([Buffer.from(`${start},"title":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])
  ],
  [
    'half a surrogate pair in bytes',
    Buffer.concat([Buffer.from(`${start},"title":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])
  ],
  ['a name cut in the middle of a letter', Buffer.from(`${start},"title":"é"}`).subarray(0, -3)],
  ['100,000 open brackets', '['.repeat(100_000)],
  ['100,000 open objects', '{"a":'.repeat(100_000)],
  ['100,000 levels, all closed', nested(100_000)]
]

/** JSON that is no resource, or means too much. */
const odd: readonly (readonly [string, string, string])[] = [
  ['null', 'null', 'invalidSyntax'],
  ['a truth', 'true', 'invalidSyntax'],
  ['a number', '5', 'invalidSyntax'],
  ['a text', '"mallory"', 'invalidSyntax'],
  ['an array', '[]', 'invalidSyntax'],
  ['an array of users', `[${start}}]`, 'invalidSyntax'],
  ['no members', '{}', 'invalidValue'],
  ['no members behind a byte order mark', '\ufeff{}', 'invalidValue'],
  ['__proto__ at the top', `${start},"__proto__":{"isAdmin":true}}`, 'invalidSyntax'],
  ['__proto__ as an array', `${start},"__proto__":[]}`, 'invalidSyntax'],
  ['__proto__ that is null', `${start},"__proto__":null}`, 'invalidSyntax'],
  ['__proto__ in escapes', `${start},"\\u005f\\u005fproto\\u005f\\u005f":{"isAdmin":true}}`, 'invalidSyntax'],
  ['__proto__ in a complex value', `${start},"name":{"__proto__":{"isAdmin":true}}}`, 'invalidSyntax'],
  ['__proto__ in an element', `${start},"emails":[{"value":"a","__proto__":{"isAdmin":true}}]}`, 'invalidSyntax'],
  ['a way around by constructor', `${start},"constructor":{"prototype":{"isAdmin":true}}}`, 'invalidSyntax'],
  ['one more level than is read', nested(33), 'invalidSyntax'],
  ['one more level, in arrays', `${start},"emails":${'['.repeat(32)}${']'.repeat(32)}}`, 'invalidSyntax'],
  ['more values than are read', `${start},"x":[${'0,'.repeat(50_001)}0]}`, 'invalidSyntax'],
  ['more members than are read', `{${Array.from({ length: 50_001 }, (_, i) => `"a${i}":0`).join()}}`, 'invalidSyntax'],
  ['a name twice, in two cases', `${start},"USERNAME":"eve"}`, 'invalidSyntax'],
  ['a list twice, in two cases', `${start},"emails":[],"Emails":[{"value":"a"}]}`, 'invalidSyntax'],
  [
    'an extension twice, in two cases',
    `${start},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{},"URN:ietf:params:scim:schemas:extension:enterprise:2.0:User":{}}`,
    'invalidSyntax'
  ],
  ['schemas of something else', `{"schemas":["${groupUrn}"],"userName":"mallory"}`, 'invalidValue'],
  ['schemas that are a text', `{"schemas":"${userUrn}","userName":"mallory"}`, 'invalidValue'],
  ['schemas that are no texts', '{"schemas":[{"$gt":""}],"userName":"mallory"}', 'invalidValue'],
  ['no userName', `{"schemas":["${userUrn}"]}`, 'invalidValue'],
  ['a userName that is null', `{"schemas":["${userUrn}"],"userName":null}`, 'invalidValue'],
  ['an empty userName', `{"schemas":["${userUrn}"],"userName":""}`, 'invalidValue'],
  ['a userName of blanks', `{"schemas":["${userUrn}"],"userName":" \\t\\n"}`, 'invalidValue'],
  ['NUL in an escape', `${start},"title":"a\\u0000b"}`, 'invalidValue'],
  ['half a surrogate pair', `${start},"title":"\\ud800"}`, 'invalidValue'],
  ['a surrogate pair the wrong way round', `${start},"title":"\\udc00\\ud800"}`, 'invalidValue'],
  ['half a pair as a userName', `{"schemas":["${userUrn}"],"userName":"mallory\\ud83d"}`, 'invalidValue']
]

const long = 'x'.repeat(4097)

export const bodyRows: readonly Row[] = [
  ...broken.map(([title, body]): Row => [`${title}, as a user`, 'POST /Users', body, '400 invalidSyntax']),
  ...odd.map(([title, body, word]): Row => [`${title}, as a user`, 'POST /Users', body, `400 ${word}`]),
  ['no body, as a user', 'POST /Users', undefined, '400 invalidSyntax'],
  ['no body, as a group', 'POST /Groups', undefined, '400 invalidSyntax'],
  ['no body, in place of a user', 'PUT /Users/{ada}', undefined, '400 invalidSyntax'],
  ['no body, as a change', 'PATCH /Users/{ada}', undefined, '400 invalidSyntax'],
  ['no body, as a bulk request', 'POST /Bulk', undefined, '400 invalidSyntax'],
  ['an empty text, as a user', 'POST /Users', '', '400 invalidSyntax'],
  ['broken JSON for a user that is not there', 'PUT /Users/{nobody}', '{', '400 invalidSyntax'],
  ['a megabyte and a little', 'POST /Users', `${start},"title":"${'x'.repeat(1 << 20)}"}`, '413 payload_too_large'],
  ['a megabyte of blanks', 'POST /Users', `${' '.repeat(1 << 20)}${start}}`, '413 payload_too_large'],
  ['a text one too long', 'POST /Users', user({ title: long }), '400 invalidValue'],
  ['a userName one too long', 'POST /Users', user({ userName: long }), '400 invalidValue'],
  ['an externalId one too long', 'POST /Users', user({ externalId: long }), '400 invalidValue'],
  [
    'a certificate one too long',
    'POST /Users',
    user({ x509Certificates: [{ value: 'A'.repeat(16_388) }] }),
    '400 invalidValue'
  ],
  ['a certificate that is no base64', 'POST /Users', user({ x509Certificates: [{ value: 'ä' }] }), '400 invalidValue'],
  [
    'a thousand and one addresses',
    'POST /Users',
    user({ emails: Array.from({ length: 1001 }, (_, i) => ({ value: `${i}@x` })) }),
    '400 invalidValue'
  ],
  [
    'two primary addresses',
    'POST /Users',
    user({
      emails: [
        { value: 'a', primary: true },
        { value: 'b', primary: true }
      ]
    }),
    '400 invalidValue'
  ],
  ['a name that is taken', 'POST /Users', user({ userName: 'ada' }), '409 uniqueness'],
  ['a name that is taken, in another case', 'POST /Users', user({ userName: 'ADA' }), '409 uniqueness'],
  ['a name that is taken, full width', 'POST /Users', user({ userName: '\uff21\uff44\uff41' }), '409 uniqueness'],
  ['the name of the user admin', 'POST /Users', user({ userName: 'Admin' }), '409 uniqueness'],
  ['a group without a name', 'POST /Groups', { schemas: [groupUrn] }, '400 invalidValue'],
  ['a group with an empty name', 'POST /Groups', group({ displayName: ' ' }), '400 invalidValue'],
  ['a member that is nobody', 'POST /Groups', group({ members: [{ value: '{nobody}' }] }), '400 invalidValue'],
  [
    'one member of three that is nobody',
    'POST /Groups',
    group({ members: [{ value: '{ada}' }, { value: '{nobody}' }, { value: '{bob}' }] }),
    '400 invalidValue'
  ],
  ['a member that is an operator', 'POST /Groups', group({ members: [{ value: { $ne: null } }] }), '400 invalidValue'],
  ['a member without a value', 'POST /Groups', group({ members: [{ type: 'User' }] }), '400 invalidValue'],
  [
    'a member of a type that is none',
    'POST /Groups',
    group({ members: [{ value: '{ada}', type: 'Device' }] }),
    '400 invalidValue'
  ],
  ['a member that is a number', 'POST /Groups', group({ members: [5] }), '400 invalidValue'],
  [
    'members that are an object of operators',
    'POST /Groups',
    group({ members: { $in: ['{ada}'] } }),
    '400 invalidValue'
  ]
]
