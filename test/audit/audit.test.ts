/** The audit log: every kind of change leaves its event, in the commit that made it; lists page and filter them. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { byHand, choose, type Event, events, purchaseOf, setActive, settings } from '../seats/support.ts'
import { groupUrn, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { difference, wholeFingerprint } from '../support/fingerprint.ts'

const administrator = { kind: 'administrator', name: 'Administrator' }
const connector = { kind: 'connector', name: 'Identity provider' }

onBothStores(t, 'every kind of change leaves its events, with actor, target and time', async (t, server) => {
  let seen = (await events(server, 'id pr')).length
  /** The events since the last call, oldest first. */
  const news = async () => {
    const all = await events(server, 'id pr')
    const fresh = all.slice(0, all.length - seen).reverse()
    seen = all.length
    return fresh
  }
  const told = async (what: string, expected: readonly (readonly [string, object])[]) => {
    const fresh = await news()
    t.same(
      fresh.map(({ action }) => action),
      expected.map(([action]) => action),
      what
    )
    for (const [i, [action, more]] of expected.entries()) {
      t.match(fresh[i], { at: new Date(server.clock.now()).toISOString(), ...more }, `${what}: ${action}`)
    }
    server.clock.advance(1000)
  }
  server.clock.advance(1000)

  const ada = await provision(server, 'ada')
  const target = { kind: 'user', id: ada, name: 'ada' }
  await told('create', [
    ['user.created', { actor: connector, target, detail: { way: 'provisioning', active: true, roles: ['user'] } }],
    ['seat.assigned', { actor: connector, target, detail: { type: 'PWM' } }]
  ])
  await server.scim('PATCH', `/Users/${ada}`, patch({ op: 'add', path: 'title', value: 'Boss' }))
  await told('change', [['user.changed', { actor: connector, target, detail: { changed: ['title'] } }]])
  await server.api('PATCH', `/users/${ada}`, { nickName: 'A', title: null })
  await told('change by hand', [
    ['user.changed', { actor: administrator, target, detail: { changed: ['nickName', 'title'] } }]
  ])
  await setActive(server, ada, false)
  await told('deactivate', [
    ['seat.released', { target, detail: { type: 'PWM', cause: 'deactivated' } }],
    ['user.deactivated', { target, detail: { changed: ['active'] } }]
  ])
  await setActive(server, ada, true)
  await told('activate', [
    ['seat.assigned', { target, detail: { type: 'PWM' } }],
    ['user.activated', { target }]
  ])
  await choose(server, ada, 'PAM')
  await told('license', [
    ['license.changed', { actor: administrator, target, detail: { before: 'PWM', after: 'PAM' } }]
  ])
  await server.api('PUT', `/users/${ada}/roles`, { roles: ['guest'] })
  await told('roles of a user', [['user.rolesChanged', { target, detail: { before: ['user'], after: ['guest'] } }]])

  const ben = String((await byHand(server, 'ben', 'PWM')).body.id)
  await told('create by hand', [
    ['user.created', { actor: administrator, detail: { way: 'manual' } }],
    ['seat.assigned', { actor: administrator, target: { id: ben } }]
  ])

  const body = { schemas: [groupUrn], displayName: 'Staff', externalId: 'staff', members: [{ value: ada }] }
  const group = String((await server.scim('POST', '/Groups', body)).body.id)
  const ofGroup = { kind: 'group', id: group }
  await told('group', [
    ['group.created', { actor: connector, target: { ...ofGroup, name: 'Staff' }, detail: { added: [ada] } }]
  ])
  await server.scim('PATCH', `/Groups/${group}`, patch({ op: 'add', path: 'members', value: [{ value: ben }] }))
  await told('members', [['group.membersChanged', { target: ofGroup, detail: { added: [ben] } }]])
  await server.scim('PATCH', `/Groups/${group}`, patch({ op: 'replace', path: 'displayName', value: 'Crew' }))
  await told('group renamed', [
    ['group.changed', { target: { ...ofGroup, name: 'Crew' }, detail: { changed: ['displayName'] } }]
  ])
  await server.scim('PATCH', `/Groups/${group}`, patch({ op: 'remove', path: 'externalId' }))
  await told('an attribute of a group removed', [['group.changed', { detail: { changed: ['externalId'] } }]])
  await server.scim('DELETE', `/Groups/${group}`)
  await told('group deleted', [['group.deleted', { target: ofGroup }]])

  await server.scim('DELETE', `/Users/${ben}`)
  await told('delete', [
    ['seat.released', { target: { id: ben }, detail: { type: 'PWM', cause: 'deleted' } }],
    ['user.deleted', { actor: connector, target: { kind: 'user', id: ben, name: 'ben' } }]
  ])

  const bought = await server.api('POST', '/seats/purchases', { type: 'PWM', quantity: 1 })
  await told('purchase', [
    ['purchase.added', { actor: administrator, target: { kind: 'purchase', id: bought.body.id } }]
  ])
  await server.api('PATCH', `/seats/purchases/${bought.body.id}`, { quantity: 2 })
  await told('purchase changed', [
    ['purchase.changed', { detail: { before: { quantity: 1 }, after: { quantity: 2 } } }]
  ])
  await server.api('DELETE', `/seats/purchases/${bought.body.id}`)
  await told('purchase deleted', [['purchase.deleted', { target: { id: bought.body.id } }]])

  await settings(server, { seatSpillover: false })
  await told('settings', [
    [
      'organization.changed',
      { actor: administrator, detail: { before: { seatSpillover: true }, after: { seatSpillover: false } } }
    ]
  ])
  await server.api('PATCH', '/organization', { name: 'Acme' })
  await told('name', [
    [
      'organization.changed',
      { target: { name: 'Acme' }, detail: { before: { name: 'default' }, after: { name: 'Acme' } } }
    ]
  ])
  await server.api('PATCH', '/roles/guest', { default: true })
  await told('role', [
    [
      'role.changed',
      {
        target: { kind: 'role', id: 'guest', name: 'Guest' },
        detail: { before: { default: false }, after: { default: true } }
      }
    ]
  ])
  const made = await server.api('POST', '/connectors', { name: 'Okta', profile: 'okta' })
  const ofConnector = { kind: 'connector', id: made.body.id }
  await told('connector', [
    ['connector.created', { actor: administrator, target: ofConnector, detail: { profile: 'okta' } }]
  ])
  await server.api('PATCH', `/connectors/${made.body.id}`, { profile: 'entra' })
  await told('connector changed', [['connector.changed', { target: ofConnector, detail: { profile: 'entra' } }]])
  await server.api('DELETE', `/connectors/${made.body.id}`)
  await told('connector deleted', [['connector.deleted', { target: ofConnector }]])

  await server.api('PATCH', `/seats/purchases/${(await purchaseOf(server, 'PWM')).id}`, { quantity: 0 })
  await news()
  await server.scim('POST', '/Users', newUser('late'))
  await told('refused', [['seat.refused', { actor: connector, target: { kind: 'user', name: 'late' } }]])
  await server.scim('POST', '/Users', newUser('late'))
  await told('refused again', [])

  await server.scim('GET', `/Users/${ada}`)
  await server.api('GET', '/seats')
  await server.scim('DELETE', '/Users/nobody')
  await server.scim('POST', '/Users', '{')
  await told('what changes nothing', [])
})

onBothStores(t, 'a change to what is so already writes nothing: no event, no version', async (t, server) => {
  const of = async (path: string) => (await server.api<JsonObject>('GET', path)).body
  const first = async (path: string) => (await server.api<{ items: JsonObject[] }>('GET', path)).body.items[0]
  const organization = await of('/organization')
  const { id, name, profile } = (await first('/connectors')) ?? {}
  const bought = await purchaseOf(server, 'PWM')
  const guest = (await first('/roles?filter=id%20eq%20%22guest%22'))?.permissions as readonly string[]
  const rows: readonly (readonly [path: string, same: object, other: object])[] = [
    ['/organization', { name: organization.name, settings: organization.settings }, { name: 'Acme' }],
    ['/organization', { settings: { licenseMask: {} } }, { settings: { seatSpillover: false } }],
    ['/organization', {}, { settings: { licenseMask: { PWM: [] } } }],
    [`/connectors/${id}`, { name, profile }, { name: 'Okta' }],
    [`/connectors/${id}`, {}, { profile: 'okta' }],
    [`/seats/purchases/${bought.id}`, { quantity: bought.quantity, start: bought.start, end: null }, { quantity: 9 }],
    [`/seats/purchases/${bought.id}`, {}, { end: '2030-01-01T00:00:00Z' }],
    ['/roles/user', { name: 'User', default: true }, { default: false }],
    ['/roles/guest', { permissions: [...guest, ...guest].reverse() }, { permissions: ['pages.servers'] }],
    ['/roles/guest', {}, { default: true }]
  ]
  for (const [path, same, other] of rows) {
    const title = `${path} ${JSON.stringify(same)}`
    const stored = await wholeFingerprint(server.store, server.context.tenant)
    const answer = await server.api('PATCH', path, same)
    t.equal(answer.status, 200, `${title}: ${answer.text}`)
    const after = await wholeFingerprint(server.store, server.context.tenant)
    t.ok(after === stored, `${title}: ${difference(stored, after)}`)
    const changed = await server.api('PATCH', path, other, { 'if-match': String(answer.headers.etag) })
    t.equal(changed.status, 200, `${title}: its tag is still that of what is stored: ${changed.text}`)
    t.not(await wholeFingerprint(server.store, server.context.tenant), stored, `${path} ${JSON.stringify(other)}`)
  }
})

onBothStores(t, 'the activation is told, and no event holds a secret', async (t, server) => {
  const password = 'Zf9-never-kept'
  const ada = await provision(server, 'ada', { password })
  await server.scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'password', value: password }))
  await server.api('POST', '/connectors', { name: 'Okta' })
  const all = await events(server, 'id pr')
  t.ok(all.some(({ action, actor }) => action === 'organization.activated' && actor.kind === 'system'))
  const text = JSON.stringify(all)
  for (const secret of [password, server.adminKey.slice(15), server.scimToken.slice(15)]) t.notMatch(text, secret)
})

interface Page {
  readonly items: readonly Event[]
  readonly next: string | null
}
const list = async (server: TestServer, query: Readonly<Record<string, string>>) =>
  server.api<Page>('GET', `/audit?${new URLSearchParams(query)}`)

onBothStores(
  t,
  'the log is paged without a gap, newest first or sorted, and filtered by what an event says',
  async (t, server) => {
    for (let i = 0; i < 12; i++) {
      await provision(server, `user${i}`, { active: false })
      server.clock.advance(60_000)
    }
    const whole = (await list(server, { limit: '1000' })).body.items
    t.same(
      whole.map(({ id }) => id),
      whole
        .map(({ id }) => id)
        .sort()
        .reverse(),
      'newest first'
    )

    const walk = async (query: Readonly<Record<string, string>>) => {
      const items: Event[] = []
      let cursor: string | null = null
      do {
        const page: Page = (await list(server, { ...query, ...(cursor === null ? {} : { cursor }) })).body
        t.ok(page.items.length > 0 && page.items.length <= 5)
        items.push(...page.items)
        cursor = page.next
        // What comes in between is newer, and no page behind shows it.
        if (query.sort === undefined && items.length === 5)
          await provision(server, `late${items.length}${query.filter?.length ?? 0}`, { active: false })
      } while (cursor !== null)
      return items.map(({ id }) => id)
    }
    t.same(
      await walk({ limit: '5' }),
      whole.map(({ id }) => id)
    )
    const created = 'action eq "user.created"'
    const before = (await list(server, { limit: '1000', filter: created })).body.items
    t.same(
      await walk({ limit: '5', filter: created }),
      before.map(({ id }) => id)
    )
    const oldestFirst = await walk({ limit: '5', sort: 'at', filter: created })
    const times = new Map((await list(server, { limit: '1000' })).body.items.map(({ id, at }) => [id, at]))
    t.same(
      oldestFirst.map(id => times.get(id)),
      oldestFirst.map(id => times.get(id)).sort(),
      'sorted by time'
    )
    t.equal(new Set(oldestFirst).size, 14)

    const count = async (filter: string) => (await list(server, { limit: '1000', filter })).body.items.length
    const first = before.at(-1)
    t.equal(await count(`target.id eq "${first?.target.id}"`), 1)
    t.equal(await count('target.name eq "user3"'), 1)
    t.equal(await count('actor.kind eq "connector"'), 14)
    t.equal(await count(`${created} and at lt "2026-11-21T09:02:00Z"`), 2)
    t.equal(
      await count(`${created} and at ge "2026-11-21T09:02:00Z" and at lt "2026-11-21T10:05:00+01:00"`),
      3,
      'times with an offset'
    )
    t.equal(await count('action sw "user." and not (target.name sw "user")'), 2)

    for (const query of [
      { filter: 'nonsense' },
      { filter: 'colour eq "red"' },
      { sort: 'colour' },
      { limit: '0' },
      { limit: '1001' },
      { limit: 'many' },
      { cursor: 'nonsense' },
      { cursor: Buffer.from('{"i":7}').toString('base64url') }
    ]) {
      t.equal((await list(server, query)).status, 400, JSON.stringify(query))
    }
    const { next } = (await list(server, { limit: '5' })).body
    t.equal(
      (await list(server, { limit: '5', sort: 'at', cursor: String(next) })).status,
      400,
      'a cursor of another order'
    )
  }
)
