/** What the first requests of a connector look like: told, and never acted upon. */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { systemTenant } from '../../src/admin/collections.ts'
import { suggestions, watchedRequests } from '../../src/admin/suggestions.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { cluesIn, type Observed, suggested } from '../../src/scim/rewrites/suggest.ts'
import { onBothStores, patch, provision } from '../support/app.ts'

const observed = (change: Partial<Observed>): Observed => ({
  method: 'GET',
  route: '/scim/v2/Users',
  userAgent: 'node',
  query: {},
  body: undefined,
  ...change
})
const onUser = { method: 'PATCH', route: '/scim/v2/Users/:id' }
const okta = { userAgent: 'Okta SCIM Client 1.0.0' }

const rows: [string, Partial<Observed>[], string | undefined][] = [
  ['nothing', [{}, { ...onUser, body: patch({ op: 'replace', path: 'active', value: false }) }], undefined],
  ['no JSON object', [{ body: ['x'] }, { body: null }, { body: { Operations: [1, null], schemas: 1 } }], undefined],
  ['Entra ID', [{ ...onUser, body: patch({ op: 'Replace', path: 'active', value: 'False' }) }], 'entra'],
  [
    'Entra ID, a group',
    [{ body: { schemas: ['http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'] } }],
    'entra'
  ],
  [
    'Entra ID with its flag, also on demand',
    [{ query: { aadOptscim062020: '' } }, { ...onUser, body: patch({ op: 'Add', path: 'title', value: 'x' }) }],
    'entra-2020'
  ],
  ['Okta', [okta], 'okta'],
  ['Okta, by PUT', [okta, { ...okta, method: 'PUT', route: '/scim/v2/Users/:id', body: {} }], 'okta-aiw'],
  [
    'Okta, by PATCH',
    [okta, { ...okta, ...onUser, body: patch({ op: 'replace', value: { active: false } }) }],
    'okta-oin'
  ],
  ['Okta, a group', [{ ...okta, method: 'PUT', route: '/scim/v2/Groups/:id', body: {} }], 'okta'],
  ['JumpCloud', [{ method: 'POST', body: { externalId: '66e2d689a1b2c3d4e5f60718' } }], 'jumpcloud'],
  ['OneLogin', [{ method: 'POST', body: { schemas: ['urn:scim:schemas:core:1.0'] } }], 'onelogin'],
  ['SailPoint', [{ userAgent: 'SailPoint IdentityNow' }], 'sailpoint'],
  [
    'an agent that says its name beats a habit',
    [{ ...okta, ...onUser, body: patch({ op: 'Replace', path: 'title', value: 'x' }) }],
    'okta'
  ]
]
for (const [title, requests, profile] of rows) {
  t.test(`looks like ${title}`, async t => {
    t.equal(suggested(requests.flatMap(one => cluesIn(observed(one))))?.profile, profile)
  })
}

t.test('the same evidence counts once', async t => {
  const clues = Array.from({ length: 30 }, () => cluesIn(observed({ ...onUser, body: patch({ op: 'Add' }) }))).flat()
  t.match(suggested(clues), { profile: 'entra', weight: 6, evidence: { length: 1 } })
})

onBothStores(
  t,
  'the suggestion is told with its evidence, written once, and nothing follows from it',
  async (t, server) => {
    const { connector, token } = await createConnector(server.context, 'One', 'strict')
    const { id } = connector.doc
    const ada = await provision(server, 'ada@contoso.com')
    const send = (body: JsonObject) =>
      server.request(
        {
          method: 'PATCH',
          url: `/scim/v2/Users/${ada}?aadOptscim062020`,
          payload: JSON.stringify(body),
          headers: { 'content-type': 'application/scim+json' }
        },
        token
      )
    const replace = patch({ op: 'Replace', path: 'title', value: 'canary' })
    t.equal((await send(replace)).status, 400)
    let found: JsonObject | null = null
    // It is written beside the answer.
    for (let tries = 0; tries < 200 && found === null; tries++) {
      found = (await server.api<{ suggestedProfile: JsonObject | null }>('GET', `/connectors/${id}`)).body
        .suggestedProfile
      if (found === null) await new Promise(resolve => setTimeout(resolve, 10))
    }
    t.match(found, { profile: 'entra-2020', evidence: ['the parameter aadOptscim062020'], at: /^2026/ })
    t.equal((await send(replace)).status, 400, 'it stays strict')
    t.match(await server.api('GET', `/connectors/${id}`), { headers: { etag: '"1"' }, body: { profile: 'strict' } })
    t.equal((await server.api('DELETE', `/connectors/${id}`)).status, 204)
    t.equal(await server.store.get(suggestions, systemTenant, id), undefined)
  }
)

onBothStores(
  t,
  'weak evidence suffices after a number of requests, and later ones are not looked at',
  async (t, server) => {
    const { connector, token } = await createConnector(server.context, 'One', 'generic')
    const ask = (url: string, userAgent = 'curl') =>
      server.request({ method: 'GET', url: `/scim/v2${url}`, headers: { 'user-agent': userAgent } }, token)
    await ask('/Users', 'OneLogin')
    for (let i = 1; i < watchedRequests; i++) {
      t.equal(await server.store.get(suggestions, systemTenant, connector.doc.id), undefined)
      await ask('/ServiceProviderConfig')
    }
    await ask('/Users?aadOptscim062020=')
    const kept = async () => (await server.store.get(suggestions, systemTenant, connector.doc.id))?.doc.profile
    for (let tries = 0; tries < 200 && (await kept()) === undefined; tries++)
      await new Promise(resolve => setTimeout(resolve, 10))
    t.equal(await kept(), 'onelogin')
  }
)
