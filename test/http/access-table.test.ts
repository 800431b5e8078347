import t from 'tap'
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import others from '../../schemas/endpoints.json' with { type: 'json' }
import { defaultConnectorSettings } from '../../src/admin/connector-settings.ts'
import { adminRoleIds } from '../../src/admin/principal.ts'
import { bannerOf, decideAccess, levelsOf, needsOf } from '../../src/http/access-table.ts'
import { administrator } from './small-server.ts'

const roleIds = matrix.roles.map(role => role.id)
const labels = new Map(matrix.levels.map(({ id, label }) => [id, label]))
const connector = {
  kind: 'connector',
  tenant: 'default',
  id: 'c',
  name: 'Okta',
  profile: 'okta',
  settings: defaultConnectorSettings
} as const

/** The roles that may call an endpoint, in short: B(illing) A(dministrator) M(anager) CB C H(elp Desk) R(ead Only). */
const short: Readonly<Record<string, string>> = {
  administrator_with_billing: 'B',
  administrator: 'A',
  manager: 'M',
  command_runner_with_billing: 'CB',
  command_runner: 'C',
  help_desk: 'H',
  read_only: 'R'
}

function whoMay(method: string, path: string): string {
  const needs = needsOf(method, path)
  if (needs === undefined || needs === 'public') return String(needs)
  return roleIds.flatMap(role => (decideAccess(administrator(role), needs).allowed ? [short[role]] : [])).join(' ')
}

t.test('ADM-01 the seven roles of administrators are there', async t => {
  t.strictSame(adminRoleIds, roleIds)
  t.strictSame(
    matrix.roles.map(role => role.label),
    [
      'Administrator with Billing',
      'Administrator',
      'Manager',
      'Command Runner with Billing',
      'Command Runner',
      'Help Desk',
      'Read Only'
    ]
  )
})

for (const { id, specId, label, access, labels: shown } of matrix.scopes) {
  t.test(`${specId} ${label}: what each role holds, and what it may do with it`, async t => {
    for (const [role, level] of Object.entries(access)) {
      t.equal(levelsOf(role)[id], level, role)
      t.equal(labels.get(level), (shown as Record<string, string>)[role], role)
      const may = (wanted: string) => decideAccess(administrator(role), { builtin: [`${id}:${wanted}`] }).allowed
      t.equal(may('read'), level === 'read' || level === 'edit', `${role} reads`)
      t.equal(may('edit'), level === 'edit', `${role} edits`)
    }
  })
}

t.test('ADM-04 Administrator with Billing holds Edit everywhere, and it alone is the super administrator', async t => {
  t.strictSame(new Set(Object.values(levelsOf('administrator_with_billing'))), new Set(['edit']))
  t.equal(whoMay('POST', '/api/v1/admin-roles'), 'B')
})

t.test('ADM-15 Administrator lacks payments, administrators and the portal, and nothing else', async t => {
  const lacking = Object.entries(levelsOf('administrator')).flatMap(([scope, level]) =>
    level === 'edit' ? [] : [scope]
  )
  t.strictSame(lacking, ['administrators', 'billing', 'multi_tenant_portal'])
})

t.test('ADM-50 a cell N/A denies', async t => {
  t.equal(levelsOf('command_runner').multi_tenant_portal, 'not_applicable')
  t.match(decideAccess(administrator('command_runner'), { builtin: ['multi_tenant_portal:read'] }), { allowed: false })
})

t.test('ADM-28 without a role one sees oneself and nothing else', async t => {
  const allowed = matrix.endpoints.filter(({ method, path }) => {
    const needs = needsOf(method.split(', ')[0] ?? '', path)
    return needs !== undefined && needs !== 'public' && decideAccess(administrator(null), needs).allowed
  })
  t.strictSame(
    allowed.map(row => row.path),
    ['/api/v1/me', '/api/v1/access-check']
  )
  t.strictSame(new Set(Object.values(levelsOf(null))), new Set(['none']))
  t.strictSame(levelsOf('no such role'), levelsOf(null))
  t.match(decideAccess(administrator('constructor'), { builtin: ['users:read'] }), { allowed: false })
})

const rows: Array<[string, string, string, string]> = [
  ['ADM-56 two scopes: Help Desk has one of them', 'POST', '/api/v1/broker/rules', 'B A M'],
  ['ADM-57 seeing seats needs Users at Read Only', 'GET', '/api/v1/seats', 'B A M H R'],
  ['ADM-57 assigning a license needs Users at Edit', 'PUT', '/api/v1/users/:id/license', 'B A M H'],
  ['ADM-57 changing purchases needs Billing at Edit', 'POST', '/api/v1/seats/purchases', 'B CB'],
  ['ADM-58 seeing rules needs Groups at Read Only', 'GET', '/api/v1/broker/rules', 'B A M H R'],
  ['ADM-58 changing priorities needs Groups and Users at Edit', 'PUT', '/api/v1/broker/priorities', 'B A M'],
  ['ADM-58 the strict policy needs Organization at Edit', 'PUT', '/api/v1/broker/policy', 'B A'],
  ['ADM-58 pools need Billing at Edit', 'PATCH', '/api/v1/broker/pools/:pool', 'B CB'],
  ['ADM-59 the audit log: all but the two Command Runners', 'GET', '/api/v1/audit', 'B A M H R'],
  ['ADM-61 editing roles of users needs Organization at Edit', 'PATCH', '/api/v1/roles/:id', 'B A'],
  ['ADM-61 the license mask needs Organization at Edit', 'PATCH', '/api/v1/organization', 'B A'],
  ['ADM-62 connectors need Directory at Edit', 'POST', '/api/v1/connectors', 'B A'],
  ['ADM-63 administrators need Administrators at Edit', 'POST', '/api/v1/administrators', 'B'],
  ['ADM-63 own keys need no scope', 'POST', '/api/v1/api-keys', 'B A M CB C H R'],
  ['SCIM reads', 'GET', '/scim/v2/Users/:id', 'B A M H R'],
  ['SCIM writes', 'PATCH', '/scim/v2/Groups/:id', 'B A'],
  ['who one is, everybody may ask', 'GET', '/api/v1/me', 'B A M CB C H R'],
  ['what is for users of the vault is for no administrator', 'POST', '/api/v1/broker/leases', ''],
  ['health is public', 'GET', '/health/ready', 'public'],
  ['files below /docs are public', 'HEAD', '/docs/static/*', 'public'],
  ['what is not in the table is for nobody', 'GET', '/api/v1/secrets', 'undefined'],
  ['nor is another method', 'DELETE', '/api/v1/audit', 'undefined'],
  ['nor what only begins like a row', 'GET', '/scim/v2x', 'undefined'],
  ['nor what only begins like a public row', 'GET', '/docsecrets', 'undefined'],
  ['nor a deeper path', 'GET', '/api/v1/me/secrets', 'undefined']
]
for (const [title, method, path, expected] of rows) {
  t.test(title, async t => t.equal(whoMay(method, path), expected))
}

t.test('the token of a connector opens the rows of SCIM and no other', async t => {
  for (const { method, path } of [...matrix.endpoints, ...others]) {
    for (const one of method.split(', ')) {
      const needs = needsOf(one, path)
      if (needs === 'public') continue
      t.not(needs, undefined, `${one} ${path}`)
      t.equal(
        needs !== undefined && decideAccess(connector, needs).allowed,
        `${path}/`.startsWith('/scim/v2/'),
        `${one} ${path}`
      )
    }
  }
})

t.test('what is missing is the first need that the role lacks', async t => {
  const missing = (role: string, builtin: readonly string[] | null) => {
    const access = decideAccess(administrator(role), { builtin })
    return access.allowed ? undefined : `${access.missing.scope} ${access.missing.level}`
  }
  t.equal(missing('help_desk', ['users:edit', 'groups:edit']), 'groups edit')
  t.equal(missing('command_runner', ['users:edit', 'groups:edit']), 'users edit')
  t.equal(missing('manager', ['super_admin']), 'super_admin edit')
  t.equal(missing('administrator_with_billing', null), 'user_session any')
  t.equal(missing('administrator_with_billing', ['no_such_scope:read']), 'no_such_scope read')
  t.equal(missing('administrator_with_billing', ['users:no_such_level']), 'users no_such_level')
  const access = decideAccess(connector, { builtin: ['users:read'] })
  t.strictSame(access, { allowed: false, missing: { scope: 'users', level: 'read' } })
})

t.test('no row is open by mistake: each names a need, or is public for a reason', async t => {
  for (const row of matrix.endpoints) t.ok(row.builtin === null || row.builtin.length > 0, row.path)
  for (const row of others) {
    const said = row.public === true || row.receiver === true || (row.builtin ?? []).length > 0
    t.ok(said && row.why.length > 10, row.path)
  }
  const keys = [...matrix.endpoints, ...others].flatMap(({ method, path }) =>
    method.split(', ').map(one => `${one} ${path}`)
  )
  t.equal(new Set(keys).size, keys.length, 'no route has two rows')
})

t.test('a receiver of events polls, and nobody else does', async t => {
  const receiver = { kind: 'receiver', tenant: 'default', id: 's', name: 'HR' } as const
  const [polls, lists] = [needsOf('POST', '/api/v1/event-streams/:id/poll'), needsOf('GET', '/scim/v2/Users')]
  if (typeof polls !== 'object' || typeof lists !== 'object') throw new Error('they need something')
  t.match(decideAccess(receiver, polls), { allowed: true })
  t.match(decideAccess(receiver, lists), { allowed: false })
  t.match(decideAccess(receiver, { builtin: ['any'] }), { allowed: false })
  for (const other of [connector, administrator('administrator_with_billing')]) {
    t.match(decideAccess(other, polls), { allowed: false, missing: { scope: 'event_receiver' } })
  }
})

t.test('the banner is that of the role', async t => {
  t.equal(bannerOf('administrator_with_billing'), null)
  t.match(bannerOf('help_desk'), /^Signed in as Help Desk\. Full access: Users/)
  t.equal(bannerOf(null), null)
  t.equal(bannerOf('toString'), null)
})
