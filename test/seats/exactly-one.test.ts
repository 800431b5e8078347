/** spec/seats.md sections 1 and 2, as far as they need no console: one seat for every active user, and where it shows. */
import { setImmediate as breathe } from 'node:timers/promises'
import t from 'tap'
import { activate } from '../../src/admin/activate.ts'
import { makeEnv } from '../../src/app.ts'
import { Refusal } from '../../src/base/domain-error.ts'
import type { JsonObject } from '../../src/base/json.ts'
import {
  groupUrn,
  licenseUrn,
  newUser,
  onBothStores,
  patch,
  provision,
  sqliteStore,
  testClock,
  userUrn
} from '../support/app.ts'
import { recount } from '../support/recount.ts'
import {
  byHand,
  choose,
  figures,
  filterPath,
  license,
  setActive,
  shownLicense,
  type UserView,
  usage,
  view
} from './support.ts'

onBothStores(
  t,
  'SEAT-01 SEAT-03 SEAT-04 SEAT-18 SEAT-19 users of both types live side by side, each with one license wherever it is read',
  async (t, server) => {
    const created = await server.scim('POST', '/Users', newUser('ada'))
    const ada = String(created.body.id)
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    const cleo = await provision(server, 'cleo')

    t.equal(shownLicense(created), 'PWM held', 'the answer to a POST')
    t.match(created.body.schemas, [userUrn, licenseUrn])
    const replies = {
      GET: await server.scim('GET', `/Users/${ben}`),
      PUT: await server.scim('PUT', `/Users/${ben}`, newUser('ben', { title: 'Boss' })),
      PATCH: await server.scim('PATCH', `/Users/${ben}`, patch({ op: 'add', path: 'title', value: 'Chief' }))
    }
    for (const [method, answer] of Object.entries(replies)) {
      t.equal(answer.status, 200)
      t.equal(shownLicense(answer), 'PAM held', `the answer to a ${method}`)
      t.ok((answer.body.schemas as string[]).includes(licenseUrn), `schemas of a ${method}`)
    }

    await t.test('in every list, every active user has exactly one', async t => {
      const scim = await server.scim<{ Resources: JsonObject[] }>('GET', '/Users')
      const api = await server.api<{ items: UserView[] }>('GET', '/users')
      t.equal(scim.body.Resources.length, 4)
      t.equal(api.body.items.length, 4)
      for (const user of scim.body.Resources) {
        const { licenseType, licenseState } = user[licenseUrn] as JsonObject
        t.ok(licenseType === 'PAM' || licenseType === 'PWM')
        t.equal(licenseState, 'held')
        const same = api.body.items.find(({ id }) => id === user.id)
        t.equal(same?.license.type, licenseType, 'the same everywhere')
      }
    })

    await t.test('a license says when and by whom it was given', async t => {
      t.match((await view(server, ada)).license, {
        type: 'PWM',
        state: 'held',
        assignedAt: '2026-11-21T09:00:00.000Z',
        assignedBy: 'provisioning'
      })
      t.equal((await view(server, ben)).license.assignedBy, 'Administrator', 'the administrator who acted')
      const listed = await server.api<{ items: UserView[] }>('GET', '/users')
      t.same(
        listed.body.items.map(({ license }) => Object.keys(license).sort()),
        Array.from({ length: 4 }, () => ['assignedAt', 'assignedBy', 'spilledOver', 'state', 'type'])
      )
    })

    await t.test('one user changes, and no other', async t => {
      server.clock.advance(60_000)
      t.equal((await choose(server, ben, 'PWM')).status, 200)
      t.equal((await choose(server, cleo, 'PAM')).status, 200)
      t.same(await Promise.all([ada, ben, cleo].map(id => license(server, id))), ['PWM held', 'PWM held', 'PAM held'])
      t.match((await view(server, cleo)).license, {
        assignedBy: 'Administrator',
        assignedAt: '2026-11-21T09:01:00.000Z'
      })
      t.match((await view(server, ada)).license, { assignedBy: 'provisioning', assignedAt: '2026-11-21T09:00:00.000Z' })
    })
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-02 two users with the same roles differ by their license alone, and no role adds what the type withholds',
  async (t, server) => {
    const ids = { PWM: await provision(server, 'ada'), PAM: String((await byHand(server, 'ben', 'PAM')).body.id) }
    const granted = async (id: string) => {
      const { body } = await server.api<{ permissions: { permission: string; granted: boolean }[] }>(
        'GET',
        `/users/${id}/effective-permissions`
      )
      return body.permissions.filter(one => one.granted).map(one => one.permission)
    }
    const masked = (permission: string) => /^pages\.(servers|databases)\./.test(permission)
    for (const roles of [['user'], ['guest', 'user'], ['admin', 'guest', 'user']]) {
      for (const id of Object.values(ids))
        t.equal((await server.api('PUT', `/users/${id}/roles`, { roles })).status, 200)
      const [pwm, pam] = [await granted(ids.PWM), await granted(ids.PAM)]
      t.ok(pam.some(masked), `${roles}: PAM has servers and databases`)
      t.same(
        pwm,
        pam.filter(permission => !masked(permission)),
        `${roles}: PWM has all but these`
      )
    }
  }
)

onBothStores(
  t,
  'SEAT-05 SEAT-06 who is inactive counts nowhere and remembers the type; accounts, keys, connectors and groups take no seat',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const never = await provision(server, 'never', { active: false })
    t.equal(await usage(server), 'PWM 1/3 PAM 1/2')

    await server.keyOf('manager')
    await server.keyOf(null)
    t.equal((await server.api('POST', '/connectors', { name: 'Okta', profile: 'okta' })).status, 201)
    const group = { schemas: [groupUrn], displayName: 'Staff', members: [{ value: ada }] }
    t.equal((await server.scim('POST', '/Groups', group)).status, 201)
    t.equal(await usage(server), 'PWM 1/3 PAM 1/2', 'only active users take seats')

    await setActive(server, ada, false)
    t.match((await view(server, ada)).license, { type: 'PWM', state: 'released' })
    t.equal(shownLicense(await server.scim('GET', `/Users/${ada}`)), 'PWM released')
    t.match((await view(server, never)).license, { type: null, state: 'none' })
    t.equal(await usage(server), 'PWM 0/3 PAM 1/2')
    await recount(t, server)
  }
)

t.test(
  'SEAT-07 activation without capacity is refused, and with capacity the first user holds the type chosen',
  async t => {
    const rows = [
      [{ PAM: 5, PWM: 25 }, 'PAM'],
      [{ PAM: 0, PWM: 1 }, 'PWM'],
      [{ PAM: 1, PWM: 0 }, 'PAM']
    ] as const
    const refused = makeEnv({ store: (await sqliteStore(t)).store, clock: testClock() })
    await t.rejects(
      activate(refused, { seats: { PAM: 0, PWM: 0 } }),
      new Refusal(
        'no_seat_capacity',
        'USHER_SEATS buys no seat, and the first user needs one: set it to PWM=25,PAM=5, say.'
      )
    )
    t.equal((await refused.store.tallies('default', ['users']))[0], 0, 'nobody was created')
    for (const [seats, type] of rows) {
      const env = makeEnv({ store: (await sqliteStore(t)).store, clock: testClock() })
      t.ok(await activate(env, { seats }))
      const { users } = await import('../../src/directory/collections.ts')
      const found = await env.store.find(users, 'default', { limit: 10 })
      t.match(
        found.map(({ doc }) => doc),
        [{ resource: { userName: 'admin', active: true }, license: { type, state: 'held' }, roles: ['admin'] }]
      )
      t.same(await env.store.tallies('default', ['held.PAM', 'held.PWM']), type === 'PAM' ? [1, 0] : [0, 1])
      t.equal(await activate(env, { seats }), undefined, 'a second start changes nothing')
    }
  }
)

onBothStores(
  t,
  'SEAT-20 SEAT-21 discovery lists the license extension; filters and projections work on it',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)

    const { body: schemas } = await server.scim<{ Resources: { id: string; attributes: JsonObject[] }[] }>(
      'GET',
      '/Schemas'
    )
    const schema = schemas.Resources.find(({ id }) => id === licenseUrn)
    t.match(
      schema?.attributes.find(({ name }) => name === 'licenseType'),
      { canonicalValues: ['PAM', 'PWM'], mutability: 'readOnly', required: false }
    )
    t.match(
      schema?.attributes.find(({ name }) => name === 'licenseState'),
      { mutability: 'readOnly', required: false }
    )
    const { body: types } = await server.scim<{ Resources: { id: string; schemaExtensions: JsonObject[] }[] }>(
      'GET',
      '/ResourceTypes'
    )
    const user = types.Resources.find(({ id }) => id === 'User')
    t.match(
      user?.schemaExtensions.find(extension => extension.schema === licenseUrn),
      { required: false }
    )

    const ids = async (filter: string) => {
      const { body } = await server.scim<{ Resources: JsonObject[] }>('GET', filterPath('/Users', filter))
      return body.Resources.map(({ id }) => id)
    }
    t.same(await ids(`${licenseUrn}:licenseType eq "PWM"`), [ada])
    const pam = await ids(`${licenseUrn}:licenseType eq "PAM"`)
    t.equal(pam.length, 2, 'ben and the user admin')
    t.ok(pam.includes(ben))
    t.same(await ids(`${licenseUrn}:licenseType eq "PAM" and userName eq "ben"`), [ben])

    const with_ = (query: string) => server.scim('GET', `/Users/${ada}?${query}`)
    t.equal(shownLicense(await with_(`attributes=${licenseUrn}:licenseType`)), 'PWM undefined')
    t.equal(shownLicense(await with_(`attributes=${licenseUrn}`)), 'PWM held')
    t.equal(shownLicense(await with_('attributes=userName')), undefined)
    t.equal(shownLicense(await with_(`excludedAttributes=${licenseUrn}:licenseType`)), 'undefined held')
    t.equal(shownLicense(await with_(`excludedAttributes=${licenseUrn}`)), undefined)
  }
)

onBothStores(
  t,
  'SEAT-22 SEAT-58 the figures are whole numbers of one moment, and a type has as many seats as were bought',
  async (t, server) => {
    t.match(await figures(server), {
      PWM: { purchased: 4, inUse: 0, free: 4, over: 0, warning: null },
      PAM: { purchased: 3, inUse: 1, free: 2, over: 0, warning: null }
    })
    const ids = [await provision(server, 'ada'), await provision(server, 'ben')]
    // The sum of both never moves while users only move between types: figures of two moments would show it.
    let moving = true
    const sums = new Set<number>()
    const watch = (async () => {
      while (moving) {
        await breathe()
        const { PAM, PWM } = await figures(server)
        sums.add(PAM.inUse + PWM.inUse)
        for (const figure of [PAM, PWM]) {
          for (const n of [figure.purchased, figure.inUse, figure.free, figure.over]) t.ok(Number.isInteger(n))
          t.equal(figure.free, Math.max(0, figure.purchased - figure.inUse))
        }
      }
    })()
    for (const type of ['PAM', 'PWM', 'PAM', 'PWM', 'PAM', 'PWM']) {
      await Promise.all(ids.map(id => choose(server, id, type)))
    }
    moving = false
    await watch
    t.same([...sums], [3])
  },
  { seats: 'PWM=4,PAM=3' }
)
