/** spec/seats.md section 5: a seat that is not there is given to nobody, however many ask at once. */
import t from 'tap'
import { refusals } from '../../src/licensing/refusals.ts'
import { insert } from '../../src/store/port.ts'
import {
  type Answer,
  mongoStore,
  newUser,
  onBothStores,
  patch,
  provision,
  sqliteStore,
  startServer,
  type TestServer,
  userUrn
} from '../support/app.ts'
import { recount } from '../support/recount.ts'
import {
  byHand,
  changePurchase,
  choose,
  events,
  filterPath,
  license,
  names,
  setActive,
  settings,
  statuses,
  usage,
  view
} from './support.ts'

const create = (server: TestServer, userName: string, more = {}) =>
  server.scim('POST', '/Users', newUser(userName, more))

async function full(server: TestServer): Promise<void> {
  for (const name of names('seated', 4)) await provision(server, name)
}

onBothStores(
  t,
  'SEAT-59 SEAT-60 SEAT-61 SEAT-62 a full type is given to nobody by any path, and the other is not put in its place',
  async (t, server) => {
    const pwm = await provision(server, 'ada')
    const pam = String((await byHand(server, 'ben', 'PAM')).body.id)
    t.equal(await usage(server), 'PWM 1/1 PAM 2/3')
    t.match(await byHand(server, 'cleo', 'PWM'), {
      status: 409,
      body: { code: 'seat_limit_reached', licenseType: 'PWM' }
    })
    t.match(await choose(server, pam, 'PWM'), { status: 409, body: { code: 'seat_limit_reached' } })
    t.equal(await usage(server), 'PWM 1/1 PAM 2/3', 'PAM is free, and was not given instead')
    t.equal((await byHand(server, 'dora', 'PAM')).status, 201)

    t.match(await byHand(server, 'emil', 'PAM'), {
      status: 409,
      body: { code: 'seat_limit_reached', licenseType: 'PAM' }
    })
    t.match(await choose(server, pwm, 'PAM'), { status: 409, body: { code: 'seat_limit_reached' } })
    t.equal((await create(server, 'fay')).status, 403)
    const imported = await server.request(
      {
        method: 'POST',
        url: '/api/v1/users/import',
        payload: 'userName,license\ngus,PAM\nhana,PWM\n',
        headers: { 'content-type': 'text/csv' }
      },
      server.adminKey
    )
    t.match(imported.body, { created: 0, rows: [{ error: { code: 'seat_limit_reached' } }, { error: {} }] })
    const { body } = await server.scim('GET', '/Users')
    t.equal(body.totalResults, 4, 'admin, ada, ben, dora')
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=3' }
)

onBothStores(
  t,
  'SEAT-63 SEAT-64 SEAT-65 SEAT-66 SEAT-67 SEAT-68 SEAT-69 the no-seat answer, and the same POST once a seat is free',
  async (t, server) => {
    await full(server)
    const refused = await create(server, 'late', { externalId: 'x-1' })
    t.equal(refused.status, 403)
    t.match(refused.headers, {
      'x-error-code': 'seat_limit_reached',
      'content-type': /^application\/scim\+json/
    })
    t.same(Object.keys(refused.body).sort(), ['detail', 'schemas', 'status'])
    t.same(refused.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'])
    t.equal(refused.body.status, '403')
    const detail = String(refused.body.detail)
    t.match(detail, /^No license seat is free/)
    t.match(detail, /PWM 3 of 3/)
    t.match(detail, /PAM 2 of 2/)
    t.match(detail, /free a seat .* or buy/)
    t.equal(detail.match(/[.!?](?=\s|$)/g)?.length, 1, 'one sentence')
    t.equal(refused.headers['retry-after'], undefined)

    for (const filter of ['userName eq "late"', 'externalId eq "x-1"']) {
      t.equal((await server.scim('GET', filterPath('/Users', filter))).body.totalResults, 0, filter)
    }
    t.equal((await create(server, 'late', { externalId: 'x-1' })).status, 403, 'again')
    const { body } = await server.scim<{ Resources: { id: string }[] }>(
      'GET',
      filterPath('/Users', 'userName eq "seated0"')
    )
    await server.scim('DELETE', `/Users/${body.Resources[0]?.id}`)
    const seated = await create(server, 'late', { externalId: 'x-1' })
    t.equal(seated.status, 201)
    t.equal(await license(server, String(seated.body.id)), 'PWM held')
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-70 SEAT-71 SEAT-72 a name taken, a bad token and a broken body are told first, full or not',
  async (t, server) => {
    const ada = await provision(server, 'ada', { title: 'First' })
    const again = await create(server, 'ADA', { title: 'Second' })
    t.match(again, { status: 409, body: { scimType: 'uniqueness', status: '409' } })
    t.equal((await view(server, ada)).attributes.title, 'First')
    t.equal(await usage(server), 'PWM 1/3 PAM 1/2', 'no second seat')

    for (const name of names('seated', 3)) await provision(server, name)
    t.equal((await create(server, 'late')).status, 403, 'full')
    t.match(await create(server, 'Ada'), { status: 409, body: { scimType: 'uniqueness' } })
    const user = JSON.stringify(newUser('late'))
    const send = (payload: string, token: string) =>
      server.request(
        { method: 'POST', url: '/scim/v2/Users', payload, headers: { 'content-type': 'application/scim+json' } },
        token
      )
    const answers: [string, number, Answer][] = [
      ['an unknown token', 401, await send(user, 'usher_scim_wrong')],
      ['broken JSON', 400, await send(user.slice(0, -3), server.scimToken)],
      ['no userName', 400, await send(JSON.stringify({ schemas: [userUrn] }), server.scimToken)],
      ['an array', 400, await send('[]', server.scimToken)]
    ]
    for (const [what, status, answer] of answers) {
      t.equal(answer.status, status, what)
      t.notMatch(answer.text, /seat/i, what)
      t.not(answer.headers['x-error-code'], 'seat_limit_reached', what)
    }
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-73 who is refused again and again has one open entry with first, last and count, closed with the seat',
  async (t, server) => {
    await full(server)
    const refusals = async () => {
      const { body } = await server.api<{ items: object[] }>('GET', '/seats/refusals')
      return body.items
    }
    t.same(await refusals(), [])
    for (const name of ['late', 'Late', 'LATE']) {
      t.equal((await create(server, name)).status, 403)
      server.clock.advance(60 * 60 * 1000)
    }
    t.equal((await create(server, 'other')).status, 403)
    t.match(await refusals(), [
      {
        userName: 'late',
        first: '2026-11-21T09:00:00.000Z',
        last: '2026-11-21T11:00:00.000Z',
        attempts: 3,
        open: true,
        closed: null
      },
      { userName: 'other', attempts: 1, open: true }
    ])
    t.equal((await events(server, 'action eq "seat.refused"')).length, 2, 'one event each, not one for each retry')

    const { body } = await server.scim<{ Resources: { id: string }[] }>(
      'GET',
      filterPath('/Users', 'userName eq "seated0"')
    )
    await setActive(server, String(body.Resources[0]?.id), false)
    t.equal((await create(server, 'late')).status, 201)
    t.match(await refusals(), [
      { userName: 'late', attempts: 3, open: false, closed: '2026-11-21T12:00:00.000Z' },
      { userName: 'other', open: true }
    ])
    const open = await server.api<{ items: object[] }>('GET', filterPath('/seats/refusals', 'open eq true'))
    t.match(open.body.items, [{ userName: 'other' }])
    t.match(
      await events(server, 'action eq "seat.refusalClosed"'),
      [{ actor: { kind: 'system' }, target: { name: 'late' } }],
      'by nobody who only looked'
    )
  }
)

onBothStores(t, 'SEAT-73 however many entries are open, that of who got a seat is closed', async (t, server) => {
  const { store, context } = server
  const at = server.clock.now()
  const entry = (userName: string) => {
    const doc = { id: userName, userName, first: at, last: at, attempts: 1, closed: null, detail: 'No seat was free.' }
    return insert(refusals, context.tenant, doc)
  }
  const entries = [...names('late', 1000), 'zoe'].map(entry)
  t.equal(await store.commit(entries, { id: server.env.makeId() }), 'committed')
  await provision(server, 'zoe')
  const shown = await server.api('GET', filterPath('/seats/refusals', 'userName eq "zoe"'))
  t.match(shown.body, { items: [{ userName: 'zoe', open: false }] })
})

onBothStores(
  t,
  'SEAT-74 many creates for few seats: as many succeed as there are seats, and the rest is told so',
  async (t, server) => {
    const answers = await Promise.all(names('user', 60).map(name => create(server, name)))
    t.same(statuses(answers), { 201: 7, 403: 53 })
    t.ok(answers.every(({ status, headers }) => status === 201 || headers['x-error-code'] === 'seat_limit_reached'))
    t.equal(await usage(server), 'PWM 7/7 PAM 1/1')
    await recount(t, server)
  },
  { seats: 'PWM=7,PAM=1' }
)

onBothStores(
  t,
  'SEAT-75 SEAT-87 many creates over several servers on one database; a seat freed at one is seen at the next at once',
  async (t, server) => {
    const servers = [server, await server.another(), await server.another()] as const
    const [, second, third] = servers
    const answers = await Promise.all(
      names('user', 60).map((name, i) => create(servers[i % servers.length] ?? server, name))
    )
    t.same(statuses(answers), { 201: 9, 403: 51 })
    for (const one of servers) t.equal(await usage(one), 'PWM 6/6 PAM 4/4')
    await recount(t, server)

    const held = answers.filter(({ status }) => status === 201).map(({ body }) => String(body.id))
    for (const [i, id] of held.slice(0, 4).entries()) {
      const released = await (i % 2 === 0 ? setActive(second, id, false) : second.scim('DELETE', `/Users/${id}`))
      t.ok(released.status < 300)
      t.equal((await create(third, `next${i}`)).status, 201)
      t.equal((await create(server, `none${i}`)).status, 403)
    }
    t.equal((await changePurchase(second, 'PWM', { quantity: 7 })).status, 200)
    t.equal((await create(third, 'bought')).status, 201, 'a seat bought at one is given by the next')
    await recount(t, server)
  },
  { seats: 'PWM=6,PAM=4' }
)

onBothStores(
  t,
  'SEAT-76 with both types free, all PWM seats go before the first PAM seat',
  async (t, server) => {
    const few = await Promise.all(names('few', 9).map(name => create(server, name)))
    t.same(statuses(few), { 201: 9 })
    t.equal(await usage(server), 'PWM 9/12 PAM 1/6', 'no PAM seat while PWM seats remain')
    const many = await Promise.all(names('many', 40).map(name => create(server, name)))
    t.same(statuses(many), { 201: 8, 403: 32 })
    t.equal(await usage(server), 'PWM 12/12 PAM 6/6')
    const spilled = await events(server, 'action eq "seat.assigned"')
    t.equal(spilled.filter(({ detail }) => detail.reason === 'spillover_to_PAM').length, 5)
    await recount(t, server)
  },
  { seats: 'PWM=12,PAM=6' }
)

/** What a day at a company comes to, without ids and times. */
async function aDay(server: TestServer): Promise<unknown[]> {
  const seen: unknown[] = []
  const note = (answer: Answer) => {
    const { detail, scimType, code } = answer.body ?? {}
    seen.push([answer.status, code ?? scimType ?? null, answer.headers['x-error-code'] ?? null, detail ?? null])
    return String(answer.body?.id ?? '')
  }
  // Events of the activation are older than those of the day: two makers of ids agree on milliseconds only.
  server.clock.advance(1000)
  const ids: Record<string, string> = {}
  for (const name of ['ada', 'ben', 'cleo', 'dora', 'emil']) ids[name] = note(await create(server, name))
  note(await create(server, 'ADA'))
  note(await byHand(server, 'fay', 'PAM'))
  note(await setActive(server, ids.ada ?? '', false))
  note(await create(server, 'emil'))
  note(await setActive(server, ids.ada ?? '', 'True'))
  note(await choose(server, ids.dora ?? '', 'PWM'))
  note(await changePurchase(server, 'PWM', { quantity: 1 }))
  note(await server.scim('PATCH', `/Users/${ids.ben}`, patch({ op: 'remove', path: 'userName' })))
  note(await server.scim('DELETE', `/Users/${ids.ben}`))
  note(await server.scim('DELETE', `/Users/${ids.ben}`))
  note(await create(server, 'gus'))
  await settings(server, { seatSpillover: false })
  note(await create(server, 'hana'))
  const { body } = await server.scim<{ totalResults: number }>('GET', filterPath('/Users', 'active eq true'))
  seen.push(await usage(server), body.totalResults)
  for (const { action, target, detail } of await events(server, 'id pr'))
    seen.push([action, target.kind, Object.keys(detail)])
  return seen
}

t.test('SEAT-81 the same day comes to the same answers on both stores', async t => {
  const mongo = await mongoStore(t)
  if (mongo === undefined) return
  const embedded = await startServer(t, await sqliteStore(t))
  t.same(await aDay(await startServer(t, mongo)), await aDay(embedded))
})
