import t from 'tap'
import { activate } from '../../src/admin/activate.ts'
import { tidy } from '../../src/admin/housekeeping.ts'
import { keptAnswerMs, keptAnswers } from '../../src/audit/operate.ts'
import { newUser, onBothStores } from '../support/app.ts'

onBothStores(t, 'answers kept for a repeat are forgotten after a day, in every organization', async (t, server) => {
  const { store, env, clock } = server
  await tidy(env)
  const other = await activate(env, { seats: { PWM: 5, PAM: 0 } }, env.makeId())
  const tokens = [server.scimToken, other?.scimToken]
  const create = (token: string | undefined, userName: string, key: string) =>
    server.request(
      { method: 'POST', url: '/scim/v2/Users', payload: newUser(userName), headers: { 'idempotency-key': key } },
      token
    )
  const ids: unknown[] = []
  for (const token of tokens) ids.push((await create(token, 'ada', 'first')).body.id)
  clock.advance(keptAnswerMs)
  await tidy(env)
  for (const [i, token] of tokens.entries()) {
    t.match(await create(token, 'ada', 'first'), { status: 201, body: { id: ids[i] } }, 'still known')
    t.equal((await create(token, 'ben', 'second')).status, 201)
  }
  clock.advance(1)
  await tidy(env)
  for (const token of tokens) {
    t.equal((await create(token, 'ada', 'first')).status, 409, 'a day and a moment later it is a request of its own')
    t.equal((await create(token, 'ben', 'second')).status, 201, 'and that of today is still known')
  }
  t.equal((await store.find(keptAnswers, server.context.tenant, { limit: 10 })).length, 1)
})
