/** Who may write now, without a database. */
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { turnstile } from '../../src/store/mongo/turnstile.ts'

/** Work that ends when it is told to. */
function held(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = async () => {
    log.push(`${name} begins`)
    await promise
    log.push(`${name} ends`)
    return name
  }
  return { work, end: resolve }
}

t.test('those with a common key go one behind the other, in order of arrival; the others do not wait', async t => {
  const log: string[] = []
  const { pass, empty } = turnstile()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => held(log, name))
  if (!a || !b || !c || !d) return
  const all = [pass(['x', 'y'], a.work), pass(['y', 'z'], b.work), pass(['z'], c.work), pass(['w'], d.work)]
  await turn()
  t.same(log, ['a begins', 'd begins'])
  for (const { end } of [c, b, a, d]) end()
  t.same(await Promise.all(all), ['a', 'b', 'c', 'd'])
  t.same(
    log.filter(line => !line.startsWith('d')),
    ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']
  )
  await empty()
})

t.test('only so many go at once, and beyond the limit of those inside the answer is "full" at once', async t => {
  const log: string[] = []
  const { pass, empty } = turnstile({ activeMax: 2, insideMax: 3 })
  const works = ['a', 'b', 'c', 'd'].map(name => held(log, name))
  const all = works.map(({ work }) => pass([], work))
  t.equal(await all[3], 'full')
  await turn()
  t.same(log, ['a begins', 'b begins'])
  works[0]?.end()
  await all[0]
  await turn()
  t.same(log, ['a begins', 'b begins', 'a ends', 'c begins'])
  for (const { end } of works) end()
  await empty()
  t.equal(await pass([], async () => 'free again'), 'free again')
})

t.test('work that fails gives its place and its keys back', async t => {
  const { pass } = turnstile({ activeMax: 1, insideMax: 2 })
  const failing = pass(['x'], async () => {
    throw new Error('no')
  })
  const next = pass(['x'], async () => 'yes')
  await t.rejects(failing, /no/)
  t.equal(await next, 'yes')
})
