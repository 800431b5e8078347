/** Which seats of a type are free, and who of this process is sent to which. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, Env } from '../audit/context.ts'
import { all, compare, field, is } from '../scim/filter/filter.ts'
import type { Stored } from '../store/port.ts'
import { seats, slotsPerGrowth } from './collections.ts'
import type { LicenseType, Seat } from './types.ts'

const [pool, held, n] = [field('pool'), field('held'), field('n')]

/** How long a seat counts as spoken for: longer than a commit takes. */
const spokenForMs = 250
/** Before looking again whether a seat that is spoken for was taken. */
const pauseMs = 5
/** Seats looked up at once, at most. */
const lookMax = 200

interface Asking {
  readonly context: Context
  readonly resolve: (seat: Stored<Seat> | undefined) => void
  readonly reject: (error: unknown) => void
}

interface Line {
  readonly asking: Asking[]
  /** Where the next look begins: behind the seats given last, and at first somewhere (`usable`), where no other node is. */
  next: number
  /**
   * By id: the version in which a seat was given, and when. (By `performance.now()`: this is about what goes on in this process,
   * whatever its clock says.)
   */
  readonly spokenFor: Map<string, { readonly version: number; readonly at: number }>
  moving: boolean
}

const lines = new WeakMap<object, Map<string, Line>>()

function lineOf({ store }: Env, key: string, usable: number): Line {
  const ours = lines.get(store) ?? new Map<string, Line>()
  lines.set(store, ours)
  const line = ours.get(key) ?? { asking: [], next: usable, spokenFor: new Map(), moving: false }
  ours.set(key, line)
  return line
}

/**
 * A free seat below `usable`, or undefined where there is none. Those who ask at once get different ones, in the order in
 * which they asked; who finds only seats that somebody before him is about to take waits until that is decided.
 */
export function drawInTurn(context: Context, type: LicenseType, usable: number): Promise<Stored<Seat> | undefined> {
  const line = lineOf(context, `${context.tenant}/${type}/${usable}`, usable)
  const { promise, resolve, reject } = Promise.withResolvers<Stored<Seat> | undefined>()
  line.asking.push({ context, resolve, reject })
  if (!line.moving) void move(line, type, usable)
  return promise
}

/** How long the seats of a large commit count as spoken for. */
const largeCommitMs = 3000

/** Keeps others of this process from seats that a large commit is about to take. */
export function speakFor({ store, tenant }: Context, type: LicenseType, drawn: readonly Stored<Seat>[]): void {
  const at = performance.now() + largeCommitMs - spokenForMs
  for (const [key, { spokenFor }] of lines.get(store) ?? []) {
    if (!key.startsWith(`${tenant}/${type}/`)) continue
    for (const { doc, version } of drawn) spokenFor.set(doc.id, { version, at })
  }
}

async function move(line: Line, type: LicenseType, usable: number): Promise<void> {
  line.moving = true
  while (line.asking.length > 0) {
    // Whoever asks from now on is not answered by what is read now.
    const asked = line.asking.slice(0, lookMax)
    try {
      await serve(line, asked, type, usable)
    } catch (error) {
      for (const { reject } of line.asking.splice(0, asked.length)) reject(error)
    }
  }
  line.moving = false
}

/** Answers as many of `asked`, the first in line, as can be answered now. */
async function serve(line: Line, asked: readonly Asking[], type: LicenseType, usable: number): Promise<void> {
  const [first] = asked
  if (first === undefined) return
  const { context } = first
  const now = performance.now()
  for (const [id, { at }] of line.spokenFor) if (now - at >= spokenForMs) line.spokenFor.delete(id)
  const isFree = ({ doc, version }: Stored<Seat>) => line.spokenFor.get(doc.id)?.version !== version

  const behind = line.next < usable ? await lookBetween(context, type, line.next, usable, { limit: asked.length }) : []
  const enough = behind.length === asked.length
  const found = enough
    ? behind
    : await lookForSeats(context, type, usable, Math.min(lookMax, asked.length + line.spokenFor.size))
  const free = found.filter(isFree).slice(0, asked.length)
  for (const [i, { resolve }] of line.asking.splice(0, found.length === 0 ? asked.length : free.length).entries()) {
    const seat = free[i]
    if (seat !== undefined) line.spokenFor.set(seat.doc.id, { version: seat.version, at: now })
    resolve(seat)
  }
  line.next = (free.at(-1)?.doc.n ?? usable) + 1
  if (found.length > 0 && free.length === 0) await sleep(pauseMs)
}

/** The first holder at or above `capacity`. */
export async function seatAbove({ store }: Env, tenant: string, type: LicenseType, capacity: number) {
  const filter = all(is(pool, type), is(held, true), compare('ge', n, capacity))
  const [above] = await store.find(seats, tenant, { filter, sort: { path: n }, limit: 1 })
  return above
}

/**
 * Up to `wanted` free seats below `usable`; fewer only where there are no more.
 *
 * Looks where many nodes can look at once and find different ones: from a random seat among those made last, where free seats
 * lie together; then from a random seat of all, upwards and downwards.
 */
export async function lookForSeats(
  context: Context,
  type: LicenseType,
  usable: number,
  wanted: number
): Promise<readonly Stored<Seat>[]> {
  const { random } = context
  const look = (from: number, to: number, descending: boolean, limit = wanted) =>
    lookBetween(context, type, from, to, { descending, limit })
  const newest = Math.min(usable, slotsPerGrowth)
  const fresh = await look(usable - newest + random.int(newest), usable, false)
  if (fresh.length >= wanted) return fresh
  const start = random.int(usable)
  const upper = await look(start, usable, false)
  if (upper.length >= wanted) return upper
  const lower = await look(0, start, true, wanted - upper.length)
  if (upper.length + lower.length >= wanted) return [...upper, ...lower]
  // Between two looks a seat may have been taken in the one part and freed in the other: nobody is refused for that.
  return look(0, usable, false)
}

/** Free seats n with `from <= n < to`, in order. */
function lookBetween(
  { store, tenant }: Context,
  type: LicenseType,
  from: number,
  to: number,
  { descending = false, limit }: { readonly descending?: boolean; readonly limit: number }
): Promise<readonly Stored<Seat>[]> {
  return store.find(seats, tenant, {
    filter: all(is(pool, type), is(held, false), compare('ge', n, from), compare('lt', n, to)),
    sort: { path: n, descending },
    limit
  })
}
