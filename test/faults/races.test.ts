/** R9 and R10 over real sockets: many clients want to change one group, or to have one of a few seats. */
import t from 'tap'
import { mongoOrSkip } from '../support/mongo.ts'
import { mongoBackend, sqliteBackend } from './backend.ts'
import { byReadModifyWrite, raceForGroup } from './group-race.ts'
import { patchLargeGroup } from './large-group.ts'
import { raceForSeats } from './seat-race.ts'
import { seen, show } from './show.ts'

// Each round starts a server, which takes its time on a busy machine.
t.setTimeout(600_000)

t.test('on SQLite', async t => {
  await t.test('R9 fifty changes of one group at once: none is lost', async t => {
    show(t, await raceForGroup(await sqliteBackend(), 5), { '5xx and 429': 0 })
    const outcome = await raceForGroup(await sqliteBackend(), 5, { writer: byReadModifyWrite })
    seen(t, outcome, /members are lost/)
  })
  await t.test('R9 sixteen writers of one group of 2,000: no member is lost, none is there twice', async t => {
    show(t, await patchLargeGroup(await sqliteBackend(), 2000))
  })
  await t.test('R10 SEAT-74 SEAT-76 a thousand users for fifty seats: fifty get one, PWM first', async t => {
    show(t, await raceForSeats(await sqliteBackend()))
  })
})

t.test('on MongoDB', async t => {
  const mongo = await mongoOrSkip(t)
  if (mongo === undefined) return
  await t.test('R9 fifty changes of one group at once, over two processes: none is lost', async t => {
    show(t, await raceForGroup(mongoBackend(mongo.uri), 5, { servers: 2 }))
  })
  await t.test('R9 sixteen writers of one group of 2,000, over two processes', async t => {
    show(t, await patchLargeGroup(mongoBackend(mongo.uri), 2000, { servers: 2 }))
  })
  await t.test('R10 SEAT-75 the same over two processes, while users come back and change licenses', async t => {
    show(t, await raceForSeats(mongoBackend(mongo.uri), { servers: 2, mixed: true }))
  })
})
