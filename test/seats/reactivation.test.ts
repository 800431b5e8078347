/** spec/seats.md section 7: who comes back. */
import t from 'tap'
import { groupUrn, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import {
  byHand,
  choose,
  eventCount,
  events,
  license,
  setActive,
  settings,
  shownLicense,
  statuses,
  usage,
  view
} from './support.ts'

/** An inactive user who last held PAM. */
async function formerPam(server: TestServer, name: string): Promise<string> {
  const id = String((await byHand(server, name, 'PAM')).body.id)
  await setActive(server, id, false)
  return id
}

onBothStores(
  t,
  'SEAT-94 SEAT-95 who returns gets the former type, and where it is full the automatic choice, with an event that says so',
  async (t, server) => {
    const ada = await formerPam(server, 'ada')
    await setActive(server, ada, true)
    t.equal(await license(server, ada), 'PAM held', 'PWM is free too')
    t.equal((await view(server, ada)).license.spilledOver, false)

    await setActive(server, ada, false)
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    t.equal(shownLicense(await setActive(server, ada, true)), 'PWM held', 'PAM is full')
    const [latest] = await events(server, `action eq "seat.assigned" and target.id eq "${ada}"`)
    t.match(latest, { detail: { type: 'PWM', before: 'PAM' } })

    // The other way round: PWM is remembered and full, PAM is free.
    await setActive(server, ada, false)
    await setActive(server, ben, false)
    for (const name of ['cleo', 'dora', 'emil']) await provision(server, name)
    t.equal(await usage(server), 'PWM 3/3 PAM 1/2')
    t.equal(shownLicense(await setActive(server, ada, true)), 'PAM held')
    const [spilled] = await events(server, `action eq "seat.assigned" and target.id eq "${ada}"`)
    t.match(spilled, { detail: { type: 'PAM', before: 'PWM', reason: 'spillover_to_PAM' } })
    t.equal((await view(server, ada)).license.spilledOver, true)

    await setActive(server, ada, false)
    await settings(server, { seatSpillover: false })
    t.equal((await setActive(server, ada, true)).status, 200, 'PAM is what was held last')
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-96 SEAT-97 SEAT-98 with no seat free the no-seat answer, no attribute changed, and a later repeat succeeds',
  async (t, server) => {
    const ada = await provision(server, 'ada', { title: 'Before' })
    await setActive(server, ada, false)
    const ben = await provision(server, 'ben')
    const before = await server.scim('GET', `/Users/${ada}`)
    t.equal(await usage(server), 'PWM 1/1 PAM 1/1')
    const attempts: Record<string, () => ReturnType<typeof setActive>> = {
      PATCH: () =>
        server.scim(
          'PATCH',
          `/Users/${ada}`,
          patch({ op: 'replace', path: 'title', value: 'After' }, { op: 'replace', path: 'active', value: true })
        ),
      PUT: () => server.scim('PUT', `/Users/${ada}`, newUser('ada', { title: 'After', active: true }))
    }
    for (const [method, attempt] of Object.entries(attempts)) {
      const refused = await attempt()
      t.equal(refused.status, 403, method)
      t.equal(refused.headers['x-error-code'], 'seat_limit_reached')
      t.same(Object.keys(refused.body).sort(), ['detail', 'schemas', 'status'])
      t.same((await server.scim('GET', `/Users/${ada}`)).body, before.body, `${method}: nothing changed`)
    }
    for (const [method, attempt] of Object.entries(attempts)) {
      await setActive(server, ben, false)
      t.match(await attempt(), { status: 200, body: { active: true, title: 'After' } }, method)
      t.equal(await license(server, ada), 'PWM held')
      await setActive(server, ada, false)
      await setActive(server, ben, true)
    }
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=1' }
)

onBothStores(
  t,
  'SEAT-99 SEAT-104 ROLE-45 who returns has the roles and groups of before; Default roles are not given a second time',
  async (t, server) => {
    const never = await provision(server, 'never', { active: false })
    t.same((await view(server, never)).roles, ['user'], 'Default roles come with creation')
    const ada = await provision(server, 'ada')
    await server.api('PUT', `/users/${ada}/roles`, { roles: ['guest'] })
    await server.api('PUT', `/users/${never}/roles`, { roles: [] })
    const members = [{ value: ada }, { value: never }]
    const group = await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'Staff', members })
    const groups = async (id: string) => (await server.scim('GET', `/Users/${id}`)).body.groups

    t.match(await setActive(server, never, true), { status: 200 })
    t.equal(await license(server, never), 'PWM held', 'the automatic choice for who never had one')
    const before = [await view(server, ada), await groups(ada)] as const
    await setActive(server, ada, false)
    await setActive(server, ada, true)
    t.same((await view(server, ada)).roles, ['guest'])
    t.same((await view(server, never)).roles, [])
    t.same(await groups(ada), before[1])
    t.match(await groups(ada), [{ value: group.body.id, display: 'Staff', type: 'direct' }])
    t.equal((await view(server, ada)).license.type, before[0].license.type)
  }
)

onBothStores(
  t,
  'SEAT-100 SEAT-101 SEAT-102 active sent again, left out of a PUT, or off and on in one PATCH moves no seat',
  async (t, server) => {
    const ada = String((await byHand(server, 'ada', 'PAM')).body.id)
    const ben = await provision(server, 'ben')
    await setActive(server, ben, false)
    const [before, count] = [await view(server, ada), await eventCount(server)]
    server.clock.advance(5000)
    t.equal((await setActive(server, ada, true)).status, 200)
    t.equal((await server.api('POST', `/users/${ada}/activate`)).status, 200)
    t.equal((await server.api('POST', `/users/${ada}/activate`, { license: { type: 'PWM' } })).status, 200)
    t.same(await view(server, ada), before)
    t.equal(await eventCount(server), count, 'no event')

    t.match(await server.scim('PUT', `/Users/${ada}`, newUser('ada', { title: 'Boss' })), {
      status: 200,
      body: { active: true }
    })
    t.match(await server.scim('PUT', `/Users/${ben}`, newUser('ben', { title: 'Boss' })), {
      status: 200,
      body: { active: false }
    })
    t.equal(await license(server, ada), 'PAM held')
    t.equal(await license(server, ben), 'PWM released')

    const both = await server.scim(
      'PATCH',
      `/Users/${ada}`,
      patch({ op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'active', value: true })
    )
    t.match(both, { status: 200, body: { active: true } })
    t.equal(await license(server, ada), 'PAM held')
    t.same((await view(server, ada)).license, before.license)
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2')
    t.same(
      (await events(server, 'action eq "seat.released"')).map(({ target }) => target.id),
      [ben]
    )
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-103 one free seat, a create and a reactivation at the same time: one of them succeeds',
  async (t, server) => {
    for (let round = 0; round < 10; round++) {
      const back = await provision(server, `back${round}`)
      await setActive(server, back, false)
      const answers = await Promise.all([
        server.scim('POST', '/Users', newUser(`new${round}`)),
        setActive(server, back, true)
      ])
      t.equal(answers.filter(({ status }) => status === 403).length, 1, `${JSON.stringify(statuses(answers))}`)
      t.equal(await usage(server), 'PWM 1/1 PAM 1/1')
      await recount(t, server)
      const created = String(answers[0].body.id)
      await server.scim('DELETE', `/Users/${answers[0].status === 201 ? created : back}`)
    }
  },
  { seats: 'PWM=1,PAM=1' }
)

onBothStores(
  t,
  'SEAT-105 an administrator reactivates with the remembered type or another, and a full one is refused',
  async (t, server) => {
    const ada = await formerPam(server, 'ada')
    t.match(await server.api('POST', `/users/${ada}/activate`), {
      status: 200,
      body: { license: { type: 'PAM', state: 'held' } }
    })
    await server.api('POST', `/users/${ada}/suspend`)
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    for (const body of [undefined, {}, { license: { type: 'PAM' } }]) {
      const full = await server.api('POST', `/users/${ada}/activate`, body)
      t.match(full, { status: 409, body: { code: 'seat_limit_reached', licenseType: 'PAM', inUse: 2, capacity: 2 } })
      t.equal(await license(server, ada), 'PAM released', 'PWM is free, and is not put in its place')
    }
    const other = await server.api('POST', `/users/${ada}/activate`, { license: { type: 'PWM' } })
    t.match(other, { status: 200, body: { license: { type: 'PWM', state: 'held' } } })
    t.equal((await choose(server, ben, 'PWM')).status, 200)
    await recount(t, server)
  }
)
