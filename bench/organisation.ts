/** The documents of an organisation of any size, as the server would have left them after provisioning every user. */
import { defaultTenant } from '../src/admin/activate.ts'
import type { AuditEvent } from '../src/audit/events.ts'
import { edgeId } from '../src/directory/collections.ts'
import type { Group, Membership, User } from '../src/directory/types.ts'
import { slotsPerGrowth } from '../src/licensing/collections.ts'
import type { License, Seat } from '../src/licensing/types.ts'
import { hired, idOf, personAt, userNameAt } from './people.ts'

/** Free for the users that a benchmark creates, beside those that are held. */
const freeSeats = 20_000
/** How many members its groups have, where there are users enough. */
const groupSizes = [10, 1000, 100_000] as const

/** Every fourth user has left: deactivated, its seat released. */
export const isActiveAt = (n: number): boolean => n % 4 !== 3
const activeBefore = (n: number): number => n - Math.floor(n / 4)

export interface Figures {
  readonly held: number
  readonly capacity: number
  /** Seat documents: the server makes so many at a time as they are used. */
  readonly slots: number
}

export function figuresOf(users: number): Figures {
  const held = activeBefore(users)
  const slots = Math.max(1, Math.ceil(held / slotsPerGrowth)) * slotsPerGrowth
  return { held, capacity: held + freeSeats, slots }
}

/** Users of these places belong to no group, and each range serves one purpose, so that no operation changes what another reads. */
export function placesOf(users: number) {
  const eighth = Math.floor(users / 8)
  return {
    read: { from: 0, to: 2 * eighth },
    patch: { from: 2 * eighth, to: 3 * eighth },
    join: { from: 3 * eighth, to: 4 * eighth },
    /** Members of the larger groups are the last of all users. */
    members: { from: 4 * eighth, to: users }
  } as const
}

/** The sizes of the groups that an organisation of so many users has, in the order of their ids. */
export function sizesOf(users: number): readonly number[] {
  const { from, to } = placesOf(users).members
  return groupSizes.filter(size => size <= to - from)
}

export function* usersOf(count: number): Generator<User> {
  for (let n = 0; n < count; n++) yield userAt(n)
}

export function userAt(n: number): User {
  const active = isActiveAt(n)
  const at = hired + n
  const license: License = active
    ? { type: 'PWM', state: 'held', assignedAt: at, assignedBy: 'provisioning' }
    : { type: 'PWM', state: 'released', assignedAt: null, assignedBy: null }
  return {
    id: idOf('user', n),
    resource: personAt(n, { active }),
    created: at,
    lastModified: at,
    revision: 1,
    license,
    roles: ['user']
  }
}

/** The seat that the n-th user holds. The server fills the seats that it made last in no order. */
export function seatOf(n: number): Seat {
  const held = activeBefore(n)
  const place = held % slotsPerGrowth
  return { ...freeSeat(held - place + shuffled(place)), holder: idOf('user', n), epoch: 1 }
}

/** Every place of a growth once: 1009 and 2000 have no factor in common. */
const shuffled = (place: number): number => (place * 1009) % slotsPerGrowth

const freeSeat = (n: number): Seat => ({ id: `PWM-${n}`, pool: 'PWM', n, holder: null, epoch: 0 })

/** The seats from the `from`-th on: held as far as there are users, the rest free. */
export function* seatsFrom(from: number, users: number): Generator<Seat> {
  const { held, slots } = figuresOf(users)
  for (let n = 0; n < users; n++) {
    if (!isActiveAt(n)) continue
    const seat = seatOf(n)
    if (seat.n >= from) yield seat
  }
  const last = slots - slotsPerGrowth
  for (let place = held - last; place < slotsPerGrowth; place++) {
    const n = last + shuffled(place)
    if (n >= from) yield freeSeat(n)
  }
}

export function* groupsOf(users: number): Generator<Group> {
  for (const [k, size] of sizesOf(users).entries()) {
    const resource = { displayName: `Everybody of the first ${size}`, externalId: `group-${size}` }
    yield { id: idOf('group', k), resource, created: hired, lastModified: hired, revision: 1 }
  }
}

export function* edgesOf(users: number): Generator<Membership> {
  for (const [k, size] of sizesOf(users).entries()) {
    const group = idOf('group', k)
    for (let n = users - size; n < users; n++) {
      const member = idOf('user', n)
      yield { id: edgeId(group, member), group, member, type: 'User' }
    }
  }
}

/** Of each user's coming: the audit log is never smaller than what it is about. */
export function* eventsOf(users: number): Generator<AuditEvent> {
  const actor = { kind: 'connector', id: idOf('event', 0), name: 'Identity provider' } as const
  for (let n = 0; n < users; n++) {
    yield {
      id: idOf('event', n),
      at: hired + n,
      actor,
      action: 'user.created',
      target: { kind: 'user', id: idOf('user', n), name: userNameAt(n) },
      detail: { way: 'provisioning', active: isActiveAt(n), roles: ['user'] },
      requestId: idOf('event', n)
    }
  }
}

export const tenant = defaultTenant
