import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { gather } from '../../src/base/gather.ts'
import { kept } from '../../src/base/kept.ts'

/** Questions are answered when they are told to be: with themselves, doubled. */
function scene(limits: { activeMax: number; togetherMax: number }) {
  const asked: number[][] = []
  const ends: Array<{ resolve: () => void; reject: (error: Error) => void }> = []
  const ask = gather(
    async (questions: readonly number[]) => {
      asked.push([...questions])
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      ends.push({ resolve, reject })
      await promise
      return questions.map(n => n * 2)
    },
    { laneOf: n => (n < 100 ? 'low' : 'high'), ...limits }
  )
  const end = async (n: number, error?: Error) => {
    if (error === undefined) ends[n]?.resolve()
    else ends[n]?.reject(error)
    await turn()
  }
  return { asked, ask, end }
}

t.test('what is asked in one breath, or while enough is under way, is asked together', async t => {
  const { asked, ask, end } = scene({ activeMax: 1, togetherMax: 3 })
  const first = [ask(1), ask(2)]
  await turn()
  const later = [ask(3), ask(4), ask(5), ask(6)]
  const other = ask(100)
  await turn()
  t.same(asked, [[1, 2], [100]], 'another lane does not wait')
  await end(0)
  t.same(asked.slice(2), [[3, 4, 5]])
  await end(2)
  await end(3)
  await end(1)
  t.same(await Promise.all([...first, ...later, other]), [2, 4, 6, 8, 10, 12, 200])
})

t.test('what goes wrong is told to those who were asked for together, and nobody else', async t => {
  const { ask, end } = scene({ activeMax: 1, togetherMax: 2 })
  const all = [ask(1), ask(2), ask(3)].map(answer => answer.catch((error: Error) => error.message))
  await turn()
  await end(0, new Error('no'))
  await end(1)
  t.same(await Promise.all(all), ['no', 'no', 6])
})

t.test('what is kept is read once in its time, and again when it is forgotten or wanted fresh', async t => {
  let now = 0
  let reads = 0
  const place = { store: {}, clock: { now: () => now } }
  const { of, forget } = kept(async (_place: typeof place, tenant: string) => `${tenant}${++reads}`, 1000)
  t.same(await Promise.all([of(place, 'a'), of(place, 'a'), of(place, 'b')]), ['a1', 'a1', 'b2'])
  now = 999
  t.equal(await of(place, 'a'), 'a1')
  t.same(
    await Promise.all([of(place, 'a', { fresh: true }), of(place, 'a', { fresh: true })]),
    ['a3', 'a3'],
    'together, by those who want it at once'
  )
  forget(place, 'a')
  t.equal(await of(place, 'a'), 'a4')
  now = 2500
  t.equal(await of(place, 'a'), 'a5')
  t.equal(await of({ ...place, store: {} }, 'a'), 'a6', 'each store has its own')
})

t.test('what could not be read is not kept', async t => {
  let reads = 0
  const place = { store: {}, clock: { now: () => 0 } }
  const { of } = kept(async () => {
    if (++reads === 1) throw new Error('away')
    return reads
  }, 1000)
  await t.rejects(of(place, 'a'), /away/)
  t.equal(await of(place, 'a'), 2)
})
