/**
 * What clients were told: for each object the state that was last acknowledged and, where a request had no answer, the
 * state that it may have come to. Nothing more is asked of such an object until somebody has looked, so that there is
 * never more than one request whose end is unknown.
 */
import { isDeepStrictEqual } from 'node:util'

/** A user as the outside sees it. `any`: whichever license it got. */
export interface UserState {
  readonly title: string
  readonly active: boolean
  readonly license: 'PAM' | 'PWM' | 'any' | null
  /** Names of the groups it is a member of, sorted. */
  readonly groups: readonly string[]
}
export type State = UserState | 'absent'

export interface Entry {
  readonly name: string
  /** Known once somebody answered with it. */
  id: string | undefined
  /** As last acknowledged. */
  state: State
  /** What a request without an answer was to make of it. */
  maybe: { readonly state: State; readonly request: string; readonly action: string } | undefined
}

/** A change that was acknowledged, and the audit event that has to tell of it. */
export interface Acknowledged {
  readonly request: string
  readonly action: string
  readonly name: string
}

/** What is there. */
export interface Observed {
  readonly users: ReadonlyMap<string, State>
  readonly ids: ReadonlyMap<string, string>
  /** Actions in the audit log, by the request that made them. */
  readonly actions: ReadonlyMap<string, readonly string[]>
}

export class Ledger {
  readonly entries = new Map<string, Entry>()
  #acknowledged: Acknowledged[] = []
  /** Answers that no client should ever get to what it asked. */
  #strange: string[] = []
  count = 0

  begin(name: string): Entry {
    const entry: Entry = { name, id: undefined, state: 'absent', maybe: undefined }
    this.entries.set(name, entry)
    return entry
  }

  acknowledge(entry: Entry, state: State, change: Omit<Acknowledged, 'name'>): void {
    entry.state = state
    entry.maybe = undefined
    this.#acknowledged.push({ ...change, name: entry.name })
    this.count++
  }

  unknown(entry: Entry, state: State, change: Omit<Acknowledged, 'name'>): void {
    entry.maybe = { state, ...change }
  }

  /** Those about which clients know nothing certain. */
  unknowns(): readonly Entry[] {
    return [...this.entries.values()].filter(({ maybe }) => maybe !== undefined)
  }

  strange(what: string): void {
    this.#strange.push(what)
  }

  /**
   * Compares with what is there, and goes on from that: what was unknown is known now.
   *
   * @returns a sentence for each thing that is not as clients were told.
   */
  settle({ users, ids, actions }: Observed): readonly string[] {
    const faults = [...this.#strange]
    for (const entry of this.entries.values()) {
      faults.push(...settled(entry, users, actions))
      entry.id = ids.get(entry.name)
      if (entry.state === 'absent') this.entries.delete(entry.name)
    }
    for (const { request, action, name } of this.#acknowledged) {
      const times = actions.get(request)?.filter(one => one === action).length ?? 0
      if (times !== 1) faults.push(`${name}: the log tells ${times} times of ${action} (${request})`)
    }
    for (const name of users.keys())
      if (!this.entries.has(name)) faults.push(`${name} is there, and nobody asked for it`)
    this.#acknowledged = []
    this.#strange = []
    return faults
  }
}

function settled(entry: Entry, users: Observed['users'], actions: Observed['actions']): string[] {
  const { name, state, maybe } = entry
  const there = users.get(name) ?? 'absent'
  entry.maybe = undefined
  entry.state = there
  if (maybe === undefined) return isSame(state, there) ? [] : [lost(name, state, there)]
  // A refusal is logged too (`seat.refused`).
  const logged = actions.get(maybe.request)?.includes(maybe.action) === true
  if (isSame(maybe.state, there)) return logged ? [] : [`${name}: changed without an audit event (${maybe.request})`]
  if (!isSame(state, there)) return [lost(name, state, there)]
  return logged ? [`${name}: an audit event without its change (${maybe.request})`] : []
}

const lost = (name: string, told: State, there: State) =>
  `${name}: acknowledged as ${JSON.stringify(told)}, and is ${JSON.stringify(there)}`

function isSame(expected: State, there: State): boolean {
  if (expected === 'absent' || there === 'absent') return expected === there
  const license = expected.license === 'any' && there.license !== null ? there.license : expected.license
  return isDeepStrictEqual({ ...expected, license }, there)
}
