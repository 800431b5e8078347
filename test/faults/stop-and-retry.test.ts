/** R13 and R14: a server that stops, and answers that never arrive. */
import t from 'tap'
import { mongoOrSkip } from '../support/mongo.ts'
import { type Backend, mongoBackend, sqliteBackend } from './backend.ts'
import { loseAnswers } from './lost-answer.ts'
import { show } from './show.ts'
import { stopServer } from './stop-server.ts'

// Each round starts a server, which takes its time on a busy machine.
t.setTimeout(600_000)

t.test('on SQLite', async t => suite(t, sqliteBackend))

t.test('on MongoDB', async t => {
  const mongo = await mongoOrSkip(t)
  if (mongo !== undefined) await suite(t, async () => mongoBackend(mongo.uri), { stops: 2, answers: 10 })
})

async function suite(
  t: { test: typeof import('tap').test },
  backend: () => Promise<Backend>,
  { stops, answers } = { stops: 3, answers: 20 }
): Promise<void> {
  await t.test('R13 SIGTERM under load: readiness turns red first, and no request is dropped', async t => {
    show(t, await stopServer(await backend(), stops), { dropped: 0, 'exit max ms': 12_000 })
  })
  await t.test(
    'R14 SEAT-70 the answer is lost after the commit: the retry gets the same, and nothing is there twice',
    async t => {
      show(t, await loseAnswers(await backend(), answers))
    }
  )
}
