/** What an administrator may define, and change of it once resources were written by it. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { contradictions } from '../../src/scim/schema/contradictions.ts'
import { readSchemaDefinition } from '../../src/scim/schema/read-definition.ts'
import { newUser, onBothStores, patch, userUrn } from '../support/app.ts'
import {
  badge,
  badgeUrn,
  device,
  deviceUrn,
  expectStatus,
  found,
  room,
  roomUrn,
  userTypeWith,
  withBadge,
  withDevices
} from './support.ts'

const limits = { attributesMax: 20, indexedMax: 10 }
const urn = 'urn:example:params:scim:X'
const read = (...attributes: readonly JsonObject[]) => readSchemaDefinition({ id: urn, attributes }, limits)

t.test('what RFC 7643 2.2 lets one leave out is filled in', async t => {
  t.strictSame(read({ name: 'a' }), {
    id: urn,
    name: 'X',
    description: '',
    attributes: [
      {
        name: 'a',
        type: 'string',
        multiValued: false,
        description: '',
        required: false,
        caseExact: false,
        mutability: 'readWrite',
        returned: 'default',
        uniqueness: 'none'
      }
    ]
  })
  t.match(read({ name: 'a', mutability: 'writeOnly' }).attributes, [{ returned: 'never' }])
  t.match(read({ name: 'a', type: 'reference' }).attributes, [{ referenceTypes: ['uri'] }])
})

const wrong: readonly (readonly [string, JsonObject, RegExp])[] = [
  ['a name with a dot', { name: 'a.b' }, /name must be a letter/],
  ['a name of every resource', { name: 'ID' }, /ID is taken/],
  ['a name that reaches a prototype', { name: '__proto__' }, /name must be a letter/],
  ['a misspelt member', { name: 'a', mutabilty: 'immutable' }, /has no member "mutabilty"/],
  ['an unknown type', { name: 'a', type: 'text' }, /type must be one of string/],
  ['writeOnly and returned', { name: 'a', mutability: 'writeOnly', returned: 'default' }, /returned must be "never"/],
  ['required and never returned', { name: 'a', returned: 'never', required: true }, /cannot be required/],
  ['required and readOnly', { name: 'a', mutability: 'readOnly', required: true }, /knows nothing to set/],
  ['unique without being returned', { name: 'a', returned: 'never', uniqueness: 'server' }, /unique can be/],
  [
    'an index on a complex value',
    { name: 'a', type: 'complex', 'usher:index': true, subAttributes: [{ name: 'b' }] },
    /an index is for/
  ],
  ['closed without values', { name: 'a', 'usher:closed': true }, /closes the list/],
  ['a caseless reference', { name: 'a', type: 'reference', caseExact: false }, /is caseExact/],
  ['complex without sub-attributes', { name: 'a', type: 'complex' }, /a.subAttributes must be an array/],
  [
    'erratum 8415: complex within complex',
    { name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex', subAttributes: [{ name: 'c' }] }] },
    /a.b is complex inside/
  ],
  [
    'a primary that is no boolean',
    { name: 'a', type: 'complex', subAttributes: [{ name: 'primary' }] },
    /primary is a boolean/
  ]
]
for (const [title, attribute, message] of wrong) {
  t.test(`refused: ${title}`, async t => t.throws(() => read(attribute), { scimType: 'invalidValue', message }))
}

t.test('names have no case, and limits are limits', async t => {
  t.throws(() => read({ name: 'a' }, { name: 'A' }), { message: /one name twice/ })
  const many = (count: number, more: JsonObject = {}) =>
    Array.from({ length: count }, (_, i) => ({ name: `a${i}`, ...more }))
  t.equal(read(...many(20)).attributes.length, 20)
  t.throws(() => read(...many(21)), { message: /may have 20 attributes and sub-attributes, not 21/ })
  t.equal(read(...many(10, { 'usher:index': true })).attributes.length, 10)
  t.throws(() => read(...many(11, { uniqueness: 'server' })), { message: /may have 10 attributes with usher:index/ })
  t.throws(() => readSchemaDefinition({ id: userUrn, attributes: [{ name: 'a' }] }, limits), {
    message: /begins like the schemas of the RFC/
  })
})

t.test('more, wider and looser contradicts nothing that is stored', async t => {
  const before = read({
    name: 'a',
    required: true,
    mutability: 'immutable',
    canonicalValues: ['x'],
    'usher:closed': true
  })
  const looser = read(
    { name: 'a', description: 'A', canonicalValues: ['x', 'y'], 'usher:closed': true, returned: 'request' },
    { name: 'b', uniqueness: 'server', 'usher:index': true }
  )
  t.strictSame(contradictions(before, looser), [])
})

const against: readonly (readonly [string, JsonObject, JsonObject, string])[] = [
  ['another type', {}, { type: 'integer' }, 'type of a would change'],
  ['a list', {}, { multiValued: true }, 'multiValued of a would change'],
  ['letter case', {}, { caseExact: true }, 'caseExact of a would change'],
  ['unique', {}, { uniqueness: 'server' }, 'uniqueness of a would change'],
  ['indexed', {}, { 'usher:index': true }, 'usher:index of a would change'],
  ['required', {}, { required: true }, 'a would become required'],
  ['never returned', {}, { returned: 'never' }, 'a would never be returned, though values of it are kept'],
  ['closed', { canonicalValues: ['x'] }, { canonicalValues: ['x'], 'usher:closed': true }, 'a would take fewer values'],
  [
    'fewer elements',
    { multiValued: true },
    { multiValued: true, 'usher:elementsMax': 3 },
    'a would take fewer elements'
  ],
  ['another name', {}, { name: 'A' }, 'a would be removed']
]
for (const [title, before, after, sentence] of against) {
  t.test(`a contradiction: ${title}`, async t => {
    t.match(contradictions(read({ name: 'a', ...before }), read({ name: 'a', ...after })), [sentence])
  })
}

onBothStores(t, 'a schema in use grows, and is otherwise as it was', async (t, server) => {
  await withBadge(server)
  const url = `/schemas/${badgeUrn}`
  const attributes = badge.attributes as readonly JsonObject[]
  const [number = {}, ...others] = attributes
  const other = [{ ...number, type: 'integer', caseExact: undefined, uniqueness: 'none' }, ...others] as JsonObject[]
  const put = (body: JsonObject, headers = {}) => server.api('PUT', url, JSON.parse(JSON.stringify(body)), headers)

  t.equal((await put({ attributes: other })).status, 200, 'no resource was written by it yet')
  t.equal((await put({ attributes })).status, 200)
  const { body: ada } = await expectStatus(
    201,
    server.scim('POST', '/Users', newUser('ada', { [badgeUrn]: { number: '1' } }))
  )
  t.match((await put({ attributes: other })).body, {
    status: 409,
    code: 'schema_incompatible',
    detail: /type of number would change.*resources of User.*Add an attribute of another name/
  })
  t.match((await put({ attributes: others })).body, { code: 'schema_incompatible', detail: /number would be removed/ })
  t.equal((await put({ attributes: [...attributes, { name: 'room' }] })).status, 200)
  const { body } = await server.scim(
    'PATCH',
    `/Users/${ada.id}`,
    patch({ op: 'add', path: `${badgeUrn}:room`, value: '7' })
  )
  t.strictSame(body[badgeUrn], { number: '1', room: '7' })
})

onBothStores(
  t,
  'an extension leaves a type when nobody has values of it, and a schema when no type has it',
  async (t, server) => {
    await withBadge(server)
    const { body: ada } = await expectStatus(
      201,
      server.scim('POST', '/Users', newUser('ada', { [badgeUrn]: { number: '1' } }))
    )
    const take = () => server.api('PUT', '/resource-types/User', userTypeWith())
    t.match((await take()).body, { status: 409, code: 'schema_in_use', detail: /Resources of User have values/ })
    t.match((await server.api('DELETE', `/schemas/${badgeUrn}`)).body, {
      code: 'schema_in_use',
      detail: /The resource type User uses this schema/
    })
    await server.scim('DELETE', `/Users/${ada.id}`)
    t.equal((await take()).status, 200)
    t.equal((await server.scim('GET', `/Schemas/${badgeUrn}`)).status, 404)
    const { body } = await server.scim('POST', '/Users', newUser('ben', { [badgeUrn]: { number: 7 } }))
    t.notOk(badgeUrn in body, 'unknown attributes are passed over')
    t.equal((await server.api('DELETE', `/schemas/${badgeUrn}`)).status, 204)
    await withBadge(server, { ...badge, attributes: [{ name: 'number', type: 'integer' }] })
    t.equal(
      (await server.scim('POST', '/Users', newUser('cleo', { [badgeUrn]: { number: 7 } }))).status,
      201,
      'another one of that name'
    )
  }
)

onBothStores(t, 'definitions that could be taken for others are refused', async (t, server) => {
  await withDevices(server)
  const schema = (id: string) => server.api('POST', '/schemas', { id, attributes: [{ name: 'a' }] })
  const type = (more: JsonObject) =>
    server.api('POST', '/resource-types', { name: 'Car', endpoint: '/Cars', schema: deviceUrn, ...more })
  t.match((await schema(deviceUrn.toUpperCase().replace('URN', 'urn'))).body, { status: 409, code: 'name_taken' })
  t.match((await schema(`${deviceUrn}:serial`)).body, { code: 'name_taken', detail: /taken for one another/ })
  t.match((await schema('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User')).body, { code: 'name_taken' })
  t.match((await type({ name: 'user' })).body, { code: 'name_taken' })
  t.match((await type({ endpoint: '/devices' })).body, { code: 'name_taken' })
  for (const endpoint of ['/Me', '/Bulk', '/Schemas', '/Roles', '/Entitlements']) {
    t.match((await type({ endpoint })).body, { code: 'name_taken' }, endpoint)
  }
  t.match((await type({ schema: 'urn:example:none' })).body, { status: 400, code: 'unknown_schema' })
  t.match((await type({ schema: userUrn })).body, { status: 400, code: 'unknown_schema' })
  t.match((await server.api('PUT', '/resource-types/User', { ...userTypeWith(), schemaExtensions: [] })).body, {
    code: 'built_in_schema'
  })
  t.match((await server.api('PUT', '/resource-types/User', { ...userTypeWith(), endpoint: '/People' })).body, {
    code: 'built_in_schema'
  })
  const required = {
    ...userTypeWith(),
    schemaExtensions: [...(userTypeWith().schemaExtensions as JsonObject[]), { schema: roomUrn, required: true }]
  }
  t.match((await server.api('PUT', '/resource-types/User', required)).body, {
    code: 'schema_incompatible',
    detail: /would become required/
  })
  t.match((await server.api('PUT', '/resource-types/Role', { endpoint: '/Roles', schema: 'urn:x:y' })).body, {
    code: 'built_in_schema'
  })
  t.match((await server.api('DELETE', '/resource-types/User')).body, { code: 'built_in_schema' })
})

onBothStores(
  t,
  'limits of an organization',
  async (t, server) => {
    await expectStatus(201, server.api('POST', '/schemas', device))
    await expectStatus(201, server.api('POST', '/schemas', room))
    t.match((await server.api('POST', '/schemas', { id: 'urn:x:third', attributes: [{ name: 'a' }] })).body, {
      status: 409,
      code: 'schema_limit',
      detail: /2 schemas/
    })
    const type = (name: string) =>
      server.api('POST', '/resource-types', { name, endpoint: `/${name}s`, schema: deviceUrn })
    await expectStatus(201, type('Device'))
    t.match((await type('Other')).body, { code: 'schema_limit', detail: /1 resource types/ })
    const wide = { id: 'urn:x:wide', attributes: Array.from({ length: 9 }, (_, i) => ({ name: `a${i}` })) }
    t.match((await server.api('PUT', `/schemas/${roomUrn}`, { ...wide, id: roomUrn })).body, {
      status: 400,
      detail: /may have 8 attributes/
    })
    const indexed = {
      id: roomUrn,
      attributes: ['a', 'b', 'c', 'd'].map(name => ({ name, 'usher:index': true }))
    }
    t.match((await server.api('PUT', `/schemas/${roomUrn}`, indexed)).body, {
      status: 400,
      detail: /may have 3 attributes with usher:index/
    })
  },
  {
    settings: {
      USHER_SCHEMAS_MAX: '2',
      USHER_RESOURCE_TYPES_MAX: '1',
      USHER_SCHEMA_ATTRIBUTES_MAX: '8',
      USHER_SCHEMA_INDEXED_MAX: '3'
    }
  }
)

onBothStores(t, 'definitions have tags, lists and events as everything else of the API', async (t, server) => {
  const { headers } = await expectStatus(201, server.api('POST', '/schemas', { ...badge, attributes: [{ name: 'a' }] }))
  const tag = String(headers.etag)
  const url = `/schemas/${badgeUrn}`
  t.equal((await server.api('PUT', url, { attributes: [{ name: 'b' }] }, { 'if-match': '"999"' })).status, 412)
  t.equal((await server.api('PUT', url, { attributes: [{ name: 'b' }] }, { 'if-match': tag })).status, 200)
  t.equal((await server.api('DELETE', url, undefined, { 'if-match': tag })).status, 412)
  const { body: one } = await server.api('GET', url)
  t.equal((await server.api('PUT', url, one)).status, 200, 'what is shown can be sent back')
  t.match((await server.api('PUT', url, { ...one, id: 'urn:x:y' })).body, { status: 400, code: 'invalid_value' })
  await server.api('POST', '/schemas', device)
  const { body: page } = await server.api('GET', '/schemas?limit=1&sort=-id')
  t.match(page, { items: [{ id: badgeUrn }] })
  const { body: next } = await server.api('GET', `/schemas?limit=1&sort=-id&cursor=${page.next}`)
  t.match(next, { items: [{ id: deviceUrn }], next: null })
  t.match((await server.api('GET', '/schemas?filter=name%20eq%20%22device%22')).body, { items: [{ id: deviceUrn }] })
  const { body: types } = await server.api('GET', '/resource-types')
  t.ok((types.items as JsonObject[]).some(({ id }) => id === 'User'))
  t.equal((await server.api('GET', '/resource-types/nobody')).status, 404)
  const { body: audit } = await server.api('GET', '/audit?filter=action%20sw%20%22schema%22')
  t.strictSame(
    (audit.items as JsonObject[]).map(({ action }) => action),
    ['schema.created', 'schema.changed', 'schema.created']
  )
  t.equal((await server.scim('GET', '/Users')).status, 200)
  t.equal((await found(server, '/Users', 'userName pr')).length, 1)
})
