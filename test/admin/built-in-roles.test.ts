/** spec/admin-roles.md: the seven built-in roles against every endpoint there is, asked over HTTP. */
import t from 'tap'
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import { eventCount, events, view } from '../seats/support.ts'
import { onBothStores, provision, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { wrapped } from '../support/wrapped.ts'

type Role = (typeof matrix.roles)[number]
const cells: readonly { readonly id: string; readonly access: Readonly<Record<string, string>> }[] = matrix.scopes

/** What table and matrix give, in the words of the spec and apart from the server's own code. */
function expected(role: Role, needs: readonly string[] | null): boolean {
  if (needs === null) return false
  return needs.every(need => {
    if (need === 'any' || need === 'own') return true
    if (need === 'super_admin') return role.superAdmin
    const [scope, level] = need.split(':')
    const cell = cells.find(({ id }) => id === scope)?.access[role.id]
    return level === 'edit' ? cell === 'edit' : cell === 'edit' || cell === 'read'
  })
}

/** Below `/scim/v2`, which the table gives as a whole. */
const scimRoutes = [
  '/Users',
  '/Users/{id}',
  '/Groups',
  '/Groups/{id}',
  '/Schemas',
  '/ResourceTypes',
  '/ServiceProviderConfig'
]

interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly builtin: readonly string[] | null
}

/** The rows of the table that the server has by now. */
function existing({ app }: TestServer): readonly Endpoint[] {
  return matrix.endpoints
    .flatMap(({ method, path, builtin }) =>
      method.split(', ').flatMap(one => {
        const paths = path.endsWith('/*') ? scimRoutes.map(route => `${path.slice(0, -2)}${route}`) : [path]
        return paths.map(each => ({ method: one as Endpoint['method'], path: each, builtin }))
      })
    )
    .filter(({ method, path }) => app.hasRoute({ method, url: path.replaceAll(/\{(\w+)\}/g, ':$1') }))
}

onBothStores(t, 'each built-in role may call what table and matrix give, and nothing else', async (t, server) => {
  const rows = existing(server)
  t.ok(rows.length > 40, `${rows.length} endpoints`)
  const keys = new Map<string, string>()
  for (const { id } of matrix.roles) keys.set(id, await server.keyOf(id))
  const nobody = await server.keyOf(null)
  const call = ({ method, path }: Endpoint, token: string) => {
    const body =
      method === 'GET' || method === 'DELETE' ? {} : { payload: '{}', headers: { 'content-type': 'application/json' } }
    return server.request({ method, url: path.replaceAll(/\{\w+\}/g, 'nobody'), ...body }, token)
  }
  for (const row of rows) {
    await t.test(`ADM-54 ${row.method} ${row.path}`, async t => {
      for (const role of matrix.roles) {
        const { status, text } = await call(row, keys.get(role.id) ?? '')
        const allowed = status !== 403 && status !== 401
        t.equal(allowed, expected(role, row.builtin), `${role.label}: ${status} ${status === 403 ? text : ''}`)
        t.ok(status < 500, `${role.label}: ${status}`)
      }
      const without = await call(row, nobody)
      t.equal(without.status === 403, !row.builtin?.includes('any'), `without a role: ${without.status}`)
      t.equal((await call(row, 'usher_key_wrong')).status, 401)
      t.equal((await server.request({ method: row.method, url: row.path.replaceAll(/\{\w+\}/g, 'x') })).status, 401)
    })
  }
})

onBothStores(
  t,
  'ADM-57 ADM-59 ADM-61 ADM-62 seats, licenses, purchases, audit, roles and connectors ask for their own scopes',
  async (t, server) => {
    const ada = await provision(server, 'ada')
    const try_ = async (method: 'GET' | 'PUT' | 'PATCH' | 'POST', path: string, body?: object) => {
      const may: string[] = []
      for (const { id } of matrix.roles) {
        const options =
          body === undefined ? {} : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
        const { status } = await server.request({ method, url: `/api/v1${path}`, ...options }, await server.keyOf(id))
        if (status < 300) may.push(id)
        else if (status !== 403) t.fail(`${id} ${method} ${path}: ${status}`)
      }
      return may
    }
    const but = (...lacking: string[]) => matrix.roles.map(role => role.id).filter(id => !lacking.includes(id))
    const runners = ['command_runner_with_billing', 'command_runner']
    t.same(await try_('GET', '/seats'), but(...runners), 'Users at Read Only')
    t.same(await try_('PUT', `/users/${ada}/license`, { type: 'PWM' }), but(...runners, 'read_only'), 'Users at Edit')
    const payers = ['administrator_with_billing', 'command_runner_with_billing']
    t.same(await try_('POST', '/seats/purchases', { type: 'PWM', quantity: 1 }), payers, 'Billing at Edit')
    t.same(await try_('GET', '/audit'), but(...runners), 'Insights at Read Only')
    const administrators = ['administrator_with_billing', 'administrator']
    t.same(
      await try_('PATCH', '/roles/guest', { default: false }),
      administrators,
      'Organization & User Portal at Edit'
    )
    const mask = { settings: { licenseMask: { PWM: ['pages.servers'] } } }
    t.same(await try_('PATCH', '/organization', mask), administrators, 'the license mask too')
    t.same(
      await try_('POST', '/connectors', { name: 'Okta' }),
      administrators,
      'Directory & App User Management at Edit'
    )
  }
)

onBothStores(
  t,
  'ADM-60 who may not edit the organization gives and takes no role that administers, and every other one',
  async (t, server) => {
    const [ada, ben] = [await provision(server, 'ada'), await provision(server, 'ben')]
    await server.api('PUT', `/users/${ben}/roles`, { roles: ['admin', 'user'] })
    await server.api('PATCH', '/roles/guest', { permissions: ['pages.websites', 'administration.auditLogs.view'] })
    for (const role of ['help_desk', 'manager']) {
      const key = await server.keyOf(role)
      const send = (method: 'PUT' | 'POST', path: string, body: object) =>
        server.request(
          {
            method,
            url: `/api/v1${path}`,
            payload: JSON.stringify(body),
            headers: { 'content-type': 'application/json' }
          },
          key
        )
      const denied = { status: 403, body: { code: 'escalation_denied' } }
      for (const roles of [['admin'], ['guest'], ['user', 'guest']]) {
        t.match(await send('PUT', `/users/${ada}/roles`, { roles }), denied, `${role} gives ${roles}`)
        const created = await send('POST', '/users', { userName: 'eve', license: { type: 'PWM' }, roles })
        t.match(created, denied, `${role} creates with ${roles}`)
      }
      t.match(await send('PUT', `/users/${ben}/roles`, { roles: ['user'] }), denied, `${role} takes Admin`)
      t.equal((await send('PUT', `/users/${ada}/roles`, { roles: [] })).status, 200, `${role} takes User`)
      t.equal((await send('PUT', `/users/${ada}/roles`, { roles: ['user'] })).status, 200, `${role} gives User`)
      t.equal(
        (await send('PUT', `/users/${ben}/roles`, { roles: ['admin'] })).status,
        200,
        `${role} leaves Admin where it is`
      )
      await server.api('PUT', `/users/${ben}/roles`, { roles: ['admin', 'user'] })
    }
    t.same((await view(server, ada)).roles, ['user'])
    t.equal((await server.scim('GET', '/Users')).body.totalResults, 3, 'nobody was created')
  }
)

t.test('ADM-60 also where the roles that would be taken are given meanwhile', async t => {
  const { store, reopen } = await sqliteStore(t)
  let meanwhile: (() => Promise<unknown>) | undefined
  const slow = wrapped(store, {
    async commit(changes, options) {
      // The server writes its log by itself.
      const others = changes.some(({ do: what }) => what === 'replace') ? meanwhile : undefined
      if (others !== undefined) meanwhile = undefined
      await others?.()
      return store.commit(changes, options)
    }
  })
  const server = await startServer(t, { store: slow, reopen })
  const ada = await provision(server, 'ada')
  const key = await server.keyOf('help_desk')
  meanwhile = () => server.api('PUT', `/users/${ada}/roles`, { roles: ['admin', 'user'] })
  const answer = await server.request(
    { method: 'PUT', url: `/api/v1/users/${ada}/roles`, payload: { roles: ['guest'] } },
    key
  )
  t.match(answer, { status: 403, body: { code: 'escalation_denied' } })
  t.same((await view(server, ada)).roles, ['admin', 'user'])
})

onBothStores(
  t,
  'ADM-66 ADM-67 a denial names what is missing, challenges, and is recorded; an unknown key is 401',
  async (t, server) => {
    const key = await server.keyOf('read_only')
    const count = await eventCount(server)
    const denied = await server.request(
      {
        method: 'PUT',
        url: '/api/v1/users/nobody/license',
        payload: '{"type":"PAM"}',
        headers: { 'content-type': 'application/json' }
      },
      key
    )
    t.match(denied, { status: 403, body: { code: 'insufficient_scope', status: 403, scope: 'users', level: 'edit' } })
    t.match(denied.headers['content-type'], /^application\/problem\+json/)
    t.match(denied.headers['www-authenticate'], /^Bearer .*error="insufficient_scope"/)
    t.match(await events(server, 'action eq "access.denied"'), [
      {
        actor: { kind: 'administrator', name: 'a read_only' },
        target: { id: 'PUT /api/v1/users/:id/license' },
        detail: { scope: 'users', level: 'edit' }
      }
    ])
    t.equal(await eventCount(server), count + 1)
    for (const token of ['usher_key_unknown', 'x'.repeat(40), `${key}x`]) {
      const { status, headers } = await server.request({ method: 'GET', url: '/api/v1/me' }, token)
      t.equal(status, 401)
      t.match(headers['www-authenticate'], /^Bearer/)
    }
    t.equal(await eventCount(server), count + 1)
  }
)

onBothStores(
  t,
  'ADM-68 SCIM with an API key needs Directory & App User Management; a connector token opens SCIM and nothing else',
  async (t, server) => {
    const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' }
    const send = (method: 'GET' | 'POST', url: string, token: string) =>
      server.request(
        {
          method,
          url,
          ...(method === 'POST'
            ? { payload: JSON.stringify(user), headers: { 'content-type': 'application/scim+json' } }
            : {})
        },
        token
      )
    for (const role of matrix.roles) {
      const key = await server.keyOf(role.id)
      const directory = cells.find(({ id }) => id === 'directory')?.access[role.id]
      const [read, write] = [await send('GET', '/scim/v2/Users', key), await send('POST', '/scim/v2/Users', key)]
      t.equal(read.status, directory === 'read' || directory === 'edit' ? 200 : 403, `${role.label} reads`)
      t.equal(write.status === 403, directory !== 'edit', `${role.label} writes: ${write.status}`)
    }
    t.equal((await send('GET', '/scim/v2/Users', server.scimToken)).status, 200)
    for (const { method, path } of existing(server).filter(row => row.path.startsWith('/api/'))) {
      const url = path.replaceAll(/\{\w+\}/g, 'nobody')
      t.equal((await server.request({ method, url }, server.scimToken)).status, 403, `${method} ${path}`)
    }
  }
)

onBothStores(
  t,
  'ADM-79 ADM-80 each role is told its levels and its banner, composed of the matrix',
  async (t, server) => {
    /** ADM-79, word by word. */
    const banner = (role: Role): string => {
      const cellsOf = (...levels: string[]) =>
        matrix.scopes.filter(({ access }) => levels.includes((access as Record<string, string>)[role.id] ?? ''))
      const list = (title: string, parts: readonly string[]) =>
        parts.length === 0 ? '' : ` ${title}: ${parts.join(', ')}.`
      const names = (...levels: string[]) => cellsOf(...levels).map(({ label }) => label)
      const limited = cellsOf('run_assigned', 'launch_if_allowed').map(
        ({ label, labels }) => `${label} (${(labels as Record<string, string>)[role.id]})`
      )
      return `Signed in as ${role.label}.${list('Full access', names('edit'))}${list('Limited', limited)}${list('Read only', names('read'))}${list('No access', names('none'))}`
    }
    for (const role of matrix.roles) {
      const { body } = await server.request({ method: 'GET', url: '/api/v1/me' }, await server.keyOf(role.id))
      t.equal(body.role, role.id)
      t.equal(body.banner, role.superAdmin ? null : banner(role))
      const levels = Object.fromEntries(cells.map(({ id, access }) => [id, access[role.id]]))
      t.same(body.levels, levels)
    }
  }
)
