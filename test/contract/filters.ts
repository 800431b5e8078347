import type { Test } from 'tap'
import {
  all,
  type ComparisonOp,
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
} from '../../src/scim/filter/filter.ts'
import { insert } from '../../src/store/port.ts'
import { things } from './collections.ts'
import { fresh, type Opened, put } from './support.ts'

const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2_0:User'
const itemValue: Path = [...many('items'), ...field('value')]

const forms: Record<string, SearchForm> = {
  a: { text: 'alpha', number: 1, flag: true, tags: ['x', 'y'], items: [{ value: 'one', kind: 'work', n: 1 }] },
  b: { text: 'beta', number: 2, flag: false, plain: 'beta', count: 2, [urn]: { text: 'beta', number: 1 } },
  c: {
    text: '1',
    number: 1,
    count: 1,
    plain: '1',
    items: [
      { value: 'one', kind: 'home' },
      { value: 'two', kind: 'work' }
    ]
  },
  d: { text: '', number: -1.5, flag: true, plain: '', tags: ['x'], deep: [{ marks: ['m', 'n'] }, { marks: ['o'] }] },
  e: { plain: 'Alphabet', count: 10, yes: true, items: [{ kind: 'work', n: 1.5 }] },
  f: { yes: false, any: 1, tags: ['%', '_', 'x.y', '$x'] },
  g: { any: true, text: '😀 smile', plain: 'x😀' },
  h: { any: '1', text: '\ue000', plain: '50% _off_ .* [a] \\ "q" \'s\'' }
}

const or = (...parts: readonly Filter[]): Filter => ({ op: 'or', parts })
const pr = (path: Path): Filter => ({ op: 'pr', path })
const some = (path: Path, part: Filter): Filter => ({ op: 'some', path, part })
const on = (path: string) => (op: ComparisonOp, value: string | number | boolean) => compare(op, field(path), value)
const text = on('text')
const plain = on('plain')
const number = on('number')
const count = on('count')

const rows: readonly [string, Filter, string][] = [
  ['everything', everything, 'abcdefgh'],
  ['nothing', nothing, ''],
  ['not nothing', not(nothing), 'abcdefgh'],
  ['not everything', not(everything), ''],
  ['the id', is(field('id'), 'c'), 'c'],
  ['some ids', isIn(field('id'), ['c', 'zz', 'a']), 'ac'],
  ['ids from one on', compare('ge', field('id'), 'f'), 'fgh'],

  ['eq of an indexed text', text('eq', 'beta'), 'b'],
  ['eq of another text', plain('eq', 'beta'), 'b'],
  ['eq of an empty text', text('eq', ''), 'd'],
  ['eq tells the text 1 from the number', text('eq', '1'), 'c'],
  ['eq tells the number 1 from the text', text('eq', 1), ''],
  ['eq tells 1, "1" and true apart: number', is(field('any'), 1), 'f'],
  ['eq tells 1, "1" and true apart: boolean', is(field('any'), true), 'g'],
  ['eq tells 1, "1" and true apart: text', is(field('any'), '1'), 'h'],
  ['in tells them apart too', isIn(field('any'), [true, '1']), 'gh'],
  ['eq of an indexed boolean', is(field('flag'), true), 'ad'],
  ['eq of false is not absence', is(field('flag'), false), 'b'],
  ['eq of another boolean', is(field('yes'), false), 'f'],
  ['eq of an indexed number', all(is(field('flag'), true), number('eq', -1.5)), 'd'],
  ['not eq holds where there is no value', not(text('eq', 'beta')), 'acdefgh'],
  ['not not eq', not(not(text('eq', 'beta'))), 'b'],
  ['not over and', not(all(text('gt', ''), number('eq', 1))), 'bdefgh'],
  ['not over or', not(or(text('eq', 'beta'), number('eq', 1))), 'defgh'],

  ['gt of an indexed text', text('gt', 'alpha'), 'bgh'],
  ['ge of an indexed text', text('ge', 'alpha'), 'abgh'],
  ['lt of an indexed text', text('lt', 'alpha'), 'cd'],
  ['le of an indexed text', text('le', 'alpha'), 'acd'],
  ['lt of a text is not true of absence', plain('lt', 'zzz'), 'bcdegh'],
  ['gt of nothing: presence of a text', plain('gt', ''), 'bcegh'],
  ['gt of a number is not true of texts', count('gt', 1), 'be'],
  ['lt of a number', count('lt', 10), 'bc'],
  ['le of a number', count('le', 10), 'bce'],
  ['ge of an indexed number', number('ge', 1), 'abc'],
  ['order is by code point: the astral after the private', text('gt', '\ue000'), 'g'],
  ['a range', all(text('ge', 'a'), text('lt', 'b')), 'a'],
  ['an order of numbers on a path of mixed values', compare('ge', field('any'), 0), 'f'],
  ['an order of texts on a path of mixed values', compare('ge', field('any'), ''), 'h'],

  ['sw on an index', text('sw', 'al'), 'a'],
  ['sw by json', plain('sw', 'Alpha'), 'e'],
  ['sw of nothing is any text', text('sw', ''), 'abcdgh'],
  ['sw with an astral character', text('sw', '😀'), 'g'],
  ['ew', plain('ew', 'bet'), 'e'],
  ['ew with an astral character', plain('ew', '😀'), 'g'],
  ['ew longer than the value', plain('ew', 'xx beta'), ''],
  ['ew of nothing is any text', plain('ew', ''), 'bcdegh'],
  ['co', plain('co', 'pha'), 'e'],
  ['co on an index', text('co', 'et'), 'b'],
  ['co of nothing is any text', text('co', ''), 'abcdgh'],
  ['co knows no wildcards: %', plain('co', '%'), 'h'],
  ['co knows no wildcards: _', plain('co', '_o'), 'h'],
  ['co knows no patterns: .*', plain('co', '.*'), 'h'],
  ['co knows no patterns: [a]', plain('co', '[a]'), 'h'],
  ['co with a backslash', plain('co', '\\'), 'h'],
  ['sw with quotes', plain('ew', '"q" \'s\''), 'h'],
  ['letter case counts', plain('co', 'alphabet'), ''],

  ['pr of an indexed path', pr(field('text')), 'abcdgh'],
  ['pr of a boolean', pr(field('flag')), 'abd'],
  ['pr of an array', pr(many('tags')), 'adf'],
  ['pr of an object', pr(field(urn)), 'b'],
  ['pr within elements', pr([...many('items'), ...field('n')]), 'ae'],
  ['not pr', not(pr(field('text'))), 'ef'],
  ['not pr of an array', not(pr(many('items'))), 'bdfgh'],

  ['in', isIn(field('text'), ['beta', '', 'zz']), 'bd'],
  ['in of one', isIn(field('text'), ['beta']), 'b'],
  ['in of nothing', isIn(field('text'), []), ''],
  ['not in', not(isIn(field('text'), ['beta', '', 'alpha'])), 'cefgh'],
  ['in of an array', isIn(many('tags'), ['y', '$x']), 'af'],
  ['in of thousands', isIn(field('text'), [...Array.from({ length: 5000 }, (_, i) => `n${i}`), 'beta']), 'b'],

  ['an extension', is(field(urn, 'text'), 'beta'), 'b'],
  ['an extension, by json', is(field(urn, 'number'), 1), 'b'],
  ['a text of an array, by index', is(many('tags'), 'x'), 'ad'],
  ['sw in an array, by index', compare('sw', many('tags'), 'x'), 'adf'],
  ['co in an array', compare('co', many('tags'), '.'), 'f'],
  ['not eq in an array: no value equals', not(is(many('tags'), 'x')), 'bcefgh'],
  ['a value in elements, by index', is(itemValue, 'one'), 'ac'],
  ['two values of different elements', all(is(itemValue, 'one'), is(itemValue, 'two')), 'c'],
  ['a number in elements', compare('gt', [...many('items'), ...field('n')], 1), 'e'],
  ['arrays within arrays', is([...many('deep'), ...many('marks')], 'o'), 'd'],
  ['some: one element has both', some(many('items'), all(is(field('value'), 'one'), is(field('kind'), 'work'))), 'a'],
  ['some: of any kind', some(many('items'), is(field('kind'), 'work')), 'ace'],
  ['some with not: an element that is not', some(many('items'), not(is(field('kind'), 'work'))), 'c'],
  ['not some', not(some(many('items'), is(field('kind'), 'work'))), 'bdfgh'],
  ['some of everything: there is an element', some(many('items'), everything), 'ace'],
  ['some within some', some(many('deep'), is(many('marks'), 'n')), 'd'],
  ['some or another', or(some(many('items'), is(field('value'), 'two')), text('eq', 'beta')), 'bc'],

  ['or of indexed', or(text('eq', 'alpha'), is(many('tags'), '%'), is(field('id'), 'c')), 'acf'],
  ['or with an unindexed', or(text('eq', 'alpha'), plain('eq', 'x😀')), 'ag'],
  ['and of indexed and not', all(is(field('flag'), true), not(text('eq', 'alpha'))), 'd'],
  ['and of what excludes each other', all(text('eq', 'alpha'), text('eq', 'beta')), '']
]

/** Every operator, on paths with and without an index, and on values that are absent, texts, numbers and booleans. */
export async function filters(t: Test, { store }: Opened): Promise<void> {
  const tenant = fresh()
  await put(store, ...Object.entries(forms).map(([id, form]) => insert(things, tenant, { id, form })))

  await t.test('each filter finds what it says', async t => {
    for (const [name, filter, expected] of rows) {
      const found = await store.find(things, tenant, { filter, limit: 100 })
      t.equal(found.map(f => f.doc.id).join(''), expected, name)
      t.equal(await store.count(things, tenant, filter), expected.length, `count: ${name}`)
    }
  })

  await t.test('hundreds of comparisons, and comparisons nested deep, are answered', async t => {
    const names = Array.from({ length: 400 }, (_, i) => `n${i}`)
    const leaves = names.map((n, i) => (i % 2 ? plain('eq', n) : is(many('tags'), n)))
    const ids = async (filter: Filter) =>
      (await store.find(things, tenant, { filter, limit: 100 })).map(f => f.doc.id).join('')
    t.equal(await ids(or(...leaves, text('eq', 'beta'))), 'b')
    t.equal(await ids(all(...leaves.map(not), text('eq', 'beta'))), 'b')
    const deep = names.slice(0, 40).reduce(
      (part: Filter, n, i) => {
        return i % 2 ? or(text('eq', n), part) : all(not(plain('eq', n)), part)
      },
      text('eq', 'beta')
    )
    t.equal(await ids(deep), 'b')
    t.equal(await ids(not(deep)), 'acdefgh')
  })

  await t.test('values that mean something to an engine are only values', async t => {
    const odd = ["'", '"', '\\', '$ne', '{"$gt":""}', '%', 'a\u0000b', '--', ';drop table things', '?', ':a', '\u2028']
    const home = fresh()
    await put(
      store,
      ...odd.map((value, i) => insert(things, home, { id: `${i}`, form: { text: value, tags: [value], plain: value } }))
    )
    for (const [i, value] of odd.entries()) {
      for (const filter of [
        text('eq', value),
        plain('eq', value),
        is(many('tags'), value),
        plain('ew', value),
        text('sw', value)
      ]) {
        const found = await store.find(things, home, { filter, limit: 100 })
        t.same(
          found.map(f => f.doc.id),
          [`${i}`],
          `${filter.op} of value ${i}`
        )
      }
    }
  })
}
