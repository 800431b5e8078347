/** R9: fifty clients change the members of one group at once, one member each. */
import { groupUrn, newUser, patch } from '../support/app.ts'
import type { Backend } from './backend.ts'
import type { Reply } from './client.ts'
import { type Callers, count, newFigures } from './load.ts'
import { few, type Outcome, together } from './row.ts'
import { openSite } from './site.ts'

/** How a client adds or removes one member. */
export type MemberWriter = (callers: Callers, group: string, user: string, add: boolean) => Promise<Reply>

const clients = 50

/** As RFC 7644 3.5.2 has it: the change, and nothing else. */
export const byPatch: MemberWriter = ({ scim }, group, user, add) =>
  scim.send(
    'PATCH',
    `/scim/v2/Groups/${group}?excludedAttributes=members`,
    patch(
      add
        ? { op: 'add', path: 'members', value: [{ value: user }] }
        : { op: 'remove', path: `members[value eq "${user}"]` }
    )
  )

/** What a server that keeps members in the group's document does inside: it loses members, and the check must see it. */
export const byReadModifyWrite: MemberWriter = async ({ scim }, group, user, add) => {
  const path = `/scim/v2/Groups/${group}`
  const { body } = await scim.get(path)
  const members = ((body.members ?? []) as { value: string }[]).map(({ value }) => value).filter(id => id !== user)
  const all = add ? [...members, user] : members
  return scim.send('PUT', path, { ...body, members: all.map(value => ({ value })) })
}

export async function raceForGroup(
  backend: Backend,
  rounds: number,
  { writer = byPatch, servers = 1 }: { writer?: MemberWriter; servers?: number } = {}
): Promise<Outcome> {
  const site = await openSite(backend, { seats: `PWM=${clients},PAM=1`, servers })
  const faults: string[] = []
  const figures = newFigures()
  let done = 0
  const started = performance.now()
  try {
    const users = await makeUsers(site.callers())
    const group = await makeGroup(site.callers())
    // Half of them are in at first, so that each round adds and removes.
    const members = new Set(users.filter((_, i) => i % 2 === 0))
    for (const user of members) await byPatch(callersAt(site.callers(), 0), group, user, true)
    for (; done < rounds && faults.length === 0; done++) {
      const replies = await Promise.all(
        users.map((user, i) => writer(callersAt(site.callers(), i), group, user, !members.has(user)))
      )
      for (const [i, reply] of replies.entries()) {
        count(figures, reply)
        const user = users[i] ?? ''
        if (reply.status < 200 || reply.status > 299)
          faults.push(`a change of one member: ${reply.status} ${reply.text}`)
        else if (!members.delete(user)) members.add(user)
      }
      const shown = await callersAt(site.callers(), done).scim.get(`/scim/v2/Groups/${group}`)
      faults.push(...differences(members, shown))
    }
  } finally {
    faults.push(...(await site.close()))
  }
  const perSecond = Math.round((done * clients * 1000) / (performance.now() - started))
  const { '5xx': serverErrors = 0, 'longest ms': longestMs = 0 } = together([figures])
  return {
    row: 'R9',
    what: `${clients} changes of one group at once, ${'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'}`,
    rounds: done,
    faults: few(faults),
    figures: {
      changes: done * clients,
      '5xx and 429': serverErrors + figures.rude,
      'longest ms': longestMs,
      'per s': perSecond
    },
    goals: { '5xx and 429': 0 }
  }
}

function callersAt(all: readonly Callers[], i: number): Callers {
  const found = all[i % all.length]
  if (found === undefined) throw new Error('a site has a server')
  return found
}

async function makeUsers(callers: readonly Callers[]): Promise<readonly string[]> {
  const names = Array.from({ length: clients }, (_, i) => `member${i}`)
  return Promise.all(names.map((name, i) => made(callersAt(callers, i), 'Users', newUser(name))))
}

const makeGroup = (callers: readonly Callers[]) =>
  made(callersAt(callers, 0), 'Groups', { schemas: [groupUrn], displayName: 'Everybody' })

async function made({ scim }: Callers, endpoint: string, resource: object): Promise<string> {
  const { status, body, text } = await scim.send('POST', `/scim/v2/${endpoint}`, resource)
  if (status !== 201) throw new Error(`POST ${endpoint}: ${status} ${text}`)
  return String(body.id)
}

function differences(expected: ReadonlySet<string>, { status, body, text }: Reply): string[] {
  if (status !== 200) return [`the group: ${status} ${text}`]
  const there = new Set(((body.members ?? []) as { value: string }[]).map(({ value }) => value))
  const [lost, surplus] = [expected.difference(there).size, there.difference(expected).size]
  return lost + surplus === 0 ? [] : [`${lost} members are lost, and ${surplus} are there who were removed`]
}
