/** Groups: members are edges, in both directions, and nobody's change is lost. */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { edgeId, groups, memberships, users } from '../../src/directory/collections.ts'
import { changeGroup, deleteGroup } from '../../src/directory/groups.ts'
import type { Group } from '../../src/directory/types.ts'
import { field, is } from '../../src/scim/filter/filter.ts'
import { insert, reference } from '../../src/store/port.ts'
import { events, filterPath, statuses } from '../seats/support.ts'
import { type Answer, groupUrn, newUser, onBothStores, patch, provision, type TestServer } from '../support/app.ts'
import { wrapped } from '../support/wrapped.ts'

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`)
const values = (ids: readonly string[]) => ids.map(value => ({ value }))

/** Users without a seat: there can be any number of them. */
const inactive = (server: TestServer, n: number) =>
  Promise.all(names('user', n).map(name => provision(server, name, { active: false })))

async function create(server: TestServer, displayName: string, members: readonly string[] = []): Promise<string> {
  const body = { schemas: [groupUrn], displayName, ...(members.length === 0 ? {} : { members: values(members) }) }
  const { status, body: group, text } = await server.scim('POST', '/Groups', body)
  if (status !== 201) throw new Error(`create group ${displayName}: ${status} ${text}`)
  return String(group.id)
}

const get = (server: TestServer, id: string) => server.scim('GET', `/Groups/${id}`)

async function members(server: TestServer, id: string): Promise<readonly string[]> {
  const { body } = await server.scim<{ members?: { value: string }[] }>('GET', `/Groups/${id}`)
  return (body.members ?? []).map(({ value }) => value).sort()
}

/** `Staff direct`, in order of name: what a user shows of its groups. */
async function groupsOf(server: TestServer, id: string): Promise<readonly string[]> {
  const { body } = await server.scim<{ groups?: { display: string; type: string }[] }>('GET', `/Users/${id}`)
  return (body.groups ?? []).map(({ display, type }) => `${display} ${type}`).sort()
}

const edge = (group: string, member: string) => ({ id: edgeId(group, member), group, member, type: 'User' as const })

const add = (...ids: readonly string[]) => patch({ op: 'add', path: 'members', value: values(ids) })
const take = (id: string) => patch({ op: 'remove', path: `members[value eq "${id}"]` })

const edges = ({ store, context }: TestServer, side: 'group' | 'value', id: string) =>
  store.find(memberships, context.tenant, { filter: is(field(side), id), limit: 1000 })

onBothStores(t, 'every way to change members comes to the same edges', async (t, server) => {
  const [a = '', b = '', c = '', d = ''] = await inactive(server, 4)
  const id = await create(server, 'Staff', [a, b])
  t.same(await members(server, id), [a, b].sort())
  const steps: [string, JsonObject, readonly string[]][] = [
    ['add one', add(c), [a, b, c]],
    ['add one that is there', add(c), [a, b, c]],
    ['add without a path', patch({ op: 'add', value: { members: values([d]) } }), [a, b, c, d]],
    ['remove by a filter', take(a), [b, c, d]],
    ['remove one that is not there', take(a), [b, c, d]],
    ['remove by a list', patch({ op: 'remove', path: 'members', value: values([b]) }), [c, d]],
    ['replace all', patch({ op: 'replace', path: 'members', value: values([a, c]) }), [a, c]],
    [
      'several in one',
      patch({ op: 'add', path: 'members', value: values([b]) }, { op: 'remove', path: `members[value eq "${c}"]` }),
      [a, b]
    ],
    [
      'the last operation decides',
      patch({ op: 'remove', path: `members[value eq "${a}"]` }, { op: 'add', path: 'members', value: values([a]) }),
      [a, b]
    ],
    ['remove all', patch({ op: 'remove', path: 'members' }), []]
  ]
  for (const [what, body, expected] of steps) {
    const { status, text } = await server.scim('PATCH', `/Groups/${id}`, body)
    t.equal(status, 200, `${what} ${status === 200 ? '' : text}`)
    t.same(await members(server, id), [...expected].sort(), what)
    t.equal((await edges(server, 'group', id)).length, expected.length, what)
  }
  await server.scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'Crew', members: values([c]) })
  t.same(await members(server, id), [c])
  const put = await server.scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'Crew' })
  t.match(put, { status: 200, body: { displayName: 'Crew', members: undefined } }, 'what a PUT leaves out is cleared')

  const wrong = await server.scim('PATCH', `/Groups/${id}`, add(a, 'nobody', b))
  t.match(wrong, { status: 400, body: { scimType: 'invalidValue', detail: /nobody/ } })
  t.same(await members(server, id), [], 'all or nothing')
  const unknown = { schemas: [groupUrn], displayName: 'X', members: values([a, 'nobody']) }
  t.equal((await server.scim('POST', '/Groups', unknown)).status, 400)
  t.equal((await server.scim('GET', '/Groups')).body.totalResults, 1)
})

onBothStores(t, 'User.groups shows direct and indirect groups, and a cycle ends where it began', async (t, server) => {
  const [ada = '', ben = ''] = await inactive(server, 2)
  const team = await create(server, 'Team', [ada])
  const department = await create(server, 'Department', [team, ben])
  const company = await create(server, 'Company', [department])
  t.same(await groupsOf(server, ada), ['Company indirect', 'Department indirect', 'Team direct'])
  t.same(await groupsOf(server, ben), ['Company indirect', 'Department direct'])
  const types = (await get(server, department)).body.members as { value: string; type: string }[]
  t.same(
    new Map(types.map(({ value, type }) => [value, type])),
    new Map([
      [team, 'Group'],
      [ben, 'User']
    ])
  )

  t.equal((await server.scim('PATCH', `/Groups/${team}`, add(company))).status, 200, 'the circle closes')
  t.equal((await server.scim('PATCH', `/Groups/${team}`, add(team))).status, 200, 'a group in itself')
  t.same(await groupsOf(server, ada), ['Company indirect', 'Department indirect', 'Team direct'])
  t.same(await groupsOf(server, ben), ['Company indirect', 'Department direct', 'Team indirect'])
  await server.scim('PATCH', `/Groups/${company}`, add(ada))
  t.same(await groupsOf(server, ada), ['Company direct', 'Department indirect', 'Team direct'], 'direct counts first')

  const found = async (path: string, filter: string) => {
    const { body } = await server.scim<{ Resources: JsonObject[] }>('GET', filterPath(path, filter))
    return body.Resources.map(({ id }) => String(id)).sort()
  }
  t.same(await found('/Users', `groups.value eq "${department}"`), [ada, ben].sort())
  t.same(await found('/Users', 'groups.display eq "team"'), [ada, ben].sort(), 'through nested groups')
  t.same(await found('/Groups', `members.value eq "${ada}"`), [team, company].sort())
  t.same(await found('/Groups', `members[value eq "${ben}" and type eq "User"]`), [department])
  t.same(await found('/Users', `groups.value eq "nobody" and active eq false`), [])

  await server.scim('DELETE', `/Groups/${department}`)
  t.same(await groupsOf(server, ben), [])
  t.same(await groupsOf(server, ada), ['Company direct', 'Team direct'], 'the circle is open')
  t.equal((await edges(server, 'value', department)).length, 0, 'nor is it a member anywhere')
  t.equal((await edges(server, 'group', department)).length, 0)
})

onBothStores(t, 'deleting a user leaves no trace in any group, and their entity tags move', async (t, server) => {
  const [ada = '', ben = ''] = await inactive(server, 2)
  const ids = await Promise.all(['A', 'B', 'C'].map(name => create(server, name, name === 'C' ? [ben] : [ada, ben])))
  const tags = async () => Promise.all(ids.map(async id => (await get(server, id)).headers.etag))
  const before = await tags()
  t.equal((await server.scim('DELETE', `/Users/${ada}`)).status, 204)
  for (const id of ids) t.same(await members(server, id), [ben])
  t.equal((await edges(server, 'value', ada)).length, 0)
  const after = await tags()
  t.same(
    after.map((tag, i) => tag !== before[i]),
    [true, true, false]
  )
  t.equal((await server.scim('GET', filterPath('/Groups', `members.value eq "${ada}"`))).body.totalResults, 0)

  // However the two meet: who is deleted is in no group.
  for (let round = 0; round < 12; round++) {
    const eve = await provision(server, `eve${round}`, { active: false })
    const [, ...added] = await Promise.all([
      server.scim('DELETE', `/Users/${eve}`),
      ...ids.map(id => server.scim('PATCH', `/Groups/${id}`, add(eve)))
    ])
    t.ok(
      added.every(({ status }) => status === 200 || status === 400),
      `${added.map(({ status }) => status)}`
    )
    t.equal((await edges(server, 'value', eve)).length, 0)
  }
})

onBothStores(t, 'a deleted group has no members left, however many came at that moment', async (t, server) => {
  const people = await inactive(server, 8)
  for (let round = 0; round < 8; round++) {
    const id = await create(server, `Group ${round}`, people.slice(0, 1))
    const answers = await Promise.all([
      ...people.slice(1, 5).map(one => server.scim('PATCH', `/Groups/${id}`, add(one))),
      server.scim('DELETE', `/Groups/${id}`),
      ...people.slice(5).map(one => server.scim('PATCH', `/Groups/${id}`, add(one)))
    ])
    t.ok(
      answers.every(({ status }) => [200, 204, 404].includes(status)),
      `${answers.map(({ status }) => status)}`
    )
    t.equal((await get(server, id)).status, 404)
    t.equal((await edges(server, 'group', id)).length, 0)
  }
  for (const id of people) t.same(await groupsOf(server, id), [])
})

onBothStores(
  t,
  'a change of members that comes a moment too late finds no group, and leaves no edge',
  async (t, server) => {
    const [ada = ''] = await inactive(server, 1)
    const id = await create(server, 'Staff')
    let commits = 0
    // The first attempt loses; before the second is written, somebody else deletes the group.
    const store = wrapped(server.store, {
      async commit(changes, options) {
        commits++
        if (commits === 1) return { conflict: 'version', collection: 'groups' }
        if (commits === 2) await deleteGroup(server.context, id)
        return server.store.commit(changes, options)
      }
    })
    const edit = (before: Group) => ({
      resource: before.resource,
      members: [{ kind: 'add' as const, values: values([ada]) }]
    })
    await t.rejects(changeGroup({ ...server.context, store }, id, edit), { code: 'not_found' })
    t.equal(commits, 2)
    t.equal((await edges(server, 'group', id)).length, 0)
  }
)

onBothStores(t, 'entity tags: the same as long as nothing changes, stale ones are refused', async (t, server) => {
  const [ada = '', ben = ''] = await inactive(server, 2)
  const id = await create(server, 'Staff', [ada])
  const tag = async () => String((await get(server, id)).headers.etag)
  const first = await tag()
  t.match(first, /^W\/"/)
  t.equal(((await get(server, id)).body.meta as JsonObject).version, first)
  const listed = await server.scim<{ Resources: { meta: JsonObject }[] }>('GET', '/Groups')
  t.equal(listed.body.Resources[0]?.meta.version, first)
  t.equal((await server.scim('GET', `/Groups/${id}`, undefined, { 'if-none-match': first })).status, 304)

  const none = await server.scim('PATCH', `/Groups/${id}`, add(ada))
  t.equal(none.headers.etag, first, 'a change that is none')
  t.equal(await tag(), first)
  const changed = await server.scim('PATCH', `/Groups/${id}`, add(ben), { 'if-match': first })
  t.equal(changed.status, 200)
  t.not(changed.headers.etag, first)
  t.equal(await tag(), changed.headers.etag)
  t.equal((await server.scim('GET', `/Groups/${id}`, undefined, { 'if-none-match': first })).status, 200)

  const stale = { 'if-match': first }
  const refused: Answer[] = [
    await server.scim('PATCH', `/Groups/${id}`, take(ada), stale),
    await server.scim('PUT', `/Groups/${id}`, { schemas: [groupUrn], displayName: 'X' }, stale),
    await server.scim('DELETE', `/Groups/${id}`, undefined, stale)
  ]
  for (const { status, body } of refused) {
    t.equal(status, 412)
    t.match(body, { status: '412' })
  }
  t.same(await members(server, id), [ada, ben].sort())
  t.equal((await server.scim('DELETE', `/Groups/${id}`, undefined, { 'if-match': await tag() })).status, 204)

  const race = await create(server, 'Race')
  const now = String((await get(server, race)).headers.etag)
  const answers = await Promise.all(
    names('Name ', 8).map(displayName =>
      server.scim('PATCH', `/Groups/${race}`, patch({ op: 'replace', path: 'displayName', value: displayName }), {
        'if-match': now
      })
    )
  )
  t.same(statuses(answers), { 200: 1, 412: 7 }, 'of many with the same tag, one')
})

onBothStores(
  t,
  'fifty changes of members at once lose nothing, over two servers, and each is told in the audit log',
  async (t, server) => {
    const other = await server.another()
    const people = await inactive(server, 60)
    const [leaving, coming] = [people.slice(0, 10), people.slice(10, 50)]
    const id = await create(server, 'Staff', leaving)
    const answers = await Promise.all([
      ...coming.map((one, i) => (i % 2 === 0 ? server : other).scim('PATCH', `/Groups/${id}`, add(one))),
      ...leaving.map((one, i) => (i % 2 === 0 ? server : other).scim('PATCH', `/Groups/${id}`, take(one)))
    ])
    t.same(statuses(answers), { 200: 50 })
    t.same(await members(server, id), [...coming].sort())
    t.same(await members(other, id), [...coming].sort())
    const told = await events(server, `action eq "group.membersChanged" and target.id eq "${id}"`)
    t.same(told.flatMap(({ detail }) => (detail.added ?? []) as string[]).sort(), [...coming].sort())
    t.same(told.flatMap(({ detail }) => (detail.removed ?? []) as string[]).sort(), [...leaving].sort())

    const twice = await Promise.all(
      names('', 10).map(() => server.scim('PATCH', `/Groups/${id}`, add(...people.slice(50))))
    )
    t.same(statuses(twice), { 200: 10 }, 'the same members at the same time')
    t.equal((await members(server, id)).length, 50)
  }
)

onBothStores(t, 'a PATCH answers with the group up to 1,000 members, and 204 above', async (t, server) => {
  const { store, context } = server
  const people = names('00000000-0000-7000-8000-', 1001).map((id, i) => `${id}${String(i).padStart(8, '0')}`)
  const id = await create(server, 'Everyone')
  const now = context.clock.now()
  for (let i = 0; i < people.length; i += 250) {
    const some = people.slice(i, i + 250).map(user => ({
      id: user,
      resource: { userName: user, active: false },
      created: now,
      lastModified: now,
      revision: 1,
      license: { type: null, state: 'none' as const, assignedAt: null, assignedBy: null },
      roles: []
    }))
    const inserted = some.map(doc => insert(users, context.tenant, doc))
    t.equal(await store.commit(inserted, { id: context.makeId() }), 'committed')
  }
  const in_ = async (ids: readonly string[]) => {
    const changes = ids.flatMap(member => [
      reference(users, context.tenant, member),
      insert(memberships, context.tenant, edge(id, member))
    ])
    t.equal(await store.commit(changes, { id: context.makeId() }), 'committed')
  }
  await in_(people.slice(0, 500))
  await in_(people.slice(500, 999))
  const [last = '', one = ''] = people.slice(999)
  const thousand = await server.scim<{ members: object[] }>('PATCH', `/Groups/${id}`, add(last))
  t.equal(thousand.status, 200)
  t.equal(thousand.body.members.length, 1000)
  const more = await server.scim('PATCH', `/Groups/${id}`, add(one))
  t.equal(more.status, 204)
  t.equal(more.text, '')
  t.equal(more.headers.etag, (await server.scim('GET', `/Groups/${id}?excludedAttributes=members`)).headers.etag)
  const asked = await server.scim(
    'PATCH',
    `/Groups/${id}?attributes=displayName`,
    patch({ op: 'replace', path: 'displayName', value: 'All' })
  )
  t.match(asked, { status: 200, body: { displayName: 'All' } }, 'attributes are asked for: always 200')
  t.equal((await members(server, id)).length, 1001)
  t.equal((await server.scim('PATCH', `/Groups/${id}`, patch({ op: 'remove', path: 'members' }))).status, 200)
  t.equal((await members(server, id)).length, 0)
})

onBothStores(
  t,
  'the event of a new group lists its first 100 members and says how many there are',
  async (t, server) => {
    const people = await inactive(server, 101)
    const id = await create(server, 'Everyone', people)
    const [told] = await events(server, `action eq "group.created" and target.id eq "${id}"`)
    t.strictSame(told?.detail, { added: people.slice(0, 100), addedCount: 101 })
    const few = await create(server, 'Few', people.slice(0, 100))
    const [other] = await events(server, `action eq "group.created" and target.id eq "${few}"`)
    t.strictSame(other?.detail, { added: people.slice(0, 100) })
  }
)

onBothStores(t, 'a page of users shows all their groups, however many those are together', async (t, server) => {
  const { store, context } = server
  const people = await inactive(server, 100)
  const now = context.clock.now()
  const each = 112
  for (const displayName of names('g', each)) {
    const group = { id: context.makeId(), resource: { displayName }, created: now, lastModified: now, revision: 1 }
    const edges = people.flatMap(member => [
      reference(users, context.tenant, member),
      insert(memberships, context.tenant, edge(group.id, member))
    ])
    const made = await store.commit([insert(groups, context.tenant, group), ...edges], { id: context.makeId() })
    t.equal(made, 'committed')
  }
  const { body } = await server.scim<{ Resources: { groups?: object[] }[] }>(
    'GET',
    filterPath('/Users', 'userName sw "user"').concat('&attributes=groups')
  )
  t.same(
    body.Resources.map(user => user.groups?.length ?? 0),
    people.map(() => each)
  )
})

onBothStores(t, 'a group without its members: not asked for, not sent', async (t, server) => {
  const [ada = ''] = await inactive(server, 1)
  const id = await create(server, 'Staff', [ada])
  for (const path of [`/Groups/${id}?excludedAttributes=members`, `/Groups/${id}?attributes=displayName`]) {
    const { body } = await server.scim('GET', path)
    t.match(body, { displayName: 'Staff', members: undefined }, path)
  }
  const listed = await server.scim<{ Resources: JsonObject[] }>('GET', '/Groups?excludedAttributes=members')
  t.match(listed.body.Resources, [{ displayName: 'Staff', members: undefined }])
  t.match((await get(server, id)).body.members, [
    { value: ada, type: 'User', $ref: new RegExp(`/scim/v2/Users/${ada}$`) }
  ])
  const user = await server.scim('POST', '/Users', newUser('zoe', { active: false, groups: [{ value: id }] }))
  t.equal(user.status, 201)
  t.equal(user.body.groups, undefined, 'groups are changed through the groups')
})
