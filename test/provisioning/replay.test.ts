import t from 'tap'
import { createConnector, deleteConnector } from '../../src/admin/accounts.ts'
import { activate } from '../../src/admin/activate.ts'
import { systemTenant } from '../../src/admin/collections.ts'
import { watchedRequests } from '../../src/admin/suggestions.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { provisioningLog } from '../../src/provisioning/entry.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { everyDocument, wholeFingerprint } from '../support/fingerprint.ts'
import { logged, newest, type Shown } from './support.ts'

/** All that is kept, the log too, and what belongs to no organization. */
async function everything({ store, context: { tenant } }: TestServer): Promise<string> {
  const log = await everyDocument(store, provisioningLog, tenant)
  return [
    await wholeFingerprint(store, tenant),
    await wholeFingerprint(store, systemTenant),
    JSON.stringify(log)
  ].join()
}

const replay = (server: TestServer, { id }: Shown) => server.api('POST', `/provisioning-log/${id}/replay`)

const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

onBothStores(
  t,
  'whatever is replayed changes nothing, writes nothing, reserves nothing and tells nobody',
  async (t, server) => {
    const { scim, context } = server
    const { token } = await createConnector(context, 'Entra', 'entra')
    const ada = await provision(server, 'ada', { title: 'Dr', password: 'x' })
    const ben = await provision(server, 'ben', { active: false })
    const { body: group } = await scim('POST', '/Groups', { displayName: 'Eng', members: [{ value: ada }] })
    await scim('PUT', `/Users/${ada}`, newUser('ada', { title: 'Prof' }))
    await server.request({ method: 'PATCH', url: `/scim/v2/Users/${ada}`, payload: deactivation }, token)
    await scim('PATCH', `/Users/${ben}`, patch({ op: 'replace', path: 'active', value: true }))
    await scim('PATCH', `/Groups/${group.id}`, patch({ op: 'add', path: 'members', value: [{ value: ben }] }))
    await scim('PUT', `/Groups/${group.id}`, { displayName: 'Engineers' })
    await scim('GET', '/Users?filter=userName%20eq%20%22ada%22&attributes=id&attributes=userName')
    await scim('POST', '/Users/.search', { filter: 'active eq true' })
    await scim('GET', '/ServiceProviderConfig')
    await scim('GET', '/Nothing')
    await scim('POST', '/Users', newUser('cleo'))
    await scim('POST', '/Users', newUser('dora'), { 'idempotency-key': 'k' })
    await scim('POST', '/Users', newUser('too many'))
    await scim('POST', '/Bulk', {
      schemas: [bulkUrn],
      Operations: [
        { method: 'DELETE', path: `/Groups/${group.id}` },
        { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'New' } },
        { method: 'PATCH', path: `/Users/${ben}`, data: patch({ op: 'remove', path: 'title' }) }
      ]
    })
    await scim('DELETE', `/Users/${ada}`)
    await server.request({ method: 'DELETE', url: `/scim/v2/Users/${ben}` }, await server.keyOf('viewer'))
    // What is due because of all that is done before.
    await server.api('GET', '/notifications')
    const entries = await logged(server, 'limit=100')
    const before = await everything(server)
    // As often as a connector is watched for what its requests suggest.
    const entra = entries.filter(entry => (entry.connector as JsonObject).name === 'Entra')
    for (const entry of [...entries, ...Array.from({ length: watchedRequests }, () => entra).flat()]) {
      const { status, body, text } = await replay(server, entry)
      t.equal(status, 200, `${entry.method} ${entry.path}: ${text.slice(0, 200)}`)
      t.match(body, { was: { id: entry.id }, would: { method: entry.method, path: entry.path } })
    }
    const said = await everything(server)
    t.equal(said, before, 'nothing was changed')
    await server.api('GET', '/notifications')
    t.equal(await everything(server), before, 'and nothing came of it later')
    t.ok(entries.length > 18, String(entries.length))
    const next = await scim('POST', '/Users', newUser('frank'))
    t.equal(next.status, 201, 'the seat that a dry run took is free')
  },
  { seats: 'PWM=5,PAM=1' }
)

const deactivation = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }

onBothStores(
  t,
  'a replay shows what the request would do now, and how that differs from what it did',
  async (t, server) => {
    const { scim, api, context } = server
    const ada = await provision(server, 'ada')
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'title', value: 'Dr' }))
    const change = await newest(server)
    t.match((await replay(server, change)).body, {
      exact: true,
      notes: [],
      would: { status: 200, outcome: 'unchanged', difference: [], answer: { value: { title: 'Dr' } } },
      turned: [
        { path: 'outcome', before: 'done', after: 'unchanged' },
        { path: 'difference.title.after', before: 'Dr' },
        { path: 'effects', before: [{ action: 'user.changed' }] }
      ]
    })
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'title', value: 'Prof' }))
    t.match((await replay(server, change)).body, {
      would: { difference: [{ path: 'title', before: 'Prof', after: 'Dr' }] },
      turned: [{ path: 'difference.title.before', after: 'Prof' }]
    })

    await provision(server, 'ben')
    await scim('POST', '/Users', newUser('cleo', { password: 'canary' }))
    const refused = await newest(server)
    t.match(refused, { status: 403, error: { code: 'seat_limit_reached' } }, 'why did she not get a seat?')
    await scim('DELETE', `/Users/${ada}`)
    const seated = (await replay(server, refused)).body
    t.match(seated, {
      exact: false,
      notes: [/secret/],
      would: {
        status: 201,
        resource: { name: 'cleo' },
        effects: [{ action: 'user.created' }, { action: 'seat.assigned', detail: { type: 'PWM' } }]
      }
    })
    t.equal((await api('GET', `/users/${(seated.would as Shown).id}`)).status, 404)
    t.match((await replay(server, change)).body, { would: { status: 404, outcome: 'refused' } })

    const { connector, token } = await createConnector(context, 'Other', 'strict')
    await server.request({ method: 'POST', url: '/scim/v2/Groups', payload: { displayName: 'A' } }, token)
    const strict = await newest(server)
    t.match(strict, { status: 400, error: { attribute: 'schemas' } })
    await api('PATCH', `/connectors/${connector.doc.id}`, { profile: 'generic' })
    t.match((await replay(server, strict)).body, { would: { status: 201, rewrites: ['default-schemas'] } })
    await deleteConnector(context, connector.doc.id)
    t.match(await replay(server, strict), { status: 409, body: { code: 'not_replayable', detail: /was deleted/ } })
  },
  { seats: 'PWM=3' }
)

onBothStores(
  t,
  'each operation of a bulk request is shown, the later ones on what the earlier would have done',
  async (t, server) => {
    await server.scim('POST', '/Bulk', {
      schemas: [bulkUrn],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'a', data: newUser('ada') },
        { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'G', members: [{ value: 'bulkId:a' }] } }
      ]
    })
    const [bulk] = await logged(server, 'filter=operation eq "bulk"')
    if (bulk === undefined) throw new Error('no bulk')
    t.match((await replay(server, bulk)).body, {
      would: { status: 200 },
      operations: [{ status: 409, error: { code: 'uniqueness' } }]
    })
    for (const { id } of (await server.scim<{ Resources: Shown[] }>('GET', '/Groups')).body.Resources) {
      await server.scim('DELETE', `/Groups/${id}`)
    }
    for (const { id, userName } of (await server.scim<{ Resources: Shown[] }>('GET', '/Users')).body.Resources) {
      if (userName !== 'admin') await server.scim('DELETE', `/Users/${id}`)
    }
    const { operations = [] } = (await replay(server, bulk)).body as unknown as { operations?: Shown[] }
    t.match(operations, [
      { status: 201, effects: [{ action: 'user.created' }, { action: 'seat.assigned' }] },
      { status: 201, difference: [{ path: 'displayName' }, { path: 'members' }] }
    ])
  }
)

onBothStores(
  t,
  'a request of which too little is kept is not made again',
  async (t, server) => {
    const { scim } = server
    const ada = await provision(server, 'ada')
    const refused = async (why: RegExp) => {
      t.match(await replay(server, await newest(server)), {
        status: 409,
        body: { code: 'not_replayable', detail: why }
      })
    }
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'title', value: 'x'.repeat(400) }))
    await refused(/only the beginning/)
    await scim('GET', '/Users?filter=password%20eq%20%22x%22')
    await refused(/names something secret/)
    await scim('PATCH', `/Users/${ada}`, patch({ op: 'remove', path: 'emails[password eq "x"]' }))
    await refused(/names something secret/)
    await scim('POST', '/Users', '{"userName"')
    await refused(/no body that could be read/)
  },
  { settings: { USHER_PROVISIONING_LOG_BODY_MAX: '300' } }
)

onBothStores(t, 'a replay needs the right to edit, and the own organization', async (t, server) => {
  await provision(server, 'ada')
  const entry = await newest(server)
  const url = `/api/v1/provisioning-log/${entry.id}/replay`
  const other = await activate(server.env, { seats: { PWM: 5, PAM: 0 } }, server.env.makeId())
  t.equal((await server.request({ method: 'POST', url }, other?.adminKey)).status, 404)
  t.equal((await server.request({ method: 'POST', url }, await server.keyOf('viewer'))).status, 403)
  t.equal((await server.request({ method: 'POST', url }, server.scimToken)).status, 403)
  t.equal((await replay(server, entry)).status, 200)
})
