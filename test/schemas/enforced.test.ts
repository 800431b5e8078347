/** What a schema of the organisation says of an attribute is enforced, described, found and shown, as for the server's own. */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { badge, badgeUrn, found, withBadge } from './support.ts'

const whole = {
  number: 'B-1',
  colour: 'green',
  level: 3,
  weight: 0.5,
  validUntil: '2027-01-01T00:00:00Z',
  photo: 'AA==',
  issuer: '../Users/1',
  notes: 'lost once',
  tags: ['a', 'B'],
  doors: [{ value: 'north', type: 'main', primary: true }, { value: 'south' }],
  desk: { floor: 2, room: '2.17' }
}
const shownByDefault = ({ notes: _, ...rest }: typeof whole) => rest

const create = (server: TestServer, userName: string, values: JsonObject) =>
  server.scim('POST', '/Users', newUser(userName, { [badgeUrn]: values }))

onBothStores(t, 'a value of every type is kept, shown and found', async (t, server) => {
  await withBadge(server)
  const { status, body } = await create(server, 'ada', { ...whole, pin: '1234', colour: 'GREEN' })
  t.equal(status, 201)
  t.strictSame(body[badgeUrn], shownByDefault(whole), 'in canonical spelling; what is asked for only is not shown')
  t.ok((body.schemas as string[]).includes(badgeUrn))
  await create(server, 'ben', { number: 'B-2' })
  await provision(server, 'cleo')

  const asked = `${badgeUrn}:notes`
  const { body: shown } = await server.scim('GET', `/Users/${body.id}?attributes=${asked}`)
  t.strictSame(shown[badgeUrn], { notes: 'lost once' }, 'RFC 7643 7: returned "request"')

  const filters: readonly (readonly [string, number])[] = [
    ['number eq "b-1"', 1],
    ['number sw "B-"', 2],
    ['number pr', 2],
    ['colour eq "GREEN"', 1],
    ['level eq 3', 1],
    ['level gt 2', 1],
    ['level pr', 1],
    ['weight lt 1', 1],
    ['validUntil eq "2027-01-01T01:00:00+01:00"', 1],
    ['validUntil ge "2028-01-01T00:00:00Z"', 0],
    ['photo eq "AA=="', 1],
    ['issuer ew "/1"', 1],
    ['notes co "once"', 1],
    ['tags eq "b"', 1],
    ['doors[value eq "north" and primary eq true]', 1],
    ['doors[value eq "south" and type pr]', 0],
    ['desk.floor eq 2', 1],
    ['number ne "B-1"', 3]
  ]
  for (const [filter, count] of filters) {
    const { length } = await found(server, '/Users', `${badgeUrn}:${filter}`)
    t.equal(length, count, filter)
  }
  t.equal((await found(server, '/Users', `${badgeUrn} pr`)).length, 2)
  t.equal((await found(server, '/Users', `schemas eq "${badgeUrn}"`)).length, 2)
  t.equal((await found(server, '/Users', 'doors.value eq "south"')).length, 1, 'unqualified, where nothing else has it')
  const { body: sorted } = await server.scim('GET', `/Users?sortBy=${badgeUrn}:number&sortOrder=descending&count=2`)
  t.ok(sorted.totalResults)
  const { body: byApi } = await server.api('GET', `/users?filter=${encodeURIComponent(`${badgeUrn}:level eq 3`)}`)
  t.equal((byApi.items as unknown[]).length, 1, 'the admin API asks by the same names')
})

const refused: readonly (readonly [string, JsonObject, string, RegExp])[] = [
  ['what is required is missing', { colour: 'red' }, 'invalidValue', /badge:1\.0:User:number is required/],
  ['a value outside of a closed list', { number: '1', colour: 'blue' }, 'invalidValue', /colour must be one of: green/],
  ['a text for a number', { number: '1', level: '3' }, 'invalidValue', /level must be a whole number/],
  ['a fraction for a whole number', { number: '1', level: 0.5 }, 'invalidValue', /level must be a whole number/],
  ['no time', { number: '1', validUntil: 'soon' }, 'invalidValue', /validUntil must be a time/],
  ['no base64', { number: '1', photo: '?' }, 'invalidValue', /photo must be a string of base64/],
  ['a list for one value', { number: ['1'] }, 'invalidValue', /number must be a string/],
  [
    'two that are primary',
    {
      number: '1',
      doors: [
        { value: 'a', primary: true },
        { value: 'b', primary: true }
      ]
    },
    'invalidValue',
    /doors must have one element at most in which primary is true/
  ],
  ['a secret of another type', { number: '1', pin: 7 }, 'invalidValue', /pin must be a string/]
]

onBothStores(t, 'what the schema does not allow is refused, and nothing is written', async (t, server) => {
  await withBadge(server)
  // No rewrite puts anything right.
  const { token } = await createConnector(server.context, 'strict', 'strict')
  const headers = { authorization: `Bearer ${token}` }
  for (const [title, values, scimType, detail] of refused) {
    const { body } = await server.scim('POST', '/Users', newUser('ada', { [badgeUrn]: values }), headers)
    t.match(body, { status: '400', scimType, detail }, title)
  }
  t.equal((await found(server, '/Users', 'userName eq "ada"')).length, 0)
})

onBothStores(t, 'immutable: set at creation or while absent, and then no more', async (t, server) => {
  await withBadge(server)
  const { body } = await create(server, 'ada', { number: '1' })
  const path = `/Users/${body.id}`
  const change = async (...operations: JsonObject[]) => server.scim('PATCH', path, patch(...operations))
  const desk = `${badgeUrn}:desk`

  t.match((await change({ op: 'replace', path: `${badgeUrn}:number`, value: '2' })).body, { scimType: 'mutability' })
  t.match((await change({ op: 'remove', path: `${badgeUrn}:number` })).body, { scimType: 'mutability' })
  t.equal(
    (await change({ op: 'replace', path: `${badgeUrn}:number`, value: '1' })).status,
    200,
    'the same is no change'
  )
  t.equal((await change({ op: 'add', path: desk, value: { floor: 1, room: 'a' } })).status, 200, 'absent until now')
  t.match(
    (await change({ op: 'replace', path: `${desk}.floor`, value: 2 })).body,
    { scimType: 'mutability' },
    'in parts'
  )
  t.match((await change({ op: 'add', path: desk, value: { room: 'b' } })).body, { scimType: 'mutability' })
  t.match((await change({ op: 'remove', path: desk })).body, { scimType: 'mutability' })

  const put = (values: JsonObject) => server.scim('PUT', path, newUser('ada', { [badgeUrn]: values }))
  t.match((await put({ number: '2' })).body, { scimType: 'mutability' })
  t.match((await put({ number: '1', desk: { floor: 9 } })).body, { scimType: 'mutability' })
  const { status, body: after } = await put({ number: '1', level: 4 })
  t.equal(status, 200)
  t.strictSame(after[badgeUrn], { number: '1', level: 4, desk: { floor: 1, room: 'a' } })
})

onBothStores(t, 'required: neither PUT nor PATCH leaves it out; the whole extension may go', async (t, server) => {
  const attributes = (badge.attributes as JsonObject[]).map(a => ({
    ...a,
    mutability: a.mutability === 'writeOnly' ? 'writeOnly' : 'readWrite'
  }))
  await withBadge(server, { ...badge, attributes })
  const { body } = await create(server, 'ada', { number: '1', level: 1 })
  const path = `/Users/${body.id}`
  const removal = await server.scim('PATCH', path, patch({ op: 'remove', path: `${badgeUrn}:number` }))
  t.match(removal.body, { status: '400', scimType: 'mutability', detail: /number is required/ })
  const without = await server.scim('PUT', path, newUser('ada', { [badgeUrn]: { level: 2 } }))
  t.match(without.body, { status: '400', scimType: 'invalidValue', detail: /number is required/ })
  const gone = await server.scim('PATCH', path, patch({ op: 'remove', path: badgeUrn }))
  t.equal(gone.status, 200)
  t.notOk(badgeUrn in gone.body)
  t.equal((await found(server, '/Users', `${badgeUrn} pr`)).length, 0)
})

onBothStores(t, 'writeOnly: checked, never shown, not kept, and no filter or order tells of it', async (t, server) => {
  await withBadge(server)
  const { body } = await create(server, 'ada', { number: '1', pin: '4711' })
  t.notMatch(JSON.stringify(body), /4711/)
  const { text } = await server.scim('GET', `/Users/${body.id}?attributes=${badgeUrn}:pin`)
  t.notMatch(text, /4711/)
  t.notMatch(JSON.stringify((await server.api('GET', `/users/${body.id}`)).body), /4711/)
  for (const query of [`filter=${encodeURIComponent(`${badgeUrn}:pin eq "4711"`)}`, `sortBy=${badgeUrn}:pin`]) {
    const answer = await server.scim('GET', `/Users?${query}`)
    t.match(answer.body, { status: '400', detail: /pin is never returned/ }, query)
  }
  t.equal(
    (await server.scim('PATCH', `/Users/${body.id}`, patch({ op: 'add', path: `${badgeUrn}:pin`, value: '1' }))).status,
    200
  )
})

onBothStores(t, 'discovery tells what holds, without what is ours', async (t, server) => {
  await withBadge(server)
  const { body: schema } = await server.scim('GET', `/Schemas/${badgeUrn}`)
  t.match(schema, { id: badgeUrn, name: 'Badge', meta: { resourceType: 'Schema' } })
  t.notMatch(JSON.stringify(schema), /usher:/)
  const [number, colour] = schema.attributes as JsonObject[]
  t.strictSame(number, {
    name: 'number',
    type: 'string',
    multiValued: false,
    description: '',
    required: true,
    caseExact: false,
    mutability: 'immutable',
    returned: 'default',
    uniqueness: 'server'
  })
  t.strictSame(colour?.canonicalValues, ['green', 'red'])
  const { body: users } = await server.scim('GET', '/ResourceTypes/User')
  t.match(JSON.stringify(users.schemaExtensions), badgeUrn)
  const { body: all } = await server.scim('GET', '/Schemas')
  t.ok((all.Resources as JsonObject[]).some(({ id }) => id === badgeUrn))
})

onBothStores(t, 'groups are extended as users are', async (t, server) => {
  await server.api('POST', '/schemas', badge)
  const { body: type } = await server.api('GET', '/resource-types/Group')
  await server.api('PUT', '/resource-types/Group', { ...type, schemaExtensions: [{ schema: badgeUrn }] })
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Doormen' }
  const { status, body } = await server.scim('POST', '/Groups', { ...group, [badgeUrn]: { number: '1', level: 2 } })
  t.equal(status, 201)
  t.strictSame(await found(server, '/Groups', `${badgeUrn}:level eq 2`), [body.id])
  t.equal((await server.scim('POST', '/Groups', { ...group, [badgeUrn]: { number: '1' } })).status, 409)
  const { body: patched } = await server.scim(
    'PATCH',
    `/Groups/${body.id}`,
    patch({ op: 'add', path: `${badgeUrn}:tags`, value: ['x'] })
  )
  t.strictSame(patched[badgeUrn], { number: '1', level: 2, tags: ['x'] })
  t.equal((await server.scim('DELETE', `/Groups/${body.id}`)).status, 204)
  t.equal(
    (await server.scim('POST', '/Groups', { ...group, [badgeUrn]: { number: '1' } })).status,
    201,
    'the value is free again'
  )
})
