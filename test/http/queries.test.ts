/** What users and groups can be found by, and put in order by, beyond their plain attributes. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { enterpriseUrn, groupUrn, licenseUrn, onBothStores, patch, provision, type TestServer } from '../support/app.ts'

interface List extends JsonObject {
  readonly totalResults: number
  readonly Resources: readonly { readonly userName?: string; readonly displayName?: string; readonly id: string }[]
}

/** ann is made at 09:00:01, ben two seconds behind her, and ann is changed once more at the end. */
async function company(server: TestServer) {
  server.clock.advance(1000)
  const ann = await provision(server, 'ann', {
    [enterpriseUrn]: { department: 'Sales', employeeNumber: '701', manager: { value: '26118915', displayName: 'Eve' } },
    emails: [{ value: 'z@x.io' }, { value: 'ann@x.io', primary: true }],
    password: 'correct horse'
  })
  server.clock.advance(2000)
  const ben = await provision(server, 'ben', { active: false, emails: [{ value: 'ben@x.io', type: 'work' }] })
  const group = async (displayName: string, ...members: readonly string[]) => {
    const body = { schemas: [groupUrn], displayName, members: members.map(value => ({ value })) }
    return String((await server.scim('POST', '/Groups', body)).body.id)
  }
  const inner = await group('inner', ann)
  const outer = await group('outer', inner, ben)
  server.clock.advance(2000)
  await server.scim('PATCH', `/Users/${ann}`, patch({ op: 'add', path: 'title', value: 'boss' }))
  return { ann, ben, inner, outer }
}

type Ids = Awaited<ReturnType<typeof company>>
type Case = readonly [filter: string | ((ids: Ids) => string), found: string]

const users: readonly Case[] = [
  ['meta.resourceType eq "User"', 'admin ann ben'],
  ['meta.resourceType eq "Group"', ''],
  ['meta.resourceType co "se" and title pr', 'ann'],
  ['META.RESOURCETYPE ne "Group"', 'admin ann ben'],
  ['meta.created gt "2026-11-21T09:00:00Z"', 'ann ben'],
  ['meta.created eq "2026-11-21T10:00:01+01:00"', 'ann'],
  ['meta.created le "2026-11-21T09:00:01Z"', 'admin ann'],
  ['meta.lastModified ge "2026-11-21T09:00:03.000Z"', 'ann ben'],
  ['meta.lastModified gt "2026-11-21T09:00:03Z"', 'ann'],
  ['meta pr', 'admin ann ben'],
  ['meta.created pr and not (meta.lastModified gt "2026-11-21T09:00:00Z")', 'admin'],
  ['meta[resourceType eq "User" and created gt "2026-11-21T09:00:02Z"]', 'ben'],
  ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', 'admin ann ben'],
  [`schemas eq "${enterpriseUrn}"`, 'ann'],
  [`schemas co "enterprise"`, 'ann'],
  [`not (schemas eq "${enterpriseUrn}")`, 'admin ben'],
  [`schemas eq "${licenseUrn}" and userName ne "admin"`, 'ann'],
  ['schemas pr', 'admin ann ben'],
  [({ ann }) => `id eq "${ann}"`, 'ann'],
  [({ ann }) => `id ne "${ann}"`, 'admin ben'],
  [({ ann, ben }) => `id eq "${ann}" or id eq "${ben}"`, 'ann ben'],
  [({ ben }) => `id ge "${ben}"`, 'ben'],
  ['id eq "nobody"', ''],
  ['id pr', 'admin ann ben'],
  [({ inner }) => `groups.value eq "${inner}"`, 'ann'],
  [({ outer }) => `groups.value eq "${outer}"`, 'ann ben'],
  [({ outer }) => `groups eq "${outer}" and active eq false`, 'ben'],
  [({ inner }) => `not (groups.value eq "${inner}")`, 'admin ben'],
  [({ inner }) => `groups[value eq "${inner}"]`, 'ann'],
  ['groups.display eq "OUTER"', 'ann ben'],
  ['groups pr', 'ann ben'],
  ['groups.value eq "nobody"', ''],
  [`${enterpriseUrn}:department eq "sales"`, 'ann'],
  [`${enterpriseUrn.toUpperCase()}:DEPARTMENT eq "Sales"`, 'ann'],
  ['department sw "sa"', 'ann'],
  [`${enterpriseUrn}:employeeNumber eq 701`, 'ann'],
  [`${enterpriseUrn}:manager eq "26118915"`, 'ann'],
  [`${enterpriseUrn}:manager[value sw "26" and value pr]`, 'ann'],
  // The name of a manager is readOnly: what a client sends is not kept.
  [`${enterpriseUrn}:manager.displayName pr`, ''],
  [`${enterpriseUrn} pr`, 'ann'],
  [`not (${enterpriseUrn}:department pr)`, 'admin ben'],
  [`${licenseUrn}:licenseType eq "pwm"`, 'ann'],
  [`${licenseUrn}:licenseState eq "held"`, 'admin ann'],
  ['emails[type eq "work" and value eq "BEN@x.io"]', 'ben'],
  ['emails.value eq "z@x.io" and emails.primary eq true', 'ann'],
  ['emails[value eq "z@x.io" and primary eq true]', '']
]

const groups: readonly Case[] = [
  ['meta.resourceType eq "Group"', 'inner outer'],
  ['meta.created gt "2026-11-21T09:00:00Z"', 'inner outer'],
  [`schemas eq "${groupUrn}"`, 'inner outer'],
  [({ inner }) => `id eq "${inner}"`, 'inner'],
  [({ ann }) => `members.value eq "${ann}"`, 'inner'],
  [({ ann, ben }) => `members.value eq "${ann}" or members eq "${ben}"`, 'inner outer'],
  [({ inner }) => `members[value eq "${inner}" and type eq "Group"]`, 'outer'],
  [({ inner }) => `members[value eq "${inner}" and type eq "User"]`, ''],
  [({ ben }) => `not (members.value eq "${ben}")`, 'inner'],
  ['members.type eq "group"', 'outer'],
  ['members pr', 'inner outer'],
  ['members.value eq "nobody"', '']
]

onBothStores(t, 'who is found by what', async (t, server) => {
  const ids = await company(server)
  for (const [endpoint, cases] of [
    ['/Users', users],
    ['/Groups', groups]
  ] as const) {
    for (const [asked, expected] of cases) {
      const filter = typeof asked === 'string' ? asked : asked(ids)
      const { body, text, status } = await server.scim<List>('POST', `${endpoint}/.search`, { filter, sortBy: 'id' })
      if (status !== 200) t.fail(`${filter}: ${text}`)
      const names = (body.Resources ?? []).map(({ userName, displayName }) => userName ?? displayName)
      t.strictSame([names.sort().join(' '), body.totalResults], [expected, names.length], filter)
    }
  }
})

const refused: readonly (readonly [JsonObject, string, RegExp])[] = [
  // Never returned: no filter may find out about them, not even by a total, and no order may show them.
  [{ filter: 'password eq "correct horse"' }, 'invalidFilter', /password is never returned/],
  [{ filter: 'password pr', count: 0 }, 'invalidFilter', /password is never returned/],
  [{ filter: 'not (password sw "c")' }, 'invalidFilter', /password is never returned/],
  [{ filter: 'userName eq "ann" and PASSWORD co "horse"' }, 'invalidFilter', /password is never returned/],
  [{ filter: 'password eq null' }, 'invalidFilter', /password is never returned/],
  [{ filter: 'urn:ietf:params:scim:schemas:core:2.0:User:password pr' }, 'invalidFilter', /password is never returned/],
  [{ sortBy: 'password' }, 'invalidValue', /password is never returned/],
  // Made anew for each answer.
  [{ filter: 'meta.version eq "W/\\"1\\""' }, 'invalidFilter', /meta\.version/],
  [{ filter: 'meta.location pr' }, 'invalidFilter', /meta\.location/],
  [{ filter: 'meta[version pr]' }, 'invalidFilter', /meta\.version/],
  [{ sortBy: 'meta.version' }, 'invalidValue', /meta\.version/],
  [{ sortBy: 'meta.location' }, 'invalidValue', /meta\.location/],
  // Kept as edges, or without one value.
  [{ sortBy: 'groups' }, 'invalidValue', /groups is kept as memberships/],
  [{ sortBy: 'groups.value' }, 'invalidValue', /groups is kept as memberships/],
  [{ sortBy: 'GROUPS.display' }, 'invalidValue', /groups is kept as memberships/],
  [{ sortBy: 'schemas' }, 'invalidValue', /schemas has no single value/],
  [{ sortBy: 'meta' }, 'invalidValue', /meta has no single value/],
  [{ sortBy: 'name' }, 'invalidValue', /name has no single value/],
  [{ sortBy: enterpriseUrn }, 'invalidValue', /no single value/],
  [{ sortBy: 'nobodys' }, 'invalidValue', /no attribute nobodys/],
  [{ filter: 'groups.$ref pr' }, 'invalidFilter', /Memberships can be filtered by/]
]

onBothStores(t, 'what nobody is found by, and no order is made of, is said', async (t, server) => {
  const { ann } = await company(server)
  for (const [asked, scimType, detail] of refused) {
    const query = Object.entries(asked).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    const title = JSON.stringify(asked)
    const answer = await server.scim('GET', `/Users?${query.join('&')}`)
    t.match(answer, { status: 400, body: { scimType, detail } }, title)
    t.equal((await server.scim('POST', '/Users/.search', asked)).text, answer.text, title)
    const walk = await server.scim('POST', '/Users/.search', { ...asked, cursor: '' })
    t.equal(walk.text, answer.text, `${title} by cursor`)
  }
  t.match(await server.scim('GET', '/Groups?sortBy=members'), {
    status: 400,
    body: { scimType: 'invalidValue', detail: /members is kept as memberships/ }
  })
  for (const sort of ['password', 'meta.version', '-meta.location', 'groups', 'groups.value', 'emails']) {
    t.match(await server.api('GET', `/users?sort=${sort}`), { status: 400, body: { field: 'sort' } }, sort)
  }
  for (const selection of ['attributes=password', 'attributes=password,userName', 'excludedAttributes=title']) {
    const { text, status } = await server.scim('GET', `/Users/${ann}?${selection}`)
    t.equal(status, 200)
    t.notMatch(text, /password|horse/, selection)
  }
  for (const endpoint of ['Schemas', 'ResourceTypes', 'ServiceProviderConfig']) {
    t.equal((await server.scim('GET', `/${endpoint}?filter=id%20pr`)).status, 403, 'RFC 7644 4')
  }
})

const orders: readonly (readonly [string, readonly string[]])[] = [
  ['userName', ['admin', 'ann', 'ben']],
  ['id', ['admin', 'ann', 'ben']],
  // The primary value, else the first (RFC 7644 3.4.2.3): ann@ before ben@, though z@ is the first of ann's.
  ['emails', ['ann', 'ben', 'admin']],
  ['emails.value', ['ann', 'ben', 'admin']],
  ['emails.type', ['ben', 'admin', 'ann']],
  ['meta.lastModified', ['admin', 'ben', 'ann']],
  ['meta.created', ['admin', 'ann', 'ben']],
  [`${enterpriseUrn}:department`, ['ann', 'admin', 'ben']],
  ['manager.value', ['ann', 'admin', 'ben']],
  ['manager', ['ann', 'admin', 'ben']]
]

onBothStores(t, 'what lists are in order by', async (t, server) => {
  await company(server)
  for (const [sortBy, expected] of orders) {
    for (const [sortOrder, order] of [
      ['ascending', expected],
      ['descending', expected.toReversed()]
    ] as const) {
      const { body } = await server.scim<List>('POST', '/Users/.search', { sortBy, sortOrder })
      t.strictSame(
        body.Resources.map(({ userName }) => userName),
        order,
        `${sortBy} ${sortOrder}`
      )
    }
  }
})
