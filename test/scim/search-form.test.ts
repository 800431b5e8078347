import fc from 'fast-check'
import t from 'tap'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { field, type Path } from '../../src/scim/filter/filter.ts'
import { readResource } from '../../src/scim/read.ts'
import { represent } from '../../src/scim/represent.ts'
import type { Attribute } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'
import { searchForm, sortPath } from '../../src/scim/search-form.ts'
import { likelyBody } from './bodies.ts'

const users = userType({ licenseFromIdp: true })
const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const inForm = 'urn:ietf:params:scim:schemas:extension:enterprise:2_0:User'

const rows: Array<[string, JsonObject, object]> = [
  ['text without case is folded', { userName: 'Ann' }, { userName: 'ann' }],
  [
    'case exact text stays',
    { externalId: 'Ann', [E]: { manager: { value: 'X' } } },
    { externalId: 'Ann', [inForm]: { manager: { value: 'X' } } }
  ],
  ['times are milliseconds', { meta: { lastModified: '1970-01-01T01:00:01+01:00' } }, { meta: { lastModified: 1000 } }],
  ['booleans are themselves', { active: false }, { active: false }],
  ['an empty text is a value', { title: '' }, { title: '' }],
  [
    'nulls and empties are left out',
    { title: null, name: {}, emails: [], ims: [{}, { value: null }], [E]: {}, roles: [[]] },
    {}
  ],
  [
    'what is made anew for each answer is left out',
    { meta: { resourceType: 'User', location: 'https://x/y', version: 'W/"1"' } },
    { meta: { resourceType: 'User' } }
  ],
  ['what is never returned is left out', { password: 'x' }, {}],
  ['what the schema does not know is left out', { shoe: 42, name: { initials: 'K' } }, {}],
  ['values of another type are left out', { title: 7, name: 'Kim', emails: 'x', active: 'true', userName: ['x'] }, {}],
  [
    'names that engines read otherwise are written otherwise',
    { [E]: { manager: { $ref: '../Users/1' } } },
    { [inForm]: { manager: { _ref: '../Users/1' } } }
  ],
  ['arrays of simple values', { schemas: ['urn:a'] }, { schemas: ['urn:a'] }],
  [
    'the first element leads',
    { emails: [{ value: 'B@x' }, { value: 'A@x', primary: false }] },
    { emails: [{ value: 'b@x' }, { value: 'a@x', primary: false }], _first: { emails: { value: 'b@x' } } }
  ],
  [
    'the primary element leads',
    { emails: [{ value: 'B@x' }, { value: 'A@x', primary: true }] },
    { emails: [{ value: 'b@x' }, { value: 'a@x', primary: true }], _first: { emails: { value: 'a@x', primary: true } } }
  ]
]
for (const [name, resource, expected] of rows) {
  t.test(name, async t => {
    t.strictSame(searchForm(users, resource), expected)
  })
}

const sorts: Array<[string, string, Path]> = [
  ['a simple attribute', 'USERNAME', field('userName')],
  ['a sub-attribute', 'name.familyName', field('name', 'familyName')],
  ['a time', 'meta.lastModified', field('meta', 'lastModified')],
  ['an attribute of an extension', `${E}:department`, field(inForm, 'department')],
  ['one that only an extension has', 'department', field(inForm, 'department')],
  ['a multi-valued attribute', 'emails', field('_first', 'emails', 'value')],
  ['its value', 'emails.value', field('_first', 'emails', 'value')],
  ['another sub-attribute of it', 'addresses.locality', field('_first', 'addresses', 'locality')]
]
for (const [name, text, expected] of sorts) {
  t.test(`sortBy ${name}`, async t => {
    t.strictSame(sortPath(users, text), expected)
  })
}

const unsortable: Array<[string, string, RegExp]> = [
  ['an unknown attribute', 'shoe', /no attribute shoe/],
  ['an unknown sub-attribute', 'name.initials', /no attribute name.initials/],
  ['a whole extension', E, /has no single value/],
  ['a complex attribute', 'name', /name has no single value/],
  ['several simple values', 'schemas', /schemas has no single value/],
  ['elements without a value', 'addresses', /Name the sub-attribute of addresses/],
  ['a password', 'password', /password is never returned/],
  ['what is made anew for each answer', 'meta.location', /meta.location is made anew for each answer/],
  ['a name that pollutes', '__proto__', /no attribute/]
]
for (const [name, text, message] of unsortable) {
  t.test(`sortBy is refused for ${name}`, async t => {
    t.throws(() => sortPath(users, text), { status: 400, scimType: 'invalidValue', message })
  })
}

function valuesAt(form: unknown, path: Path): unknown[] {
  const [step, ...rest] = path
  if (step === undefined) return [form]
  const value = (form as Record<string, unknown>)[step.name]
  if (value === undefined) return []
  return (step.many ? (value as unknown[]) : [value]).flatMap(v => valuesAt(v, rest))
}

const countOf = (value: Json | undefined): number =>
  value === undefined ? 0 : Array.isArray(value) ? value.reduce((n: number, v) => n + countOf(v), 0) : 1

function isFull(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isFull)
  if (typeof value === 'object')
    return value !== null && Object.values(value).length > 0 && Object.values(value).every(isFull)
  return value !== undefined
}

for (const type of [users, groupType]) {
  t.test(
    `${type.name}: nothing in a search form is null or empty, and everything stands at its attribute’s path`,
    async t => {
      const attributes = [type.attributes, ...[...type.extensions.values()].map(e => e.attributes)].flatMap(table => [
        ...table.values()
      ])
      const simple = attributes.flatMap((a): Attribute[] => (a.type === 'complex' ? [...a.sub.values()] : [a]))
      let seen = 0
      fc.assert(
        fc.property(likelyBody(type), body => {
          let resource: JsonObject
          try {
            resource = represent(type, { id: '7', resource: readResource(type, body), created: 0, lastModified: 1 })
          } catch {
            return
          }
          const form = searchForm(type, resource)
          if (!isFull(form)) throw new Error(`a hole in ${JSON.stringify(form)}`)
          for (const a of simple) {
            const holder = a.extension === undefined ? resource : resource[a.extension]
            const top = isObject(holder) ? holder[(a.parent ?? a).name] : undefined
            const inside = (v: Json | undefined) => (isObject(v) ? countOf(v[a.name]) : 0)
            const expected =
              a.parent === undefined ? countOf(top) : [top].flat().reduce((n: number, v) => n + inside(v as Json), 0)
            const found = valuesAt(form, a.path)
            seen += found.length
            if (found.length !== expected) throw new Error(`${a.label}: ${found.length} values of ${expected}`)
          }
        }),
        { numRuns: 300 }
      )
      t.ok(seen > 100, `${seen} values were looked at`)
    }
  )
}
