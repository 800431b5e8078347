import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { resourceType, resourceTypes, schema, schemas, serviceProviderConfig } from '../../src/scim/discovery.ts'
import { typesFor } from '../../src/scim/schemas.ts'

const baseUrl = 'https://usher.example/scim/v2'
const pages = { maxResults: 1000, defaultPageSize: 100, cursorSeconds: 600 }
const readOnly = typesFor({ licenseFromIdp: false })
const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

const items = (body: JsonObject) => body.Resources as JsonObject[]

t.test('the service tells what it can do', async t => {
  t.strictSame(serviceProviderConfig({ baseUrl, ...pages, assigned: true }), {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 1000 },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 600
    },
    RolesAndEntitlements: {
      roles: {
        supported: true,
        multipleRolesSupported: true,
        primarySupported: true,
        typeSupported: true,
        types: ['VaultRole']
      },
      entitlements: {
        supported: true,
        multipleEntitlementsSupported: false,
        primarySupported: true,
        typeSupported: true,
        types: ['License']
      }
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'The token of a SCIM connector, or an API key of an administrator, as a bearer token.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true
      }
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` }
  })
})

t.test('bulk and the documentation are told where they are', async t => {
  const bulk = { maxOperations: 100, maxPayloadSize: 1_048_576 }
  t.has(serviceProviderConfig({ baseUrl, ...pages, bulk, documentationUri: 'https://usher.example/docs' }), {
    documentationUri: 'https://usher.example/docs',
    bulk: { supported: true, ...bulk }
  })
})

t.test('SEAT-20 users come first, with both extensions, neither required', async t => {
  const body = resourceTypes(baseUrl, readOnly)
  t.has(body, { totalResults: 6, itemsPerPage: 6, startIndex: 1 })
  t.strictSame(items(body)[0], {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    description: 'User Account',
    endpoint: '/Users',
    schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
    schemaExtensions: [
      { schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', required: false },
      { schema: L, required: false }
    ],
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/User` }
  })
  t.equal(items(body)[1]?.id, 'Group')
})

for (const licenseFromIdp of [false, true]) {
  t.test(
    `SEAT-20 SEAT-51 licenseType shows its true mutability (chosen by the provider: ${licenseFromIdp})`,
    async t => {
      const license = items(schemas(baseUrl, typesFor({ licenseFromIdp }))).find(s => s.id === L)
      const [licenseType] = (license?.attributes ?? []) as JsonObject[]
      t.has(licenseType, {
        name: 'licenseType',
        canonicalValues: ['PAM', 'PWM'],
        mutability: licenseFromIdp ? 'readWrite' : 'readOnly'
      })
      t.strictSame(schema(baseUrl, L, typesFor({ licenseFromIdp })), license)
    }
  )
}

t.test('one resource type or schema by its id', async t => {
  t.strictSame(resourceType(baseUrl, 'Group', readOnly), items(resourceTypes(baseUrl, readOnly))[1])
  t.equal(resourceType(baseUrl, 'Device', readOnly), undefined)
  t.equal(schema(baseUrl, 'urn:ietf:params:scim:schemas:core:2.0:user', readOnly)?.name, 'User')
  t.equal(schema(baseUrl, 'urn:example', readOnly), undefined)
})

// RFC 7643 7, with the common attributes.
const ofSchema = new Set(['schemas', 'id', 'name', 'description', 'attributes', 'meta'])
const ofAttribute = new Set([
  'name',
  'type',
  'subAttributes',
  'multiValued',
  'description',
  'required',
  'canonicalValues',
  'caseExact',
  'mutability',
  'returned',
  'uniqueness',
  'referenceTypes'
])
// What an attribute must tell, so that a client need not know the defaults.
const told = ['name', 'type', 'multiValued', 'description', 'required', 'mutability', 'returned']

t.test('quirk 31: schemas hold the members of RFC 7643 7, no others and no nulls', async t => {
  const body = schemas(baseUrl, readOnly)
  t.has(body, { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 8 })
  t.notMatch(JSON.stringify(body), /null|usher:/)

  const check = (attribute: JsonObject) => {
    const names = Object.keys(attribute)
    t.strictSame(
      names.filter(name => !ofAttribute.has(name)),
      [],
      `${attribute.name}: no other members`
    )
    t.strictSame(
      told.filter(name => !names.includes(name)),
      [],
      `${attribute.name}: all is told`
    )
    for (const sub of (attribute.subAttributes as JsonObject[] | undefined) ?? []) check(sub)
  }
  for (const definition of items(body)) {
    t.strictSame(new Set(Object.keys(definition)), ofSchema)
    t.equal((definition.meta as JsonObject).location, `${baseUrl}/Schemas/${definition.id}`)
    for (const attribute of definition.attributes as JsonObject[]) check(attribute)
  }
})
