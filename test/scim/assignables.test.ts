/** What users can be given, as draft-ietf-scim-roles-entitlements and Okta list it: read, and never written. */
import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { schema } from '../../src/scim/discovery.ts'
import { typesFor } from '../../src/scim/schemas.ts'
import { settings } from '../seats/support.ts'
import { onBothStores, patch, provision, type TestServer } from '../support/app.ts'

interface List {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly nextCursor?: string
  readonly Resources: readonly JsonObject[]
}

const list = async ({ scim }: TestServer, path: string) => (await scim<List>('GET', path)).body
const ids = ({ Resources }: List) => Resources.map(({ id }) => id)
const ietf = (name: string) => `urn:ietf:params:scim:schemas:core:2.0:${name}`
const okta = (name: string) => `urn:okta:scim:schemas:core:1.0:${name}`

onBothStores(t, 'licenses are entitlements, with the seats bought and used at one moment', async (t, server) => {
  await provision(server, 'ada')
  const { Resources: entitlements } = await list(server, '/Entitlements')
  const [pam, pwm] = entitlements
  t.match(entitlements, [
    { value: 'PAM', contains: ['PWM'] },
    { value: 'PWM', containedBy: ['PAM'] }
  ])
  t.strictSame(Object.keys(pam ?? {}).includes('containedBy'), false, 'what is empty is left out')
  t.match(pwm, {
    schemas: [ietf('Entitlement')],
    ...{ id: 'PWM', value: 'PWM', display: 'PWM', type: 'License', supported: true, limitedAssignmentsPermitted: true },
    ...{ totalAssignmentsPermitted: 3, totalAssignmentsUsed: 1 },
    meta: {
      resourceType: 'Entitlement',
      location: 'http://localhost:80/scim/v2/Entitlements/PWM',
      version: /^W\/"\w+"$/
    }
  })
  const one = await server.scim('GET', '/Entitlements/PWM')
  t.strictSame(one.body, pwm)
  const tag = String(one.headers.etag)
  t.match(pwm, { meta: { version: tag } })
  t.equal((await server.scim('GET', '/Entitlements/PWM', undefined, { 'if-none-match': tag })).status, 304)

  const ben = await provision(server, 'ben')
  t.match((await server.scim('GET', '/Entitlements/PWM', undefined, { 'if-none-match': tag })).body, {
    totalAssignmentsUsed: 2
  })
  await server.scim('PATCH', `/Users/${ben}`, patch({ op: 'replace', path: 'active', value: false }))
  await server.api('POST', '/seats/purchases', { type: 'PWM', quantity: 7 })
  t.match((await server.scim('GET', '/Entitlements/PWM')).body, {
    ...{ totalAssignmentsPermitted: 10, totalAssignmentsUsed: 1 }
  })
  const found = await server.scim<List>('GET', '/Users?filter=entitlements.value eq "PWM"')
  t.equal(found.body.totalResults, 1, 'as many as are found')
})

const parts: Readonly<Record<string, (t: Test, server: TestServer) => Promise<void>>> = {
  'roles are those of the organization': async (t, server) => {
    const { Resources: roles } = await list(server, '/Roles')
    t.match(roles, [
      { id: 'admin', display: 'Admin', contains: ['guest', 'user'] },
      { id: 'guest', display: 'Guest' },
      { id: 'user', display: 'User', containedBy: ['admin'] }
    ])
    for (const role of roles) {
      t.match(role, { schemas: [ietf('Role')], value: role.id, type: 'VaultRole', supported: true })
      t.equal(role.limitedAssignmentsPermitted, false)
      t.equal('totalAssignmentsPermitted' in role, false)
    }
    const ada = await provision(server, 'ada')
    t.match((await server.scim('GET', `/Users/${ada}`)).body.roles, [
      { value: 'user', display: 'User', type: 'VaultRole' }
    ])
  },

  'Okta finds the same rows by its schemas': async (t, server) => {
    const { body: types } = await server.scim<List>('GET', '/ResourceTypes')
    const ofOkta = types.Resources.filter(({ schema }) => String(schema).startsWith('urn:okta:'))
    t.match(ofOkta, [
      { id: 'VaultRole', endpoint: '/VaultRoles', schema: okta('Role') },
      { id: 'License', endpoint: '/Licenses', schema: okta('Entitlement') }
    ])
    for (const { id, endpoint, schema } of ofOkta) {
      const { Resources } = await list(server, String(endpoint))
      for (const item of Resources) {
        t.strictSame(Object.keys(item).sort(), ['description', 'displayName', 'id', 'meta', 'schemas', 'type'])
        t.match(item, { schemas: [schema], type: id })
        t.ok(String(item.description).length > 10 && String(item.description).length <= 1000, String(item.description))
      }
    }
    t.strictSame(ids(await list(server, '/VaultRoles')), ids(await list(server, '/Roles')))
    t.strictSame(ids(await list(server, '/Licenses')), ids(await list(server, '/Entitlements')))
  },

  'they are filtered, sorted, paged, projected and searched like any resource': async (t, server) => {
    for (const [path, wanted] of [
      ['/Roles?filter=display eq "ADMIN"', ['admin']],
      ['/Roles?filter=contains eq "guest" and not (display sw "u")', ['admin']],
      ['/Roles?sortBy=display&sortOrder=descending', ['user', 'guest', 'admin']],
      ['/Roles?startIndex=2&count=1', ['guest']],
      ['/Entitlements?filter=totalAssignmentsPermitted gt 2', ['PWM']],
      ['/Entitlements?sortBy=totalAssignmentsPermitted', ['PAM', 'PWM']],
      ['/Entitlements?filter=totalAssignmentsPermitted gt 2 or id eq "PAM"', ['PAM', 'PWM']],
      ['/Licenses?filter=displayName eq "pwm"', ['PWM']]
    ] as const) {
      t.strictSame(ids(await list(server, encodeURI(path))), wanted, path)
    }
    t.match(await list(server, '/Roles?count=0'), { totalResults: 3, Resources: [] })
    t.match(await list(server, '/Roles?count=1&startIndex=3'), { totalResults: 3, itemsPerPage: 1 })
    t.strictSame((await list(server, '/Roles?attributes=value&filter=value eq "user"')).Resources, [
      { schemas: [ietf('Role')], id: 'user', value: 'user' }
    ])
    const first = await list(server, '/Roles?cursor&count=2&sortBy=display')
    const second = await list(server, `/Roles?cursor=${first.nextCursor}&count=2&sortBy=display`)
    t.strictSame([ids(first), ids(second), second.nextCursor], [['admin', 'guest'], ['user'], undefined])
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'value eq "guest"' }
    t.strictSame(ids((await server.scim<List>('POST', '/Roles/.search', search)).body), ['guest'])
    t.match(await server.scim('GET', '/Roles?filter=color eq 1'), { status: 400, body: { scimType: 'invalidFilter' } })
    t.match(await server.scim('GET', '/Roles/nobody'), { status: 404, body: { status: '404' } })
  },

  'nothing is written there: 405 says why, and reading needs no more than reading': async (t, server) => {
    for (const [path, why] of [
      ['/Roles', /takes GET.* Roles are made by administrators/],
      ['/VaultRoles', /Roles are made by administrators/],
      ['/Entitlements', /Licenses are bought/],
      ['/Licenses', /Licenses are bought/]
    ] as const) {
      t.match(await server.scim('POST', path, { nonsense: true }), { status: 405, body: { detail: why } }, path)
      const [id] = ids(await list(server, path))
      for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
        const refused = await server.scim(method, `${path}/${id}`, method === 'DELETE' ? undefined : '{ not even JSON')
        t.match(refused, { status: 405, headers: { allow: /GET/ }, body: { detail: why } }, `${method} ${path}/${id}`)
      }
      const reader = { authorization: `Bearer ${await server.keyOf('read_only')}` }
      t.equal((await server.scim('GET', path, undefined, reader)).status, 200)
      t.equal((await server.request({ method: 'GET', url: `/scim/v2${path}` })).status, 401)
    }
  },

  '/Schemas tells whether elements of ours are written': async (t, server) => {
    const told = async () => {
      const { body } = await server.scim('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')
      const of = (name: string) => (body.attributes as JsonObject[]).find(attribute => attribute.name === name)
      return `${of('roles')?.description} ${of('entitlements')?.description}`
    }
    t.match(await told(), /whose value \/Roles lists are readOnly.*whose value \/Entitlements lists are readOnly/)
    await settings(server, { allowRolesAndEntitlementsFromIdp: true })
    t.match(await told(), /\/Roles lists are assigned by writing them here.*\/Entitlements lists are assigned/)
  }
}

onBothStores(t, 'roles and entitlements are listed', async (t, server) => {
  for (const [title, part] of Object.entries(parts)) await t.test(title, async t => part(t, server))
})

t.test('the schemas are those of the draft and of Okta', async t => {
  const types = typesFor({ licenseFromIdp: false })
  for (const urn of [ietf('Role'), ietf('Entitlement'), okta('Role'), okta('Entitlement')]) {
    const told = schema('https://usher.example/scim/v2', urn, types)
    t.match(told, { id: urn })
    const writable = ((told?.attributes ?? []) as JsonObject[]).filter(({ mutability }) => mutability !== 'readOnly')
    t.strictSame(writable, [], `${urn} is readOnly`)
  }
})
