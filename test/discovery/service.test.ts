/**
 * Every claim of `/ServiceProviderConfig` and `/ResourceTypes`, tried: each number at its limit and one beyond, each feature used, and
 * every endpoint there is told of. The numbers are those of the documents; the settings only make them small.
 */
import t, { type Test } from 'tap'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { deleteUri } from '../../src/events/uris.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { type Route, routesOf } from '../support/route-table.ts'
import { bulkUrn } from '../support/urns.ts'
import { type Documents, readDocuments, type ServiceProviderConfig } from './documents.ts'
import { define } from './every-kind.ts'

const options = {
  seats: 'PAM=20,PWM=20',
  settings: {
    USHER_PAGE_SIZE_DEFAULT: '2',
    USHER_PAGE_SIZE_MAX: '4',
    USHER_BULK_OPERATIONS_MAX: '5',
    USHER_BODY_BYTES_MAX: '4096',
    USHER_CURSOR_SECONDS: '60',
    USHER_EVENT_SETTLE_SECONDS: '0'
  }
}

interface List {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly startIndex?: number
  readonly nextCursor?: string
  readonly Resources: readonly JsonObject[]
}

type Proof = (t: Test, server: TestServer, told: ServiceProviderConfig, documents: Documents) => Promise<void>

const claims: Readonly<Record<string, Proof>> = {
  patch: async (t, server, { patch: told }) => {
    const id = await provision(server, 'patched')
    const { status } = await server.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'x' }))
    t.equal(status === 200 || status === 204, told.supported)
  },

  bulk: async (t, server, { bulk: told }) => {
    t.ok(told.supported)
    const body = (n: number) =>
      JSON.stringify({
        schemas: [bulkUrn],
        Operations: Array.from({ length: n }, () => ({ method: 'DELETE', path: '/Users/nobody' }))
      })
    const most = body(told.maxOperations)
    const answer = await server.scim<{ Operations: Json[] }>('POST', '/Bulk', most)
    t.equal(answer.status, 200)
    t.equal(answer.body.Operations.length, told.maxOperations)
    t.match(await server.scim('POST', '/Bulk', body(told.maxOperations + 1)), { status: 413, body: { status: '413' } })
    t.equal((await server.scim('POST', '/Bulk', most.padEnd(told.maxPayloadSize))).status, 200, 'of the largest size')
    const larger = await server.scim('POST', '/Bulk', most.padEnd(told.maxPayloadSize + 1))
    t.match(larger, { status: 413, body: { status: '413' } }, 'larger')
  },

  filter: async (t, server, { filter: told }) => {
    t.ok(told.supported)
    const list = async (query: string) => (await server.scim<List>('GET', `/Users?filter=userName%20pr${query}`)).body
    const all = await list(`&count=${told.maxResults}`)
    t.ok(all.totalResults > told.maxResults, 'there are more')
    t.equal(all.Resources.length, told.maxResults)
    t.equal((await list(`&count=${told.maxResults + 1}`)).Resources.length, told.maxResults)
  },

  sort: async (t, server, { sort: told }) => {
    t.ok(told.supported)
    const names = async (order: string) => {
      const { body } = await server.scim<List>('GET', `/Users?sortBy=userName&sortOrder=${order}&count=4`)
      return body.Resources.map(({ userName }) => String(userName).toLowerCase())
    }
    for (const [order, sign] of [
      ['ascending', 1],
      ['descending', -1]
    ] as const) {
      const found = await names(order)
      t.same(
        found,
        found.toSorted((a, b) => (a < b ? -sign : sign)),
        order
      )
    }
  },

  etag: async (t, server, { etag: told }) => {
    t.ok(told.supported)
    const path = `/Users/${await provision(server, 'tagged')}`
    const { headers, body } = await server.scim('GET', path)
    const tag = String(headers.etag)
    t.equal(isObject(body.meta) && body.meta.version, tag)
    t.equal((await server.scim('GET', path, undefined, { 'if-none-match': tag })).status, 304)
    const change = (value: string) =>
      server.scim('PATCH', path, patch({ op: 'replace', path: 'title', value }), { 'if-match': tag })
    t.equal((await change('a')).status, 200)
    t.equal((await change('b')).status, 412)
  },

  changePassword: async (t, server, { changePassword: told }) => {
    t.notOk(told.supported)
    const path = `/Users/${await provision(server, 'secretive')}`
    const before = await server.scim('GET', path)
    const { status } = await server.scim('PATCH', path, patch({ op: 'replace', path: 'password', value: 'x' }))
    t.equal(status, 200, 'providers that send one are not turned away')
    t.same((await server.scim('GET', path)).body, before.body, 'and nothing came of it')
  },

  authenticationSchemes: async (t, server, { authenticationSchemes: told }) => {
    t.same(
      told.map(({ type }) => type).filter(type => !/^oauth(bearertoken|2)$/.test(type)),
      [],
      'none that is not tried here'
    )
    const url = '/scim/v2/Users'
    const as = (authorization: string) => server.request({ method: 'GET', url, headers: { authorization } })
    t.equal((await as(`Bearer ${server.scimToken}`)).status, 200)
    t.equal((await as(`Basic ${Buffer.from(`x:${server.scimToken}`).toString('base64')}`)).status, 401)
    const without = await server.request({ method: 'GET', url })
    t.equal(without.status, 401)
    t.match(without.headers['www-authenticate'], /^Bearer/)
  },

  securityEvents: async (t, server, { securityEvents: told }) => {
    const asked = await server.scim('POST', '/Users', newUser('later'), { prefer: 'respond-async' })
    t.equal(asked.status === 202, told?.asyncRequest === 'request')
    const stream = { name: 'all', audience: 'https://receiver.example.com', delivery: { method: 'poll' } }
    const make = (events: readonly string[]) => server.api('POST', '/event-streams', { ...stream, events })
    t.equal((await make(told?.eventUris ?? [])).status, 201)
    t.equal((await make(['urn:ietf:params:scim:event:feed:add'])).status, 400, 'what is not told of does not happen')
  },

  RolesAndEntitlements: async (t, server, { RolesAndEntitlements: told }) => {
    for (const [attribute, several, claim] of [
      ['roles', told?.roles.multipleRolesSupported, told?.roles],
      ['entitlements', told?.entitlements.multipleEntitlementsSupported, told?.entitlements]
    ] as const) {
      const name = `${attribute[0]?.toUpperCase()}${attribute.slice(1)}`
      const list = await server.scim<{ Resources: { value: string; type: string }[] }>('GET', `/${name}?count=4`)
      t.equal(list.status === 200, claim?.supported)
      t.same([...new Set(list.body.Resources.map(({ type }) => type))], claim?.types)
      const id = await provision(server, `assigned ${attribute}`)
      // Admin is for administrators to give.
      const values = list.body.Resources.map(({ value }) => value).filter(value => value !== 'admin')
      const assign = (elements: readonly JsonObject[]) =>
        server.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: attribute, value: elements }))
      t.ok(values.length > 1)
      const all = await assign(values.map(value => ({ value })))
      t.equal(all.status === 200, several, `several at once: ${all.text}`)
      const [value = ''] = values
      const one = await assign([{ value, primary: true }])
      t.match(one.body[attribute], [{ value, ...(claim?.primarySupported ? { primary: true } : {}) }])
      t.equal(one.text.includes(`"type":"${claim?.types[0]}"`), claim?.typeSupported)
    }
  },

  pagination: async (t, server, { pagination: told }) => {
    t.ok(told?.index && told.cursor)
    const list = async (query: string) => server.scim<List>('GET', `/Users?${query}`)
    const plain = await list('')
    t.equal(plain.body.nextCursor === undefined, told?.defaultPaginationMethod === 'index')
    t.equal(plain.body.Resources.length, told?.defaultPageSize)
    t.equal((await list(`cursor&count=${Number(told?.maxPageSize) + 1}`)).body.Resources.length, told?.maxPageSize)
    const first = await list('cursor&count=1')
    t.equal(first.body.Resources.length, 1)
    const next = `cursor=${first.body.nextCursor}&count=1`
    server.clock.advance(Number(told?.cursorTimeout) * 1000)
    t.equal((await list(next)).status, 200, 'as long as it is told')
    server.clock.advance(1000)
    t.match(await list(next), { status: 400, body: { scimType: 'expiredCursor' } }, 'and no longer')
  }
}

/** Told of where somebody uses it. */
const newer = ['securityEvents', 'RolesAndEntitlements']

onBothStores(
  t,
  'the service can do what it tells, and no more',
  async (t, server) => {
    const before = (await readDocuments(server)).service as unknown as JsonObject
    t.same(
      Object.keys(before).filter(name => newer.includes(name)),
      [],
      'clients of RFC 7643 end at what is newer'
    )
    const set = await server.api('PATCH', '/organization', { settings: { allowRolesAndEntitlementsFromIdp: true } })
    const stream = { name: 'one', audience: 'x', delivery: { method: 'poll' }, events: [deleteUri] }
    t.same([set.status, (await server.api('POST', '/event-streams', stream)).status], [200, 201])
    const documents = await readDocuments(server)
    for (const name of ['a', 'b', 'C', 'd', 'E', 'f']) await provision(server, name)
    const { schemas: _, meta: __, documentationUri: ___, ...told } = documents.service as unknown as JsonObject
    t.same(
      Object.keys(told).filter(name => !(name in claims)),
      [],
      'every claim is tried'
    )
    t.same(
      newer.filter(name => !(name in told)),
      [],
      'and is made where it matters'
    )
    for (const [name, proof] of Object.entries(claims)) {
      if (name in told) await t.test(name, async t => proof(t, server, documents.service, documents))
    }
  },
  options
)

onBothStores(t, 'every endpoint is told of, and every one that is told of answers', async (t, server) => {
  await define(server)
  const { types, schemas, service } = await readDocuments(server)
  const get = (path: string) => server.scim<List>('GET', path)
  for (const { definition } of types) {
    const { endpoint, id } = definition
    t.match((await get(endpoint)).body, { schemas: [/ListResponse$/], totalResults: Number }, endpoint)
    t.same((await get(`/ResourceTypes/${id}`)).body, { ...definition }, `/ResourceTypes/${id}`)
  }
  for (const schema of schemas) t.same((await get(`/Schemas/${schema.id}`)).body, schema, schema.id)
  const used = types.flatMap(({ core, extensions }) => [core.id, ...extensions.map(({ id }) => id)])
  t.same(
    schemas.map(({ id }) => id).filter(id => !used.includes(id)),
    [],
    'no schema is of nothing'
  )
  t.equal(
    new Set(types.map(({ definition }) => definition.endpoint)).size,
    types.length,
    'each has an endpoint of its own'
  )
  t.equal(types[0]?.definition.endpoint, '/Users', 'users come first')

  const told = [
    ...['/ServiceProviderConfig', '/ResourceTypes', '/ResourceTypes/:id', '/Schemas', '/Schemas/:id'],
    // RFC 7644 3.4.3, 3.11: not resource types.
    ...['', '/.search', '/Me', ...(service.bulk.supported ? ['/Bulk'] : [])],
    // RFC 9967 2.5.1: told of by the Location of a 202.
    '/AsyncRequests/:id',
    ...types.flatMap(({ definition: { endpoint } }) => [endpoint, `${endpoint}/:id`, `${endpoint}/.search`])
  ]
  const isScim = ({ pattern }: Route) => pattern.startsWith('/scim/v2')
  const there = new Set(
    routesOf(server.app)
      .filter(isScim)
      .map(({ pattern }) => pattern.slice('/scim/v2'.length))
  )
  t.same(
    [...there].filter(path => !told.includes(path) && !path.startsWith('/:endpoint')),
    [],
    'no other endpoint is there'
  )
  // What an organisation defined has no route of its own.
  t.ok(told.includes('/Things'))
  for (const path of ['/Nothings', '/Nothings/1', '/things', '/Thing', '/:endpoint']) {
    t.match(await server.scim('GET', path), { status: 404, body: { status: '404' } }, path)
  }
})

const membersOf: Readonly<Record<string, readonly string[]>> = {
  // RFC 7643 5, RFC 9865, RFC 9967.
  ServiceProviderConfig: [
    ...[
      'schemas',
      'documentationUri',
      'patch',
      'bulk',
      'filter',
      'changePassword',
      'sort',
      'etag',
      'authenticationSchemes'
    ],
    ...['meta', 'pagination', 'securityEvents', 'RolesAndEntitlements']
  ],
  patch: ['supported'],
  bulk: ['supported', 'maxOperations', 'maxPayloadSize'],
  filter: ['supported', 'maxResults'],
  changePassword: ['supported'],
  sort: ['supported'],
  etag: ['supported'],
  authenticationSchemes: ['type', 'name', 'description', 'specUri', 'documentationUri', 'primary'],
  pagination: ['cursor', 'index', 'defaultPaginationMethod', 'defaultPageSize', 'maxPageSize', 'cursorTimeout'],
  securityEvents: ['asyncRequest', 'eventUris'],
  RolesAndEntitlements: ['roles', 'entitlements'],
  roles: ['supported', 'multipleRolesSupported', 'primarySupported', 'typeSupported', 'types'],
  entitlements: ['supported', 'multipleEntitlementsSupported', 'primarySupported', 'typeSupported', 'types'],
  // RFC 7643 6.
  ResourceType: ['schemas', 'id', 'name', 'description', 'endpoint', 'schema', 'schemaExtensions', 'meta'],
  schemaExtensions: ['schema', 'required'],
  // RFC 7643 7.
  Schema: ['schemas', 'id', 'name', 'description', 'attributes', 'meta'],
  attributes: [
    ...['name', 'type', 'subAttributes', 'multiValued', 'description', 'required', 'canonicalValues', 'caseExact'],
    ...['mutability', 'returned', 'uniqueness', 'referenceTypes']
  ],
  meta: ['resourceType', 'created', 'lastModified', 'location', 'version']
}
const places: Readonly<Record<string, string>> = { subAttributes: 'attributes' }

onBothStores(t, 'strict clients know every member of the documents', async (t, server) => {
  const documents: readonly (readonly [string, string])[] = [
    ['ServiceProviderConfig', '/ServiceProviderConfig'],
    ['ResourceType', '/ResourceTypes'],
    ['Schema', '/Schemas']
  ]
  for (const [kind, path] of documents) {
    const { body } = await server.scim('GET', path)
    const resources = (Array.isArray(body.Resources) ? body.Resources : [body]) as readonly JsonObject[]
    for (const resource of resources) {
      t.same(unknownIn(resource, kind), [], `${path} ${resource.id ?? ''}`)
      t.same(resource.schemas, [`urn:ietf:params:scim:schemas:core:2.0:${kind}`])
      const location = isObject(resource.meta) ? String(resource.meta.location) : ''
      t.same((await server.scim('GET', location.replace(/^.*\/scim\/v2/, ''))).body, resource, location)
    }
  }
})

/** Members that no RFC has there, and nulls. */
function unknownIn(value: Json, kind: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(element => unknownIn(element, kind))
  if (!isObject(value)) return value === null ? [`${kind} is null`] : []
  const known = membersOf[places[kind] ?? kind]
  return Object.entries(value).flatMap(([name, member]) => {
    if (known !== undefined && !known.includes(name)) return [`${kind}.${name}`]
    return unknownIn(member, name)
  })
}
