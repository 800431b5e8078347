/** spec/roles.md: the static roles, and the Default roles of provisioning. */
import t from 'tap'
import tree from '../../schemas/permission-tree.json' with { type: 'json' }
import { roles as storedRoles } from '../../src/access/roles.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { replace } from '../../src/store/port.ts'
import { byHand, eventCount, events, filterPath, setActive, view } from '../seats/support.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'

interface RoleView {
  readonly id: string
  readonly name: string
  readonly static: boolean
  readonly default: boolean
  readonly permissions: readonly string[]
}

async function roles(server: TestServer): Promise<readonly RoleView[]> {
  return (await server.api<{ items: RoleView[] }>('GET', '/roles')).body.items
}

const change = (server: TestServer, id: string, body: JsonObject) => server.api('PATCH', `/roles/${id}`, body)

const rolesOf = async (server: TestServer, id: string) => (await view(server, id)).roles

async function admin(server: TestServer): Promise<string> {
  const { body } = await server.api<{ items: { id: string }[] }>('GET', filterPath('/users', 'userName eq "admin"'))
  return String(body.items[0]?.id)
}

async function granted(server: TestServer, id: string): Promise<readonly string[]> {
  const { body } = await server.api<{ permissions: { permission: string; granted: boolean }[] }>(
    'GET',
    `/users/${id}/effective-permissions`
  )
  return body.permissions.filter(one => one.granted).map(one => one.permission)
}

const leaves = tree.nodes.filter(node => node.leaf).map(node => node.id)

onBothStores(
  t,
  'ROLE-11 ROLE-14 ROLE-32 a new tenant has Admin, Guest and User, static, with their factory contents; User is Default',
  async (t, server) => {
    const found = await roles(server)
    t.same(
      found.map(({ id, name, static: isStatic, default: byDefault }) => [id, name, isStatic, byDefault]),
      [
        ['admin', 'Admin', true, false],
        ['guest', 'Guest', true, false],
        ['user', 'User', true, true]
      ]
    )
    const contents = (name: string) => found.find(role => role.name === name)?.permissions
    t.same(
      contents('Admin'),
      leaves.filter(leaf => leaf !== 'administration.masterAdmin')
    )
    t.same(
      contents('Guest'),
      tree.nodes.filter(node => node.leaf && node.guest === true).map(node => node.id)
    )
    t.same(
      contents('User'),
      tree.nodes.filter(node => node.leaf && node.user === true).map(node => node.id)
    )
    const shown = await server.api<{ nodes: { id: string }[] }>('GET', '/permission-tree')
    t.same(
      shown.body.nodes.map(node => node.id),
      tree.nodes.map(node => node.id)
    )
  }
)

onBothStores(
  t,
  'ROLE-12 ROLE-13 ROLE-17 ROLE-18 ROLE-31 static roles are not deleted or renamed, and Admin is not edited',
  async (t, server) => {
    const [before, count] = [await roles(server), await eventCount(server)]
    for (const { id } of before) {
      t.match(await server.api('DELETE', `/roles/${id}`), { status: 409, body: { code: 'static_role' } }, id)
    }
    for (const id of ['guest', 'user']) {
      t.match(await change(server, id, { name: 'Visitor' }), { status: 409, body: { code: 'static_role' } }, id)
    }
    t.match(await change(server, 'admin', { name: 'Root' }), { status: 409, body: { code: 'admin_protected' } })
    for (const permissions of [[], ['pages'], leaves]) {
      t.match(await change(server, 'admin', { permissions }), { status: 409, body: { code: 'admin_protected' } })
    }
    t.equal((await server.api('DELETE', '/roles/nobody')).status, 404)
    t.same(await roles(server), before)
    t.equal(await eventCount(server), count)
  }
)

onBothStores(
  t,
  'ROLE-15 ROLE-16 ROLE-20 ROLE-21 ROLE-22 the user admin keeps the Admin role, its name and its life',
  async (t, server) => {
    const id = await admin(server)
    const before = await view(server, id)
    t.match(before, { userName: 'admin', active: true, roles: ['admin'], protected: true })
    for (const kept of [[], ['user'], ['guest', 'user']]) {
      const answer = await server.api('PUT', `/users/${id}/roles`, { roles: kept })
      t.match(answer, { status: 409, body: { code: 'admin_protected' } }, `roles ${kept}`)
    }
    const over = { status: 409, body: { code: 'admin_protected' } }
    t.match(await server.api('DELETE', `/users/${id}`), over, 'deletion')
    t.match(await server.api('POST', `/users/${id}/suspend`), over, 'suspension')
    t.match(await server.api('PATCH', `/users/${id}`, { userName: 'root' }), over, 'another name')
    t.match(await server.api('PATCH', `/users/${id}`, { userName: 'Admin' }), over, 'a letter of the name')

    const scim = {
      DELETE: await server.scim('DELETE', `/Users/${id}`),
      'PATCH active': await setActive(server, id, 'False'),
      'PATCH userName': await server.scim(
        'PATCH',
        `/Users/${id}`,
        patch({ op: 'replace', path: 'userName', value: 'root' })
      ),
      'PUT active': await server.scim('PUT', `/Users/${id}`, newUser('admin', { active: false })),
      'PUT userName': await server.scim('PUT', `/Users/${id}`, newUser('root'))
    }
    for (const [what, answer] of Object.entries(scim)) {
      t.match(answer, { status: 403, body: { status: '403', detail: /admin/ } }, what)
      t.equal(answer.body.scimType, undefined)
    }
    for (const userName of ['admin', 'Admin', 'ADMIN']) {
      const taken = await server.scim('POST', '/Users', newUser(userName))
      t.match(taken, { status: 409, body: { scimType: 'uniqueness' } }, userName)
    }
    t.same(await view(server, id), before)
    t.equal(
      (await server.api('PUT', `/users/${id}/roles`, { roles: ['admin', 'guest'] })).status,
      200,
      'more is allowed'
    )
    t.equal((await server.api('PATCH', `/users/${id}`, { title: 'Boss' })).status, 200)
  }
)

onBothStores(t, 'ROLE-19 the Admin role is given to another user and taken away again', async (t, server) => {
  const ada = await provision(server, 'ada')
  t.match(await server.api('PUT', `/users/${ada}/roles`, { roles: ['admin', 'user'] }), { status: 200 })
  t.ok((await granted(server, ada)).includes('administration.roles.edit'))
  t.match(await server.api('PUT', `/users/${ada}/roles`, { roles: ['user'] }), { status: 200 })
  t.notOk((await granted(server, ada)).some(leaf => leaf.startsWith('administration.')))
  t.same((await server.api('GET', `/users/${ada}/roles`)).body, { roles: ['user'] })
  t.equal((await server.api('PUT', `/users/${ada}/roles`, { roles: ['nobody'] })).status, 400)
  t.same(await rolesOf(server, ada), ['user'])
  t.match(await events(server, 'action eq "user.rolesChanged"'), [
    { target: { id: ada }, detail: { before: ['admin', 'user'], after: ['user'] } },
    { target: { id: ada }, detail: { before: ['user'], after: ['admin', 'user'] } }
  ])
})

onBothStores(
  t,
  'ROLE-24 ROLE-27 ROLE-28 ROLE-30 with a static role alone: Guest views and connects, User creates too, neither administers',
  async (t, server) => {
    const id = String((await byHand(server, 'ada', 'PAM', { roles: ['guest'] })).body.id)
    const pages = ['credentials', 'databases', 'servers', 'websites']
    const with_ = (...actions: string[]) =>
      pages.flatMap(page => actions.map(action => `pages.${page}.${action}`)).sort()
    t.same([...(await granted(server, id))].sort(), with_('view', 'connect'))
    await server.api('PUT', `/users/${id}/roles`, { roles: ['user'] })
    t.same([...(await granted(server, id))].sort(), with_('view', 'connect', 'create'))
  }
)

onBothStores(
  t,
  'ROLE-26 ROLE-29 the contents of Guest and User can be edited, and the new set applies',
  async (t, server) => {
    const id = String((await byHand(server, 'ada', 'PAM', { roles: ['guest'] })).body.id)
    for (const role of ['guest', 'user']) {
      await server.api('PUT', `/users/${id}/roles`, { roles: [role] })
      const permissions = ['pages.websites.view', 'administration.auditLogs']
      const answer = await change(server, role, { permissions })
      t.equal(answer.status, 200)
      const expected = leaves.filter(leaf => leaf === permissions[0] || leaf.startsWith(`${permissions[1]}.`))
      t.same(answer.body.permissions, expected, 'a branch means its leaves')
      t.same(await granted(server, id), expected)
    }
    t.equal((await change(server, 'guest', { permissions: ['pages.nowhere'] })).status, 400)
    const [latest] = await events(server, 'action eq "role.changed"')
    t.match(latest, { target: { kind: 'role', id: 'user', name: 'User' }, actor: { name: 'Administrator' } })
  }
)

onBothStores(
  t,
  'ROLE-33 ROLE-34 ROLE-35 ROLE-36 ROLE-37 ROLE-39 ROLE-42 exactly the Default roles of the moment come with creation',
  async (t, server) => {
    const created: [string, readonly string[]][] = []
    /** A user by each way, and what roles it has. */
    const add = async (name: string): Promise<readonly (readonly string[])[]> => {
      const ids = [
        await provision(server, `${name}-scim`),
        String((await byHand(server, `${name}-hand`, 'PAM')).body.id)
      ]
      const file = `userName,license\n${name}-file,PWM\n`
      const imported = await server.request<{ rows: { id: string }[] }>(
        { method: 'POST', url: '/api/v1/users/import', payload: file, headers: { 'content-type': 'text/csv' } },
        server.adminKey
      )
      ids.push(String(imported.body.rows[0]?.id))
      const held = await Promise.all(ids.map(id => rolesOf(server, id)))
      for (const [i, id] of ids.entries()) created.push([id, held[i] ?? []])
      return held
    }
    const three = (roles: string[]) => [roles, roles, roles]
    t.same(await add('a'), three(['user']))
    t.match(await change(server, 'guest', { default: true }), { status: 200, body: { default: true } })
    t.same(await add('b'), three(['guest', 'user']), 'several')
    await change(server, 'user', { default: false })
    t.same(await add('c'), three(['guest']), 'another alone')
    await change(server, 'guest', { default: false })
    t.same(await add('d'), three([]), 'none')
    for (const [id, held] of created) t.same(await rolesOf(server, id), held, 'existing users are as before')
  },
  { seats: 'PWM=12,PAM=12' }
)

onBothStores(
  t,
  'ROLE-40 ROLE-41 an administrator gives one user more, and by hand roles are the Defaults, a list, or none',
  async (t, server) => {
    await change(server, 'guest', { default: true })
    await change(server, 'user', { default: false })
    const [ada, ben] = [await provision(server, 'ada'), await provision(server, 'ben')]
    await server.api('PUT', `/users/${ada}/roles`, { roles: ['guest', 'user'] })
    t.ok((await granted(server, ada)).includes('pages.websites.create'))
    t.notOk((await granted(server, ben)).includes('pages.websites.create'))

    const rows = [
      ['absent', {}, ['guest']],
      ['empty', { roles: [] }, []],
      ['listed', { roles: ['user'] }, ['user']]
    ] as const
    for (const [name, more, expected] of rows) {
      const { body } = await byHand(server, name, 'PAM', more)
      t.same(await rolesOf(server, String(body.id)), expected, name)
    }
    const unknown = await byHand(server, 'unknown', 'PAM', { roles: ['nobody'] })
    t.equal(unknown.status, 400, 'a role that does not exist')
  },
  { seats: 'PWM=5,PAM=8' }
)

onBothStores(t, 'ROLE-43 Admin becomes Default only after a confirmation', async (t, server) => {
  t.match(await change(server, 'admin', { default: true }), { status: 409, body: { code: 'confirmation_required' } })
  t.match(await change(server, 'admin', { default: true, confirm: false }), { status: 409 })
  t.same(await rolesOf(server, await provision(server, 'ada')), ['user'])
  t.match(await change(server, 'admin', { default: true, confirm: true }), { status: 200, body: { default: true } })
  t.same(await rolesOf(server, await provision(server, 'ben')), ['admin', 'user'])
  t.match(await change(server, 'admin', { default: false }), { status: 200 })
  t.same(await rolesOf(server, await provision(server, 'cleo')), ['user'])
})

onBothStores(t, 'ROLE-44 the core attribute roles is data, and grants nothing', async (t, server) => {
  const sent = { roles: [{ value: 'admin', display: 'Admin', primary: true }] }
  const ada = await provision(server, 'ada', sent)
  t.match((await server.scim('GET', `/Users/${ada}`)).body, sent)
  t.same(await rolesOf(server, ada), ['user'])
  t.notOk((await granted(server, ada)).some(leaf => leaf.startsWith('administration.')))
  await server.scim('PATCH', `/Users/${ada}`, patch({ op: 'add', path: 'roles', value: [{ value: 'guest' }] }))
  t.same(await rolesOf(server, ada), ['user'])
})

onBothStores(
  t,
  'ROLE-09 a change of roles decides at once here, and on another server after five seconds',
  async (t, server) => {
    const other = await server.another()
    const ada = await provision(server, 'ada')
    await provision(other, 'ben')
    await granted(other, ada)
    await change(server, 'guest', { default: true })
    await change(server, 'user', { permissions: ['pages.websites.view'] })
    t.same(await granted(server, ada), ['pages.websites.view'])
    t.same(await rolesOf(server, await provision(server, 'cleo')), ['guest', 'user'])
    server.clock.advance(5000)
    t.same(await granted(other, ada), ['pages.websites.view'])
    t.same(await rolesOf(other, await provision(other, 'dora')), ['guest', 'user'])
  },
  { seats: 'PWM=5,PAM=2' }
)

onBothStores(
  t,
  'ROLE-23 what an upgrade adds to the tree, Admin holds at once, and no other role',
  async (t, server) => {
    const { store, context } = server
    // As an earlier version left them, which did not know this permission yet.
    const added = 'pages.credentials.view'
    const stored = await Promise.all(['admin', 'user', 'guest'].map(id => store.get(storedRoles, context.tenant, id)))
    const without = stored.flatMap(role => {
      if (role === undefined) return []
      const { doc, version } = role
      const permissions = doc.permissions.filter(permission => permission !== added)
      return [replace(storedRoles, context.tenant, { ...doc, permissions }, version)]
    })
    t.equal(without.length, 3)
    t.equal(await store.commit(without, { id: context.makeId() }), 'committed')
    const holders = (await roles(server)).filter(({ permissions }) => permissions.includes(added)).map(({ id }) => id)
    t.strictSame(holders, ['admin'])
  }
)
