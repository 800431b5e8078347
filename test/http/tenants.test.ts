/**
 * Hardening row S2: two organizations on one server. Whatever names something of the other one, in a URL, a body, a filter or a
 * cursor, gets byte for byte the answer that an id of nobody gets, and writes nothing in either.
 */
import t, { type Test } from 'tap'
import { roles } from '../../src/access/roles.ts'
import { activate } from '../../src/admin/activate.ts'
import type { Context } from '../../src/audit/context.ts'
import { purchases } from '../../src/licensing/collections.ts'
import { notifications } from '../../src/licensing/notifications.ts'
import { asyncRequests } from '../../src/provisioning/async-requests.ts'
import { insert } from '../../src/store/port.ts'
import { type Answer, groupUrn, newUser, onBothStores, patch, type TestServer } from '../support/app.ts'
import { difference, wholeFingerprint } from '../support/fingerprint.ts'
import { routesOf } from '../support/route-table.ts'
import { bulk } from './hostile/row.ts'
import { type IdKind, type RouteRow, requestOf, routeRows } from './route-rows.ts'

type Owned = Exclude<IdKind, 'schema' | 'resourceType' | 'endpoint' | 'license' | 'file'>

/** An organization with one of each thing that has an id. */
interface Tenant {
  readonly name: string
  readonly adminKey: string
  readonly scimToken: string
  /** Of the event stream's receiver. */
  readonly receiverToken: string
  readonly ids: Readonly<Record<Owned, string>>
  /** A user that belongs to no group, and the external id of the other. */
  readonly texts: readonly string[]
}

const unknown = '01900000-0000-7000-8000-000000000000'
const requestId = 'the-same-for-all'

async function populate(
  server: TestServer,
  name: string,
  secrets: { adminKey: string; scimToken: string }
): Promise<Tenant> {
  const context: Context = { ...server.context, tenant: name }
  const send = async (token: string, method: 'POST' | 'PATCH', url: string, payload: object) => {
    const answer = await server.request({ method, url, payload }, token)
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.text}`)
    return answer.body
  }
  const call = async (...request: Parameters<typeof send>) => String((await send(...request)).id)
  const { adminKey, scimToken } = secrets
  const texts = [`${name}-ada`, `${name}-external`, `${name}-eng`, `${name}-okta`, `${name}-role`, `${name}-note`]
  const [userName = '', externalId = '', displayName = '', connectorName = '', roleName = '', note = ''] = texts
  const user = await call(scimToken, 'POST', '/scim/v2/Users', newUser(userName, { externalId, title: 'Boss' }))
  const group = await call(scimToken, 'POST', '/scim/v2/Groups', {
    schemas: [groupUrn],
    displayName,
    members: [{ value: user }]
  })
  const connector = await call(adminKey, 'POST', '/api/v1/connectors', { name: connectorName })
  const stream = await send(adminKey, 'POST', '/api/v1/event-streams', {
    name: `${name}-stream`,
    audience: `https://${name}.example.com`,
    events: ['urn:ietf:params:scim:event:prov:create:notice'],
    delivery: { method: 'poll' }
  })
  const own = { attributes: [{ name: 'owned' }] }
  const ownSchema = await call(adminKey, 'POST', '/api/v1/schemas', { id: `urn:example:${name}:own`, ...own })
  const core = await call(adminKey, 'POST', '/api/v1/schemas', { id: `urn:example:${name}:core`, ...own })
  const ownType = await call(adminKey, 'POST', '/api/v1/resource-types', {
    name: `Thing${name}`,
    endpoint: `/things-${name}`,
    schema: core
  })
  const [role, notification] = [server.env.makeId(), server.env.makeId()]
  const { body: me } = await server.request({ method: 'GET', url: '/api/v1/me' }, adminKey)
  const asyncRequest = {
    id: server.env.makeId(),
    caller: { kind: 'administrator' as const, id: String(me.id), name },
    method: 'DELETE',
    url: `/Users/${user}`,
    base: 'http://localhost/scim/v2',
    sent: null,
    outcome: { at: server.clock.now(), operations: [{ method: 'DELETE', status: '404' }] }
  }
  const created = server.clock.now()
  await server.store.commit(
    [
      insert(roles, name, { id: role, name: roleName, static: false, default: false, permissions: [], created }),
      insert(asyncRequests, name, { ...asyncRequest, at: created }),
      insert(notifications, name, { id: notification, at: created, kind: 'seats_90', text: note, dismissed: null })
    ],
    { id: context.makeId() }
  )
  const [purchase] = await server.store.find(purchases, name, { limit: 1 })
  const log = await server.request<{ items: { id: string }[] }>(
    { method: 'GET', url: '/api/v1/provisioning-log' },
    adminKey
  )
  return {
    name,
    adminKey,
    scimToken,
    receiverToken: String(stream.token),
    ids: {
      user,
      group,
      role,
      connector,
      ownSchema,
      ownType,
      eventStream: String(stream.id),
      notification,
      purchase: purchase?.doc.id ?? '',
      entry: log.body.items[0]?.id ?? '',
      asyncRequest: asyncRequest.id
    },
    texts
  }
}

async function twoTenants(server: TestServer): Promise<readonly [Tenant, Tenant]> {
  const secrets = await activate(server.env, { seats: { PAM: 5, PWM: 5 } }, 'borealis')
  if (secrets === undefined) throw new Error('borealis is there already')
  return [await populate(server, 'default', server), await populate(server, 'borealis', secrets)]
}

const state = async ({ store }: TestServer, tenants: readonly Tenant[]) =>
  (await Promise.all(tenants.map(({ name }) => wholeFingerprint(store, name)))).join('\n')

/** All of an answer that a client can see, but for the moment. */
function seen({ status, headers, text }: Answer): string {
  const { date: _date, ...kept } = headers
  return JSON.stringify({ status, headers: kept, text })
}

/** The same request for an id of the other organization and for one of nobody. */
async function compare(t: Test, title: string, ask: (id: string) => Promise<Answer>, foreign: string): Promise<void> {
  const [theirs, nobodys] = [await ask(foreign), await ask(unknown)]
  t.equal(seen(theirs).replaceAll(foreign, unknown), seen(nobodys), title)
  t.notOk(theirs.status >= 500, `${title}: ${theirs.status}`)
}

/** Those that open a route. */
function tokensFor({ route }: RouteRow, { adminKey, scimToken, receiverToken }: Tenant): readonly string[] {
  if (route.endsWith('/poll')) return [receiverToken]
  return route.includes('/scim/') ? [adminKey, scimToken] : [adminKey]
}

const isOwned = (row: RouteRow): row is RouteRow & { readonly id: Owned } =>
  row.id !== undefined && !['schema', 'resourceType', 'endpoint', 'license', 'file'].includes(row.id)

onBothStores(t, 'S2 an id of another organization is an id of nobody, on every route', async (t, server) => {
  const tenants = await twoTenants(server)
  const routes = routesOf(server.app).filter(({ pattern }) => pattern.includes(':'))
  t.strictSame(
    routeRows
      .filter(({ id }) => id !== undefined && id !== 'file')
      .map(({ route }) => route)
      .sort(),
    routes.map(({ method, pattern }) => `${method} ${pattern}`).sort(),
    'every route with an id is here'
  )
  const before = await state(server, tenants)
  for (const [we, they] of [tenants, [tenants[1], tenants[0]]] as const) {
    for (const row of routeRows.filter(isOwned)) {
      for (const token of tokensFor(row, we)) {
        const ask = (id: string) => {
          const request = requestOf(row, id)
          return server.request({ ...request, headers: { ...request.headers, 'x-request-id': requestId } }, token)
        }
        await compare(t, `${row.route} of ${they.name} by ${we.name}`, ask, they.ids[row.id])
      }
    }
  }
  const after = await state(server, tenants)
  t.equal(after, before, `nothing was written ${difference(before, after)}`)
})

onBothStores(t, 'S2 the same requests with an id of ours find what they name', async (t, server) => {
  const [we] = await twoTenants(server)
  const deletesLast = routeRows
    .filter(isOwned)
    .toSorted((a, b) => Number(/^DELETE/.test(a.route)) - Number(/^DELETE/.test(b.route)))
  for (const row of deletesLast) {
    // A user is deleted over SCIM and over the API; the second time there is nobody.
    if (row.route === 'DELETE /api/v1/users/:id') continue
    // A second id in the path is nobody's here, and its first one was found for it.
    if (row.route === 'DELETE /api/v1/connectors/:id/tokens/:token') continue
    // Whose schema it would name, its row cannot know.
    if (row.route === 'PUT /api/v1/resource-types/:id') continue
    const [token] = tokensFor(row, we)
    const { status, text } = await server.request(requestOf(row, we.ids[row.id]), token)
    t.ok(status < 300 || status === 409, `${row.route}: ${status} ${status < 300 ? '' : text}`)
  }
})

type Place = readonly [
  title: string,
  id: Owned,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  url: string,
  body?: (id: string) => unknown
]

const filter = (text: string) => `?filter=${encodeURIComponent(text)}`
const withMember = (value: string) => patch({ op: 'add', path: 'members', value: [{ value }] })

/** Where else an id can stand. `{id}` is it, `{user}` and `{group}` are our own. */
const places: readonly Place[] = [
  ['a new member', 'user', 'PATCH', '/scim/v2/Groups/{group}', withMember],
  ['a group as a new member', 'group', 'PATCH', '/scim/v2/Groups/{group}', withMember],
  [
    'a member in place of all',
    'user',
    'PUT',
    '/scim/v2/Groups/{group}',
    id => ({ schemas: [groupUrn], displayName: 'x', members: [{ value: id }] })
  ],
  [
    'a member of a new group',
    'user',
    'POST',
    '/scim/v2/Groups',
    id => ({ schemas: [groupUrn], displayName: 'x', members: [{ value: id }] })
  ],
  [
    'a member that leaves',
    'user',
    'PATCH',
    '/scim/v2/Groups/{group}',
    id => patch({ op: 'remove', path: `members[value eq "${id}"]` })
  ],
  ['our own id as theirs', 'user', 'PATCH', '/scim/v2/Users/{user}', id => patch({ op: 'replace', value: { id } })],
  [
    'a change in bulk',
    'user',
    'POST',
    '/scim/v2/Bulk',
    id => bulk({ method: 'PATCH', path: `/Users/${id}`, data: patch({ op: 'replace', path: 'title', value: 'Owned' }) })
  ],
  ['a delete in bulk', 'group', 'POST', '/scim/v2/Bulk', id => bulk({ method: 'DELETE', path: `/Groups/${id}` })],
  ['users by id', 'user', 'GET', `/scim/v2/Users${filter('id eq "{id}"')}`],
  ['users of a group', 'group', 'GET', `/scim/v2/Users${filter('groups.value eq "{id}"')}`],
  ['users by their group, in brackets', 'group', 'GET', `/scim/v2/Users${filter('groups[value eq "{id}"]')}`],
  ['groups by id', 'group', 'GET', `/scim/v2/Groups${filter('id eq "{id}"')}`],
  ['groups of a user', 'user', 'GET', `/scim/v2/Groups${filter('members.value eq "{id}"')}`],
  [
    'a license in a list',
    'user',
    'POST',
    '/api/v1/users/license-changes',
    user => ({ changes: [{ user, type: 'PAM' }] })
  ],
  [
    'a license in a list with ours',
    'user',
    'POST',
    '/api/v1/users/license-changes',
    user => ({
      changes: [
        { user: '{user}', type: 'PAM' },
        { user, type: 'PAM' }
      ]
    })
  ],
  ['a role for a user', 'role', 'PUT', '/api/v1/users/{user}/roles', role => ({ roles: [role] })],
  [
    'a role for a new user',
    'role',
    'POST',
    '/api/v1/users',
    role => ({ userName: 'x', license: { type: 'PWM' }, roles: [role] })
  ],
  ['users of the API by id', 'user', 'GET', `/api/v1/users${filter('id eq "{id}"')}`],
  ['events about a user', 'user', 'GET', `/api/v1/audit${filter('target.id eq "{id}"')}`],
  ['events of a connector', 'connector', 'GET', `/api/v1/audit${filter('actor.id eq "{id}"')}`],
  ['roles by id', 'role', 'GET', `/api/v1/roles${filter('id eq "{id}"')}`],
  ['connectors by id', 'connector', 'GET', `/api/v1/connectors${filter('id eq "{id}"')}`],
  ['purchases by id', 'purchase', 'GET', `/api/v1/seats/purchases${filter('id eq "{id}"')}`],
  ['notices by id', 'notification', 'GET', `/api/v1/notifications${filter('id eq "{id}"')}`]
]

onBothStores(t, 'S2 nor does it mean anything in a body or a filter', async (t, server) => {
  const tenants = await twoTenants(server)
  const before = await state(server, tenants)
  for (const [we, they] of [tenants, [tenants[1], tenants[0]]] as const) {
    for (const [title, kind, method, url, body] of places) {
      const ask = (id: string) => {
        const fill = (text: string) => text.replaceAll('{user}', we.ids.user).replaceAll('{group}', we.ids.group)
        const payload = body === undefined ? {} : { payload: fill(JSON.stringify(body(id))) }
        const headers = {
          'x-request-id': requestId,
          ...(body === undefined ? {} : { 'content-type': 'application/json' })
        }
        const filled = fill(url).replace('%7Bid%7D', id)
        return server.request(
          { method, url: filled, ...payload, headers },
          url.startsWith('/scim') ? we.scimToken : we.adminKey
        )
      }
      await compare(t, `${title} of ${they.name}, by ${we.name}`, ask, they.ids[kind])
    }
  }
  const after = await state(server, tenants)
  t.equal(after, before, `nothing was written ${difference(before, after)}`)
})

onBothStores(t, 'S2 lists show what is ours and nothing of the others', async (t, server) => {
  const tenants = await twoTenants(server)
  const lists = routeRows.filter(
    ({ route, id }) => route.startsWith('GET /') && id === undefined && !/health|docs|openapi/.test(route)
  )
  for (const [we, they] of [tenants, [tenants[1], tenants[0]]] as const) {
    const theirs = [...Object.values(they.ids), ...they.texts, ...(they.name === 'default' ? [] : [they.name])]
    for (const row of lists) {
      const { status, text } = await server.request(requestOf(row, ''), we.adminKey)
      // The first administrator of each is the person of its user admin.
      t.equal(status, row.route === 'GET /scim/v2/Me' ? 200 : row.status, row.route)
      t.strictSame(
        theirs.filter(one => text.includes(one)),
        [],
        `${row.route} by ${we.name}`
      )
    }
    const { text } = await server.request({ url: '/scim/v2/Users' }, we.adminKey)
    t.match(text, we.ids.user, 'and ours are shown')
  }
})

onBothStores(t, "S2 names, keys for repeats, cursors and totals are each organization's own", async (t, server) => {
  const [we, they] = await twoTenants(server)
  const create = (token: string, body: object) =>
    server.request(
      { method: 'POST', url: '/scim/v2/Users', payload: body, headers: { 'idempotency-key': 'the same' } },
      token
    )
  const [ours, theirs] = [await create(we.scimToken, newUser('same')), await create(they.scimToken, newUser('same'))]
  t.equal(ours.status, 201)
  t.equal(theirs.status, 201, 'one userName in each')
  t.not(ours.body.id, theirs.body.id, 'a key for repeats brings no answer of the other')

  const page = await server.request<{ next: string; items: { id: string }[] }>(
    { url: '/api/v1/users?limit=1' },
    they.adminKey
  )
  const refused = { status: 400, body: { code: 'invalid_value', field: 'cursor' } }
  t.match(await server.request({ url: `/api/v1/users?cursor=${page.body.next}` }, we.adminKey), refused)
  t.match(await server.request({ url: '/api/v1/users?cursor=nobody' }, we.adminKey), refused)
  const first = await server.request<{ nextCursor: string }>({ url: '/scim/v2/Users?cursor&count=1' }, they.scimToken)
  const theirCursor = `/scim/v2/Users?count=1&cursor=${first.body.nextCursor}`
  t.equal((await server.request({ url: theirCursor }, they.scimToken)).status, 200)
  t.match((await server.request({ url: theirCursor }, we.scimToken)).body, { scimType: 'invalidCursor' })

  const seatsOf = async (key: string) => (await server.request({ url: '/api/v1/seats' }, key)).text
  const [before, totals] = [
    await seatsOf(they.adminKey),
    await server.request({ url: '/scim/v2/Users?count=0' }, they.scimToken)
  ]
  await create(we.scimToken, newUser('same'))
  await server.request({ method: 'POST', url: '/scim/v2/Users', payload: newUser('one more') }, we.scimToken)
  t.equal(await seatsOf(they.adminKey), before, 'our users take no seat of theirs')
  t.equal((await server.request({ url: '/scim/v2/Users?count=0' }, they.scimToken)).text, totals.text)
})
