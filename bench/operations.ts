/** What is measured: requests as identity providers send them, the same for our server and the bare one. */
import type { Load } from './client.ts'
import { placesOf, sizesOf } from './organisation.ts'
import { idOf, newPerson, userNameAt } from './people.ts'

/** A server under load, and where its requests have come to. */
export interface Subject {
  readonly users: number
  readonly token: string
  /** Names of its own for the users it creates. */
  readonly run: string
  /** Ids that `create` made and `delete` has not yet taken. */
  readonly created: string[]
  /** Counts of requests made so far, by what they are counted for. */
  readonly counts: Map<string, number>
}

export interface Operation {
  readonly name: string
  /** Whether an organisation of so many users has what it needs. */
  readonly fits?: (users: number) => boolean
  /** Makes what this one takes. */
  readonly needs?: Operation
  /** Clients at once, where they are not so many as ever. */
  readonly connections?: number
  readonly load: (subject: Subject) => Pick<Load, 'next' | 'expected' | 'seen'>
}

export const connections = 16

export const newSubject = (users: number, token: string, run: string): Subject => ({
  users,
  token,
  run,
  created: [],
  counts: new Map()
})

function count({ counts }: Subject, what: string): number {
  const n = counts.get(what) ?? 0
  counts.set(what, n + 1)
  return n
}

function request(
  { token }: Subject,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {}
): Buffer {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} /scim/v2${path} HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nauthorization: Bearer ${token}\r\naccept: application/scim+json\r\n${more.join('')}`
  if (body === undefined) return Buffer.from(`${head}\r\n`)
  const text = JSON.stringify(body)
  return Buffer.from(
    `${head}content-type: application/scim+json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  )
}

const patch = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations
})

interface Range {
  readonly from: number
  readonly to: number
}

/** Places all over a range, in an order that jumps. */
function scattered({ from, to }: Range, n: number): number {
  return from + ((n * 7919) % (to - from))
}

/** Each connection has its share of a range, so that no two change the same user at once. */
function shared({ from, to }: Range, connection: number, n: number): number {
  const share = Math.floor((to - from) / connections)
  return from + connection * share + (n % share)
}

const get: Operation = {
  name: 'get by id',
  load: subject => ({
    expected: [200],
    next: () =>
      request(subject, 'GET', `/Users/${idOf('user', scattered(placesOf(subject.users).read, count(subject, 'get')))}`)
  })
}

const getMember: Operation = {
  name: 'get by id, a member',
  load: subject => ({
    expected: [200],
    next: () => {
      const [size = 1] = sizesOf(subject.users).slice(-1)
      const n = scattered({ from: subject.users - size, to: subject.users }, count(subject, 'get'))
      return request(subject, 'GET', `/Users/${idOf('user', n)}`)
    }
  })
}

const byUserName: Operation = {
  name: 'userName eq',
  load: subject => ({
    expected: [200],
    next: () => {
      const name = userNameAt(scattered(placesOf(subject.users).read, count(subject, 'eq')))
      return request(subject, 'GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`)
    }
  })
}

const page: Operation = {
  name: 'page of 100',
  load: subject => ({ expected: [200], next: () => request(subject, 'GET', '/Users?count=100') })
}

/** Each connection walks from page to page by cursor (RFC 9865), and begins again behind the last. */
function walk(count: number): Operation {
  return {
    name: `cursor, page of ${count}`,
    load: subject => {
      const cursors = new Map<number, string>()
      return {
        expected: [200],
        next: connection => request(subject, 'GET', `/Users?count=${count}&cursor=${cursors.get(connection) ?? ''}`),
        seen: (body, connection) => {
          const next = nextCursorIn(body)
          if (next === undefined) cursors.delete(connection)
          else cursors.set(connection, next)
        }
      }
    }
  }
}

const nextCursorIn = (body: Buffer) => /"nextCursor":"([^"]+)"/.exec(body.toString('latin1', 0, 1000))?.[1]

/** One walk through all users, in the largest pages. */
export const wholeWalk: Operation = {
  name: 'cursor, all users',
  load: subject => {
    let cursor: string | undefined = ''
    return {
      expected: [200],
      next: () => (cursor === undefined ? undefined : request(subject, 'GET', `/Users?count=1000&cursor=${cursor}`)),
      seen: body => {
        cursor = nextCursorIn(body)
      }
    }
  }
}

const searchByEmail: Operation = {
  name: '.search by email',
  load: subject => ({
    expected: [200],
    next: () => {
      const value = userNameAt(scattered(placesOf(subject.users).read, count(subject, 'email')))
      return request(subject, 'POST', '/Users/.search', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter: `emails[type eq "work" and value eq "${value}"]`
      })
    }
  })
}

const create: Operation = {
  name: 'create',
  load: subject => ({
    expected: [201],
    next: () => request(subject, 'POST', '/Users', newPerson(count(subject, 'create'), subject.run)),
    seen: body => {
      const id = /"id":"([^"]+)"/.exec(body.toString('latin1', 0, 400))?.[1]
      if (id === undefined) throw new Error('a created user has no id')
      subject.created.push(id)
    }
  })
}

export const remove: Operation = {
  name: 'delete',
  needs: create,
  load: subject => ({
    expected: [204],
    next: () => {
      const id = subject.created.pop()
      return id === undefined ? undefined : request(subject, 'DELETE', `/Users/${id}`)
    }
  })
}

const many = 1000

/** Many operations in one request; each must have this status. */
function bulk(
  subject: Subject,
  operations: readonly object[],
  headers: Readonly<Record<string, string>> = {}
): Buffer | undefined {
  if (operations.length === 0) return undefined
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
  return request(subject, 'POST', '/Bulk', { schemas, Operations: operations }, headers)
}

interface BulkResult {
  readonly Operations: readonly { readonly status: string; readonly location: string }[]
}

function bulkCreate(name: string, headers: Readonly<Record<string, string>>): Operation {
  return {
    name,
    connections: 1,
    load: subject => ({
      expected: [200],
      next: () =>
        bulk(
          subject,
          Array.from({ length: many }, (_, i) => {
            const data = newPerson(count(subject, 'create'), subject.run)
            return { method: 'POST', path: '/Users', bulkId: `${i}`, data }
          }),
          headers
        ),
      seen: body => {
        for (const { status, location } of (JSON.parse(body.toString()) as BulkResult).Operations) {
          if (status !== '201') throw new Error(`an operation ended with ${status}`)
          subject.created.push(location.slice(location.lastIndexOf('/') + 1))
        }
      }
    })
  }
}

const createThousand = bulkCreate('bulk of 1,000 creates', {})
const createThousandAtOnce = bulkCreate('transaction of 1,000 creates', { 'usher-transaction': 'true' })

const removeThousand = (needs: Operation): Operation => ({
  name: `bulk of 1,000 deletes${needs === createThousand ? '' : ', after a transaction'}`,
  connections: 1,
  needs,
  load: subject => ({
    expected: [200],
    next: () =>
      bulk(
        subject,
        subject.created.splice(-many).map(id => ({ method: 'DELETE', path: `/Users/${id}` }))
      )
  })
})

const patchAttribute: Operation = {
  name: 'PATCH an attribute',
  load: subject => ({
    expected: [200],
    next: connection => {
      const n = count(subject, `title.${connection}`)
      const id = idOf('user', shared(placesOf(subject.users).patch, connection, n))
      return request(
        subject,
        'PATCH',
        `/Users/${id}`,
        patch({ op: 'replace', path: 'title', value: `Title ${n} of ${subject.run}` })
      )
    }
  })
}

const patchActive: Operation = {
  name: 'PATCH active',
  load: subject => ({
    expected: [200],
    // Off and on again: one seat is released, the next one taken.
    next: connection => {
      const n = count(subject, `active.${connection}`)
      const range = placesOf(subject.users).patch
      // Every fourth user is inactive from the start, so that the first of two requests would change nothing.
      const share = Math.floor((range.to - range.from) / connections)
      const place = range.from + connection * share
      const places = Array.from({ length: Math.min(share, 32) }, (_, i) => place + i).filter(i => i % 4 !== 3)
      const id = idOf('user', places[(n >> 1) % places.length] ?? place)
      return request(subject, 'PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: n % 2 === 1 }))
    }
  })
}

/** The k-th group, and how it is named in the table. */
const groupNames = ['10', '1,000', '100,000'] as const
type GroupPlace = 0 | 1 | 2

const hasGroup = (k: GroupPlace) => (users: number) => sizesOf(users).length > k

/** One client reads the group with all its members. */
function readGroup(k: GroupPlace): Operation {
  return {
    name: `group of ${groupNames[k]}, whole`,
    fits: hasGroup(k),
    connections: 1,
    load: subject => ({ expected: [200], next: () => request(subject, 'GET', `/Groups/${idOf('group', k)}`) })
  }
}

function readGroupAlone(k: GroupPlace): Operation {
  return {
    name: `group of ${groupNames[k]}, no members`,
    fits: hasGroup(k),
    load: subject => ({
      expected: [200],
      next: () => request(subject, 'GET', `/Groups/${idOf('group', k)}?excludedAttributes=members`)
    })
  }
}

/** Adds members, and takes them out again with the next request, so that the group stays as large as it is. */
function changeMembers(k: GroupPlace, name: string, many: number): Operation {
  // Those who come one by one are others than those who come together.
  const peopleOf = (users: number): Range => {
    const { from, to } = placesOf(users).join
    const middle = from + Math.floor((to - from) / 2)
    return many === 1 ? { from, to: middle } : { from: middle, to }
  }
  const isEnough = ({ from, to }: Range) => (to - from) / connections >= many
  return {
    name,
    fits: users => hasGroup(k)(users) && isEnough(peopleOf(users)),
    load: subject => ({
      expected: [200, 204],
      next: connection => {
        const n = count(subject, `${name}.${connection}`)
        const first = (n >> 1) * many
        const value = Array.from({ length: many }, (_, i) => ({
          value: idOf('user', shared(peopleOf(subject.users), connection, first + i))
        }))
        const [one] = value
        const removal =
          many === 1
            ? { op: 'remove', path: `members[value eq "${one?.value}"]` }
            : { op: 'remove', path: 'members', value }
        const operation = n % 2 === 0 ? { op: 'add', path: 'members', value } : removal
        return request(subject, 'PATCH', `/Groups/${idOf('group', k)}`, patch(operation))
      }
    })
  }
}

const changeMember = (k: GroupPlace) => changeMembers(k, `member of ${groupNames[k]}`, 1)
const changeHundred = (k: GroupPlace) => changeMembers(k, `100 members of ${groupNames[k]}`, 100)

/** Operations in the same group follow each other in every round: what is created is deleted. */
export const groups: readonly (readonly Operation[])[] = [
  [get],
  [getMember],
  [byUserName],
  [page],
  [walk(100)],
  [walk(1000)],
  [searchByEmail],
  [create, remove],
  [createThousand, removeThousand(createThousand)],
  [createThousandAtOnce, removeThousand(createThousandAtOnce)],
  [patchAttribute],
  [patchActive],
  [changeMember(0)],
  [changeMember(1)],
  [changeMember(2)],
  [changeHundred(1)],
  [changeHundred(2)],
  [readGroup(1)],
  [readGroup(2)],
  [readGroupAlone(1)],
  [readGroupAlone(2)]
]

export const operations: readonly Operation[] = groups.flat()

export const getById = get

/** A filter that no index serves, and that nobody matches. */
export const unindexed: Operation = {
  name: 'title co',
  load: subject => ({
    expected: [200, 400],
    next: () => request(subject, 'GET', `/Users?filter=${encodeURIComponent('title co "no such title"')}`)
  })
}
