import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { differenceOf } from '../../src/provisioning/difference.ts'
import { enterpriseUrn } from '../support/urns.ts'

const rows: Array<[string, JsonObject, JsonObject, unknown]> = [
  ['nothing', { a: 1, b: { c: [1] } }, { a: 1, b: { c: [1] } }, []],
  ['a value', { active: true }, { active: false }, [{ path: 'active', before: true, after: false }]],
  ['one that came', {}, { title: 'Dr' }, [{ path: 'title', after: 'Dr' }]],
  ['one that went', { title: 'Dr' }, {}, [{ path: 'title', before: 'Dr' }]],
  [
    'a part of a complex value',
    { name: { givenName: 'A', familyName: 'L' } },
    { name: { givenName: 'B', familyName: 'L' } },
    [{ path: 'name.givenName', before: 'A', after: 'B' }]
  ],
  [
    'a complex value that came, part by part',
    {},
    { name: { givenName: 'A', familyName: 'L' } },
    [
      { path: 'name.givenName', after: 'A' },
      { path: 'name.familyName', after: 'L' }
    ]
  ],
  [
    'attributes of an extension, behind its URN',
    { [enterpriseUrn]: { manager: { value: '1' } } },
    { [enterpriseUrn]: { department: 'R&D' } },
    [
      { path: `${enterpriseUrn}:manager.value`, before: '1' },
      { path: `${enterpriseUrn}:department`, after: 'R&D' }
    ]
  ],
  [
    'of a list what went and what came',
    { emails: [{ value: 'a' }, { value: 'b' }] },
    { emails: [{ value: 'b' }, { value: 'c' }] },
    [{ path: 'emails', before: [{ value: 'a' }], after: [{ value: 'c' }] }]
  ],
  ['none where a list has another order', { l: [1, 2] }, { l: [2, 1] }, []],
  ['a value of another kind', { a: 'x' }, { a: { b: 1 } }, [{ path: 'a', before: 'x', after: { b: 1 } }]]
]
for (const [title, before, after, expected] of rows) {
  t.test(`the difference is ${title}`, async t => {
    t.strictSame(differenceOf(before, after), expected)
  })
}
