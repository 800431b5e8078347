/** The limits that are set hold wherever a client sends a path or a filter, and for what the client sent: rewrites count for nothing. */
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import type { JsonObject } from '../../src/base/json.ts'
import {
  type Answer,
  groupUrn,
  newUser,
  patch,
  provision,
  sqliteStore,
  startServer,
  type TestServer
} from '../support/app.ts'

const server = await startServer(t, await sqliteStore(t), {
  seats: 'PWM=20,PAM=20',
  settings: {
    USHER_FILTER_LENGTH_MAX: '256',
    USHER_FILTER_DEPTH_MAX: '2',
    USHER_FILTER_COMPARISONS_MAX: '3',
    USHER_PATCH_OPERATIONS_MAX: '2'
  }
})
const roomy = await startServer(t, await sqliteStore(t), {
  settings: { USHER_FILTER_LENGTH_MAX: '8192', USHER_FILTER_DEPTH_MAX: '30', USHER_FILTER_COMPARISONS_MAX: '150' }
})

async function asConnector({ context, request }: TestServer, profile: string) {
  const { token } = await createConnector(context, `limits ${profile}`, profile)
  return (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Answer> =>
    request(
      {
        method,
        url: `/scim/v2${path}`,
        ...(body === undefined
          ? {}
          : { payload: JSON.stringify(body), headers: { 'content-type': 'application/scim+json' } })
      },
      token
    )
}

const mails = { emails: [{ value: 'w@x', type: 'a' }] }
const set = (path: string) => patch({ op: 'add', path, value: 'x@y' })
const compared = (n: number) => `emails[${Array.from({ length: n }, () => 'type eq "a"').join(' and ')}].value`
const nested = (n: number) => `emails[${'('.repeat(n - 1)}type eq "a"${')'.repeat(n - 1)}].value`
const long = (n: number) => 'emails[type eq "a"].value'.padEnd(n)

const paths: readonly (readonly [string, usual: number, reached: number, more: number, (n: number) => string])[] = [
  ['characters', 4096, 256, 8192, long],
  ['comparisons', 100, 3, 150, compared],
  ['levels', 20, 2, 30, nested]
]
for (const [name, usual, reached, more, path] of paths) {
  t.test(`the path of an operation: ${name} up to the number that is set, for every profile`, async t => {
    for (const profile of ['strict', 'generic', 'entra']) {
      const ask = await asConnector(server, profile)
      const id = await provision(server, `${name}-${profile}`, mails)
      t.equal((await ask('PATCH', `/Users/${id}`, set(path(reached)))).status, 200, profile)
      const beyond = await ask('PATCH', `/Users/${id}`, set(path(reached + 1)))
      t.match(beyond, { status: 400, body: { scimType: 'invalidPath', detail: new RegExp(`at most ${reached} `) } })
    }
    const id = await provision(roomy, name, mails)
    t.equal((await roomy.scim('PATCH', `/Users/${id}`, set(path(usual + 1)))).status, 200, 'more than is usual')
    t.equal((await roomy.scim('PATCH', `/Users/${id}`, set(path(more)))).status, 200)
    t.equal((await roomy.scim('PATCH', `/Users/${id}`, set(path(more + 1)))).status, 400)
  })
}

t.test('a filter without quotes is quoted within the limits that are set', async t => {
  const ask = await asConnector(roomy, 'entra')
  const filter = `externalId eq jyoung${' or externalId eq x'.repeat(149)}`
  t.equal((await ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)).status, 200)
  t.equal((await ask('GET', `/Users?filter=${encodeURIComponent(`${filter} or id eq x`)}`)).status, 400)
  const narrow = await asConnector(server, 'entra')
  t.equal((await narrow('GET', '/Users?filter=externalId eq a or id eq b or id eq c')).status, 200)
  t.equal((await narrow('GET', '/Users?filter=externalId eq a or id eq b or id eq c or id eq d')).status, 400)
})

t.test('members to remove are as many as are sent, whatever a path may hold', async t => {
  const ask = await asConnector(server, 'entra')
  const ids = await Promise.all(Array.from({ length: 11 }, (_, i) => provision(server, `member-${i}`)))
  const members = ids.map(value => ({ value }))
  const { body } = await ask('POST', '/Groups', { schemas: [groupUrn], displayName: 'all', members })
  const gone = await ask(
    'PATCH',
    `/Groups/${body.id}`,
    patch({ op: 'Remove', path: 'members', value: members.slice(1) })
  )
  t.equal(gone.status, 200, gone.text)
  t.match(gone.body, { members: [{ value: ids[0] }] })
  t.equal((gone.body.members as JsonObject[]).length, 1)
})

t.test('the operations of a PATCH are those that the client sent', async t => {
  const ask = await asConnector(server, 'generic')
  const { body } = await ask('POST', '/Users', newUser('many@example.com'))
  const replace = (value: JsonObject) => ({ op: 'replace', value })
  const keys = { 'name.givenName': 'Kim', 'name.familyName': 'U', 'name.middleName': 'M', nickName: 'K' }
  const one = await ask('PATCH', `/Users/${body.id}`, patch(replace(keys)))
  t.match(one, { status: 200, body: { name: { givenName: 'Kim', familyName: 'U', middleName: 'M' }, nickName: 'K' } })

  const two = patch(replace(keys), replace({ title: 'T' }))
  t.match(await ask('PATCH', `/Users/${body.id}`, two), { status: 200, body: { title: 'T' } })
  const three = patch(replace({ title: 'U' }), replace({ title: 'V' }), replace({ title: 'W' }))
  t.match(await ask('PATCH', `/Users/${body.id}`, three), {
    status: 400,
    body: { scimType: 'invalidSyntax', detail: 'One request may have 2 operations; this has 3.' }
  })
  const { schemas, Operations: operations } = three
  t.equal((await ask('PATCH', `/Users/${body.id}`, { schemas, operations })).status, 400, 'whatever the letter case')
  t.match((await server.scim('GET', `/Users/${body.id}`)).body, { title: 'T' })
})

t.test('what rewrites make of operations has an end too', async t => {
  const id = await provision(roomy, 'endless')
  const value = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`emails[type eq "${i}"].value`, 'x@y']))
  t.match(await roomy.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value })), {
    status: 400,
    body: { scimType: 'invalidSyntax', detail: 'One request may have 10000 operations; this has 10001.' }
  })
})
