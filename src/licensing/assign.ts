/** Which licence a user gets: the outcome table of spec/seats.md. */
import type { Context } from '../audit/context.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Change, Stored } from '../store/port.ts'
import { tally } from '../store/port.ts'
import { heldKey, spilledKey } from './collections.ts'
import { claim, drawSeats } from './draw.ts'
import { capacityIn, type Policy, policyOf } from './policy.ts'
import { type License, type LicenseType, licenseTypes, type Seat } from './types.ts'

/**
 * How a licence is wanted.
 * - `automatic`: PWM, and PAM by spillover where PWM is full (SEAT-38 … SEAT-46).
 * - `again`: the type remembered, else automatic (SEAT-94, SEAT-95).
 * - `only`: this type or a refusal (SEAT-51, SEAT-62).
 */
export type Wish =
  | { readonly kind: 'automatic' }
  | { readonly kind: 'again'; readonly type: LicenseType }
  | { readonly kind: 'only'; readonly type: LicenseType }

/** In the order in which they are tried. Pure. */
export function typesToTry(wish: Wish, policy: Policy, now: number): readonly LicenseType[] {
  if (wish.kind === 'only') return [wish.type]
  const bought = licenseTypes.filter(type => capacityIn(policy, type, now) > 0)
  const both = bought.length === licenseTypes.length
  const automatic: readonly LicenseType[] =
    both && !policy.organisation.doc.settings.seatSpillover ? ['PWM'] : ['PWM', 'PAM']
  if (wish.kind === 'automatic') return automatic
  return [wish.type, ...automatic.filter(type => type !== wish.type)]
}

export interface Assignment {
  readonly license: License
  readonly changes: readonly Change[]
  /** For the audit event: what was given, and why not what came first. */
  readonly detail: { readonly type: LicenseType; readonly reason?: string; readonly before?: LicenseType }
}

/**
 * Finds a seat for `holder` as wished.
 *
 * @returns undefined where no type that may be given is free: certain, read afresh.
 */
export async function assignSeat(
  context: Context,
  holder: string,
  wish: Wish,
  assignedBy: string
): Promise<Assignment | undefined> {
  const now = context.clock.now()
  const known = await policyOf(context, context.tenant)
  const [first] = typesToTry(wish, known, now)
  const [lucky] = first === undefined ? [] : await drawSeats(context, known, first)
  if (lucky !== undefined) return assignment(context, known, lucky, holder, wish, assignedBy)

  const policy = await policyOf(context, context.tenant, { fresh: true })
  for (const type of typesToTry(wish, policy, now)) {
    const [seat] = await drawSeats(context, policy, type)
    if (seat !== undefined) return assignment(context, policy, seat, holder, wish, assignedBy)
  }
  return undefined
}

function assignment(
  context: Context,
  policy: Policy,
  seat: Stored<Seat>,
  holder: string,
  wish: Wish,
  assignedBy: string
): Assignment {
  const now = context.clock.now()
  const type = seat.doc.pool as LicenseType
  const before = wish.kind === 'again' && wish.type !== type ? wish.type : undefined
  const chosen = wish.kind === 'only' || (wish.kind === 'again' && wish.type === type)
  // Where no PWM was bought, PAM is not in its place.
  const spilled = type === 'PAM' && !chosen && capacityIn(policy, 'PWM', now) > 0
  const license: License = {
    type,
    state: 'held',
    assignedAt: now,
    assignedBy,
    ...(spilled ? { spilledOver: true } : {})
  }
  return {
    license,
    changes: [...claim(context, seat, holder), ...spill(context.tenant, spilled ? 1 : 0)],
    detail: {
      type,
      ...(spilled ? { reason: 'spillover_to_PAM' } : {}),
      ...(before === undefined ? {} : { before, reason: spilled ? 'spillover_to_PAM' : 'former_type_full' })
    }
  }
}

/** The change in the number of users who hold PAM because PWM was full (SEAT-45). */
export const spill = (tenant: string, count: number): Change[] =>
  count === 0 ? [] : [tally(tenant, spilledKey, count)]

/** In use and capacity of both types, for a refusal's sentence and members. */
export async function usage(context: Context) {
  const policy = await policyOf(context, context.tenant, { fresh: true })
  const held = await context.store.tallies(context.tenant, licenseTypes.map(heldKey))
  const now = context.clock.now()
  return licenseTypes.map((type, i) => ({ type, inUse: held[i] ?? 0, capacity: capacityIn(policy, type, now) }))
}

/** SEAT-63 … SEAT-67: what provisioning is told. One sentence for the log of the identity provider. */
export async function noSeatForProvisioning(context: Context): Promise<Refusal> {
  const figures = (await usage(context))
    .map(({ type, inUse, capacity }) => `${type} ${inUse} of ${capacity}`)
    .join(', ')
  return new Refusal(
    'no_seat_for_provisioning',
    `No license seat is free (in use: ${figures}): free a seat by deactivating a user or buy more seats, then provision this user again.`
  )
}

/** SEAT-29, SEAT-62: what an administrator is told who asked for one type. */
export async function seatLimitReached(context: Context, type: LicenseType): Promise<Refusal> {
  const figures = (await usage(context)).find(figure => figure.type === type)
  const { inUse = 0, capacity = 0 } = figures ?? {}
  return new Refusal(
    'seat_limit_reached',
    `All ${type} seats are taken (in use ${inUse} of ${capacity}). Free or buy one, or choose the other type.`,
    { licenseType: type, inUse, capacity }
  )
}
