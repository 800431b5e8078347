/** spec/seats.md section 6: a seat that is not needed is free in the same moment. */
import t from 'tap'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import {
  byHand,
  changePurchase,
  eventCount,
  events,
  figures,
  filterPath,
  license,
  setActive,
  shownLicense,
  usage,
  view
} from './support.ts'

/** Every way in which a user stops to need a seat. */
const ways: readonly [
  string,
  (server: TestServer, id: string, name: string) => Promise<{ readonly status: number }>
][] = [
  ['SCIM PATCH with active false', (server, id) => setActive(server, id, false)],
  [
    'SCIM PATCH without a path',
    (server, id) => server.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))
  ],
  [
    'SCIM PUT with active false',
    (server, id, name) => server.scim('PUT', `/Users/${id}`, newUser(name, { active: false }))
  ],
  ['SCIM DELETE', (server, id) => server.scim('DELETE', `/Users/${id}`)],
  ['suspend by an administrator', (server, id) => server.api('POST', `/users/${id}/suspend`)],
  ['delete by an administrator', (server, id) => server.api('DELETE', `/users/${id}`)]
]

onBothStores(
  t,
  'SEAT-82 SEAT-83 SEAT-84 SEAT-85 each way to go releases one seat, and the next user sits on it',
  async (t, server) => {
    for (const [i, [way, leave]] of ways.entries()) {
      const id = await provision(server, `user${i}`)
      t.equal(await usage(server), 'PWM 1/1 PAM 1/1', `${way}: full`)
      t.equal((await server.scim('POST', '/Users', newUser(`next${i}`))).status, 403)
      const { status } = await leave(server, id, `user${i}`)
      t.ok(status === 200 || status === 204, `${way}: ${status}`)
      t.equal(await usage(server), 'PWM 0/1 PAM 1/1', `${way}: exactly one seat is free`)
      const next = await provision(server, `next${i}`)
      t.equal(await license(server, next), 'PWM held')
      await server.scim('DELETE', `/Users/${next}`)
      await recount(t, server)
    }
  },
  { seats: 'PWM=1,PAM=1' }
)

onBothStores(
  t,
  'SEAT-86 SEAT-90 SEAT-91 a second deactivation frees nothing more; a deleted user is gone and forgotten',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    await setActive(server, ada, false)
    const [before, count] = [await view(server, ada), await eventCount(server)]
    server.clock.advance(5000)
    for (const [way, leave] of ways.filter(([name]) => !/delete/i.test(name))) {
      t.equal((await leave(server, ada, 'ada')).status, 200, way)
      t.equal(await usage(server), 'PWM 0/3 PAM 2/2', way)
    }
    t.same(await view(server, ada), before)
    t.equal(await eventCount(server), count, 'nothing happened')

    t.equal((await server.scim('DELETE', `/Users/${ada}`)).status, 204)
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2', 'deleting an inactive user moves no counter')
    t.equal((await server.scim('GET', `/Users/${ada}`)).status, 404)
    t.equal((await server.scim('DELETE', `/Users/${ada}`)).status, 404)
    t.equal((await server.api('GET', `/users/${ada}`)).status, 404)

    await setActive(server, ben, false)
    await server.scim('DELETE', `/Users/${ben}`)
    const again = await provision(server, 'ben')
    t.not(again, ben)
    t.equal(await license(server, again), 'PWM held', 'the automatic choice, though ben held PAM and PAM is free')
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-89 SEAT-93 a deactivated user is still found, released; one event tells the type, why and by whom',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    await setActive(server, ada, false)
    const answers = [
      await server.scim('GET', `/Users/${ada}`),
      await server.scim<{ Resources: object[] }>('GET', filterPath('/Users', 'userName eq "ada"')),
      await server.scim<{ Resources: object[] }>('GET', filterPath('/Users', 'active eq false'))
    ]
    for (const { body } of answers) {
      const user = 'Resources' in body ? (body.Resources as object[])[0] : body
      t.match(user, { id: ada, active: false })
      t.equal(shownLicense({ body: user } as never), 'PWM released')
    }
    await server.api('DELETE', `/users/${ben}`)
    t.match(await events(server, 'action eq "seat.released"'), [
      {
        actor: { kind: 'administrator', name: 'Administrator' },
        target: { kind: 'user', id: ben, name: 'ben' },
        detail: { type: 'PAM', cause: 'deleted' }
      },
      {
        actor: { kind: 'connector', name: 'Identity provider' },
        target: { kind: 'user', id: ada, name: 'ada' },
        detail: { type: 'PWM', cause: 'deactivated' }
      }
    ])
    t.equal((await events(server, 'action eq "seat.released"')).length, 2)
  }
)

onBothStores(
  t,
  'SEAT-92 a release while the type is over capacity frees nothing until the use is below the capacity',
  async (t, server) => {
    const ids: string[] = []
    for (const name of ['ada', 'ben', 'cleo', 'dora']) ids.push(await provision(server, name))
    await changePurchase(server, 'PWM', { quantity: 2 })
    const seen: unknown[] = []
    for (const id of ids) {
      await setActive(server, id, false)
      const { inUse, free, over } = (await figures(server)).PWM
      seen.push([inUse, free, over])
      const { status } = await server.scim('POST', '/Users', newUser(`new${id}`))
      t.equal(status, free > 0 ? 201 : 403, `${inUse} of 2 in use`)
      if (status === 201) break
    }
    t.same(seen, [
      [3, 0, 1],
      [2, 0, 0],
      [1, 1, 0]
    ])
    await recount(t, server)
  },
  { seats: 'PWM=4,PAM=1' }
)
