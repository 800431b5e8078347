/**
 * What decides about seats in an organisation, and does not change with every request: settings, purchases, pools.
 *
 * Read at most once a second for the common case. Whoever is about to refuse, or to spend the dearer licence, reads
 * it afresh first; so nobody is refused, and no PAM seat is spent, because of something old. What is
 * changed through this process is known here at once.
 */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import type { Stored } from '../store/port.ts'
import { capacityOf, graceEndOf, stateOf } from './capacity.ts'
import { pools, purchases } from './collections.ts'
import { type Organisation, organisations } from './organisation.ts'
import { type License, type LicenseState, type LicenseType, licenseTypes, type Pool, type Purchase } from './types.ts'

export interface Policy {
  readonly organisation: Stored<Organisation>
  readonly purchases: readonly Purchase[]
  readonly pools: ReadonlyMap<string, Stored<Pool>>
}

/** How old the common case may see it. */
const maxAgeMs = 1000
/** More purchases than this are not a contract but a mistake; purchases.ts refuses them. */
export const purchasesMax = 1000

interface Kept {
  readonly readAt: EpochMs
  readonly policy: Promise<Policy>
}

const kept = new WeakMap<object, Map<string, Kept>>()

function cacheOf({ store }: Env): Map<string, Kept> {
  const found = kept.get(store)
  if (found !== undefined) return found
  const made = new Map<string, Kept>()
  kept.set(store, made)
  return made
}

/** @throws Error when there is no such organisation: a credential of it would have to outlive it. */
export async function policyOf(env: Env, tenant: string, { fresh = false } = {}): Promise<Policy> {
  const cache = cacheOf(env)
  const found = cache.get(tenant)
  const now = env.clock.now()
  if (!fresh && found !== undefined && Math.abs(now - found.readAt) < maxAgeMs) return found.policy
  const policy = read(env, tenant)
  cache.set(tenant, { readAt: now, policy })
  policy.catch(() => cache.delete(tenant))
  return policy
}

/** To be called after a change of what a policy is made of. */
export function forgetPolicy(env: Env, tenant: string): void {
  cacheOf(env).delete(tenant)
}

async function read({ store }: Env, tenant: string): Promise<Policy> {
  const [organisation, bought, poolDocs] = await Promise.all([
    store.get(organisations, tenant, tenant),
    store.find(purchases, tenant, { limit: purchasesMax }),
    store.find(pools, tenant, { limit: licenseTypes.length })
  ])
  if (organisation === undefined) throw new Error(`no organisation ${tenant}`)
  return {
    organisation,
    purchases: bought.map(({ doc }) => doc),
    pools: new Map(poolDocs.map(stored => [stored.doc.id, stored]))
  }
}

export function capacityIn(policy: Policy, type: LicenseType, now: EpochMs): number {
  return capacityOf(type, policy.purchases, now)
}

export function graceEndIn(policy: Policy, type: LicenseType, now: EpochMs): EpochMs | null {
  const { seatGraceDays } = policy.organisation.doc.settings
  return graceEndOf(type, policy.purchases, policy.pools.get(type)?.doc, seatGraceDays, now)
}

export function stateIn(policy: Policy, license: License, now: EpochMs): LicenseState {
  return license.type === null ? license.state : stateOf(license, graceEndIn(policy, license.type, now), now)
}
