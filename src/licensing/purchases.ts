/** What the organisation buys: the only way in which capacity changes (SEAT-106 … SEAT-118). */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { type EpochMs, toDateTime } from '../base/clock.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { type Change, insert, remove, replace, type Stored } from '../store/port.ts'
import { capacityOf } from './capacity.ts'
import { pools, purchases, slotsPerGrowth } from './collections.ts'
import { grown } from './draw.ts'
import { forgetPolicy, purchasesMax } from './policy.ts'
import type { LicenseType, Pool, Purchase } from './types.ts'

export interface PurchaseDraft {
  readonly type: LicenseType
  readonly quantity: number
  readonly start?: EpochMs
  readonly end?: EpochMs | null
}

export type PurchaseChange = Partial<Omit<PurchaseDraft, 'type'>>

/** Nobody buys more in one purchase: beyond it a typing error is likelier. */
export const quantityMax = 10_000_000

/** Adds a purchase. Its seats can be assigned with the next request (SEAT-107). */
export async function addPurchase(context: Context, draft: PurchaseDraft): Promise<Stored<Purchase>> {
  const now = context.clock.now()
  const { type, quantity, start = now, end = null } = draft
  const doc: Purchase = { id: context.makeId(), type, quantity, start, end, created: now }
  check(doc)
  return changePurchases(context, async known => {
    if (known.length >= purchasesMax) {
      throw new Refusal('invalid_value', `There are ${purchasesMax} purchases already. Delete some that have ended.`)
    }
    const event = happened(context, 'purchase.added', { kind: 'purchase', id: doc.id }, describe(doc))
    return {
      answer: { doc, version: 1, referenced: false },
      after: [...known, doc],
      changes: [insert(purchases, context.tenant, doc), event]
    }
  })
}

/**
 * A change to what it is already writes nothing.
 *
 * @throws Refusal `not_found`, `precondition_failed`, `invalid_value`.
 */
export function changePurchase(
  context: Context,
  id: string,
  change: PurchaseChange,
  precondition: Precondition = {}
): Promise<Stored<Purchase>> {
  return changePurchases(context, async known => {
    const before = await stored(context, id)
    demand(precondition, before.version)
    const doc: Purchase = { ...before.doc, ...change }
    check(doc)
    if (isDeepStrictEqual(doc, before.doc)) return { answer: before, after: known, changes: [] }
    const event = happened(
      context,
      'purchase.changed',
      { kind: 'purchase', id },
      { before: describe(before.doc), after: describe(doc) }
    )
    return {
      answer: { ...before, doc, version: before.version + 1 },
      after: known.map(p => (p.id === id ? doc : p)),
      changes: [replace(purchases, context.tenant, doc, before.version), event]
    }
  })
}

/** @returns what was deleted. @throws Refusal `not_found`, `precondition_failed`. */
export function deletePurchase(
  context: Context,
  id: string,
  precondition: Precondition = {}
): Promise<Stored<Purchase>> {
  return changePurchases(context, async known => {
    const before = await stored(context, id)
    demand(precondition, before.version)
    const event = happened(context, 'purchase.deleted', { kind: 'purchase', id }, describe(before.doc))
    return {
      answer: before,
      after: known.filter(p => p.id !== id),
      changes: [remove(purchases, context.tenant, id, before.version), event]
    }
  })
}

interface Changed {
  /** The purchase that was added, changed or deleted. */
  readonly answer: Stored<Purchase>
  readonly after: readonly Purchase[]
  /** None: the purchases are as asked already. */
  readonly changes: readonly Change[]
}

/** The purchase and its pool are one commit, so that a growing capacity finds its seats and a lowered one its date. */
async function changePurchases(
  context: Context,
  decide: (known: readonly Purchase[]) => Promise<Changed>
): Promise<Stored<Purchase>> {
  const { store, tenant, clock } = context
  const answer = await operate(context, async () => {
    const known = (await store.find(purchases, tenant, { limit: purchasesMax })).map(p => p.doc)
    const { answer, after, changes } = await decide(known)
    if (changes.length === 0) return { answer, changes }
    const { type } = answer.doc
    const now = clock.now()
    const [was, will] = [capacityOf(type, known, now), capacityOf(type, after, now)]
    const pool = await store.get(pools, tenant, type)
    return { answer, changes: [...changes, ...poolChanges(tenant, type, pool, was, will, now)] }
  })
  forgetPolicy(context, tenant)
  return answer
}

function poolChanges(
  tenant: string,
  type: LicenseType,
  pool: Stored<Pool> | undefined,
  before: number,
  after: number,
  now: EpochMs
): readonly Change[] {
  const slots = pool?.doc.slots ?? 0
  if (after > slots || pool === undefined) {
    return grown(tenant, type, pool, Math.max(slots, Math.min(after, slots + slotsPerGrowth)))
  }
  // Written also where nothing in it changes: its version tells other nodes that the purchases did.
  return [replace(pools, tenant, after < before ? { ...pool.doc, loweredAt: now } : pool.doc, pool.version)]
}

async function stored({ store, tenant }: Context, id: string): Promise<Stored<Purchase>> {
  const found = await store.get(purchases, tenant, id)
  if (found === undefined) throw notFound('purchase')
  return found
}

function check({ quantity, start, end }: Purchase): void {
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > quantityMax) {
    throw new Refusal('invalid_value', `quantity must be a whole number from 0 to ${quantityMax}.`, {
      field: 'quantity'
    })
  }
  if (end !== null && end <= start) {
    throw new Refusal('invalid_value', 'end must be later than start; leave it out for a purchase without an end.', {
      field: 'end'
    })
  }
}

function describe({ type, quantity, start, end }: Purchase): JsonObject {
  return { type, quantity, start: toDateTime(start), end: end === null ? null : toDateTime(end) }
}
