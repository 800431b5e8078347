/** Who may write now, and with whom, without a database. */
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { type Limits, limitsDefault, turnstile } from '../../src/store/mongo/turnstile.ts'

/** A turnstile whose work ends when it is told to, with what went together in the order in which it began. */
function scene(limits: Partial<Limits> = {}) {
  const begun: string[][] = []
  const ends: Array<{ resolve: (answers: readonly string[]) => void; reject: (error: Error) => void }> = []
  const work = (entrants: readonly { readonly id: string }[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    begun.push(entrants.map(({ id }) => id))
    ends.push({ resolve, reject })
    return promise
  }
  const { pass, empty } = turnstile(work, answer => answer.endsWith('written'), { ...limitsDefault, ...limits })
  /** `keys`: a key with the version it was decided on, or alone. */
  const enter = (id: string, keys: Readonly<Record<string, number | undefined>> = {}, changes = 1) =>
    pass({
      id,
      changes: Array.from({ length: changes }),
      holds: Object.entries(keys).map(([key, version]) => ({
        key,
        collection: 'things',
        ...(version === undefined ? {} : { version })
      }))
    })
  /** Ends the n-th work: each of its entrants gets its name and `answer`. */
  const end = async (n: number, answer = 'written') => {
    ends[n]?.resolve((begun[n] ?? []).map(id => `${id} ${answer}`))
    await turn()
  }
  return { begun, ends, enter, end, empty }
}

t.test('what arrives while as many as may are under way goes together, as soon as one of them is done', async t => {
  const { begun, enter, end, empty } = scene({ activeMax: 2 })
  const all = ['a', 'b', 'c', 'd', 'e'].map(id => enter(id))
  t.same(begun, [['a'], ['b']])
  await end(0)
  t.same(begun, [['a'], ['b'], ['c', 'd', 'e']])
  await end(1)
  await end(2)
  t.same(await Promise.all(all), ['a written', 'b written', 'c written', 'd written', 'e written'])
  await empty()
})

t.test('so many commits and so many changes go together at most', async t => {
  const { begun, enter, end } = scene({ activeMax: 1, togetherMax: 2, changesMax: 10 })
  for (const [id, changes] of Object.entries({ a: 1, b: 1, c: 1, d: 50, e: 8, f: 3 })) void enter(id, {}, changes)
  for (let n = 0; n < 5; n++) await end(n)
  t.same(begun, [['a'], ['b', 'c'], ['d'], ['e'], ['f']])
})

t.test(
  'who wants a document to himself waits for whoever has it, in order of arrival; the others do not wait',
  async t => {
    const { begun, enter, end } = scene({ activeMax: 9 })
    void enter('a', { x: 1, y: 1 })
    void enter('b', { y: 5, z: 1 })
    void enter('c', { z: 7 })
    void enter('d', { w: 1 })
    t.same(begun, [['a'], ['d']])
    await end(0, 'lost')
    t.same(begun, [['a'], ['d'], ['b']])
    await end(2, 'lost')
    t.same(begun, [['a'], ['d'], ['b'], ['c']])
  }
)

t.test('those who write beside others go together, and never with one who wants the document to himself', async t => {
  const { begun, enter, end } = scene({ activeMax: 1 })
  void enter('first')
  for (const id of ['a', 'b']) void enter(id, { group: undefined })
  void enter('alone', { group: 3 })
  void enter('c', { group: undefined })
  void enter('other', { another: 1 })
  await end(0)
  t.same(begun.slice(1), [['a', 'b', 'other']])
  await end(1)
  t.same(begun.slice(2), [['alone']])
  await end(2)
  t.same(begun.slice(3), [['c']])
})

t.test('who waits with a version that has been replaced learns it without asking the database', async t => {
  const { begun, enter, end } = scene({ activeMax: 1 })
  void enter('winner', { seat: 4 })
  const late = enter('late', { user: 1, seat: 4 })
  const newer = enter('newer', { seat: 5 })
  const beside = enter('beside', { seat: undefined })
  await end(0)
  t.same(await late, { outdated: { key: 'seat', collection: 'things', version: 4 } })
  t.same(begun, [['winner'], ['newer']])
  await end(1, 'lost')
  t.equal(await newer, 'newer lost')
  await end(2)
  t.equal(await beside, 'beside written')
})

t.test('who did not write turns nobody away', async t => {
  const { enter, end } = scene({ activeMax: 1 })
  void enter('loser', { seat: 4 })
  const next = enter('next', { seat: 4 })
  await end(0, 'lost')
  await end(1)
  t.equal(await next, 'next written')
})

t.test('beyond the limit of those inside the answer is "full" at once', async t => {
  const { enter, end, empty } = scene({ activeMax: 1, insideMax: 2 })
  const [a, b] = [enter('a'), enter('b')]
  t.equal(await enter('c'), 'full')
  await end(0)
  await end(1)
  t.same(await Promise.all([a, b]), ['a written', 'b written'])
  await empty()
  const d = enter('d')
  await end(2)
  t.equal(await d, 'd written')
})

t.test('work that fails gives its place and its keys back', async t => {
  const { ends, enter, end } = scene({ activeMax: 1 })
  const failing = enter('failing', { x: 1 })
  const next = enter('next', { x: 1 })
  ends[0]?.reject(new Error('no'))
  await t.rejects(failing, /no/)
  await end(1)
  t.equal(await next, 'next written')
})
