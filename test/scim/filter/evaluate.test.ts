import fc from 'fast-check'
import t from 'tap'
import { compareText, matches } from '../../../src/scim/filter/evaluate.ts'
import {
  all,
  compare,
  everything,
  type Filter,
  field,
  is,
  isIn,
  many,
  not,
  nothing,
  type Path,
  type SearchForm
} from '../../../src/scim/filter/filter.ts'

const form: SearchForm = {
  userName: 'bjensen',
  active: true,
  age: 30,
  empty: '',
  name: { givenName: 'barbara' },
  roles: ['admin', 'user'],
  emails: [
    { value: 'a@work', type: 'work', tags: ['x', 'y'] },
    { value: 'b@home', type: 'home' }
  ]
}
const value = [{ name: 'emails', many: true }, field('value')[0]].filter(s => s !== undefined)
const tags: Path = [...many('emails'), ...many('tags')]
const some = (part: Filter): Filter => ({ op: 'some', path: many('emails'), part })

const rows: [string, Filter, boolean][] = [
  ['everything', everything, true],
  ['nothing', nothing, false],
  ['all of one part', all(is(field('active'), true)), true],
  ['and needs all', all(is(field('active'), true), is(field('age'), 31)), false],
  ['or needs one', { op: 'or', parts: [is(field('active'), false), is(field('age'), 30)] }, true],
  ['an absent value satisfies no comparison', compare('le', field('nickName'), 'z'), false],
  ['an absent value is not equal', not(is(field('nickName'), 'z')), true],
  ['eq', is(field('name', 'givenName'), 'barbara'), true],
  ['eq of another type', is(field('age'), '30'), false],
  ['gt exceeded', compare('gt', field('age'), 29), true],
  ['gt reached', compare('gt', field('age'), 30), false],
  ['ge reached', compare('ge', field('age'), 30), true],
  ['ge almost', compare('ge', field('age'), 31), false],
  ['lt almost', compare('lt', field('age'), 31), true],
  ['lt reached', compare('lt', field('age'), 30), false],
  ['le reached', compare('le', field('age'), 30), true],
  ['le exceeded', compare('le', field('age'), 29), false],
  ['order of texts', compare('gt', field('userName'), 'bj'), true],
  ['order of booleans', compare('gt', field('active'), false), true],
  ['order between types', compare('gt', field('age'), 'a'), false],
  ['co', compare('co', field('userName'), 'jens'), true],
  ['sw', compare('sw', field('userName'), 'bj'), true],
  ['sw is not co', compare('sw', field('userName'), 'j'), false],
  ['ew', compare('ew', field('userName'), 'sen'), true],
  ['ew is not co', compare('ew', field('userName'), 'se'), false],
  ['every text contains the empty one', compare('co', field('empty'), ''), true],
  ['a number contains nothing', compare('co', field('age'), 3), false],
  ['in', isIn(field('userName'), ['a', 'bjensen']), true],
  ['in of nothing', isIn(field('userName'), []), false],
  ['in of another type', isIn(field('age'), ['30']), false],
  ['in of many', isIn(many('roles'), ['user']), true],
  ['pr', { op: 'pr', path: field('name') }, true],
  ['pr of an empty text', { op: 'pr', path: field('empty') }, true],
  ['presence of an empty text', compare('gt', field('empty'), ''), false],
  ['pr of an absent value', { op: 'pr', path: field('name', 'familyName') }, false],
  ['pr of many', { op: 'pr', path: many('emails') }, true],
  ['pr within elements', { op: 'pr', path: value }, true],
  ['pr behind a scalar', { op: 'pr', path: field('userName', 'length') }, false],
  ['pr of what only a prototype has', { op: 'pr', path: field('constructor') }, false],
  ['any value of many', is(many('roles'), 'user'), true],
  ['a value of any element', is(value, 'b@home'), true],
  ['many in many', is(tags, 'y'), true],
  ['an array behind a single step is no value to compare', is(field('roles'), 'user'), false],
  ['a many step at a single value finds none', is(many('userName'), 'bjensen'), false],
  ['two comparisons may be met by two elements', all(is(value, 'a@work'), is(value, 'b@home')), true],
  ['some: one element meets both', some(all(is(field('value'), 'a@work'), is(field('type'), 'work'))), true],
  ['some: two elements do not', some(all(is(field('value'), 'a@work'), is(field('type'), 'home'))), false],
  ['some with not', some(not(is(field('type'), 'work'))), true],
  ['not some', not(some(is(field('type'), 'work'))), false],
  ['some of everything is presence', some(everything), true],
  ['some of an absent array', { op: 'some', path: many('phones'), part: everything }, false],
  ['some with many inside', some(all(is(many('tags'), 'x'), is(field('type'), 'work'))), true]
]
for (const [name, filter, expected] of rows) {
  t.test(name, async t => t.equal(matches(filter, form), expected))
}

t.test('texts compare by code point, which is the order of their UTF-8 bytes', async t => {
  t.ok(compareText('😀', 'Ａ') > 0, 'U+1F600 stands behind U+FF21')
  t.ok('😀' < 'Ａ', 'where UTF-16 puts it before')
  t.ok(compareText('\uE000', '\uD7FF') > 0)
  t.equal(compareText('a', 'a'), 0)
  t.ok(compareText('a', 'ab') < 0)
  const text = fc.string({
    unit: fc.constantFrom('a', 'é', '\uD7FF', '\uE000', 'Ａ', '\uFFFF', '\u{10000}', '😀'),
    maxLength: 4
  })
  fc.assert(
    fc.property(text, text, (x, y) => Math.sign(compareText(x, y)) === Buffer.compare(Buffer.from(x), Buffer.from(y))),
    { numRuns: 5000 }
  )
})
