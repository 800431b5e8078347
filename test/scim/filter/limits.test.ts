/** Hardening rule 7 and row F3: what blocked or crashed other parsers. */
import t from 'tap'
import { parseFilter, parsePath } from '../../../src/scim/filter/parse.ts'
import type { FilterLimits } from '../../../src/scim/filter/parsed.ts'
import { printFilter } from '../../../src/scim/filter/print.ts'
import { refusalOf } from './refusal.ts'

const times = (n: number, text: string, between = '') => Array(n).fill(text).join(between)
const deep = (n: number) => `${times(n, '(')}a eq 1${times(n, ')')}`
const ands = (n: number) => times(n, 'a eq 1', ' and ')
const quoted = (n: number) => `a eq "${times(n, 'x')}"`
const unlimited: Partial<FilterLimits> = { lengthMax: Infinity, comparisonsMax: Infinity, valueLengthMax: Infinity }

const almostReachedExceeded: [string, (n: number) => string, number][] = [
  ['parentheses', deep, 20],
  ['negations', n => `${times(n, 'not (')}a eq 1${times(n, ')')}`, 20],
  ['brackets', n => `${times(n - 1, '(')}e[a eq 1]${times(n - 1, ')')}`, 20],
  ['comparisons', ands, 100],
  ['comparisons in brackets', n => `e[${ands(n)}]`, 100],
  ['characters of a value', quoted, 1024],
  ['characters in all', n => `a eq 1${times(n - 6, ' ')}`, 4096]
]
for (const [name, make, max] of almostReachedExceeded) {
  t.test(`${name}: ${max} are read, one more is invalidFilter`, async t => {
    t.doesNotThrow(() => parseFilter(make(max - 1)))
    t.doesNotThrow(() => parseFilter(make(max)))
    t.match(
      refusalOf(() => parseFilter(make(max + 1))),
      {
        status: 400,
        scimType: 'invalidFilter',
        message: new RegExp(`^Expected at most ${max} `)
      }
    )
  })
}

t.test('the length of a value is that of its text, not of its escapes', async t => {
  t.doesNotThrow(() => parseFilter(`a eq "${times(400, '\\u00e9')}"`))
})

t.test('every limit can be set', async t => {
  t.doesNotThrow(() => parseFilter(deep(21), { depthMax: 21 }))
  t.doesNotThrow(() => parseFilter(ands(101), { comparisonsMax: 101 }))
  t.doesNotThrow(() => parseFilter(quoted(4100), { valueLengthMax: 4100, lengthMax: 5000 }))
  t.match(
    refusalOf(() => parseFilter('a eq 1', { lengthMax: 5 })),
    { scimType: 'invalidFilter' }
  )
  t.match(
    refusalOf(() => parsePath('abcdef', { lengthMax: 5 })),
    { scimType: 'invalidPath' }
  )
})

t.test('what is exponential or endless elsewhere is refused by a limit here', async t => {
  const corpus: [string, string][] = [
    ['5,000 alternatives', times(5000, '(a eq 1 or b eq 2)', ' and ')],
    ['50,000 dots', `${times(50_000, 'a.')} eq 1`],
    ['depth 5,000', deep(5000)],
    ['depth 5,000, never closed', times(5000, '(')],
    ['5,000 negations', times(5000, 'not (')],
    ['5,000 brackets', times(5000, 'a[')],
    ['a text of 1 MB', quoted(1 << 20)],
    ['a name of 1 MB', times(1 << 20, 'a')],
    ['1 MB of blanks', times(1 << 20, ' ')],
    ['1 MB of quotes', times(1 << 20, '"')],
    ['1 MB of backslashes', `a eq "${times(1 << 20, '\\')}`]
  ]
  for (const [name, text] of corpus) {
    t.match(
      refusalOf(() => parseFilter(text)),
      { status: 400, scimType: 'invalidFilter' },
      name
    )
    t.match(
      refusalOf(() => parsePath(text)),
      { status: 400, scimType: 'invalidPath' },
      name
    )
    // Without the limit of length the others, or the grammar, still end it: no stack overflow, no other error.
    t.match(
      refusalOf(() => parseFilter(text, { lengthMax: Infinity })),
      { status: 400, scimType: 'invalidFilter' },
      name
    )
  }
})

t.test('16 and-ed alternatives are 32 comparisons and no more', async t => {
  const text = times(16, '(a eq 1 or b eq 2)', ' and ')
  const filter = parseFilter(text)
  t.equal(JSON.stringify(filter).match(/"value"/g)?.length, 32)
  t.equal(printFilter(filter), text)
})

t.test('without limits the tree still grows with the text only', async t => {
  const filter = parseFilter(times(5000, '(a eq 1 or b eq 2)', ' and '), unlimited)
  t.equal(filter.op === 'and' && filter.parts.length, 5000)
  t.match(parseFilter(quoted(1 << 20), unlimited), { op: 'eq' })
  t.match(
    refusalOf(() => parseFilter(`${times(500_000, 'a.')} eq 1`, unlimited)),
    { scimType: 'invalidFilter' }
  )
})

t.test('injection corpus: a query operator is never read as one', async t => {
  for (const value of ['{"$ne":null}', '{"$gt":""}', '["a"]', '/.*/', "' or 1=1 --", '$where', '\u0000']) {
    t.match(
      refusalOf(() => parseFilter(`userName eq ${value}`)),
      { status: 400, scimType: 'invalidFilter' },
      value
    )
  }
  t.match(parseFilter('userName eq "{\\"$ne\\":null}"'), { value: '{"$ne":null}' })
})
