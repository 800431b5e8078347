/**
 * Roles and licenses in `roles` and `entitlements` of users: what is held stands there, is found by it, and is assigned by it where
 * the organisation allows that, under the limits that hold for everybody.
 */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { settings, usage } from '../seats/support.ts'
import { type Answer, licenseUrn, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'

const userRole = { value: 'user', display: 'User', type: 'VaultRole' }
const guest = { value: 'guest', display: 'Guest', type: 'VaultRole' }
const pwm = { value: 'PWM', display: 'PWM', type: 'License' }
const pam = { value: 'PAM', display: 'PAM', type: 'License' }
const setting = 'allowRolesAndEntitlementsFromIdp'

const read = async ({ scim }: TestServer, id: string) => (await scim('GET', `/Users/${id}`)).body

async function found({ scim }: TestServer, filter: string): Promise<unknown> {
  const { status, body, text } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}&sortBy=userName`)
  return status === 200 ? (body.Resources as JsonObject[]).map(user => user.userName) : text
}

const refusedBy = ({ status, body, headers }: Answer) => [status, body.scimType ?? headers['x-error-code'], body.detail]

onBothStores(t, 'what a user holds stands beside what the provider wrote, and is found by it', async (t, server) => {
  const own = { roles: [{ value: 'Student', primary: true }], entitlements: [{ value: 'parking', type: 'facility' }] }
  const ada = await provision(server, 'ada', own)
  const ben = await provision(server, 'ben', { active: false })
  t.match(await read(server, ada), { roles: [...own.roles, userRole], entitlements: [...own.entitlements, pwm] })
  const inactive = await read(server, ben)
  t.strictSame(inactive.roles, [userRole])
  t.equal(inactive.entitlements, undefined, 'who is inactive holds no license')
  await server.api('PUT', `/users/${ben}/roles`, { roles: ['guest'] })

  for (const [filter, users] of [
    ['roles.value eq "user"', ['ada']],
    ['roles eq "GUEST"', ['ben']],
    ['roles.display eq "Guest"', ['ben']],
    ['roles[value eq "user" and type eq "VaultRole"]', ['ada']],
    ['roles[value eq "Student" and type eq "VaultRole"]', []],
    ['roles.value eq "Student"', ['ada']],
    ['entitlements[value eq "PWM"]', ['ada']],
    ['entitlements.value eq "pam"', ['admin']],
    ['entitlements.type eq "License"', ['ada', 'admin']],
    ['not (entitlements pr)', ['ben']],
    ['entitlements.display sw "P" and roles.value eq "admin"', ['admin']]
  ] as const) {
    t.strictSame(await found(server, filter), users, filter)
  }
  const sorted = await server.scim(
    'GET',
    '/Users?sortBy=roles.display&sortOrder=descending&attributes=roles.value,userName'
  )
  t.strictSame(
    (sorted.body.Resources as JsonObject[]).map(({ userName, roles }) => [userName, roles]),
    [
      ['ada', [{ value: 'Student' }, { value: 'user' }]],
      ['ben', [{ value: 'guest' }]],
      ['admin', [{ value: 'admin' }]]
    ],
    'the leading role is the primary one; without a display it comes last, first when descending'
  )
})

onBothStores(t, `without ${setting} such elements are readOnly, and the rest is not`, async (t, server) => {
  const ada = await provision(server, 'ada', {
    roles: [{ value: 'admin' }, { value: 'Student' }],
    entitlements: [{ value: 'PAM' }, { value: 'parking' }]
  })
  const before = await read(server, ada)
  const sent = {
    roles: [{ value: 'admin' }, { value: 'Student' }, userRole],
    entitlements: [{ value: 'parking' }, pwm]
  }
  t.match(before, sent, 'POST: a role that is only called as one of ours is data')

  const guest = { value: 'guest', type: 'VaultRole' }
  const put = await server.scim('PUT', `/Users/${ada}`, { ...before, roles: [guest], title: 'x' })
  t.match([put.status, put.body], [200, { title: 'x', roles: [userRole], entitlements: [{ value: 'parking' }, pwm] }])

  for (const [operation, named] of [
    [{ op: 'add', path: 'roles', value: [guest] }, 'guest in roles'],
    [{ op: 'add', path: 'roles', value: [{ value: 'Dean' }, { ...guest, value: 'admin' }] }, 'admin in roles'],
    [{ op: 'remove', path: 'roles[value eq "user"]' }, 'user in roles'],
    [{ op: 'replace', path: 'roles[value eq "user"].primary', value: true }, 'user in roles'],
    [{ op: 'replace', path: 'roles[value eq "user"].display', value: 'King' }, 'user in roles'],
    [{ op: 'add', path: 'roles', value: [{ value: 'user', primary: true }] }, 'user in roles'],
    [{ op: 'replace', path: 'entitlements[type eq "License"].value', value: 'PAM' }, 'PWM in entitlements'],
    [{ op: 'replace', value: { entitlements: [{ value: 'PAM' }] } }, 'PAM in entitlements']
  ] as const) {
    const [status, scimType, detail] = refusedBy(await server.scim('PATCH', `/Users/${ada}`, patch(operation)))
    t.strictSame([status, scimType], [400, 'mutability'], JSON.stringify(operation))
    t.match(detail, new RegExp(`${named}.*RFC 7644 3.5.2.*${setting}`), 'what, why and what to do')
  }
  const now = await read(server, ada)
  t.strictSame({ ...now, meta: null }, { ...put.body, meta: null }, 'nothing of it was done')

  for (const operation of [
    { op: 'add', path: 'roles', value: [{ value: 'user' }] },
    { op: 'add', path: 'entitlements', value: [{ value: 'pwm' }] },
    { op: 'replace', path: 'roles', value: [{ value: 'user', display: 'whatever' }] },
    { op: 'remove', path: 'roles[value eq "nobody"]' }
  ]) {
    const same = await server.scim('PATCH', `/Users/${ada}`, patch(operation))
    t.strictSame(
      [same.status, same.headers.etag],
      [200, put.headers.etag],
      `nothing to do: ${JSON.stringify(operation)}`
    )
  }
  const words = [{ value: 'Dean' }, { value: 'User' }]
  for (const [operation, roles] of [
    [{ op: 'add', path: 'roles', value: words }, words],
    [{ op: 'remove', path: 'roles[value eq "user"]' }, [{ value: 'Dean' }]],
    [{ op: 'replace', path: 'roles[value pr].display', value: 'D' }, [{ value: 'Dean', display: 'D' }]],
    [{ op: 'replace', path: 'roles', value: [{ value: 'Student' }] }, [{ value: 'Student' }]],
    [{ op: 'remove', path: 'roles' }, []]
  ] as const) {
    const { body } = await server.scim('PATCH', `/Users/${ada}`, patch(operation))
    t.strictSame(body.roles, [...roles, userRole], `what is the provider’s own: ${JSON.stringify(operation)}`)
  }
})

const allowed = (server: TestServer) => settings(server, { [setting]: true })

onBothStores(
  t,
  `with ${setting} a provider assigns licenses, one for each active user, while there are seats`,
  async (t, server) => {
    await allowed(server)
    const { scim } = server
    const ada = await provision(server, 'ada', { entitlements: [{ value: 'PAM' }, { value: 'parking' }] })
    t.match(await read(server, ada), {
      entitlements: [{ value: 'parking' }, pam],
      [licenseUrn]: { licenseType: 'PAM', licenseState: 'held' }
    })
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2')

    const full = await scim('POST', '/Users', newUser('ben', { entitlements: [{ value: 'PAM' }] }))
    t.match(refusedBy(full), [403, 'seat_limit_reached', /PAM 2 of 2/], 'never the other type in its place')
    t.strictSame(await found(server, 'userName eq "ben"'), [])
    const two = await scim('POST', '/Users', newUser('ben', { entitlements: [{ value: 'PWM' }, { value: 'PAM' }] }))
    t.match(refusedBy(two), [400, 'invalidValue', /exactly one/])
    const ben = await provision(server, 'ben', { entitlements: [{ value: 'pwm' }] })

    const swapped = patch({ op: 'replace', path: 'entitlements[type eq "License"].value', value: 'PWM' })
    t.match((await scim('PATCH', `/Users/${ada}`, swapped)).body, { entitlements: [{ value: 'parking' }, pwm] })
    const exchanged = patch(
      { op: 'remove', path: 'entitlements[value eq "PWM"]' },
      { op: 'add', path: 'entitlements', value: [{ value: 'PAM' }] }
    )
    t.match((await scim('PATCH', `/Users/${ben}`, exchanged)).body, { entitlements: [pam] })
    t.equal(await usage(server), 'PWM 1/3 PAM 2/2')
    const tooMany = await scim(
      'PATCH',
      `/Users/${ada}`,
      patch({ op: 'add', path: 'entitlements', value: [{ value: 'PAM' }] })
    )
    t.match(refusedBy(tooMany), [400, 'invalidValue', /names the licenses P.M and P.M/])
    const none = await scim('PATCH', `/Users/${ada}`, patch({ op: 'remove', path: 'entitlements' }))
    t.match(refusedBy(none), [400, 'mutability', /every active user holds exactly one/])

    const body = await read(server, ada)
    t.match(
      (await scim('PUT', `/Users/${ada}`, { ...body, entitlements: [] })).body,
      { entitlements: [pwm] },
      'SEAT-52'
    )
    const noSeat = await scim('PUT', `/Users/${ada}`, { ...body, title: 'x', entitlements: [pam] })
    t.match(refusedBy(noSeat), [403, 'seat_limit_reached'])
    t.equal((await read(server, ada)).title, undefined, 'all or nothing')
    await scim('DELETE', `/Users/${ben}`)
    t.match((await scim('PUT', `/Users/${ada}`, { ...body, entitlements: [pam] })).body, {
      entitlements: [pam],
      [licenseUrn]: { licenseType: 'PAM' }
    })

    await scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'active', value: false }))
    t.equal((await read(server, ada)).entitlements, undefined)
    const back = { active: true, entitlements: [{ value: 'PWM' }] }
    t.match((await scim('PUT', `/Users/${ada}`, newUser('ada', back))).body, { entitlements: [pwm] })
    const events = await server.api(
      'GET',
      `/audit?filter=${encodeURIComponent(`target.id eq "${ada}" and action eq "license.changed"`)}`
    )
    t.match(events.body, {
      items: [{ detail: { before: 'PWM', after: 'PAM' } }, { detail: { before: 'PAM', after: 'PWM' } }]
    })
    await recount(t, server)
  }
)

onBothStores(
  t,
  'licenseType and entitlements that ask for different licenses are refused, not guessed at',
  async (t, server) => {
    await settings(server, { [setting]: true, allowLicenseTypeFromIdp: true })
    const wish = (licenseType: string, value: string) => ({ [licenseUrn]: { licenseType }, entitlements: [{ value }] })
    const torn = await server.scim('POST', '/Users', newUser('ada', wish('PAM', 'PWM')))
    t.match(refusedBy(torn), [400, 'invalidValue', /licenseType asks for PAM and entitlements for PWM/])
    const ada = await provision(server, 'ada', wish('PWM', 'PWM'))
    const body = await read(server, ada)
    const echoed = await server.scim('PUT', `/Users/${ada}`, { ...body, entitlements: [pam] })
    t.match(echoed.body, { entitlements: [pam], [licenseUrn]: { licenseType: 'PAM' } }, 'what is so already is no wish')
    const other = patch({ op: 'replace', path: `${licenseUrn}:licenseType`, value: 'PWM' })
    t.match((await server.scim('PATCH', `/Users/${ada}`, other)).body, { entitlements: [pwm] })
  }
)

onBothStores(
  t,
  `with ${setting} a provider assigns roles, but none that reaches into administration`,
  async (t, server) => {
    await allowed(server)
    const { scim } = server
    const ada = await provision(server, 'ada', { roles: [{ value: 'guest' }, { value: 'Student' }] })
    t.match(
      (await read(server, ada)).roles,
      [{ value: 'Student' }, guest],
      'those named, in the place of the Default roles'
    )
    const ben = await provision(server, 'ben', { roles: [{ value: 'Admin' }] })
    t.match((await read(server, ben)).roles, [{ value: 'Admin' }, userRole], 'another spelling is data (ROLE-44)')

    const added = patch({ op: 'add', path: 'roles', value: [{ value: 'user' }] })
    t.match((await scim('PATCH', `/Users/${ada}`, added)).body.roles, [{ value: 'Student' }, guest, userRole])
    const taken = patch({ op: 'remove', path: 'roles[value eq "guest"]' })
    t.match((await scim('PATCH', `/Users/${ada}`, taken)).body.roles, [{ value: 'Student' }, userRole])
    t.match((await server.api('GET', `/users/${ada}/roles`)).body, { roles: ['user'] })

    const main = 'roles[primary eq true].value'
    await scim(
      'PATCH',
      `/Users/${ada}`,
      patch({ op: 'replace', path: 'roles', value: [{ value: 'guest', primary: true }] })
    )
    t.match((await read(server, ada)).roles, [{ ...guest, primary: true }])
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: main, value: 'user' }))
    t.strictSame(
      (await read(server, ada)).roles,
      [{ ...userRole, primary: true }],
      'the primary role is one role (quirk 15)'
    )

    const body = await read(server, ada)
    const { roles: _, ...withoutRoles } = body
    t.match((await scim('PUT', `/Users/${ada}`, withoutRoles)).body.roles, [userRole], 'left out says nothing of roles')
    t.equal((await scim('PUT', `/Users/${ada}`, { ...body, roles: [] })).body.roles, undefined, 'an empty list is one')
    const before = (await read(server, ada)).meta
    t.strictSame((await scim('PUT', `/Users/${ada}`, { ...body, roles: [] })).body.meta, before, 'once')

    const refused = [403, 'escalation_denied', /Admin reaches into administration/]
    const raised = patch({ op: 'add', path: 'roles', value: [{ value: 'admin' }] })
    t.match(refusedBy(await scim('PATCH', `/Users/${ada}`, raised)), refused)
    t.match(refusedBy(await scim('PUT', `/Users/${ada}`, { ...body, roles: [{ value: 'admin' }] })), refused)
    t.match(refusedBy(await scim('POST', '/Users', newUser('cleo', { roles: [{ value: 'admin' }] }))), refused)
    await server.api('PUT', `/users/${ada}/roles`, { roles: ['admin', 'user'] })
    const lowered = patch({ op: 'remove', path: 'roles[value eq "admin"]' })
    t.match(refusedBy(await scim('PATCH', `/Users/${ada}`, lowered)), refused)
    const left = await scim('PUT', `/Users/${ada}`, { ...body, active: false, roles: [guest] })
    t.match(
      [left.status, left.body.active, left.body.roles],
      [200, false, [{ value: 'admin' }, guest]],
      'left out, it stays'
    )

    const asAdmin = { authorization: `Bearer ${server.adminKey}` }
    t.equal((await scim('PATCH', `/Users/${ada}`, lowered, asAdmin)).status, 200, 'who may, may over SCIM too')
    const [admin] = (await scim('GET', '/Users?filter=userName eq "admin"')).body.Resources as { id: string }[]
    t.match(refusedBy(await scim('PATCH', `/Users/${admin?.id}`, lowered, asAdmin)), [403, 'admin_protected'])
    const events = await server.api(
      'GET',
      `/audit?filter=${encodeURIComponent(`target.id eq "${ada}" and action eq "user.rolesChanged"`)}&limit=3`
    )
    t.match((events.body.items as JsonObject[])[0], { detail: { before: ['admin', 'guest'], after: ['guest'] } })
  }
)

onBothStores(t, 'display and type of what is held are not written', async (t, server) => {
  await allowed(server)
  const ada = await provision(server, 'ada')
  const label = patch({ op: 'replace', path: 'roles[value eq "user"].display', value: 'King' })
  t.match(refusedBy(await server.scim('PATCH', `/Users/${ada}`, label)), [
    400,
    'mutability',
    /display and type of user/
  ])
  const whole = patch({ op: 'replace', path: 'roles', value: [{ value: 'user', display: 'King' }] })
  t.match((await server.scim('PATCH', `/Users/${ada}`, whole)).body.roles, [userRole])
})

onBothStores(t, 'a license is no entitlement that an administrator writes', async (t, server) => {
  const made = { userName: 'ada', license: { type: 'PWM' }, entitlements: [{ value: 'PAM' }] }
  t.match((await server.api('POST', '/users', made)).body, { code: 'invalid_value', field: 'entitlements' })
  const ada = await provision(server, 'ada')
  const changed = await server.api('PATCH', `/users/${ada}`, { entitlements: [{ value: 'PWM' }] })
  t.match([changed.status, changed.body.code], [400, 'invalid_value'])
})
