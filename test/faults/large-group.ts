/** R9: sixteen writers change one large group at once, over one server or two: no member is lost, none is there twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultTenant } from '../../src/admin/activate.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { edgeId, groups, groupsKey, memberships, users, usersKey } from '../../src/directory/collections.ts'
import { noLicense } from '../../src/licensing/types.ts'
import { insert, reference, type Store, tally } from '../../src/store/port.ts'
import { patch } from '../support/app.ts'
import type { Backend } from './backend.ts'
import type { Reply } from './client.ts'
import { type Callers, count, type Figures, newFigures } from './load.ts'
import { few, type Outcome, together } from './row.ts'
import { openSite } from './site.ts'

const writers = 16
const rounds = 20
/** On a machine that is busy with something else, a database can be out of reach for a while. */
const triesMax = 60
/** Documents in one commit of the preparation. */
const batch = 500

const group = 'the-large-group'
const person = (n: number) => `person-${String(n).padStart(7, '0')}`

/** Who of a writer's own people is in the group. What one writer changes no other one does. */
interface Share {
  readonly inside: string[]
  readonly outside: string[]
}

/** @param size members at the beginning; half as many people stand outside. */
export async function patchLargeGroup(
  backend: Backend,
  size: number,
  { servers = 1 }: { readonly servers?: number } = {}
): Promise<Outcome> {
  await prepare(backend, size)
  const site = await openSite(backend, { servers })
  const faults: string[] = []
  const figures = newFigures()
  const shares = Array.from({ length: writers }, (_, i) => shareOf(i, size))
  const shared = Array.from({ length: rounds }, (_, round) => person(size + size / 2 + round))
  const started = performance.now()
  try {
    await Promise.all(
      shares.map(async (share, i) => {
        for (let round = 0; round < rounds; round++) {
          const change = changeOf(share, round)
          // Besides, all of them add one and the same person.
          const operations = [...operationsOf(change), added([shared[round] ?? ''])]
          const reply = await insist(() => {
            return callerAt(site.callers(), i).scim.send('PATCH', `/scim/v2/Groups/${group}`, patch(...operations))
          }, figures)
          if (reply.status === 200 || reply.status === 204) settle(share, change)
          else faults.push(`a change of members: ${reply.status} ${reply.text.slice(0, 200)}`)
        }
      })
    )
    const seconds = (performance.now() - started) / 1000
    const expected = new Set([...shares.flatMap(({ inside }) => inside), ...shared])
    for (const { scim } of site.callers())
      faults.push(...differences(expected, await scim.get(`/scim/v2/Groups/${group}`)))
    faults.push(...(await site.close()))
    const { '5xx': serverErrors = 0, 'longest ms': longestMs = 0 } = together([figures])
    return {
      row: 'R9',
      what: `${writers} writers of one group of ${size.toLocaleString('en')} over ${servers} server${servers === 1 ? '' : 's'}, ${'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'}`,
      rounds,
      faults: few(faults),
      figures: {
        changes: writers * rounds,
        '5xx and 429': serverErrors + figures.rude,
        'longest ms': longestMs,
        'per s': Math.round((writers * rounds) / seconds)
      },
      goals: { '5xx and 429': 0 }
    }
  } catch (error) {
    await site.close()
    throw error
  }
}

/** Asks again, as a provider does, while the answer is that nobody knows; the same change twice is one. */
async function insist(ask: () => Promise<Reply>, figures: Figures): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    const reply = await ask()
    count(figures, reply)
    if (reply.status !== 503 || tries === triesMax) return reply
    await sleep(1000)
  }
}

/** People without seats and their group, straight into the store: what is measured comes after. */
async function prepare(backend: Backend, size: number): Promise<void> {
  const store = await backend.open()
  try {
    await commit(store, [
      insert(groups, defaultTenant, { id: group, resource: { displayName: 'Everybody' }, ...beginning }),
      tally(defaultTenant, groupsKey, 1)
    ])
    const people = Array.from({ length: size + size / 2 + rounds }, (_, n) => person(n))
    for (let from = 0; from < people.length; from += batch) {
      const some = people.slice(from, from + batch)
      await commit(store, [...some.map(personWith), tally(defaultTenant, usersKey, some.length)])
    }
    for (let from = 0; from < size; from += batch) {
      await commit(store, people.slice(from, Math.min(size, from + batch)).flatMap(edgeTo))
    }
  } finally {
    await store.close()
  }
}

const beginning = { created: 0, lastModified: 0, revision: 1 } as const

function personWith(id: string) {
  const resource = { userName: id, active: false }
  return insert(users, defaultTenant, { id, resource, ...beginning, license: noLicense, roles: [] })
}

function edgeTo(member: string) {
  const edge = { id: edgeId(group, member), group, member, type: 'User' } as const
  return [insert(memberships, defaultTenant, edge), reference(users, defaultTenant, member)]
}

async function commit(store: Store, changes: Parameters<Store['commit']>[0]): Promise<void> {
  const answer = await store.commit(changes, { id: `prepare-${performance.now()}-${Math.random()}` })
  if (answer !== 'committed') throw new Error(`preparing: ${JSON.stringify(answer)}`)
}

function shareOf(writer: number, size: number): Share {
  const own = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => from + n)
      .filter(n => n % writers === writer)
      .map(person)
  return { inside: own(0, size), outside: own(size, size + size / 2) }
}

interface MemberChange {
  readonly enter: readonly string[]
  readonly leave: readonly string[]
}

/** In turn: one comes, one leaves, a hundred come, ten leave, one of each and one comes who is there. */
function changeOf({ inside, outside }: Share, round: number): MemberChange & { readonly again: readonly string[] } {
  const [come, go, again] = (
    [
      [1, 0, 0],
      [0, 1, 0],
      [100, 0, 0],
      [0, 10, 0],
      [1, 1, 1]
    ] as const
  )[round % 5] ?? [0, 0, 0]
  return { enter: outside.slice(0, come), leave: inside.slice(0, go), again: inside.slice(go, go + again) }
}

const operationsOf = ({ enter, leave, again }: ReturnType<typeof changeOf>): readonly JsonObject[] => [
  ...(enter.length + again.length === 0 ? [] : [added([...enter, ...again])]),
  ...leave.map(value => ({ op: 'remove', path: `members[value eq "${value}"]` }))
]

const added = (values: readonly string[]): JsonObject => ({
  op: 'add',
  path: 'members',
  value: values.map(value => ({ value }))
})

/** Those who came or left stand at the end of their list, so that later rounds change others. */
function settle({ inside, outside }: Share, { enter, leave }: MemberChange): void {
  outside.splice(0, enter.length)
  inside.splice(0, leave.length)
  inside.push(...enter)
  outside.push(...leave)
}

function callerAt(all: readonly Callers[], i: number): Callers {
  const found = all[i % all.length]
  if (found === undefined) throw new Error('a site has a server')
  return found
}

function differences(expected: ReadonlySet<string>, { status, body, text }: Reply): string[] {
  if (status !== 200) return [`the group: ${status} ${text.slice(0, 200)}`]
  const shown = ((body.members ?? []) as { value: string }[]).map(({ value }) => value)
  const there = new Set(shown)
  const [lost, surplus, twice] = [
    expected.difference(there).size,
    there.difference(expected).size,
    shown.length - there.size
  ]
  return lost + surplus + twice === 0
    ? []
    : [`${lost} members are lost, ${surplus} are there who were removed, ${twice} are there twice`]
}
