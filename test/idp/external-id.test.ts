/**
 * `externalId` is what the identity provider calls somebody, and nothing else: whatever stands in it, a number or the id of
 * another, it leads to nobody but the one who has it (CVE-2025-41115: a numeric one was taken for the server's own id).
 */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import {
  type Answer,
  groupUrn,
  type Method,
  newUser,
  onBothStores,
  patch,
  provision,
  type TestServer
} from '../support/app.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

type Ask = (method: Method, path: string, body?: JsonObject) => Promise<Answer>

async function asConnector({ context, request }: TestServer, profile: string): Promise<Ask> {
  const { token } = await createConnector(context, `numbers ${profile}`, profile)
  return (method, path, body) => {
    const sent = body === undefined ? {} : { payload: JSON.stringify(body) }
    const headers = body === undefined ? {} : { 'content-type': 'application/scim+json' }
    return request({ method, url: `/scim/v2${encodeURI(path)}`, ...sent, headers }, token)
  }
}

async function found(ask: Ask, filter: string): Promise<readonly string[]> {
  const { status, body } = await ask('GET', `/Users?filter=${filter}`)
  return status === 200 ? (body.Resources as JsonObject[]).map(user => String(user.id)) : [`${status}`]
}

onBothStores(
  t,
  'a numeric externalId, or the id of another, is nobody’s id',
  async (t, server) => {
    const { body: list } = await server.scim('GET', '/Users?filter=userName eq "admin"')
    const [admin] = list.Resources as JsonObject[]
    const before = await server.scim('GET', `/Users/${admin?.id}`)
    const ada = await provision(server, 'ada@example.com')
    const adaBefore = await server.scim('GET', `/Users/${ada}`)

    for (const profile of ['entra', 'okta', 'jumpcloud', 'generic', 'strict']) {
      const ask = await asConnector(server, profile)
      const numbers: Json[] = profile === 'strict' ? [] : [1, 0, -1, 701984]
      const values: Json[] = [...numbers, '1', '0', '-1', ada, String(admin?.id)]
      for (const externalId of values) {
        const title = `${profile}: ${JSON.stringify(externalId)}`
        const name = `${profile}-${JSON.stringify(externalId)}@example.com`
        const { status, body } = await ask('POST', '/Users', newUser(name, { externalId }))
        const id = String(body.id)
        t.equal(status, 201, title)
        t.match(id, uuid, 'the server makes the ids')
        t.equal(body.externalId, String(externalId), 'kept as a text')
        t.same(await found(ask, `externalId eq "${externalId}"`), [id], 'who has it is found by it')

        // In a path, in a filter on ids and among members it is an id, and no user's who has it as externalId.
        const known = [ada, admin?.id].includes(String(externalId))
        t.same(await found(ask, `id eq "${externalId}"`), known ? [String(externalId)] : [], 'it is not an id')
        if (!known) {
          const deactivation = patch({ op: 'replace', path: 'active', value: false })
          t.equal((await ask('GET', `/Users/${externalId}`)).status, 404)
          t.equal((await ask('PUT', `/Users/${externalId}`, newUser(name))).status, 404)
          t.equal((await ask('PATCH', `/Users/${externalId}`, deactivation)).status, 404)
          t.equal((await ask('DELETE', `/Users/${externalId}`)).status, 404)
          const group = { schemas: [groupUrn], displayName: name, members: [{ value: String(externalId) }] }
          t.equal((await ask('POST', '/Groups', group)).status, 400, 'nor a member')
        }
        const put = await ask('PUT', `/Users/${id}`, newUser(name, { externalId, id: ada, displayName: 'Another' }))
        t.match(put, { status: 200, body: { id, displayName: 'Another', externalId: String(externalId) } })
        t.equal((await ask('DELETE', `/Users/${id}`)).status, 204)
      }
    }
    t.same((await server.scim('GET', `/Users/${ada}`)).body, adaBefore.body, 'nobody else was touched')
    t.same((await server.scim('GET', `/Users/${admin?.id}`)).body, before.body)
  },
  { seats: 'PWM=6,PAM=2' }
)

onBothStores(t, 'a number that is no text is refused where nothing is rewritten (quirk 52)', async (t, server) => {
  const ask = await asConnector(server, 'strict')
  for (const externalId of [1, 0, -1, 1.5, true]) {
    t.match(await ask('POST', '/Users', newUser('ada', { externalId })), {
      status: 400,
      body: { scimType: 'invalidValue', detail: /^externalId must be a string/ }
    })
  }
  const generic = await asConnector(server, 'generic')
  for (const externalId of [1.5, 2 ** 60, true]) {
    t.equal((await generic('POST', '/Users', newUser('ada', { externalId }))).status, 400, `${externalId}`)
  }
})
