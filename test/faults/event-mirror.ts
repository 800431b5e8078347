/** What a receiver knows who has nothing but the events: it must be what is there. */
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../src/base/json.ts'
import { licenseUrn } from '../support/urns.ts'
import type { Received } from './event-consumer.ts'
import type { State } from './ledger.ts'

type Claims = Received['claims']

export interface There {
  readonly users: ReadonlyMap<string, State>
  readonly ids: ReadonlyMap<string, string>
  /** Ids by name. */
  readonly groups: ReadonlyMap<string, string>
}

/** @param received as they came, with those that came again. @returns a sentence for each thing that is not as it should be. */
export function differences(received: readonly Claims[], { users, ids, groups }: There): readonly string[] {
  const seen = new Set<string>()
  const fresh = received.filter(({ jti }) => !seen.has(jti) && seen.add(jti))
  const faults: string[] = []
  const last = new Map<string, Claims>()
  const known = new Map<string, JsonObject>()
  const members = new Map<string, Set<string>>()
  for (const claims of fresh) {
    const { uri } = claims.sub_id
    faults.push(...follows(last.get(uri), claims))
    last.set(uri, claims)
    if (uri.startsWith('/Users/')) applyToUser(known, claims)
    else applyToGroup(members, claims)
  }
  for (const [name, state] of users) {
    if (state === 'absent') continue
    const id = ids.get(name) ?? ''
    const copy = known.get(`/Users/${id}`)
    if (copy === undefined) {
      faults.push(`${name} is there, and no event told of it`)
      continue
    }
    known.delete(`/Users/${id}`)
    const mine = {
      title: copy.title ?? '',
      active: copy.active,
      license: (copy[licenseUrn] as JsonObject | undefined)?.licenseType ?? null,
      groups: [...groups].flatMap(([group, at]) => (members.get(`/Groups/${at}`)?.has(id) ? [group] : [])).sort()
    }
    if (!isDeepStrictEqual(mine, { ...state })) {
      faults.push(`${name} is ${JSON.stringify(state)}, and by the events ${JSON.stringify(mine)}`)
    }
  }
  for (const uri of known.keys()) faults.push(`${uri} is gone, and no event told of it`)
  return faults
}

/** The number of the change in its resource: each change is one more. */
const revisionOf = ({ jti }: Claims) => Number.parseInt(jti.split('-')[1] ?? '', 16)

function follows(before: Claims | undefined, { jti, sub_id, ...rest }: Claims): readonly string[] {
  if (before === undefined) return []
  if (jti < before.jti) return [`${sub_id.uri}: ${jti} came after ${before.jti}`]
  const [had, has] = [revisionOf(before), revisionOf({ jti, sub_id, ...rest })]
  return has === had + 1 ? [] : [`${sub_id.uri}: change ${has} came after ${had}`]
}

function applyToUser(known: Map<string, JsonObject>, { sub_id: { uri }, events }: Claims): void {
  for (const [name, { data }] of Object.entries(events)) {
    if (name.endsWith('prov:delete')) known.delete(uri)
    else if (data !== undefined) known.set(uri, data as JsonObject)
  }
}

interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: readonly { readonly value: string }[]
}

function applyToGroup(members: Map<string, Set<string>>, { sub_id: { uri }, events }: Claims): void {
  const mine = members.get(uri) ?? new Set<string>()
  members.set(uri, mine)
  for (const { data } of Object.values(events)) {
    const { Operations = [] } = (data ?? {}) as { readonly Operations?: readonly Operation[] }
    for (const { op, path, value = [] } of Operations) {
      const removed = /^members\[value eq "(.+)"\]$/.exec(path)?.[1]
      if (op === 'remove' && removed !== undefined) mine.delete(removed)
      if (op === 'add' && path === 'members') for (const member of value) mine.add(member.value)
    }
  }
}
