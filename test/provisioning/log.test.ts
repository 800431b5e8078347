import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { activate } from '../../src/admin/activate.ts'
import { enterpriseUrn, licenseUrn, newUser, onBothStores, patch, provision, userUrn } from '../support/app.ts'
import { logged, newest } from './support.ts'

onBothStores(t, 'a change is told whole: what was sent, how it was read, and what it came to', async (t, server) => {
  const { scim, clock, context } = server
  const { connector, token } = await createConnector(context, 'Contoso', 'entra')
  const id = await provision(server, 'ada@contoso.com', { title: 'Dr' })
  clock.advance(60_000)
  const answer = await server.request(
    {
      method: 'PATCH',
      url: `/scim/v2/Users/${id}?aadOptscim062020`,
      payload: {
        Operations: [
          { op: 'Replace', path: 'active', value: 'False' },
          { op: 'Remove', path: 'title' },
          { op: 'Add', path: 'password', value: 'canary' },
          { op: 'Add', path: `${enterpriseUrn}:department`, value: 'R&D' }
        ]
      },
      headers: { 'user-agent': 'Entra', 'if-match': '*', 'x-request-id': 'r-1' }
    },
    token
  )
  t.equal(answer.status, 200)
  const entry = await newest(server)
  t.match(entry, {
    at: '2026-11-21T09:01:00.000Z',
    connector: { kind: 'connector', id: connector.doc.id, name: 'Contoso', profile: 'entra' },
    requestId: 'r-1',
    operation: 'patch',
    method: 'PATCH',
    path: `/Users/${id}`,
    query: { aadOptscim062020: '' },
    headers: { 'user-agent': 'Entra', 'if-match': '*', 'content-type': 'application/json' },
    body: { value: { Operations: [{ op: 'Replace', value: 'False' }, {}, { value: '***' }, {}] }, redacted: true },
    rewrites: ['default-schemas', 'op-case', 'string-booleans'],
    read: { body: { value: { Operations: [{ op: 'replace', value: false }] } } },
    status: 200,
    outcome: 'done',
    answer: { value: { userName: 'ada@contoso.com', active: false }, truncated: false },
    resource: { type: 'User', id, name: 'ada@contoso.com' },
    effects: [
      { action: 'seat.released', target: { id }, detail: { type: 'PWM', cause: 'deactivated' } },
      { action: 'user.deactivated', detail: { changed: ['active', 'title', enterpriseUrn] } }
    ]
  })
  t.same(entry.difference, [
    { path: 'title', before: 'Dr' },
    { path: 'active', before: true, after: false },
    { path: `${licenseUrn}:licenseState`, before: 'held', after: 'released' },
    { path: `${enterpriseUrn}:department`, after: 'R&D' }
  ])
  t.notMatch(JSON.stringify(entry), /canary|authorization|usher_scim_/i)
  const events = await server.api('GET', `/audit?${encodeURI('filter=requestId eq "r-1"')}`)
  const ids = new Set((events.body.items as { id: string }[]).map(event => event.id))
  t.same(ids, new Set((entry.effects as unknown as { event: string }[]).map(({ event }) => event)))

  await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }))
  t.match(await newest(server), { outcome: 'unchanged', status: 200, difference: [], effects: [], resource: { id } })
})

onBothStores(t, 'a new user, a group, its members and their end are told with their effects', async (t, server) => {
  const { scim } = server
  const ada = await provision(server, 'Ada', { externalId: 'x-1' })
  t.match(await newest(server), {
    operation: 'create',
    resource: { id: ada, name: 'Ada', externalId: 'x-1' },
    effects: [
      { action: 'user.created', detail: { roles: ['user'] } },
      { action: 'seat.assigned', detail: { type: 'PWM' } }
    ]
  })
  const { body: group } = await scim('POST', '/Groups', { displayName: 'Eng', members: [{ value: ada }] })
  t.match(await newest(server), {
    resource: { type: 'Group', id: group.id, name: 'Eng' },
    difference: [
      { path: 'displayName', after: 'Eng' },
      { path: 'members', after: [ada] }
    ]
  })
  await scim('PATCH', `/Groups/${group.id}`, patch({ op: 'remove', path: `members[value eq "${ada}"]` }))
  t.match(await newest(server), {
    difference: [{ path: 'members', before: [ada] }],
    effects: [{ action: 'group.membersChanged' }]
  })
  await scim('DELETE', `/Users/${ada}`)
  t.match(await newest(server), {
    operation: 'delete',
    status: 204,
    outcome: 'done',
    difference: [
      { path: 'externalId', before: 'x-1' },
      { path: 'userName', before: 'Ada' },
      { path: 'active' },
      {},
      {}
    ],
    effects: [{ action: 'seat.released', detail: { cause: 'deleted' } }, { action: 'user.deleted' }]
  })
  const changes = ['delete', 'patch', 'create', 'create']
  for (const name of [ada, 'ADA', 'x-1']) {
    const found = (await logged(server, `user=${name}`)).map(({ operation }) => operation)
    t.same(found, changes, `${name}: where groups took her in and let her go too, though she is gone`)
  }
  t.equal((await logged(server, 'user=eng')).length, 2)
})

onBothStores(
  t,
  'what is refused is told with the attribute, the reason and what demands it',
  async (t, server) => {
    const { scim, request, scimToken } = server
    await provision(server, 'one', {})
    await provision(server, 'two', {})
    await scim('POST', '/Users', newUser('seven'))
    t.match(await newest(server), {
      outcome: 'refused',
      status: 403,
      error: {
        code: 'seat_limit_reached',
        attribute: 'licenseType',
        detail: /No license seat is free/,
        rfc: 'SEAT-63'
      },
      resource: { type: 'User', name: 'seven' },
      effects: [{ action: 'seat.refused' }]
    })
    await request({ method: 'POST', url: '/scim/v2/Users', payload: '{"password": "canary', headers: json }, scimToken)
    const broken = await newest(server)
    t.match(broken, { status: 400, error: { scimType: 'invalidSyntax', attribute: 'body', rfc: /RFC/ } })
    t.notOk('body' in broken, 'what cannot be read cannot be redacted')
    t.notMatch(JSON.stringify(broken), 'canary')
    for (const filter of ['password eq canary', 'password eqq "canary"', 'userName eq "a" and canary password']) {
      await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      const entry = await newest(server)
      t.match(entry, { status: 400, query: { filter: '***' }, error: { scimType: 'invalidFilter', detail: '***' } })
      t.notMatch(JSON.stringify(entry), 'canary', filter)
    }
    await scim('PUT', '/Nothing', {})
    t.match(await newest(server), { status: 404, path: '/Nothing', outcome: 'refused' })
    await scim('POST', '/Users', 'x'.repeat(2 << 20))
    t.match(await newest(server), { status: 413, error: { code: 'payload_too_large' } })
    const before = (await logged(server)).length
    await request({ method: 'GET', url: '/scim/v2/Users' }, 'nobody')
    await request({ method: 'GET', url: '/scim/v2/Users' })
    t.equal((await logged(server)).length, before, 'without a token it is no organization’s')
  },
  { seats: 'PWM=3' }
)

const json = { 'content-type': 'application/json' }

onBothStores(
  t,
  'entries are found by caller, outcome, operation, rewrite, request and time, page by page',
  async (t, server) => {
    const { scim, clock, context } = server
    const { token } = await createConnector(context, 'Second', 'strict')
    const ada = await provision(server, 'ada')
    clock.advance(1000)
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'Replace', path: 'title', value: 'Dr' }), {
      'x-request-id': 'r-7'
    })
    clock.advance(1000)
    await scim('GET', '/Users?filter=userName%20eq%20%22Ada%22')
    clock.advance(1000)
    await server.request({ method: 'POST', url: '/scim/v2/Users', payload: { userName: 'b' } }, token)
    const rows: Array<[string, readonly string[]]> = [
      ['', ['create', 'list', 'patch', 'create']],
      ['filter=connector.name eq "SECOND"', ['create']],
      ['filter=connector.profile eq "strict" and status eq 400', ['create']],
      ['filter=outcome eq "refused"', ['create']],
      ['filter=outcome eq "done" and operation ne "list"', ['patch', 'create']],
      ['filter=method eq "GET"', ['list']],
      ['filter=rewrites eq "op-case"', ['patch']],
      ['filter=requestId eq "r-7"', ['patch']],
      ['filter=resource.name eq "ADA"', ['patch', 'create']],
      [`filter=resource.id eq "${ada}" and resource.type eq "User"`, ['patch', 'create']],
      ['filter=at ge "2026-11-21T09:00:01Z" and at lt "2026-11-21T09:00:03Z"', ['list', 'patch']],
      ['filter=at ge "2026-11-21T09:00:01Z"&sort=at', ['patch', 'list', 'create']],
      ['user=ada', ['list', 'patch', 'create']],
      ['user=ada&filter=operation eq "patch"', ['patch']]
    ]
    for (const [query, expected] of rows) {
      t.same(
        (await logged(server, query)).map(({ operation }) => operation),
        expected,
        query
      )
    }
    const first = await server.api('GET', '/provisioning-log?limit=3')
    const second = await server.api('GET', `/provisioning-log?limit=3&cursor=${first.body.next}`)
    t.match([first.body.items, second.body], [{ length: 3 }, { items: { length: 1 }, next: null }])
  }
)

onBothStores(t, 'what no handler ever saw is told too: too many requests, and who may not', async (t, server) => {
  const { connector, token } = await createConnector(server.context, 'Fast', 'generic')
  const limit = { settings: { rateLimit: { requests: 1, seconds: 60 } } }
  const { status, text } = await server.api('PATCH', `/connectors/${connector.doc.id}`, limit)
  t.equal(status, 200, text)
  for (let i = 0; i < 2; i++) await server.request({ method: 'GET', url: '/scim/v2/Users' }, token)
  const viewer = await server.keyOf('viewer')
  await server.request({ method: 'DELETE', url: '/scim/v2/Users/x' }, viewer)
  t.match(await logged(server), [
    { operation: 'delete', status: 403, connector: { kind: 'administrator' }, error: { code: 'insufficient_scope' } },
    { operation: 'list', status: 429, connector: { name: 'Fast' }, error: { code: 'too_many_requests', rfc: /6585/ } },
    { operation: 'list', status: 200 }
  ])
})

onBothStores(t, 'an organization sees nothing of the log of another', async (t, server) => {
  const other = await activate(server.env, { seats: { PWM: 5, PAM: 0 } }, server.env.makeId())
  if (other === undefined) throw new Error('no second organisation')
  await server.request({ method: 'GET', url: '/scim/v2/Users', headers: { 'x-request-id': 'theirs' } }, other.scimToken)
  await server.scim('GET', '/Groups')
  const [ours, ...more] = await logged(server)
  t.match([ours?.path, more.length], ['/Groups', 0])
  t.equal((await logged(server, 'filter=requestId eq "theirs"')).length, 0)
  const theirs = await server.request<{ items: { id: string }[] }>(
    { method: 'GET', url: '/api/v1/provisioning-log' },
    other.adminKey
  )
  t.equal(theirs.body.items.length, 1)
  t.equal((await server.api('GET', `/provisioning-log/${theirs.body.items[0]?.id}`)).status, 404)
})

onBothStores(t, 'a bulk request and its operations are entries; what was taken back is in none', async (t, server) => {
  const bulk = (operations: readonly object[], headers: Record<string, string> = {}) =>
    server.scim(
      'POST',
      '/Bulk',
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations },
      headers
    )
  const create = (userName: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId: userName,
    data: newUser(userName, { password: 'canary' })
  })
  const group = {
    method: 'POST',
    path: '/Groups',
    bulkId: 'g',
    data: { displayName: 'G', members: [{ value: 'bulkId:ada' }] }
  }
  await bulk([create('ada'), { method: 'DELETE', path: '/Users/nobody' }, group])
  const [whole, ...none] = await logged(server, 'filter=operation eq "bulk"')
  if (whole === undefined) throw new Error('no bulk')
  t.match([whole, none], [{ status: 200, outcome: 'done', path: '/Bulk' }, []])
  const parts = await logged(server, `filter=bulk eq "${whole.id}"`)
  t.match(parts.toReversed(), [
    { operation: 'create', status: 201, effects: [{ action: 'user.created' }, { action: 'seat.assigned' }] },
    { operation: 'delete', status: 404, error: { code: 'not_found' } },
    { operation: 'create', resource: { name: 'G' }, difference: [{ path: 'displayName' }, { path: 'members' }] }
  ])
  t.equal(parts.length, 3)
  const { body } = await server.api('GET', `/provisioning-log/${whole.id}`)
  t.notMatch(JSON.stringify([body, parts]), 'canary')

  await bulk([create('ben'), create('ada')], { 'usher-transaction': 'true' })
  const [undone] = await logged(server, 'filter=operation eq "bulk"&limit=1')
  const refused = await logged(server, `filter=bulk eq "${undone?.id}"`)
  t.match(refused, [{ resource: { name: 'ada' }, error: { code: 'uniqueness' } }], 'ben never was')
  t.match([refused.length, undone], [1, { difference: [], effects: [] }])
})

onBothStores(t, 'what an organization calls secret in its own schemas is in no entry', async (t, server) => {
  const urn = 'urn:example:params:scim:schemas:extension:badge:1.0:User'
  const attributes = [
    { name: 'number', type: 'string' },
    { name: 'opening', type: 'string', mutability: 'writeOnly', returned: 'never' }
  ]
  const schema = await server.api('POST', '/schemas', { id: urn, name: 'Badge', description: 'Of a door', attributes })
  const type = await server.api('PUT', '/resource-types/User', {
    name: 'User',
    description: 'User Account',
    endpoint: '/Users',
    schema: userUrn,
    schemaExtensions: [
      { schema: enterpriseUrn, required: false },
      { schema: licenseUrn, required: false },
      { schema: urn, required: false }
    ]
  })
  t.same([schema.status, type.status], [201, 200], `${schema.text} ${type.text}`)
  const badge = (opening: string) => ({ [urn]: { number: '7', opening } })
  const id = await provision(server, 'ada', badge('canary'))
  const { status } = await server.scim('PATCH', `/Users/${id}`, patch({ op: 'add', value: badge('canary') }))
  t.equal(status, 200)
  const named = patch({ op: 'replace', path: `${urn}:opening`, value: 'canary' })
  t.equal((await server.scim('PATCH', `/Users/${id}`, named)).status, 200)
  const entries = await logged(server)
  t.equal(entries.length, 3)
  for (const { id: entry } of entries) {
    const { text } = await server.api('GET', `/provisioning-log/${entry}`)
    t.notMatch(text, 'canary')
    t.match(text, /\*\*\*/)
  }
})
