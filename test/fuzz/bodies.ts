/** Bodies of SCIM requests: resources, PATCH, Bulk and search messages, each also slightly wrong; and JSON of any kind. */
import fc from 'fast-check'
import type { JsonObject } from '../../src/base/json.ts'
import { bulkRequestUrn } from '../../src/scim/bulk.ts'
import { searchRequestUrn } from '../../src/scim/list.ts'
import type { AttributeDefinition } from '../../src/scim/schema/types.ts'
import { schemas } from '../discovery/every-kind.ts'
import { exampleOf } from '../discovery/examples.ts'
import { arbitraryUserResource } from '../support/arbitrary-filter.ts'
import { patchBody } from '../support/arbitrary-patch.ts'
import { enterpriseUrn, groupUrn, licenseUrn, patchUrn, userUrn } from '../support/urns.ts'
import { attributePath, filterText, patchPath } from './filters.ts'
import { id, nasty, remembered, resources, text } from './words.ts'

type Value = fc.Arbitrary<unknown>

export const anyJson: fc.Arbitrary<string> = fc.json({ maxDepth: 4, stringUnit: 'binary' })

const number = fc.constantFrom(0, 1, -1, -0, 1.5, 2, 3, 1e21, 1e99, 2 ** 31, 2 ** 53)
const scalar: Value = fc.oneof(text, number, fc.constantFrom(true, false, null, 'False', 'PAM', 'PWM', 'work'))

const member = fc.oneof(
  { weight: 6, arbitrary: fc.record({ value: id, type: fc.constantFrom('User', 'Group', 'x') }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c', 'zz').map(name => ({ value: `bulkId:${name}` })) },
  { weight: 1, arbitrary: fc.record({ value: id, $ref: nasty, display: text, extra: scalar }) },
  { weight: 1, arbitrary: scalar }
)
const members = fc.array(member, { maxLength: 4 })

/** What an attribute may be given by somebody who has not read its schema. */
const anyValue: Value = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  {
    weight: 2,
    arbitrary: fc.dictionary(
      fc.constantFrom('type', 'value', 'primary', 'givenName', '$ref', '$ne', 'TYPE', 'toString', 'display'),
      scalar,
      { maxKeys: 3 }
    )
  },
  { weight: 1, arbitrary: members }
)
const loose = fc.dictionary(
  fc.oneof(
    { weight: 4, arbitrary: attributePath },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'schemas',
        'id',
        'meta',
        'Operations',
        'constructor',
        'toString',
        'USERNAME',
        'userName'
      )
    },
    { weight: 1, arbitrary: text }
  ),
  anyValue,
  { maxKeys: 6 }
)

const urns = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom([userUrn], [userUrn, enterpriseUrn], [enterpriseUrn, licenseUrn, userUrn]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>([], userUrn, [groupUrn], ['urn:x'], null, {}, [userUrn.toUpperCase()], [0])
  }
)
const names = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map(n => `fuzz-${n}`) },
  { weight: 1, arbitrary: text }
)

const user: Value = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(urns, names, arbitraryUserResource()).map(joined) },
  { weight: 1, arbitrary: fc.tuple(urns, names, loose).map(joined) },
  { weight: 1, arbitrary: loose }
)

function joined([named, userName, more]: readonly [unknown, string, object]): unknown {
  return { ...more, schemas: named, userName }
}

const group: Value = fc.oneof(
  { weight: 3, arbitrary: fc.record({ schemas: fc.constant([groupUrn]), displayName: names, members }) },
  { weight: 1, arbitrary: fc.record({ schemas: urns, displayName: scalar, members: anyValue, externalId: scalar }) }
)

const operation: Value = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record(
      { op: fc.constantFrom('add', 'remove', 'replace'), path: patchPath, value: anyValue },
      { requiredKeys: ['op'] }
    )
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'Add'),
        path: fc.oneof(
          fc.constantFrom('members', 'displayName', 'members.value', 'members[value pr]'),
          id.map(one => `members[value eq "${one}"]`)
        ),
        value: members
      },
      { requiredKeys: ['op', 'path'] }
    )
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('add', 'replace'), value: loose }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: scalar, path: scalar, value: anyValue, name: scalar }, { requiredKeys: [] })
  },
  { weight: 1, arbitrary: scalar }
)
const patch: Value = fc.oneof(
  { weight: 3, arbitrary: patchBody() },
  {
    weight: 4,
    arbitrary: fc
      .array(operation, { minLength: 1, maxLength: 4 })
      .map(all => ({ schemas: [patchUrn], Operations: all }))
  },
  // At the limit of operations, and one above it.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(999, 1000, 1001), operation)
      .map(([n, one]) => ({ schemas: [patchUrn], Operations: Array<unknown>(n).fill(one) }))
  },
  { weight: 1, arbitrary: fc.record({ schemas: urns, Operations: anyValue }, { requiredKeys: [] }) }
)

/** Of the type that `world.ts` defines: each attribute as its schema says, or as it does not. */
const ownAttributes = (schemas[0]?.attributes ?? []) as readonly (AttributeDefinition & JsonObject)[]
const ownValue = (attribute: AttributeDefinition): Value =>
  fc.oneof({ weight: 8, arbitrary: fc.nat(3).map(n => exampleOf(attribute, n)) }, { weight: 1, arbitrary: anyValue })
const own: Value = fc
  .record(Object.fromEntries(ownAttributes.map(one => [one.name, ownValue(one)])), { requiredKeys: ['label'] })
  .chain(thing => names.map(label => ({ ...thing, label, schemas: schemas.map(({ id: urn }) => urn) })))
const ownPatch: Value = fc
  .array(
    fc.constantFrom(...ownAttributes).chain(attribute =>
      fc.record({
        op: fc.constantFrom('add', 'replace', 'remove'),
        path: fc.constantFrom(attribute.name, `${attribute.name}[value pr]`, `${schemas[1]?.id}:${attribute.name}`),
        value: ownValue(attribute)
      })
    ),
    { minLength: 1, maxLength: 3 }
  )
  .map(all => ({ schemas: [patchUrn], Operations: all }))

const bulkId = fc.constantFrom('a', 'b', 'c', 'd')
const bulkPath = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/Users', '/Groups') },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('/Users/', '/Groups/'), id).map(parts => parts.join('')) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('/Users/', '/Groups/'), bulkId).map(([at, to]) => `${at}bulkId:${to}`)
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/Bulk',
      '/Me',
      '/Schemas',
      '/Users/.search',
      '/users',
      '//Users',
      'Users',
      '/Users/',
      ''
    )
  },
  { weight: 1, arbitrary: text }
)
const data: Value = fc.oneof(
  { weight: 3, arbitrary: user },
  { weight: 3, arbitrary: group },
  { weight: 2, arbitrary: patch }
)

const there = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...resources, '{nobody}') },
  { weight: 1, arbitrary: bulkId.map(name => `bulkId:${name}`) }
)
const at = (endpoint: string) => there.map(one => `${endpoint}/${one}`)
const post = (path: string, of: Value) => fc.record({ method: fc.constant('POST'), path: fc.constant(path), data: of })
const change = (path: fc.Arbitrary<string>, put: Value) =>
  fc.oneof(
    fc.record({ method: fc.constant('PUT'), path, data: put }),
    fc.record({ method: fc.constant('PATCH'), path, data: patch }),
    fc.record({ method: fc.constant('DELETE'), path })
  )

/** Operations that are told apart by their bulkIds, so that references go forward, backward, around and nowhere. */
const bulkOperations: Value = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(
        fc.oneof<fc.Arbitrary<object>[]>(
          post('/Users', user),
          post('/Groups', group),
          post('/Groups', group),
          change(at('/Users'), user),
          change(at('/Groups'), group)
        ),
        { minLength: 1, maxLength: 5 }
      )
      .map(all => all.map((one, i) => ({ ...one, bulkId: 'abcde'.charAt(i) })))
  },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.record(
        {
          method: fc.constantFrom<unknown>('POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'post', 'TRACE', null, 1),
          path: bulkPath,
          bulkId: fc.oneof({ weight: 5, arbitrary: bulkId }, { weight: 1, arbitrary: scalar }),
          version: fc.constantFrom<unknown>('W/"1"', '{etag}', '*', '"', 1),
          data
        },
        { requiredKeys: ['method', 'path'] }
      ),
      { maxLength: 4 }
    )
  },
  { weight: 1, arbitrary: anyValue }
)
const tolerance = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(1, 2) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(0, -1, '1', 1.5, null) }
)
const bulk: Value = fc.record(
  {
    schemas: fc.oneof({ weight: 9, arbitrary: fc.constant([bulkRequestUrn]) }, { weight: 1, arbitrary: urns }),
    failOnErrors: tolerance,
    Operations: bulkOperations
  },
  { requiredKeys: ['schemas', 'Operations'] }
)

const listed = fc.oneof(
  fc.array(attributePath, { maxLength: 3 }),
  fc.array(attributePath, { maxLength: 3 }).map(all => all.join())
)
const anyOfThese = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts.map(part => fc.option(part, { nil: {} }))).map(all => Object.assign({}, ...all) as object)
const few = fc.integer({ min: 0, max: 4 })

/** One that asks for nothing twice, with at times something else in the place of a value. */
const search: Value = fc
  .tuple(
    anyOfThese(
      fc.record({ filter: filterText }),
      fc.oneof(
        fc.record({ startIndex: few, count: few }),
        fc.record({ cursor: fc.constantFrom('', ...remembered), count: few })
      ),
      fc.record({ sortBy: attributePath, sortOrder: fc.constantFrom('ascending', 'descending', 'up') }),
      fc.oneof(fc.record({ attributes: listed }), fc.record({ excludedAttributes: listed }))
    ),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.dictionary(
          fc.constantFrom('schemas', 'filter', 'startIndex', 'count', 'cursor', 'sortBy', 'attributes', 'COUNT'),
          anyValue,
          { maxKeys: 2 }
        )
      }
    )
  )
  .map(([asked, wrong]) => ({ schemas: [searchRequestUrn], ...asked, ...wrong }))

/** A body at a limit: deep, wide, long, or with one name twice. */
const hurting: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 28, max: 36 }).map(n => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`),
  fc.integer({ min: 1, max: 5000 }).map(n => '['.repeat(n)),
  fc
    .integer({ min: 1, max: 5000 })
    .map(n => `{"userName":"x","emails":[${Array<string>(n).fill('{"value":"a"}').join()}]}`),
  fc
    .integer({ min: 1, max: 5000 })
    .map(n => `{"displayName":"x","members":[${Array<string>(n).fill('{"value":"{u0}"}').join()}]}`),
  fc.integer({ min: 4090, max: 4100 }).map(n => `{"userName":"${'x'.repeat(n)}"}`),
  fc.tuple(text, text).map(pair => `{"userName":${JSON.stringify(pair[0])},"userName":${JSON.stringify(pair[1])}}`),
  fc.constantFrom('{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"userName":1e999}'),
  fc.constantFrom('', ' ', '\ufeff{}', 'null', '0', '""', '[]', '{', '{}{}', '{"a":1,}', "{'a':1}", 'NaN', '{"a":01}')
)

/** What the token endpoint takes (RFC 6749, RFC 7523): an assertion that nobody signed. */
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claim = (usual: unknown): Value =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>('x', 0, null, [usual], [], { toString: true }, [{ toString: 1 }]) }
  )
export const assertion = fc
  .record({
    header: fc.record({ alg: fc.constantFrom<unknown>('ES256', 'none', 'HS256', 1), typ: claim('JWT') }),
    claims: fc.record({
      sub: id.chain(claim),
      iss: id.chain(claim),
      aud: claim('https://usher.example'),
      jti: text,
      exp: claim(2e9)
    })
  })
  .map(({ header, claims }) => `${part(header)}.${part(claims)}.${part({})}`)
const form = fc
  .record(
    {
      grant_type: fc.constantFrom('client_credentials', 'client_credentials', 'password'),
      client_assertion_type: fc.constant('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
      client_assertion: fc.oneof({ weight: 4, arbitrary: assertion }, { weight: 1, arbitrary: text }),
      scope: fc.constantFrom('scim', 'x', ''),
      client_id: text
    },
    { requiredKeys: ['grant_type', 'client_assertion_type', 'client_assertion'] }
  )
  .map(fields => new URLSearchParams(fields).toString())

const asText = (sent: Value) => sent.map(value => JSON.stringify(value) ?? 'null')

const kinds = {
  user: asText(user),
  group: asText(group),
  patch: asText(patch),
  bulk: asText(bulk),
  search: asText(search),
  own: asText(own),
  ownPatch: asText(ownPatch)
}

export const anyBody: fc.Arbitrary<string> = fc.oneof(
  ...[kinds.user, kinds.group, kinds.patch, kinds.bulk, kinds.search, asText(loose), anyJson, hurting]
)

/** For the token endpoint. */
export const formBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: form },
  { weight: 1, arbitrary: anyBody }
)

/** Mostly what the route is for. */
export function scimBody(method: string, pattern: string): fc.Arbitrary<string> {
  const fit = fitting(method, pattern)
  return fit === undefined ? anyBody : fc.oneof({ weight: 9, arbitrary: fit }, { weight: 1, arbitrary: anyBody })
}

function fitting(method: string, pattern: string): fc.Arbitrary<string> | undefined {
  if (pattern.endsWith('.search')) return kinds.search
  if (pattern.endsWith('/Bulk')) return kinds.bulk
  if (pattern.includes('/:endpoint')) return method === 'PATCH' ? kinds.ownPatch : kinds.own
  if (method === 'PATCH') return kinds.patch
  if (pattern.includes('/Users') || pattern.endsWith('/Me')) return kinds.user
  return pattern.includes('/Groups') ? kinds.group : undefined
}
