/**
 * What decides about seats in an organisation, and does not change with every request: settings, purchases, pools.
 *
 * Read at most once a second for the common case. Whoever is about to refuse, or to spend the dearer licence, reads
 * it afresh first; so nobody is refused, and no PAM seat is spent, because of something old. What is
 * changed through this process is known here at once.
 */
import type { Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { kept } from '../base/kept.ts'
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

const policies = kept(read, maxAgeMs)

/** @throws Error when there is no such organisation: a credential of it would have to outlive it. */
export function policyOf(env: Env, tenant: string, options: { readonly fresh?: boolean } = {}): Promise<Policy> {
  return policies.of(env, tenant, options)
}

/** To be called after a change of what a policy is made of. */
export function forgetPolicy(env: Env, tenant: string): void {
  policies.forget(env, tenant)
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
