/**
 * Hardening row P1: random histories against a small model, on SQLite and MongoDB. Every answer has the status that the model
 * says, and what is there at any time is what the model has. `USHER_RUNS` sets the number of histories.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { auditEvents } from '../../src/audit/events.ts'
import { everyDoc, inspect } from '../faults/inspect.ts'
import { onBothStores, type TestServer } from '../support/app.ts'
import { capacity, inUse, type Model } from './history-model.ts'
import { rule } from './history-rules.ts'
import { clear, expected, perform, type Stage, shown } from './history-server.ts'
import { type Step, steps } from './history-steps.ts'

const runs = Number(process.env.USHER_RUNS ?? 150)
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)
const history = fc.array(steps, { minLength: 8, maxLength: 40, size: 'max' })
/** Everything is compared behind so many steps. */
const stepsBetween = 6

onBothStores(
  t,
  'P1 SEAT-08 SEAT-81 any history gives the answers and the state that the model gives, with one audit event for each change at least',
  async (t, server) => {
    let asked = 0
    const property = fc.asyncProperty(history, async history => {
      asked += await play(server, history)
    })
    await fc.assert(property, { numRuns: runs, verbose: 1 })
    t.pass(`${asked} steps of ${runs} histories`)
  },
  { seats: 'PWM=2,PAM=2' }
)

let histories = 0

/** @throws Error where the server and the model disagree. */
async function play(server: TestServer, history: readonly Step[]): Promise<number> {
  // Whoever made ids before in this millisecond, here they all come behind.
  server.clock.advance(1)
  const { stage, model } = await clear(server)
  const [newest] = await server.store.find(auditEvents, server.context.tenant, { limit: 1, newestFirst: true })
  const prefix = `history-${++histories}`
  const changed: string[] = []
  for (const [i, step] of history.entries()) {
    const id = `${prefix}-${i}`
    const before = usage(model)
    const answer = rule(model, step)
    const status = await perform(stage, step, id)
    agree(status, answer.status, `step ${i}, ${JSON.stringify(step)}`)
    if (answer.changed) changed.push(id)
    // Holders never grow past what was bought; a reduction or an end leaves them as many as they are.
    for (const [type, used] of usage(model)) {
      const most = Math.max(capacity(model, type), before.get(type) ?? 0)
      if (used > most) throw new Error(`step ${i}: ${used} ${type} of ${capacity(model, type)}`)
    }
    if (i % stepsBetween === stepsBetween - 1) await compare(stage, model, `after step ${i}`)
  }
  await compare(stage, model, 'at the end')
  agree(await inspect(server.store, { now: model.now, within: false }), [], 'in the store')
  const told = new Set((await everyDoc(server.store, auditEvents, newest?.doc.id)).map(({ requestId }) => requestId))
  agree(
    changed.filter(id => !told.has(id)),
    [],
    'changes without an audit event'
  )
  return history.length
}

const usage = (model: Model) => new Map((['PWM', 'PAM'] as const).map(type => [type, inUse(model, type)] as const))

async function compare(stage: Stage, model: Model, when: string): Promise<void> {
  const figures = (type: 'PWM' | 'PAM') => `${inUse(model, type)} of ${capacity(model, type)}`
  agree(await shown(stage), expected(model, figures), when)
}

function agree(is: unknown, should: unknown, where: string): void {
  if (isDeepStrictEqual(is, should)) return
  throw new Error(`${where}\n  is     ${JSON.stringify(is)}\n  should ${JSON.stringify(should)}`)
}
