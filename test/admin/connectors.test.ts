/** What a connection can be set to, and that it is what its requests meet. */
import t from 'tap'
import { connectors } from '../../src/admin/collections.ts'
import { auditEvents } from '../../src/audit/events.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { type Profile, profiles, rewriteNames } from '../../src/scim/rewrites/profiles.ts'
import { insert } from '../../src/store/port.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'

async function connect(server: TestServer, body: JsonObject = {}) {
  const made = await server.api('POST', '/connectors', { name: 'One', ...body })
  return { ...made, id: String(made.body.id), token: String(made.body.token) }
}

t.test('each profile is a list of known rewrites, and has a line that says whom it is for', async t => {
  for (const name of Object.keys(profiles) as Profile[]) {
    t.ok(
      profiles[name].every(rewrite => rewriteNames.includes(rewrite)),
      name
    )
  }
})

onBothStores(t, 'profiles and rewrites are listed with what they are for', async (t, server) => {
  const { status, body } = await server.api<{ profiles: JsonObject[]; rewrites: JsonObject[] }>(
    'GET',
    '/connector-profiles'
  )
  t.equal(status, 200)
  t.same(
    body.profiles.map(({ name }) => name),
    Object.keys(profiles)
  )
  t.same(
    body.rewrites.map(({ name }) => name),
    rewriteNames
  )
  for (const { about } of [...body.profiles, ...body.rewrites]) t.match(about, /\w+ \w+/)
})

onBothStores(t, 'settings are shown whole, changed one by one, and told in the audit log', async (t, server) => {
  const { id, status, body } = await connect(server, { profile: 'okta-aiw', settings: { bareToken: true } })
  const settings = { rewrites: {}, onDelete: 'delete', preserveUnmapped: false, bareToken: true, rateLimit: null }
  t.match({ status, body }, { status: 201, body: { profile: 'okta-aiw', settings } })
  t.notOk((body.rewrites as string[]).includes('dotted-keys'))

  const rateLimit = { requests: 50, seconds: 1 }
  const change = { onDelete: 'deactivate', rateLimit, rewrites: { 'dotted-keys': true, 'op-case': false } }
  const changed = await server.api('PATCH', `/connectors/${id}`, { settings: change })
  t.match(changed, { status: 200, body: { settings: { ...settings, ...change } } })
  const after = changed.body.rewrites as string[]
  t.same([after.includes('dotted-keys'), after.includes('op-case')], [true, false], 'what is switched is applied')

  const etag = String(changed.headers.etag)
  const back = { settings: { rewrites: { 'op-case': null } } }
  t.equal((await server.api('PATCH', `/connectors/${id}`, back, { 'if-match': '"1"' })).status, 412)
  const answer = await server.api('PATCH', `/connectors/${id}`, back, { 'if-match': etag })
  t.same((answer.body.settings as JsonObject).rewrites, { 'dotted-keys': true }, 'null is as the profile says')
  const same = await server.api('PATCH', `/connectors/${id}`, { settings: { onDelete: 'deactivate' } })
  t.equal(same.headers.etag, answer.headers.etag, 'what is so already writes nothing')
  t.same((await server.api('GET', `/connectors/${id}`)).body, { ...answer.body, suggestedProfile: null })

  const events = await everyDocument(server.store, auditEvents, server.context.tenant)
  t.match(
    events.filter(({ doc }) => doc.target.id === id).map(({ doc }) => [doc.action, doc.detail]),
    [
      ['connector.created', { profile: 'okta-aiw', settings: { bareToken: true } }],
      ['connector.changed', { settings: change }],
      ['connector.changed', back]
    ]
  )
})

onBothStores(t, 'what there is not is refused by name, and nothing is changed', async (t, server) => {
  const { id, body } = await connect(server)
  const rows: [JsonObject, RegExp][] = [
    [{ profile: 'entraa' }, /no profile "entraa".*entra-2020/],
    [{ settings: { rewrites: { 'op-cas': true } } }, /no rewrite "op-cas".*op-case/],
    [{ settings: { rewrites: { constructor: true } } }, /no rewrite "constructor"/],
    [{ settings: { rewrites: { 'op-case': 'yes' } } }, /op-case/],
    [{ settings: { onDelete: 'forget' } }, /onDelete/],
    [{ settings: { rateLimit: { requests: 0, seconds: 1 } } }, /requests/],
    [{ settings: { bearToken: true } }, /bearToken/]
  ]
  for (const [change, detail] of rows) {
    const { status, body } = await server.api('PATCH', `/connectors/${id}`, change)
    t.match({ status, body }, { status: 400, body: { code: 'invalid_value', detail } })
    t.equal((await connect(server, change)).status, 400)
  }
  const { token: _, ...shown } = body
  t.same((await server.api('GET', `/connectors/${id}`)).body, { ...shown, suggestedProfile: null })
})

onBothStores(t, 'connectors from before there were settings are read as by default', async (t, server) => {
  const { store, context } = server
  const old = { id: 'old', name: 'Old', profile: 'okta', created: context.clock.now() }
  await store.commit([insert(connectors, context.tenant, old)], { id: context.makeId() })
  t.match(await server.api('GET', '/connectors/old'), {
    status: 200,
    body: { profile: 'okta', settings: { onDelete: 'delete', rateLimit: null }, rewrites: [...profiles.okta] }
  })
  t.equal((await server.api('PATCH', '/connectors/old', { settings: { onDelete: 'deactivate' } })).status, 200)
})

onBothStores(
  t,
  'what is switched off is refused, and switched on understood, from the next request',
  async (t, server) => {
    const { id, token } = await connect(server, { profile: 'entra' })
    const ada = await provision(server, 'ada@contoso.com')
    const off = () =>
      server.request({
        method: 'PATCH',
        url: `/scim/v2/Users/${ada}`,
        headers: { 'content-type': 'application/scim+json', authorization: `Bearer ${token}` },
        payload: JSON.stringify(patch({ op: 'replace', path: 'active', value: 'False' }))
      })
    await server.api('PATCH', `/connectors/${id}`, { settings: { rewrites: { 'string-booleans': false } } })
    t.match(await off(), { status: 400, body: { scimType: 'invalidValue' } })
    await server.api('PATCH', `/connectors/${id}`, { settings: { rewrites: { 'string-booleans': null } } })
    t.match(await off(), { status: 200, body: { active: false } })
  }
)

onBothStores(t, 'who keeps the organization reachable is not dismissed either', async (t, server) => {
  const { token } = await connect(server, { settings: { onDelete: 'deactivate' } })
  const { body } = await server.scim<{ Resources: { id: string }[] }>('GET', '/Users?filter=userName eq "admin"')
  const url = `/scim/v2/Users/${body.Resources[0]?.id}`
  t.match(await server.request({ method: 'DELETE', url }, token), {
    status: 403,
    headers: { 'x-error-code': 'admin_protected' }
  })
  const created = await server.scim('POST', '/Users', newUser('ada'))
  const ada = `/scim/v2/Users/${created.body.id}`
  const stale = await server.request({ method: 'DELETE', url: ada, headers: { 'if-match': 'W/"nonesuch"' } }, token)
  t.equal(stale.status, 412, 'a condition holds for it as for a deletion')
})
