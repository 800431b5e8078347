import t from 'tap'
import type { JsonObject } from '../../../src/base/json.ts'
import { elementVisitsMax } from '../../../src/scim/patch/apply.ts'
import { userType } from '../../../src/scim/schemas.ts'
import { refusalOf } from '../filter/refusal.ts'
import { L, patchUser } from './support.ts'

const a = { userName: 'a' }
const workMail = { value: 'w@x', type: 'work', primary: true }
const homeMail = { value: 'h@x', type: 'home' }
const mails = { ...a, emails: [workMail, homeMail] }

const refused: Array<[string, JsonObject, object[], string]> = [
  [
    'a replace whose filter finds nothing',
    mails,
    [{ op: 'replace', path: 'emails[type eq "x"].value', value: 'v' }],
    'noTarget'
  ],
  [
    'a replace of an element that is not there',
    mails,
    [{ op: 'replace', path: 'emails[type eq "x"]', value: homeMail }],
    'noTarget'
  ],
  [
    'an add to a whole element that is not there',
    a,
    [{ op: 'add', path: 'emails[type eq "x"]', value: homeMail }],
    'noTarget'
  ],
  [
    'an add whose filter leaves a choice',
    a,
    [{ op: 'add', path: 'emails[type eq "x" or type eq "y"].value', value: 'v' }],
    'noTarget'
  ],
  ['an add whose filter is no equality', a, [{ op: 'add', path: 'emails[type sw "x"].value', value: 'v' }], 'noTarget'],
  [
    'an add whose filter says one thing twice',
    a,
    [{ op: 'add', path: 'emails[type eq "x" and type eq "y"].value', value: 'v' }],
    'noTarget'
  ],
  [
    'an add whose filter says another value',
    a,
    [{ op: 'add', path: 'emails[value eq "x"].value', value: 'v' }],
    'noTarget'
  ],
  [
    'an add whose filter wants nothing there',
    a,
    [{ op: 'add', path: 'emails[type eq null].value', value: 'v' }],
    'noTarget'
  ],
  ['one value for several elements', mails, [{ op: 'replace', path: 'emails.value', value: 'v' }], 'noTarget'],
  ['one value for no element', a, [{ op: 'replace', path: 'emails.value', value: 'v' }], 'noTarget'],
  ['removing what is required', a, [{ op: 'remove', path: 'userName' }], 'mutability'],
  ['unassigning what is required', a, [{ op: 'replace', value: { userName: null } }], 'mutability'],
  ['emptying what is required', a, [{ op: 'replace', path: 'userName', value: ' ' }], 'invalidValue'],
  [
    'two primaries in one value',
    a,
    [{ op: 'add', path: 'emails', value: [workMail, { ...homeMail, primary: true }] }],
    'invalidValue'
  ],
  [
    'primary for several elements',
    mails,
    [{ op: 'replace', path: 'emails[value pr].primary', value: true }],
    'invalidValue'
  ]
]
for (const [name, before, operations, scimType] of refused) {
  t.test(`refused: ${name}`, async t => {
    const copy = structuredClone(before)
    const refusal = refusalOf(() => patchUser(before, [{ op: 'add', path: 'title', value: 'T' }, ...operations]))
    t.match(refusal, { status: 400, scimType })
    t.strictSame(before, copy, 'nothing is changed, not by the operations before it either')
  })
}

t.test('SEAT-50 licenseType is readOnly by default: a PATCH that targets it in any form is mutability', async t => {
  const licensed = { ...a, [L]: { licenseType: 'PWM' } }
  const forms: object[] = [
    { op: 'replace', path: `${L}:licenseType`, value: 'PAM' },
    { op: 'add', path: `${L}:licenseType`, value: 'PWM' },
    { op: 'replace', path: 'licenseType', value: 'PAM' },
    { op: 'replace', path: L, value: { licenseType: 'PAM' } },
    { op: 'replace', value: { title: 'T', [L]: { licenseType: 'PAM' } } },
    { op: 'replace', value: { [L]: null } },
    { op: 'remove', path: `${L}:licenseType` },
    { op: 'remove', path: L }
  ]
  for (const form of forms) {
    t.equal(refusalOf(() => patchUser(licensed, [form])).scimType, 'mutability', JSON.stringify(form))
  }
  const chosen = patchUser(
    licensed,
    [{ op: 'replace', path: `${L}:licenseType`, value: 'pam' }],
    {},
    userType({ licenseFromIdp: true })
  )
  t.strictSame(chosen, { ...a, [L]: { licenseType: 'PAM' } }, 'where the organisation allows it, it is an attribute')
})

t.test('operations on very many elements are refused before they hold up others', async t => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ value: `${i}@x` }))
  const before = { ...a, emails: many }
  const once = { op: 'remove', path: 'emails[value eq "nobody@x"]' }
  const times = (count: number) => Array.from({ length: count }, () => once)
  t.equal((patchUser(before, times(elementVisitsMax / 1000)).emails as unknown[]).length, many.length)
  t.equal(refusalOf(() => patchUser(before, times(elementVisitsMax / 1000 + 2))).scimType, 'tooMany')
})
