import t from 'tap'
import { idsInSpec, idsInTitles } from '../scripts/coverage-of-spec.ts'

// Put together here, so that this file does not claim to prove them.
const seat = (n: number) => ['SEAT', String(n).padStart(2, '0')].join('-')

t.test('ids count in titles: behind test(, and in texts that begin with one', async t => {
  const source = `
    t.test('one seat left (${seat(74)}, ${seat(75)})', async () => {})
    t.test(
      \`${seat(10)} over \${n} lines\`, async () => {})
    accept('*/*')
    const rows = [['${seat(11)} ${seat(12)} a row', 1], ["${seat(13)}: another", 2]]
  `
  t.same(idsInTitles(source), [74, 75, 10, 11, 12, 13].map(seat))
})

t.test('ids elsewhere do not count', async t => {
  const source = `
    // t.test('${seat(1)}')
    /* '${seat(2)} a title' */
    const url = 'http://example.org/${seat(3)}' // '${seat(4)}'
    t.equal(detail, 'as ${seat(5)} says')
    accept('*/*') // '${seat(6)}'
    const quote = /["']/
  `
  t.same(idsInTitles(source), [])
})

t.test('a statement is a row that begins with its id, unless withdrawn', async t => {
  const spec = `
| Id | Statement | Source | Tag |
| ${seat(1)} | Given ${seat(9)}, when, then | a.txt | seed |
| ${seat(2)} | Given, when, then | a.txt | withdrawn |
| Question | ${seat(3)} |
${seat(4)} in a sentence`
  t.same(idsInSpec(spec), [seat(1)])
})
