/**
 * No SCIM request changes what an administrator may do, or which roles users hold (Keycloak#50473: a group gave what a user
 * could not): not what is sent to /Users, not what is sent to /Groups, not both in one Bulk request.
 */
import fc from 'fast-check'
import t from 'tap'
import { roles } from '../../src/access/roles.ts'
import { createConnector } from '../../src/admin/accounts.ts'
import { administrators, connectors, credentials, systemTenant } from '../../src/admin/collections.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import { organisations } from '../../src/licensing/organisation.ts'
import type { Collection, Doc } from '../../src/store/port.ts'
import { anyRequest } from '../fuzz/requests.ts'
import { outgoing } from '../fuzz/world.ts'
import { settings } from '../seats/support.ts'
import {
  groupUrn,
  licenseUrn,
  type Method,
  newUser,
  onBothStores,
  patch,
  provision,
  type TestServer,
  userUrn
} from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'
import { routesOf } from '../support/route-table.ts'
import { bulkUrn } from '../support/urns.ts'

const runs = Number(process.env.USHER_RUNS ?? 400)

/** What only administrators decide about, as text. */
async function decided({ store, context }: TestServer): Promise<string> {
  const all = <T extends Doc>(of: Collection<T>, tenant = context.tenant) => everyDocument(store, of, tenant)
  return JSON.stringify([
    await all(administrators),
    await all(connectors),
    await all(credentials, systemTenant),
    await all(roles),
    await all(organisations)
  ])
}

/** The roles that each user holds, by id. */
async function held({ store, context }: TestServer): Promise<ReadonlyMap<string, string>> {
  const all = await everyDocument(store, users, context.tenant)
  return new Map(all.map(({ doc }) => [doc.id, JSON.stringify(doc.roles)]))
}

/** Who holds other roles than before; who is new must hold the Default roles and no more. */
function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  return [...after].filter(([id, now]) => now !== (before.get(id) ?? '["user"]')).map(([id, now]) => `${id}: ${now}`)
}

interface World {
  readonly ada: string
  readonly ben: string
  readonly admins: string
  readonly administrator: string
}

/** Ada is Admin and Guest of the vault, Ben is what all are; there is a group with the name of a role. */
async function populate(server: TestServer): Promise<World> {
  const [ada, ben] = [await provision(server, 'ada@example.com'), await provision(server, 'ben@example.com')]
  const given = await server.api('PUT', `/users/${ada}/roles`, { roles: ['admin', 'guest'] })
  if (given.status !== 200) throw new Error(`roles: ${given.status} ${given.text}`)
  const { body } = await server.scim('POST', '/Groups', {
    schemas: [groupUrn],
    displayName: 'Admin',
    members: [{ value: ada }]
  })
  const [administrator] = await everyDocument(server.store, administrators, server.context.tenant)
  return { ada, ben, admins: String(body.id), administrator: String(administrator?.doc.id) }
}

const names = ['admin', 'Admin', 'guest', 'administrator', 'administrator_with_billing', 'Administrators']

/** What would raise somebody, were it taken for a grant. */
function grants({ ada, ben, admins, administrator }: World): readonly (readonly [Method, string, JsonObject?])[] {
  const values = names.map((value, i) => ({ value, display: value, type: `t${i}` }))
  const wanted = { roles: values, entitlements: values, userType: 'Administrator', title: 'Admin', role: 'admin' }
  const more = { ...wanted, groups: [{ value: admins }], [licenseUrn]: { licenseType: 'PAM' }, protected: true }
  const group = { schemas: [groupUrn], displayName: 'Administrators', roles: values, role: 'admin' }
  const members = [ben, administrator].map(value => ({ value }))
  const creation = { method: 'POST', path: '/Users', bulkId: 'new', data: newUser('fay@example.com', more) }
  const joining = { op: 'add', path: 'members', value: [{ value: 'bulkId:new' }] }
  return [
    ['POST', '/Users', newUser('cleo@example.com', more)],
    ['PUT', `/Users/${ben}`, newUser('ben@example.com', more)],
    ['PATCH', `/Users/${ben}`, patch({ op: 'add', value: wanted })],
    ['PATCH', `/Users/${ben}`, patch({ op: 'replace', path: 'roles', value: values })],
    ['PATCH', `/Users/${ben}`, patch({ op: 'add', path: 'groups', value: [{ value: admins }] })],
    ['PATCH', `/Users/${ada}`, patch({ op: 'remove', path: 'roles' })],
    ['PUT', `/Users/${ada}`, newUser('ada@example.com', { roles: [] })],
    ['PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'active', value: false })],
    ['PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'active', value: true })],
    ['PUT', `/Users/${administrator}`, newUser('x', more)],
    ['PATCH', `/Users/${administrator}`, patch({ op: 'add', value: wanted })],
    ['DELETE', `/Users/${administrator}`],
    ['POST', '/Groups', { ...group, members: [{ value: ben }] }],
    ['POST', '/Groups', { ...group, members }],
    ['PUT', `/Groups/${admins}`, { ...group, members: [{ value: ben }] }],
    ['PATCH', `/Groups/${admins}`, patch({ op: 'add', path: 'members', value: [{ value: ben }] })],
    ['PATCH', `/Groups/${admins}`, patch({ op: 'add', path: 'members', value: members })],
    ['PATCH', `/Groups/${admins}`, patch({ op: 'add', value: { roles: values, displayName: 'Guest' } })],
    ['PATCH', `/Groups/${admins}`, patch({ op: 'remove', path: `members[value eq "${ada}"]` })],
    ['POST', '/Bulk', { schemas: [bulkUrn], Operations: [creation, { ...patchOf(admins, joining) }] }],
    ['DELETE', `/Groups/${admins}`]
  ]
}

const patchOf = (id: string, operation: JsonObject) => ({
  method: 'PATCH',
  path: `/Groups/${id}`,
  data: patch(operation)
})

onBothStores(
  t,
  'nothing that is sent to /Users or /Groups grants or takes a role',
  async (t, server) => {
    const world = await populate(server)
    const { token } = await createConnector(server.context, 'entra', 'entra')
    const before = await decided(server)
    let roleHolders = await held(server)
    const statuses = new Set<number>()
    for (const [method, path, body] of grants(world)) {
      for (const sender of [token, server.adminKey]) {
        const sent = body === undefined ? {} : { payload: JSON.stringify(body) }
        const headers = body === undefined ? {} : { 'content-type': 'application/scim+json' }
        const { status } = await server.request({ method, url: `/scim/v2${path}`, ...sent, headers }, sender)
        statuses.add(status)
        const title = `${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')}: ${status}`
        t.equal(await decided(server), before, title)
        const after = await held(server)
        t.same(changed(roleHolders, after), [], title)
        roleHolders = after
      }
    }
    for (const status of [200, 201, 204, 400, 404]) t.ok(statuses.has(status), `${status} came: some of it was done`)
    const { body } = await server.scim('GET', `/Users/${world.ben}`)
    const own = names.map(value => ({ value }))
    t.match(
      body,
      { schemas: [userUrn], roles: [...own, { value: 'user', type: 'VaultRole' }] },
      'what is sent as roles is kept as data'
    )
  },
  { seats: 'PWM=20,PAM=20' }
)

onBothStores(
  t,
  'where a provider may assign roles, it gives and takes none that reaches into administration',
  async (t, server) => {
    await settings(server, { allowRolesAndEntitlementsFromIdp: true })
    const world = await populate(server)
    const { token } = await createConnector(server.context, 'entra', 'entra')
    const [before, roleHolders] = [await decided(server), await held(server)]
    const isAdmin = (roles: string | undefined) => roles?.includes('"admin"') === true
    let changes = 0
    for (const [method, path, body] of grants(world)) {
      const sent = body === undefined ? {} : { payload: JSON.stringify(body) }
      const headers = body === undefined ? {} : { 'content-type': 'application/scim+json' }
      await server.request({ method, url: `/scim/v2${path}`, ...sent, headers }, token)
      const title = `${method} ${path.replace(/[0-9a-f-]{36}/, '{id}')}`
      t.equal(await decided(server), before, title)
      const now = await held(server)
      const others = [...now].filter(([id, roles]) => isAdmin(roles) !== isAdmin(roleHolders.get(id)))
      t.same(others, [], title)
      changes += [...now].filter(([id, roles]) => roles !== (roleHolders.get(id) ?? '["user"]')).length
    }
    t.ok(changes > 0, 'other roles were given and taken')
  },
  { seats: 'PWM=20,PAM=20' }
)

onBothStores(
  t,
  'nor does any other SCIM request',
  async (t, server) => {
    const world = await populate(server)
    const { token } = await createConnector(server.context, 'entra', 'entra')
    const reader = await server.keyOf('read_only')
    const known = {
      tokens: { administrator: server.adminKey, connector: token, strict: token, reader, receiver: '' },
      texts: new Map([
        ...Object.entries({ u0: world.ada, u1: world.ben, u2: world.ada, u3: world.ben, admin: world.administrator }),
        ...Object.entries({ g0: world.admins, g1: world.admins, g2: world.admins, nobody: 'nobody' })
      ])
    }
    const scim = anyRequest(routesOf(server.app).filter(({ pattern }) => pattern.startsWith('/scim/v2')))
    const before = await decided(server)
    let roleHolders = await held(server)
    let count = 0
    const property = fc.asyncProperty(scim, async request => {
      await server.app.inject(outgoing(request, known))
      if ((await decided(server)) !== before)
        throw new Error('an administrator, a connector, a role or a token changed')
      const after = await held(server)
      const wrong = changed(roleHolders, after)
      if (wrong.length > 0) throw new Error(`other roles: ${wrong.join()}`)
      roleHolders = after
      count++
    })
    await fc.assert(property, { numRuns: runs })
    t.equal(count, runs)
  },
  { seats: 'PWM=200,PAM=200' }
)
