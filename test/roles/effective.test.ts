/** spec/roles.md "Evaluation": the decision on tables, on chance, and as the endpoint explains it. */
import fc from 'fast-check'
import t from 'tap'
import tree from '../../schemas/permission-tree.json' with { type: 'json' }
import { effectivePermissions, type PermissionQuestion } from '../../src/access/effective.ts'
import { defaultLicenseMask, factory } from '../../src/access/permission-tree.ts'
import type { Role } from '../../src/access/roles.ts'
import { byHand, setActive, settings } from '../seats/support.ts'
import { onBothStores, provision } from '../support/app.ts'

const leaves = tree.nodes.filter(node => node.leaf).map(node => node.id)

const role = (id: string, permissions: readonly string[]): Role => ({
  id,
  name: id,
  static: false,
  default: false,
  permissions,
  created: 0
})

const granted = (question: PermissionQuestion) =>
  new Set(effectivePermissions(question).flatMap(one => (one.granted ? [one.permission] : [])))

const pam: PermissionQuestion = {
  active: true,
  license: { type: 'PAM', state: 'held' },
  roles: [role('user', factory.User)],
  mask: defaultLicenseMask
}

/** The formula as spec/roles.md has it, written down a second time with sets and nothing shared. */
function reference({ active, license, roles, mask }: PermissionQuestion): Set<string> {
  const { type, state } = license
  if (!active || type === null || !(state === 'held' || state === 'suspended')) return new Set()
  const r = new Set(roles.flatMap(({ id, permissions }) => (id === 'admin' ? leaves.slice(0, -1) : permissions)))
  const v = [...r].filter(leaf => {
    const beside = leaf.replace(/[^.]+$/, 'view')
    return !leaves.includes(beside) || r.has(beside)
  })
  const hidden = (leaf: string) => mask[type].some(id => id === leaf || leaf.startsWith(`${id}.`))
  return new Set(v.filter(leaf => !hidden(leaf) && !(state === 'suspended' && leaf.startsWith('pages.'))))
}

t.test('ROLE-07 the same as a plain reference function over random users, roles and masks', async t => {
  t.equal(leaves.at(-1), 'administration.masterAdmin', 'what Admin has not')
  const leafList = fc.subarray(leaves)
  const pageIds = tree.nodes.map(node => node.id).filter(id => id.startsWith('pages'))
  const question = fc.record({
    active: fc.boolean(),
    license: fc.record({
      type: fc.constantFrom('PAM' as const, 'PWM' as const, null),
      state: fc.constantFrom(
        'held' as const,
        'held' as const,
        'suspended' as const,
        'released' as const,
        'none' as const
      )
    }),
    roles: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: leafList.map(list => role('some', list)) },
        { weight: 1, arbitrary: fc.constant(role('admin', [])) }
      ),
      { maxLength: 4 }
    ),
    mask: fc.record({ PAM: fc.subarray(pageIds), PWM: fc.subarray(pageIds) })
  })
  fc.assert(
    fc.property(question, asked => {
      const [ours, theirs] = [[...granted(asked)].sort(), [...reference(asked)].sort()]
      return ours.join() === theirs.join()
    }),
    { numRuns: 2000 }
  )
})

t.test('ROLE-03 ROLE-05 roles add up, and the more permissive one counts in any order', async t => {
  const few = role('few', ['pages.credentials.view'])
  const more = role('more', ['administration.auditLogs.view', 'pages.credentials.view', 'pages.credentials.connect'])
  const both = ['administration.auditLogs.view', 'pages.credentials.connect', 'pages.credentials.view']
  t.same([...granted({ ...pam, roles: [few, more] })].sort(), both)
  t.same([...granted({ ...pam, roles: [more, few] })].sort(), both)
})

t.test('what a leaf is worth: the reasons, one row each', async t => {
  const why = (question: Partial<PermissionQuestion>, leaf: string) =>
    effectivePermissions({ ...pam, ...question }).find(({ permission }) => permission === leaf)
  const rows: [string, Partial<PermissionQuestion>, string, string][] = [
    ['held', {}, 'pages.servers.view', 'granted'],
    ['no role has it', {}, 'pages.servers.manage', 'no_role'],
    ['no role at all', { roles: [] }, 'pages.servers.view', 'no_role'],
    [
      'a leaf without the view beside it',
      { roles: [role('x', ['pages.servers.connect'])] },
      'pages.servers.connect',
      'view_missing'
    ],
    [
      'a leaf that has no view beside it',
      { roles: [role('x', ['administration.masterAdmin'])] },
      'administration.masterAdmin',
      'granted'
    ],
    ['PWM, masked', { license: { type: 'PWM', state: 'held' } }, 'pages.servers.view', 'hidden_by_license'],
    ['PWM, not masked', { license: { type: 'PWM', state: 'held' } }, 'pages.websites.view', 'granted'],
    ['inactive', { active: false }, 'pages.websites.view', 'inactive'],
    ['without a seat', { license: { type: null, state: 'none' } }, 'pages.websites.view', 'inactive'],
    ['released', { license: { type: 'PAM', state: 'released' } }, 'pages.websites.view', 'inactive'],
    ['suspended', { license: { type: 'PAM', state: 'suspended' } }, 'pages.websites.view', 'suspended'],
    [
      'suspended, administration',
      { license: { type: 'PAM', state: 'suspended' }, roles: [role('admin', [])] },
      'administration.users.edit',
      'granted'
    ]
  ]
  for (const [name, question, leaf, expected] of rows) {
    const answer = why(question, leaf)
    t.equal(answer?.why, expected, name)
    t.equal(answer?.granted, expected === 'granted', name)
  }
})

interface Explained {
  readonly permission: string
  readonly granted: boolean
  readonly roles: readonly string[]
  readonly why: string
}

onBothStores(
  t,
  'ROLE-02 ROLE-04 ROLE-08 ROLE-141 ROLE-142 as the endpoint tells: each leaf, granted or not, and why',
  async (t, server) => {
    const ask = async (id: string) => {
      const { body } = await server.api<{ permissions: Explained[] }>('GET', `/users/${id}/effective-permissions`)
      t.same(
        body.permissions.map(one => one.permission),
        leaves,
        'every leaf of the tree'
      )
      return new Map(body.permissions.map(one => [one.permission, one]))
    }
    const ada = await provision(server, 'ada')
    const ben = String((await byHand(server, 'ben', 'PAM', { roles: ['admin'] })).body.id)
    const [pwm, pam] = [await ask(ada), await ask(ben)]
    t.match(pwm.get('pages.servers.view'), { granted: false, why: 'hidden_by_license', roles: ['User'] })
    t.match(pwm.get('pages.websites.create'), { granted: true, why: 'granted', roles: ['User'] })
    t.equal(
      [...pwm.values()].filter(({ permission, granted }) => granted && /servers|databases/.test(permission)).length,
      0
    )
    t.equal([...pam.values()].filter(({ granted }) => granted).length, leaves.length - 1, 'PAM: nothing is taken away')

    const logs = 'administration.auditLogs.view'
    t.match((await ask(ada)).get(logs), { granted: false, why: 'no_role' })
    const edited = await server.api('PATCH', '/roles/guest', { permissions: [logs] })
    t.equal(edited.status, 200)
    await server.api('PUT', `/users/${ada}/roles`, { roles: ['guest', 'user'] })
    await server.api('PUT', `/users/${ben}/roles`, { roles: ['guest', 'user'] })
    for (const id of [ada, ben]) t.match((await ask(id)).get(logs), { granted: true, roles: ['Guest'] })
    await server.api('PATCH', '/roles/guest', { permissions: [] })
    for (const id of [ada, ben])
      t.match((await ask(id)).get(logs), { granted: false, roles: [] }, 'no edit on any user')

    await setActive(server, ada, false)
    const inactive = await ask(ada)
    t.notOk([...inactive.values()].some(({ granted }) => granted))
    t.match(inactive.get('pages.websites.view'), { why: 'inactive', roles: ['User'] }, 'roles stay assigned')
    t.same((await server.api('GET', `/users/${ada}/roles`)).body, { roles: ['guest', 'user'] })
  }
)

onBothStores(
  t,
  'ROLE-146 ROLE-147 the license mask: its default, no unknown ids, and never administration',
  async (t, server) => {
    const mask = async () => {
      const { body } = await server.api<{ settings: { licenseMask: Record<string, string[]> } }>('GET', '/organization')
      return Object.entries(body.settings.licenseMask).map(([type, ids]) => `${type}: ${ids.sort()}`)
    }
    const byDefault = ['PAM: ', 'PWM: pages.databases,pages.servers']
    t.same((await mask()).sort(), byDefault)
    const wrong = [['pages.nowhere'], ['administration'], ['administration.users.view'], ['pages.servers', 'nothing']]
    for (const PWM of wrong) {
      const answer = await server.api('PATCH', '/organization', { settings: { licenseMask: { PWM } } })
      t.equal(answer.status, 400, `${PWM}`)
    }
    t.same((await mask()).sort(), byDefault)
    await settings(server, { licenseMask: { PWM: ['pages.websites.create'] } })
    const ada = await provision(server, 'ada')
    const { body } = await server.api<{ permissions: Explained[] }>('GET', `/users/${ada}/effective-permissions`)
    const of = (leaf: string) => body.permissions.find(({ permission }) => permission === leaf)
    t.match(of('pages.websites.create'), { granted: false, why: 'hidden_by_license' })
    t.match(of('pages.servers.view'), { granted: true })
  }
)
