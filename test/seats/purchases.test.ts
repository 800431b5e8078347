/** spec/seats.md section 8: what was bought begins, ends, grows and shrinks, and nobody loses a seat over it. */
import t from 'tap'
import { checkSeats } from '../../src/licensing/notifications.ts'
import { day, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import { wrapped } from '../support/wrapped.ts'
import {
  byHand,
  changePurchase,
  choose,
  eventCount,
  events,
  figures,
  license,
  names,
  type Purchase,
  purchaseOf,
  setActive,
  settings,
  shownLicense,
  usage,
  view
} from './support.ts'

const buy = (server: TestServer, body: unknown) => server.api('POST', '/seats/purchases', body)
const at = (server: TestServer, ms: number) => new Date(server.clock.now() + ms).toISOString()

interface Notice {
  readonly id: string
  readonly kind: string
  readonly text: string
}
async function notices(server: TestServer): Promise<readonly Notice[]> {
  return (await server.api<{ items: Notice[] }>('GET', '/notifications')).body.items
}

onBothStores(
  t,
  'SEAT-106 SEAT-107 SEAT-112 capacity is what is valid now; more can be assigned at once; the future is upcoming',
  async (t, server) => {
    await provision(server, 'ada')
    await provision(server, 'ben')
    t.equal((await server.scim('POST', '/Users', newUser('cleo'))).status, 403)
    t.equal((await buy(server, { type: 'PWM', quantity: 1 })).status, 201)
    t.equal(await usage(server), 'PWM 1/2 PAM 2/2')
    t.equal((await server.scim('POST', '/Users', newUser('cleo'))).status, 201, 'added: with the next request')
    await changePurchase(server, 'PWM', { quantity: 2 })
    t.equal((await server.scim('POST', '/Users', newUser('dora'))).status, 201, 'raised: with the next request')

    const later = await buy(server, { type: 'PWM', quantity: 5, start: at(server, day), end: at(server, 3 * day) })
    t.match(later.body, { status: 'upcoming', quantity: 5 })
    t.match(await figures(server), { PWM: { purchased: 3, upcoming: 5, free: 0 } })
    t.equal((await server.scim('POST', '/Users', newUser('emil'))).status, 403)
    const moments: [string, number, number, string][] = [
      ['a moment before the start', day - 1, 3, 'upcoming'],
      ['at the start', 1, 8, 'valid'],
      ['a moment before the end', 2 * day - 1, 8, 'valid'],
      ['at the end', 1, 3, 'ended']
    ]
    for (const [when, ms, purchased, status] of moments) {
      server.clock.advance(ms)
      t.equal((await figures(server)).PWM.purchased, purchased, when)
      const { body } = await server.api<{ items: Purchase[] }>('GET', '/seats/purchases')
      t.equal(body.items.find(({ id }) => id === later.body.id)?.status, status, when)
    }
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=2' }
)

onBothStores(
  t,
  'SEAT-108 SEAT-109 SEAT-110 SEAT-111 below the seats in use: accepted and told, nobody loses a seat, nobody gets one',
  async (t, server) => {
    const pwm: string[] = []
    for (const name of names('user', 4)) pwm.push(await provision(server, name))
    const [ada = '', ben = '', cleo = ''] = pwm
    const answer = await changePurchase(server, 'PWM', { quantity: 2 })
    t.match(answer, { status: 200, body: { quantity: 2, over: 2, warning: /2 more PWM seats/ } }, 'the answer tells')
    t.match((await figures(server)).PWM, { purchased: 2, inUse: 4, free: 0, over: 2, warning: /2 more PWM seats/ })
    for (const id of pwm) t.equal(await license(server, id), 'PWM held')

    await t.test('an assignment of that type is refused by any path', async t => {
      t.match(await byHand(server, 'hand', 'PWM'), { status: 409, body: { code: 'seat_limit_reached' } })
      const pam = await provision(server, 'new')
      t.equal(await license(server, pam), 'PAM held', 'provisioning takes it as 0 free')
      t.equal((await choose(server, pam, 'PWM')).status, 409)
      const changes = [
        { user: pam, type: 'PWM' },
        { user: ada, type: 'PAM' }
      ]
      const swap = await server.api('POST', '/users/license-changes', { changes })
      t.match(swap, { status: 409, body: { code: 'seat_limit_reached', licenseType: 'PWM' } }, 'also in exchange')
      await server.scim('DELETE', `/Users/${pam}`)
    })
    await t.test('other edits of these users go on', async t => {
      t.equal(
        (await server.scim('PATCH', `/Users/${ada}`, patch({ op: 'add', path: 'title', value: 'Boss' }))).status,
        200
      )
      t.equal(shownLicense(await server.scim('PUT', `/Users/${ben}`, newUser('user1', { title: 'Chief' }))), 'PWM held')
      t.equal((await server.api('PUT', `/users/${ben}/roles`, { roles: ['guest'] })).status, 200)
    })
    t.equal((await choose(server, ada, 'PAM')).status, 200, 'moving away')
    t.equal((await figures(server)).PWM.over, 1)
    await setActive(server, ben, false)
    t.equal((await figures(server)).PWM.over, 0)
    t.equal((await byHand(server, 'hand', 'PWM')).status, 409, 'in use equals the capacity')
    await setActive(server, cleo, false)
    t.equal((await byHand(server, 'hand', 'PWM')).status, 201, 'in use was below the capacity')
    t.equal((await figures(server)).PWM.warning, null)
    await recount(t, server)
  },
  { seats: 'PWM=4,PAM=4' }
)

onBothStores(
  t,
  'SEAT-108 a deleted purchase is told like a lowered one, where more is in use than is left',
  async (t, server) => {
    const drop = async (id: unknown) => server.api('DELETE', `/seats/purchases/${id}`)
    const [first, second] = [await purchaseOf(server, 'PWM'), (await buy(server, { type: 'PWM', quantity: 1 })).body]
    const ids: string[] = []
    for (const name of names('user', 3)) ids.push(await provision(server, name))
    t.match(await drop(second.id), { status: 204, text: '' }, 'just enough is left')
    const third = (await buy(server, { type: 'PWM', quantity: 2 })).body
    const answer = await drop(first.id)
    t.equal(answer.status, 200)
    const { warning } = (await figures(server)).PWM
    t.match(warning, /1 more PWM seats/)
    t.strictSame(answer.body, { type: 'PWM', over: 1, warning })
    for (const id of ids) t.equal(await license(server, id), 'PWM held')
    t.match(await drop(third.id), { status: 200, body: { type: 'PWM', over: 3 } })
    t.match(await drop((await purchaseOf(server, 'PAM')).id), { status: 200, body: { type: 'PAM', over: 1 } })
    await recount(t, server, { within: false })
  },
  { seats: 'PWM=3,PAM=1' }
)

onBothStores(
  t,
  'SEAT-109 holders count before newcomers, also where low seats are free, many ask at once, and the capacity comes back',
  async (t, server) => {
    const ids: string[] = []
    for (const name of names('user', 8)) ids.push(await provision(server, name))
    for (const id of ids.slice(0, 5)) await setActive(server, id, false)
    await changePurchase(server, 'PWM', { quantity: 4 })
    t.equal(await usage(server), 'PWM 3/4 PAM 1/1')
    const answers = await Promise.all(names('new', 12).map(name => server.scim('POST', '/Users', newUser(name))))
    t.equal(answers.filter(({ status }) => status === 201).length, 1)
    await recount(t, server)
    await changePurchase(server, 'PWM', { quantity: 6 })
    const more = await Promise.all(names('more', 12).map(name => server.scim('POST', '/Users', newUser(name))))
    t.equal(more.filter(({ status }) => status === 201).length, 2)
    await recount(t, server)
    for (const id of ids.slice(5)) t.equal(await license(server, id), 'PWM held', 'who sat before sits still')
  },
  { seats: 'PWM=8,PAM=1' }
)

onBothStores(
  t,
  'SEAT-113 SEAT-114 SEAT-116 SEAT-119 an end takes the capacity and not the use; grace, then suspension, and back',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    await changePurchase(server, 'PWM', { end: at(server, 10 * day) })
    server.clock.advance(10 * day)
    t.match((await figures(server)).PWM, { purchased: 0, inUse: 1, free: 0, over: 1, suspended: false })
    t.equal(await license(server, await provision(server, 'ben')), 'PAM held', 'an ended type gives nothing')
    t.match(await byHand(server, 'cleo', 'PWM'), { status: 409 })

    const ends = new Date(server.clock.now() + 30 * day).toISOString()
    t.equal((await figures(server)).PWM.graceEnds, ends)
    t.match((await figures(server)).PWM.warning, ends, 'the banner tells the date')
    const grace = async () => (await notices(server)).filter(({ kind }) => kind === 'grace')
    t.match(await grace(), [{ text: new RegExp(ends) }])
    server.clock.advance(30 * day - 1)
    t.equal((await grace()).length, 1, 'told once')
    t.equal(await license(server, ada), 'PWM held', 'full use to the last moment')
    server.clock.advance(1)
    t.equal(await license(server, ada), 'PWM suspended')
    t.equal(shownLicense(await server.scim('GET', `/Users/${ada}`)), 'PWM suspended')
    t.match((await figures(server)).PWM, { inUse: 1, suspended: true })
    t.equal((await view(server, ada)).active, true)

    t.equal((await buy(server, { type: 'PWM', quantity: 1 })).status, 201)
    t.equal(await license(server, ada), 'PWM held', 'with the next request, and nothing was reassigned')
    t.equal((await events(server, `action eq "seat.assigned" and target.id eq "${ada}"`)).length, 1)
    await recount(t, server)
  },
  { seats: 'PWM=3,PAM=5' }
)

onBothStores(
  t,
  'SEAT-114 grace begins with the change that took the last seat, and lasts as many days as are set',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    await settings(server, { seatGraceDays: 2 })
    server.clock.advance(7 * day)
    const { id } = await purchaseOf(server, 'PWM')
    const ends = new Date(server.clock.now() + 2 * day).toISOString()
    const answer = await server.api('DELETE', `/seats/purchases/${id}`)
    t.match(answer, { status: 200, body: { type: 'PWM', over: 1, warning: ends } }, 'the answer tells')
    t.equal((await figures(server)).PWM.graceEnds, ends)
    server.clock.advance(2 * day)
    t.equal(await license(server, ada), 'PWM suspended')
    await settings(server, { seatGraceDays: 3 })
    t.equal(await license(server, ada), 'PWM held')
  }
)

onBothStores(
  t,
  'SEAT-117 with some capacity left nobody is suspended after the grace period; the tenant stays over',
  async (t, server) => {
    const ids: string[] = []
    for (const name of names('user', 3)) ids.push(await provision(server, name))
    await changePurchase(server, 'PWM', { end: at(server, day) })
    await buy(server, { type: 'PWM', quantity: 1 })
    server.clock.advance(100 * day)
    t.match((await figures(server)).PWM, { purchased: 1, inUse: 3, over: 2, graceEnds: null, suspended: false })
    for (const id of ids) t.equal(await license(server, id), 'PWM held')
    t.equal((await byHand(server, 'late', 'PWM')).status, 409)
  }
)

onBothStores(
  t,
  'SEAT-118 purchases need Billing at Edit and whole numbers from 0, and each change leaves an event',
  async (t, server) => {
    const { id } = await purchaseOf(server, 'PWM')
    const as = async (role: string, method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      server.request(
        {
          method,
          url: `/api/v1/seats/purchases${path}`,
          ...(body === undefined
            ? {}
            : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
        },
        await server.keyOf(role)
      )
    for (const role of ['administrator', 'manager', 'help_desk', 'read_only', 'command_runner']) {
      const denied = { status: 403, body: { code: 'insufficient_scope' } }
      t.match(await as(role, 'POST', '', { type: 'PWM', quantity: 1 }), denied, role)
      t.match(await as(role, 'PATCH', `/${id}`, { quantity: 9 }), denied, role)
      t.match(await as(role, 'DELETE', `/${id}`), denied, role)
    }
    t.equal((await figures(server)).PWM.purchased, 3)
    t.equal((await as('command_runner_with_billing', 'PATCH', `/${id}`, { quantity: 4 })).status, 200)

    const count = await eventCount(server)
    for (const quantity of [-1, 1.5, '3', 'many', null, [3], { n: 3 }, true]) {
      const sent = JSON.stringify(quantity)
      t.equal((await buy(server, { type: 'PWM', quantity })).status, 400, `POST ${sent}`)
      t.equal((await server.api('PATCH', `/seats/purchases/${id}`, { quantity })).status, 400, `PATCH ${sent}`)
    }
    t.equal((await buy(server, { type: 'PWM' })).status, 400, 'no quantity')
    t.match(await buy(server, { type: 'pwm', quantity: 1 }), { status: 400, body: { code: 'invalid_license_type' } })
    t.equal(
      (await buy(server, { type: 'PWM', quantity: 1, end: at(server, -day) })).status,
      400,
      'ends before it begins'
    )
    t.equal((await buy(server, { type: 'PWM', quantity: 1, start: 'tomorrow' })).status, 400)
    t.equal(await eventCount(server), count, 'nothing happened')

    const added = await buy(server, { type: 'PAM', quantity: 0 })
    t.match(added, { status: 201, body: { type: 'PAM', quantity: 0 } })
    const path = `/seats/purchases/${added.body.id}`
    t.match(await server.api('PATCH', path, { quantity: 7 }), { status: 200, body: { quantity: 7 } })
    t.equal((await server.api('PATCH', path, { quantity: 8 }, { 'if-match': '"1"' })).status, 412)
    t.equal((await server.api('DELETE', path)).status, 204)
    t.equal((await server.api('DELETE', path)).status, 404)
    const ofIt = await events(server, `target.id eq "${added.body.id}"`)
    t.match(ofIt, [
      { action: 'purchase.deleted', actor: { name: 'Administrator' }, detail: { quantity: 7 } },
      { action: 'purchase.changed', detail: { before: { quantity: 0 }, after: { quantity: 7 } } },
      { action: 'purchase.added', detail: { type: 'PAM', quantity: 0 } }
    ])
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-119 who looks at the seats while others do tells no crossing that they told',
  async (t, server) => {
    const { context, store } = server
    const ids: string[] = []
    for (const name of names('user', 9)) ids.push(await provision(server, name))
    let commits = 0
    // Between what one look reads and what it writes, another tells the crossing, a user leaves, and a third tells that.
    const slow = wrapped(store, {
      async commit(changes, options) {
        if (commits++ === 0) {
          await checkSeats(context)
          await setActive(server, ids[0] ?? '', false)
          await checkSeats(context)
        }
        return store.commit(changes, options)
      }
    })
    await checkSeats({ ...context, store: slow })
    t.ok(commits > 0)
    t.same(
      (await notices(server)).map(({ kind }) => kind),
      ['seats_90']
    )
  },
  { seats: 'PWM=10,PAM=25' }
)

onBothStores(
  t,
  'SEAT-119 use at 90 % and at 100 % is told once for each crossing, however many requests there are',
  async (t, server) => {
    const ids: string[] = []
    const kinds = async () =>
      (await notices(server)).map(({ kind, text }) => `${kind} ${text.includes('PWM') ? 'PWM' : 'PAM'}`)
    for (const name of names('user', 8)) ids.push(await provision(server, name))
    t.same(await kinds(), [], '8 of 10')
    ids.push(await provision(server, 'nine'))
    t.same(await kinds(), ['seats_90 PWM'])
    for (const id of ids)
      await server.scim('PATCH', `/Users/${id}`, patch({ op: 'add', path: 'title', value: 'Staff' }))
    t.same(await kinds(), ['seats_90 PWM'], 'not for each request')
    const ten = await provision(server, 'ten')
    await provision(server, 'eleven')
    t.same(await kinds(), ['seats_100 PWM', 'seats_90 PWM'])
    t.same(
      await Promise.all([kinds(), kinds(), kinds()]),
      Array.from({ length: 3 }, () => ['seats_100 PWM', 'seats_90 PWM'])
    )

    await setActive(server, ten, false)
    await kinds()
    await setActive(server, ten, true)
    t.same(await kinds(), ['seats_100 PWM', 'seats_100 PWM', 'seats_90 PWM'], 'crossed again')
    const [latest] = await notices(server)
    t.match(latest?.text, /10 of 10/)
    const dismissed = await server.api('POST', `/notifications/${latest?.id}/dismiss`)
    t.match(dismissed, { status: 200, body: { dismissed: { by: 'Administrator' } } })
  },
  { seats: 'PWM=10,PAM=25' }
)
