import t from 'tap'
import { type FileResult, lastLine, none, sum, tapResults } from '../scripts/tap-results.ts'

function read(output: string): FileResult[] {
  const files: FileResult[] = []
  const take = tapResults(file => files.push(file))
  for (const line of `TAP version 14\n${output}\n# time=1ms`.split('\n')) take(line)
  return files
}

t.test('assertions count, the subtests around them do not', async t => {
  const files = read(`# Subtest: test/a.test.ts
    # Subtest: outer
        ok 1 - one
        # Subtest: inner
            ok 1 - two
            1..1
        ok 2 - inner # time=1.5ms
        ok 3 - three # SKIP no database
        not ok 4 - four # TODO
        1..4
    ok 1 - outer # time=3ms
    1..1
ok 1 - test/a.test.ts # time=7.5ms
# Subtest: test/b.test.ts
    ok 1 - five
    1..1
ok 2 - test/b.test.ts # time=2ms`)
  t.same(files, [
    { name: 'test/a.test.ts', passed: 2, failed: 0, skipped: 2, ms: 7.5, failures: [] },
    { name: 'test/b.test.ts', passed: 1, failed: 0, skipped: 0, ms: 2, failures: [] }
  ])
})

t.test('a subtest that asserts nothing and ends well counts once', async t => {
  const [result] = read(`# Subtest: test/a.test.ts
    # Subtest: a property
        1..0
    ok 1 - a property # time=1ms
    1..1
ok 1 - test/a.test.ts # time=2ms`)
  t.match(result, { passed: 1, failed: 0 })
})

t.test('a failed assertion counts once, with its details, and not again for what is around it', async t => {
  const [result] = read(`# Subtest: test/a.test.ts
    # Subtest: outer
        not ok 1 - number \\#1 is two
          ---
          diff: |
            --- expected
            +++ actual
            not ok 7 - this is part of a text
          ...
        ok 2 - fine
        1..2
    not ok 1 - outer # time=3ms
      ---
      at: elsewhere
      ...
    1..1
not ok 1 - test/a.test.ts # time=7ms
  ---
  exitCode: 1
  ...`)
  t.match(result, { passed: 1, failed: 1 })
  t.same(result?.failures, [
    {
      title: 'test/a.test.ts > outer > number #1 is two',
      text: 'diff: |\n  --- expected\n  +++ actual\n  not ok 7 - this is part of a text\n'
    }
  ])
})

t.test('a file that ends badly although all in it passed is a failure', async t => {
  const [result] = read(`# Subtest: test/a.test.ts
    ok 1 - fine
    1..1
not ok 1 - test/a.test.ts # time=7ms
  ---
  exitCode: 3
  ...`)
  t.match(result, { passed: 1, failed: 1, failures: [{ title: 'test/a.test.ts', text: 'exitCode: 3\n' }] })
})

t.test('a file that never got to a test is a failure', async t => {
  const [one] = read(`# Subtest: test/a.test.ts
    1..0 # no tests found
not ok 1 - test/a.test.ts # time=7ms`)
  t.match(one, { passed: 0, failed: 1 })
  const [two] = read('not ok 1 - test/a.test.ts # time=7ms')
  t.match(two, { name: 'test/a.test.ts', passed: 0, failed: 1 })
})

t.test('a file that took too long is a failure under its own name', async t => {
  const [result] = read(`not ok 1 - timeout!
  ---
  expired: test/a.test.ts
  ...
`)
  t.match(result, { name: 'test/a.test.ts', passed: 0, failed: 1 })
})

t.test('a file that is skipped as a whole is skipped', async t => {
  const skipped = { name: 'test/a.test.ts', passed: 0, failed: 0, skipped: 1 }
  t.match(read('ok 1 - test/a.test.ts # SKIP no database')[0], skipped)
  t.match(
    read(`# Subtest: test/a.test.ts
    1..0 # no database
ok 1 - test/a.test.ts # SKIP no database`)[0],
    skipped
  )
})

t.test('a subtest whose head tap leaves out counts in the same way', async t => {
  const [result] = read(`# Subtest: test/a.test.ts
    # Subtest: first {
        ok 1 - {
        1..1
    ok 1 - first { # time=3ms
        ok 1 - one
        not ok 2 - two
        1..2
    not ok 2 - buffered # time=3ms
    1..2
not ok 1 - test/a.test.ts # time=7ms`)
  t.match(result, { passed: 2, failed: 1, failures: [{ title: 'test/a.test.ts > two' }] })
  t.equal(result?.failures.length, 1)
})

t.test('the last line names what was skipped only where something was', async t => {
  t.equal(lastLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  t.equal(lastLine(sum([none, { passed: 3, failed: 1, skipped: 2 }])), '3 passed, 1 failed, 2 skipped')
})
