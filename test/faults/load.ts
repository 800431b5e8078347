/**
 * What an identity provider and an administrator do all day, from many connections at once: users are created, changed,
 * deactivated, activated and deleted, join groups and leave them, and get another license. Each user belongs to one
 * worker, which asks one thing at a time; groups and seats belong to all.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../src/base/json.ts'
import { groupUrn, licenseUrn, newUser, patch } from '../support/app.ts'
import type { Client, Reply } from './client.ts'
import type { Entry, Ledger, State, UserState } from './ledger.ts'

/** One server, as both kinds of callers see it. */
export interface Callers {
  readonly scim: Client
  readonly admin: Client
}

export interface Figures {
  requests: number
  /** Changes that were acknowledged. */
  acked: number
  /** 5xx. */
  serverErrors: number
  /** 5xx without `Retry-After`, and 429. */
  rude: number
  /** No answer at all. */
  unanswered: number
  longestMs: number
  /** The longest time without an acknowledged change. */
  gapMs: number
  /** Of the answers 5xx, which. */
  readonly statuses: Map<number, number>
}

export interface Crew {
  readonly ledger: Ledger
  /** Works until it is told to stop; what is under way then is waited for. */
  start(servers: readonly Callers[]): Shift
  /**
   * Asks for one more change of each, as often as it takes.
   *
   * @returns how long the slowest took, in milliseconds.
   */
  touch(callers: Callers, entries: readonly Entry[]): Promise<number>
}

export interface Shift {
  readonly figures: Figures
  /** So many more users, all at once. Resolves when each has an answer. */
  crowd(count: number): Promise<void>
  /** Nothing new is asked; resolves when everything has its answer. */
  stop(): Promise<Figures>
}

/** Users that a worker keeps at a time: together more than there are seats. */
const usersEach = 7
/** After an error: a client that tries again at once only makes it worse. */
const pauseMs = 20

export function newCrew(ledger: Ledger, groups: ReadonlyMap<string, string>, workers = 10): Crew {
  let requests = 0
  const nextRequest = () => `fault-${process.pid}-${++requests}`
  const own = Array.from({ length: workers }, (): Entry[] => [])
  return {
    ledger,
    start(servers) {
      const figures = newFigures()
      let going = true
      let last = performance.now()
      const watch = (reply: Reply) => {
        count(figures, reply)
        if (reply.status < 200 || reply.status >= 300) return
        const now = performance.now()
        figures.gapMs = Math.max(figures.gapMs, now - last)
        last = now
      }
      const newDesk = (): Desk => {
        const callers = servers[Math.floor(Math.random() * servers.length)]
        if (callers === undefined) throw new Error('there is no server to ask')
        return { callers, ledger, groups, request: nextRequest(), watch }
      }
      const work = own.map(async (entries, worker) => {
        entries.splice(0, Infinity, ...entries.filter(({ state, maybe }) => state !== 'absent' || maybe !== undefined))
        while (going) {
          const answered = await oneThing(newDesk(), entries, `w${worker}`)
          if (!answered) await sleep(pauseMs)
        }
      })
      return {
        figures,
        async crowd(count) {
          await Promise.all(Array.from({ length: count }, () => newcomer(newDesk(), 'crowd')))
        },
        async stop() {
          going = false
          await Promise.all(work)
          return figures
        }
      }
    },
    async touch(callers, entries) {
      const from = performance.now()
      const desk = { callers, ledger, groups, watch: () => {} }
      await Promise.all(entries.map(entry => untilAnswered(desk, entry, nextRequest)))
      return performance.now() - from
    }
  }
}

/** A client that is told to come again, and does: each time with something else, so that each answer is one of its own. */
async function untilAnswered(desk: Omit<Desk, 'request'>, entry: Entry, nextRequest: () => string): Promise<void> {
  const { name, id, state } = entry
  if (state === 'absent') return
  for (let answered = false; !answered; await sleep(answered ? 0 : pauseMs)) {
    const request = nextRequest()
    const task: Task = {
      ...{ as: 'scim', method: 'PUT', path: `/scim/v2/Users/${id}`, action: 'user.changed' },
      body: newUser(name, { title: request }),
      after: { ...state, title: request }
    }
    answered = await ask({ ...desk, request }, entry, task)
  }
}

/** Groups that are there before the load begins, by name. */
export async function makeGroups({ scim }: Callers, names: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const displayName of names) {
    const { status, body, text } = await scim.send('POST', '/scim/v2/Groups', { schemas: [groupUrn], displayName })
    if (status !== 201) throw new Error(`group ${displayName}: ${status} ${text}`)
    ids.set(displayName, String(body.id))
  }
  return ids
}

export function newFigures(): Figures {
  return {
    ...{ requests: 0, acked: 0, serverErrors: 0, rude: 0, unanswered: 0, longestMs: 0, gapMs: 0 },
    statuses: new Map()
  }
}

export function count(figures: Figures, { status, ms, headers }: Reply): void {
  figures.requests++
  figures.longestMs = Math.max(figures.longestMs, ms)
  if (status === 0) figures.unanswered++
  if (status >= 200 && status < 300) figures.acked++
  if (status < 429) return
  if (status >= 500) figures.serverErrors++
  if (status === 429 || headers['retry-after'] === undefined) figures.rude++
  figures.statuses.set(status, (figures.statuses.get(status) ?? 0) + 1)
}

interface Desk {
  readonly callers: Callers
  readonly ledger: Ledger
  readonly groups: ReadonlyMap<string, string>
  /** The id of the request to be made. */
  readonly request: string
  watch(reply: Reply): void
}

/** A request, the state it is to come to, and what may be answered. */
interface Task {
  readonly as: 'scim' | 'admin'
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** The state when it is done; the answer may say more. */
  readonly after: State
  readonly action: string
  /** The refusal that may be. */
  readonly refused?: number
}

let names = 0

/** @returns whether there was an answer. */
async function oneThing(desk: Desk, entries: Entry[], worker: string): Promise<boolean> {
  const usable = entries.filter(({ state, maybe }) => state !== 'absent' && maybe === undefined)
  if (usable.length < usersEach && Math.random() < 0.4) {
    const { entry, answered } = await newcomer(desk, worker)
    if (entry !== undefined) entries.push(entry)
    return answered
  }
  const entry = usable[Math.floor(Math.random() * usable.length)]
  if (entry === undefined) return true
  return ask(desk, entry, change(entry, entry.state as UserState, desk.groups))
}

/** @returns the entry of a user who is there, or may be. */
async function newcomer(desk: Desk, prefix: string): Promise<{ answered: boolean; entry: Entry | undefined }> {
  const entry = desk.ledger.begin(`${prefix}.${++names}`)
  const answered = await ask(desk, entry, creation(entry.name))
  if (entry.state !== 'absent' || entry.maybe !== undefined) return { answered, entry }
  desk.ledger.entries.delete(entry.name)
  return { answered, entry: undefined }
}

function creation(name: string): Task {
  const active = Math.random() < 0.9
  return {
    ...{ as: 'scim', method: 'POST', path: '/scim/v2/Users', action: 'user.created', refused: 403 },
    body: newUser(name, { title: 'new', active }),
    after: { title: 'new', active, license: active ? 'any' : null, groups: [] }
  }
}

function change({ id = '', name }: Entry, state: UserState, groups: ReadonlyMap<string, string>): Task {
  const path = `/scim/v2/Users/${id}`
  const dice = Math.random()
  if (dice < 0.3) {
    const active = !state.active
    const body = patch({ op: 'replace', path: 'active', value: active })
    const action = active ? 'user.activated' : 'user.deactivated'
    const license = active ? 'any' : state.license
    return { as: 'scim', method: 'PATCH', path, body, after: { ...state, active, license }, action, refused: 403 }
  }
  if (dice < 0.45) {
    const title = `t${Math.floor(Math.random() * 1e9)}`
    const body = newUser(name, { title })
    return { as: 'scim', method: 'PUT', path, body, after: { ...state, title }, action: 'user.changed' }
  }
  if (dice < 0.6) return { as: 'scim', method: 'DELETE', path, after: 'absent', action: 'user.deleted' }
  if (dice < 0.75 && state.license !== null) {
    const license = state.license === 'PWM' ? 'PAM' : 'PWM'
    const licensePath = `/api/v1/users/${id}/license`
    const after = { ...state, license } as const
    const body = { type: license }
    return { as: 'admin', method: 'PUT', path: licensePath, body, after, action: 'license.changed', refused: 409 }
  }
  return membership(id, state, groups)
}

function membership(id: string, state: UserState, groups: ReadonlyMap<string, string>): Task {
  const all = [...groups]
  const [group = '', groupId = ''] = all[Math.floor(Math.random() * all.length)] ?? []
  const isIn = state.groups.includes(group)
  const operation: JsonObject = isIn
    ? { op: 'remove', path: `members[value eq "${id}"]` }
    : { op: 'add', path: 'members', value: [{ value: id }] }
  const after = isIn ? state.groups.filter(one => one !== group) : [...state.groups, group].sort()
  return {
    ...{ as: 'scim', method: 'PATCH', path: `/scim/v2/Groups/${groupId}?excludedAttributes=members` },
    body: patch(operation),
    after: { ...state, groups: after },
    action: 'group.membersChanged'
  }
}

async function ask(desk: Desk, entry: Entry, task: Task): Promise<boolean> {
  const { ledger, request, callers } = desk
  const reply = await callers[task.as].send(task.method, task.path, task.body, { 'x-request-id': request })
  // Nobody listened: the request was not even sent.
  if (reply.error === 'ECONNREFUSED') return false
  desk.watch(reply)
  const { status, body } = reply
  if (status === 0 || status >= 500) ledger.unknown(entry, task.after, { request, action: task.action })
  else if (status >= 200 && status < 300) {
    entry.id ??= String(body.id)
    ledger.acknowledge(entry, exactly(task, body), { request, action: task.action })
  } else if (status !== task.refused) ledger.strange(`${task.method} ${task.path}: ${status} ${reply.text}`)
  return status !== 0 && status < 500
}

/** The license that was given is in the answer. */
function exactly({ after }: Task, body: JsonObject): State {
  if (after === 'absent' || after.license !== 'any') return after
  const shown = body[licenseUrn] as { readonly licenseType: 'PAM' | 'PWM' } | undefined
  return { ...after, license: shown?.licenseType ?? 'any' }
}
