/** spec/seats.md section 9: providers assign a user again with a POST. */
import t from 'tap'
import { groupUrn, newUser, onBothStores, provision } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import { byHand, eventCount, license, setActive, shownLicense, statuses, usage, view } from './support.ts'

onBothStores(
  t,
  'SEAT-120 a POST for a deactivated userName revives that user, with what was sent and the former seat',
  async (t, server) => {
    const ada = await provision(server, 'ada', { title: 'Boss', externalId: 'x-1', nickName: 'A' })
    await server.api('PUT', `/users/${ada}/license`, { type: 'PAM' })
    await server.api('PUT', `/users/${ada}/roles`, { roles: ['guest'] })
    const members = [{ value: ada }]
    await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'Staff', members })
    await setActive(server, ada, false)

    const another = await server.scim('POST', '/Users', newUser('ada', { externalId: 'x-2' }))
    t.match(another, { status: 409, body: { scimType: 'uniqueness' } }, 'a different externalId')
    t.equal(await license(server, ada), 'PAM released')

    const again = await server.scim('POST', '/Users', newUser('Ada', { externalId: 'x-1', title: 'Chief' }))
    t.match(again, { status: 201, body: { id: ada, userName: 'Ada', title: 'Chief', active: true } })
    t.equal(again.body.nickName, undefined, 'the attributes become those sent')
    t.equal(shownLicense(again), 'PAM held', 'PWM is free too')
    t.equal(again.headers.location, (again.body.meta as { location: string }).location)
    t.same((await view(server, ada)).roles, ['guest'], 'Default roles are for new users')
    t.match(again.body.groups, [{ display: 'Staff' }])

    const active = await server.scim('POST', '/Users', newUser('ada', { externalId: 'x-1' }))
    t.match(active, { status: 409, body: { scimType: 'uniqueness' } }, 'who is active is not revived')

    await setActive(server, ada, false)
    t.equal((await server.scim('POST', '/Users', newUser('ada'))).status, 201, 'without an externalId')
    t.equal(await usage(server), 'PWM 0/1 PAM 2/2')
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=2' }
)

onBothStores(
  t,
  'SEAT-120 with the former type full the other is given, with none free the no-seat answer; by hand nobody is revived',
  async (t, server) => {
    const ada = await provision(server, 'ada', { title: 'Boss' })
    await setActive(server, ada, false)
    const ben = await provision(server, 'ben')
    t.equal(await usage(server), 'PWM 1/1 PAM 1/2')
    t.equal(shownLicense(await server.scim('POST', '/Users', newUser('ada'))), 'PAM held')
    await setActive(server, ada, false)
    const cleo = await provision(server, 'cleo')
    t.equal(await usage(server), 'PWM 1/1 PAM 2/2')

    const [before, count] = [await view(server, ada), await eventCount(server)]
    const full = await server.scim('POST', '/Users', newUser('ada', { title: 'Chief' }))
    t.equal(full.status, 403)
    t.equal(full.headers['x-error-code'], 'seat_limit_reached')
    t.same(await view(server, ada), before, 'nothing changed')
    t.equal(await eventCount(server), count + 1, 'the refusal is noted')

    await setActive(server, ben, false)
    t.match(await byHand(server, 'ada', 'PWM'), { status: 409, body: { code: 'uniqueness' } })
    t.equal(await license(server, ada), 'PAM released')

    const many = await Promise.all(Array.from({ length: 8 }, () => server.scim('POST', '/Users', newUser('ada'))))
    t.same(statuses(many), { 201: 1, 409: 7 }, 'of many at once, one')
    t.equal(many.find(({ status }) => status === 201)?.body.id, ada)
    await setActive(server, cleo, false)
    t.equal(await license(server, ada), 'PWM held')
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=2' }
)
