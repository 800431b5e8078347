import t from 'tap'
import { matches } from '../../../src/scim/filter/evaluate.ts'
import { all, compare, type Filter, field, is, many, not, type Path } from '../../../src/scim/filter/filter.ts'
import { parseFilter } from '../../../src/scim/filter/parse.ts'
import { resolveFilter } from '../../../src/scim/filter/resolve.ts'
import { placeOf } from '../../../src/scim/patch/place.ts'
import { userType } from '../../../src/scim/schemas.ts'
import { sortPath } from '../../../src/scim/search-form.ts'
import { refusalOf } from './refusal.ts'
import { attribute, thingsOf } from './things.ts'

const users = userType({ licenseFromIdp: false })
const resolve = (text: string) => resolveFilter(users, parseFilter(text))

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const enterpriseField = enterprise.replaceAll('.', '_')
const manager = field(enterpriseField, 'manager', 'value')
const created = field('meta', 'created')
const emails = many('emails')
const emailsValue: Path = [...emails, ...field('value')]
const some = (...parts: Filter[]): Filter => ({ op: 'some', path: emails, part: all(...parts) })
const present = (path: Path) => compare('gt', path, '')

const rows: [string, string, Filter][] = [
  ['text folds', 'userName eq "BJensen"', is(field('userName'), 'bjensen')],
  ['caseExact text does not', 'externalId eq "BJensen"', is(field('externalId'), 'BJensen')],
  ['names without case', 'USERNAME eq "x"', is(field('userName'), 'x')],
  [
    'the core URN',
    'urn:ietf:params:scim:schemas:core:2.0:User:name.givenName sw "B"',
    compare('sw', field('name', 'givenName'), 'b')
  ],
  ['every text operator: co', 'title co "X"', compare('co', field('title'), 'x')],
  ['ew', 'title ew "X"', compare('ew', field('title'), 'x')],
  ['gt', 'title gt "X"', compare('gt', field('title'), 'x')],
  ['ge', 'title ge "X"', compare('ge', field('title'), 'x')],
  ['lt', 'title lt "X"', compare('lt', field('title'), 'x')],
  ['le', 'title le "X"', compare('le', field('title'), 'x')],
  ['ne is not eq', 'title ne "X"', not(is(field('title'), 'x'))],
  ['eq of the empty text', 'title eq ""', is(field('title'), '')],
  ['pr of a text needs a character', 'title pr', present(field('title'))],
  ['pr of a boolean', 'active pr', { op: 'pr', path: field('active') }],
  ['pr of a complex', 'name pr', { op: 'pr', path: field('name') }],
  ['pr of many', 'emails pr', { op: 'pr', path: emails }],
  ['pr of an extension', `${enterprise} pr`, { op: 'pr', path: field(enterpriseField) }],
  ['eq null is not pr', 'title eq null', not(present(field('title')))],
  ['ne null is pr', 'title ne null', present(field('title'))],
  ['null of a complex', 'manager eq null', not({ op: 'pr', path: field(enterpriseField, 'manager') })],
  ['null of an extension', `${enterprise} ne null`, { op: 'pr', path: field(enterpriseField) }],
  ['a boolean', 'active eq false', is(field('active'), false)],
  ['quirk 15: a quoted boolean', 'active ne "True"', not(is(field('active'), true))],
  [
    'a whole number for a text is its digits',
    'employeeNumber eq 701984',
    is(field(enterpriseField, 'employeeNumber'), '701984')
  ],
  ['a time', 'meta.created ge "2011-05-13T04:42:34Z"', compare('ge', created, Date.UTC(2011, 4, 13, 4, 42, 34))],
  [
    'a time with an offset',
    'meta.created eq "2011-05-12T21:42:34-07:00"',
    is(created, Date.UTC(2011, 4, 13, 4, 42, 34))
  ],
  ['id', 'id eq "a"', is(field('id'), 'a')],
  ['simple many', `schemas eq "${enterprise}"`, is(many('schemas'), enterprise)],
  ['any element', 'emails.type eq "Work"', is([...emails, ...field('type')], 'work')],
  ['no element', 'emails.type ne "Work"', not(is([...emails, ...field('type')], 'work'))],
  ['an extension by its URN', `${enterprise}:department eq "D"`, is(field(enterpriseField, 'department'), 'd')],
  [
    'a sub-attribute of an extension',
    `${enterprise}:manager.displayName pr`,
    present(field(enterpriseField, 'manager', 'displayName'))
  ],
  ['quirk 4: a bare complex compares its value', 'manager eq "2819"', is(manager, '2819')],
  ['quirk 62: and a bare complex of many', 'emails eq "a@b"', is(emailsValue, 'a@b')],
  ['also in part', 'emails ew "@B"', compare('ew', emailsValue, '@b')],
  ['also unequal', 'emails ne "a@b"', not(is(emailsValue, 'a@b'))],
  ['IPSIE: emails[value eq "x"]', 'emails[value eq "X"]', some(is(field('value'), 'x'))],
  [
    'one element must meet all',
    'emails[type eq "work" and primary eq true]',
    some(is(field('type'), 'work'), is(field('primary'), true))
  ],
  ['not in brackets', 'emails[not (type pr)]', some(not(present(field('type'))))],
  [
    'brackets of a single complex',
    'manager[value eq "1" and displayName pr]',
    all(is(manager, '1'), present(field(enterpriseField, 'manager', 'displayName')))
  ],
  [
    'quirk 2: a chosen element',
    'emails[type eq "work"].value eq "A@b"',
    some(is(field('type'), 'work'), is(field('value'), 'a@b'))
  ],
  [
    'a chosen element other than',
    'emails[type eq "work"].value ne "a@b"',
    some(is(field('type'), 'work'), not(is(field('value'), 'a@b')))
  ],
  [
    'no chosen element',
    'not (emails[type eq "work"].value eq "a@b")',
    not(some(is(field('type'), 'work'), is(field('value'), 'a@b')))
  ],
  [
    'a chosen element with',
    'emails[type eq "work"].value pr',
    some(is(field('type'), 'work'), present(field('value')))
  ],
  [
    'a chosen element without',
    'emails[type eq "work"].value eq null',
    some(is(field('type'), 'work'), not(present(field('value'))))
  ],
  [
    'a chosen single complex',
    'manager[value eq "1"].displayName eq "X"',
    all(is(manager, '1'), is(field(enterpriseField, 'manager', 'displayName'), 'x'))
  ],
  [
    'or and not',
    'not (id pr or active eq true)',
    not({ op: 'or', parts: [present(field('id')), is(field('active'), true)] })
  ]
]
for (const [name, text, expected] of rows) {
  t.test(`${name}: ${text}`, async t => t.strictSame(resolve(text), expected))
}

t.test('what cannot be asked is invalidFilter, and the detail names the attribute', async t => {
  const rows: [string, string][] = [
    ['nosuch eq "x"', 'There is no attribute nosuch.'],
    ['name.nosuch eq "x"', 'There is no attribute name.nosuch.'],
    ['userName.a eq "x"', 'There is no attribute userName.a.'],
    ['emails[nosuch eq "x"]', 'There is no attribute emails.nosuch.'],
    ['emails[type eq "work"].nosuch eq "x"', 'There is no attribute emails.nosuch.'],
    ['name[userName eq "x"]', 'There is no attribute name.userName.'],
    [`${enterprise}:nosuch pr`, `There is no attribute ${enterprise}:nosuch.`],
    ['toString pr', 'There is no attribute toString.'],
    ['hasOwnProperty.call pr', 'There is no attribute hasOwnProperty.call.'],
    ['$where eq "x"', 'There is no attribute $where.'],
    ['password sw "a"', 'password is never returned'],
    ['password pr', 'password is never returned'],
    ['password eq null', 'password is never returned'],
    ['meta.version eq "W/\\"1\\""', 'meta.version is made anew for each answer, so it cannot be filtered by.'],
    ['meta.location pr', 'meta.location is made anew for each answer'],
    ['not (meta[location co "x"])', 'meta.location is made anew for each answer'],
    ['active gt true', 'active is a boolean: it compares by eq, ne and pr, not by gt.'],
    ['active co true', 'active is a boolean'],
    ['active eq "yes"', 'active is a boolean: it compares with true or false.'],
    ['active eq 1', 'active is a boolean'],
    ['meta.created co "2011"', 'meta.created is a dateTime'],
    ['meta.created eq "2011"', 'meta.created is a dateTime: it compares with a time'],
    ['meta.created gt "2011-02-30T00:00:00Z"', 'meta.created is a dateTime'],
    ['meta.created gt 1', 'meta.created is a dateTime'],
    ['userName eq true', 'userName is a string: it compares with a text in double quotes.'],
    ['userName eq 1.5', 'userName is a string'],
    ['userName eq 9007199254740993', 'userName is a string'],
    ['userName gt null', 'userName can be compared with it by eq and ne only'],
    ['name eq "x"', 'name is complex: compare one of its sub-attributes (formatted, familyName'],
    ['addresses co "x"', 'addresses is complex'],
    ['x509Certificates.value gt "AA=="', 'x509Certificates.value is a binary'],
    ['x509Certificates.value co "AA=="', 'x509Certificates.value is a binary'],
    ['userName[value eq "x"]', 'userName has no sub-attributes to filter by.'],
    ['schemas[value eq "x"]', 'schemas has no sub-attributes'],
    [`${enterprise}[department eq "x"]`, `${enterprise} has no sub-attributes`],
    [`${enterprise} eq "x"`, `${enterprise} can only be compared with pr.`]
  ]
  for (const [text, detail] of rows) {
    const error = refusalOf(() => resolve(text))
    t.match(error, { status: 400, scimType: 'invalidFilter' }, text)
    t.ok(error.message.includes(detail), `${text}: ${error.message}`)
  }
})

t.test('types that users do not have', async t => {
  const things = thingsOf([
    attribute('count', 'integer'),
    attribute('weight', 'decimal', { multiValued: true }),
    attribute('times', 'dateTime', { multiValued: true }),
    attribute('key', 'complex', { returned: 'never', subAttributes: [attribute('value', 'string')] }),
    attribute('entry', 'string', { mutability: 'writeOnly' }),
    attribute('badges', 'complex', {
      multiValued: true,
      subAttributes: [attribute('value', 'string', { returned: 'never' }), attribute('kind', 'string')]
    })
  ])
  const resolve = (text: string) => resolveFilter(things, parseFilter(text))

  for (const sortBy of ['key', 'entry', 'badges', 'badges.value']) {
    t.match(
      refusalOf(() => sortPath(things, sortBy)),
      { status: 400, scimType: 'invalidValue', message: /never returned/ },
      sortBy
    )
  }
  for (const path of ['badges[value eq "x"]', 'badges[value eq "x"].kind']) {
    t.match(
      refusalOf(() => placeOf(things, path)),
      { status: 400, scimType: 'invalidFilter', message: /never returned/ },
      path
    )
  }
  t.strictSame(resolve('count gt 1.5'), compare('gt', field('count'), 1.5))
  t.strictSame(resolve('weight le -2e3'), compare('le', many('weight'), -2000))
  t.strictSame(resolve('count pr'), { op: 'pr', path: field('count') })
  t.strictSame(resolve('times eq "1970-01-01T01:00:00+01:00"'), is(many('times'), 0))
  for (const text of [
    'count eq "1"',
    'count co 1',
    'weight eq true',
    'key pr',
    'key.value eq "x"',
    'key[value pr]',
    'entry pr',
    'badges eq "x"',
    'badges.value sw "x"',
    'badges[value eq "x"]',
    'badges[kind eq "door" and value co "x"]',
    'badges[kind eq "door"].value eq "x"',
    'badges[not (value pr)].kind pr'
  ]) {
    t.match(
      refusalOf(() => resolve(text)),
      { status: 400, scimType: 'invalidFilter' },
      text
    )
  }
})

t.test('quirk 29: a window of times with offsets finds what was changed in it', async t => {
  const text =
    'active eq true and (meta.lastModified ge "2024-01-01T00:00:00-07:00" and meta.lastModified le "2024-01-02T00:00:00-07:00")'
  const filter = resolve(text)
  const changed = (time: string) => ({ active: true, meta: { lastModified: Date.parse(time) } })
  t.equal(matches(filter, changed('2024-01-01T06:59:59Z')), false)
  t.equal(matches(filter, changed('2024-01-01T07:00:00Z')), true)
  t.equal(matches(filter, changed('2024-01-02T07:00:00Z')), true)
  t.equal(matches(filter, changed('2024-01-02T07:00:01Z')), false)
})
