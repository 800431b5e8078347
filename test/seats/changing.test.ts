/** spec/seats.md section 3: an administrator chooses the license. */
import { setImmediate as breathe } from 'node:timers/promises'
import t from 'tap'
import { onBothStores, provision } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import { byHand, choose, eventCount, events, license, setActive, usage, view } from './support.ts'

onBothStores(
  t,
  'SEAT-24 SEAT-36 a change shows in every later read, moves both figures and the version, and leaves one event',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const before = await server.scim<{ meta: Record<string, string> }>('GET', `/Users/${ada}`)
    server.clock.advance(5000)
    const answer = await choose(server, ada, 'PAM')
    t.match(answer, { status: 200, body: { license: { type: 'PAM', state: 'held' } } })
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2')
    t.equal(await license(server, ada), 'PAM held')
    const after = await server.scim<{ meta: Record<string, string> }>('GET', `/Users/${ada}`)
    t.not(after.body.meta.version, before.body.meta.version)
    t.equal(after.body.meta.lastModified, '2026-11-21T09:00:05.000Z')
    t.not(after.headers.etag, before.headers.etag)
    t.match(await events(server, 'action eq "license.changed"'), [
      {
        at: '2026-11-21T09:00:05.000Z',
        actor: { kind: 'administrator', name: 'Administrator' },
        target: { kind: 'user', id: ada, name: 'ada' },
        detail: { before: 'PWM', after: 'PAM' }
      }
    ])
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-29 SEAT-31 a full type is refused with its figures; the type already held is no change, full or over',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const ben = String((await byHand(server, 'ben', 'PAM')).body.id)
    const refused = await choose(server, ada, 'PAM')
    t.match(refused, { status: 409, body: { code: 'seat_limit_reached', licenseType: 'PAM', inUse: 2, capacity: 2 } })
    t.match(refused.headers['content-type'], /^application\/problem\+json/)
    t.match(refused.body.detail, /PAM.*2 of 2/)
    t.equal(await license(server, ada), 'PWM held')

    const [before, count] = [await view(server, ben), await eventCount(server)]
    server.clock.advance(5000)
    t.equal((await choose(server, ben, 'PAM')).status, 200, 'full')
    const { body } = await server.api<{ items: { id: string; type: string }[] }>('GET', '/seats/purchases')
    const pam = body.items.find(({ type }) => type === 'PAM')
    await server.api('PATCH', `/seats/purchases/${pam?.id}`, { quantity: 1 })
    t.equal((await choose(server, ben, 'PAM')).status, 200, 'over capacity')
    t.same(await view(server, ben), before)
    t.equal(await usage(server), 'PWM 1/3 PAM 2/1')
    t.equal(await eventCount(server), count + 1, 'the purchase is all that changed')
    await recount(t, server, { within: false })
  }
)

onBothStores(
  t,
  'SEAT-30 nobody sees a user with two seats or none while the license changes',
  async (t, server) => {
    const ids = await Promise.all(['ada', 'ben', 'cleo'].map(name => provision(server, name)))
    let changing = true
    const seen = new Set<string>()
    const sums = new Set<number>()
    const watch = async () => {
      while (changing) {
        for (const id of ids) seen.add(await license(server, id))
        const [pam = 0, pwm = 0] = await server.store.tallies(server.context.tenant, ['held.PAM', 'held.PWM'])
        sums.add(pam + pwm)
        await breathe()
      }
    }
    const watching = [watch(), watch()]
    for (let round = 0; round < 8; round++) {
      await Promise.all(ids.map(id => choose(server, id, round % 2 === 0 ? 'PAM' : 'PWM')))
    }
    changing = false
    await Promise.all(watching)
    t.same([...seen].sort(), ['PAM held', 'PWM held'])
    t.same([...sums], [4], 'three users and the user admin, at every moment')
    await recount(t, server)
  },
  { seats: 'PWM=3,PAM=4' }
)

onBothStores(
  t,
  'SEAT-32 several changes in one call are judged on the net figures, all or nothing',
  async (t, server) => {
    const [ada, ben] = [await provision(server, 'ada'), String((await byHand(server, 'ben', 'PAM')).body.id)]
    const cleo = await provision(server, 'cleo')
    t.equal(await usage(server), 'PWM 2/2 PAM 2/2')
    const call = (...changes: { user: string; type: string }[]) =>
      server.api('POST', '/users/license-changes', { changes })
    const licenses = () => Promise.all([ada, ben, cleo].map(id => license(server, id)))

    const swapped = await call({ user: ada, type: 'PAM' }, { user: ben, type: 'PWM' })
    t.match(swapped, { status: 200, body: { items: [{ id: ada }, { id: ben }] } })
    t.same(await licenses(), ['PAM held', 'PWM held', 'PWM held'])
    t.equal(await usage(server), 'PWM 2/2 PAM 2/2')
    t.equal((await events(server, 'action eq "license.changed"')).length, 2, 'one event for each user')

    const tooMany = await call({ user: ada, type: 'PWM' }, { user: ben, type: 'PAM' }, { user: cleo, type: 'PAM' })
    t.match(tooMany, { status: 409, body: { code: 'seat_limit_reached', licenseType: 'PAM' } })
    t.same(await licenses(), ['PAM held', 'PWM held', 'PWM held'], 'none of it was done')
    t.match(await call({ user: ada, type: 'PWM' }, { user: ada, type: 'PAM' }), { status: 400 }, 'who is named twice')
    t.match(await call({ user: ada, type: 'PWM' }, { user: 'nobody', type: 'PAM' }), { status: 404 })
    t.same(await licenses(), ['PAM held', 'PWM held', 'PWM held'])
    t.equal((await events(server, 'action eq "license.changed"')).length, 2)
    await recount(t, server)
  },
  { seats: 'PWM=2,PAM=2' }
)

onBothStores(
  t,
  'SEAT-33 SEAT-34 an inactive user remembers another type, also a full one; other words are no type',
  async (t, server) => {
    const ada = await provision(server, 'ada', { active: true })
    await setActive(server, ada, false)
    await byHand(server, 'ben', 'PAM')
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2')
    t.equal((await choose(server, ada, 'PAM')).status, 200)
    t.equal(await license(server, ada), 'PAM released')
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2')

    for (const word of ['pam', 'pwm', 'Pam', 'PAM ', '', 'BOTH', null, 7, ['PAM'], { type: 'PAM' }]) {
      const sent = JSON.stringify(word)
      t.match(await choose(server, ada, word), { status: 400, body: { code: 'invalid_license_type' } }, `PUT ${sent}`)
      const many = await server.api('POST', '/users/license-changes', { changes: [{ user: ada, type: word }] })
      t.match(many, { status: 400, body: { code: 'invalid_license_type' } }, `several ${sent}`)
    }
    for (const word of ['pam', 'BOTH', 7]) {
      const created = await server.api('POST', '/users', { userName: 'dora', license: { type: word } })
      t.match(created, { status: 400, body: { code: 'invalid_license_type' } }, `POST ${word}`)
      const activated = await server.api('POST', `/users/${ada}/activate`, { license: { type: word } })
      t.match(activated, { status: 400, body: { code: 'invalid_license_type' } }, `activate ${word}`)
    }
    t.equal(await license(server, ada), 'PAM released')
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-35 SEAT-37 a stale If-Match is refused with 412; Users at Edit may change a license, Read Only may not',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const { headers } = await server.api('GET', `/users/${ada}`)
    const etag = String(headers.etag)
    t.equal((await choose(server, ada, 'PAM', { 'if-match': etag })).status, 200)
    t.equal((await choose(server, ada, 'PWM', { 'if-match': etag })).status, 412)
    t.equal(await license(server, ada), 'PAM held', 'the first choice stands')

    const asRole = async (role: string, type: string) =>
      server.request(
        {
          method: 'PUT',
          url: `/api/v1/users/${ada}/license`,
          payload: JSON.stringify({ type }),
          headers: { 'content-type': 'application/json' }
        },
        await server.keyOf(role)
      )
    t.match(await asRole('read_only', 'PWM'), { status: 403, body: { code: 'insufficient_scope' } })
    t.equal(await license(server, ada), 'PAM held')
    t.equal((await asRole('help_desk', 'PWM')).status, 200, 'Users at Edit, no access to Billing')
    t.equal(await license(server, ada), 'PWM held')
    t.equal((await view(server, ada)).license.assignedBy, 'a help_desk')
  }
)
