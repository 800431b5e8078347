/** What grows without use is removed from time to time. */
import type { Env } from '../audit/context.ts'
import { keptAnswerMs, keptAnswers } from '../audit/operate.ts'
import { pagesOf } from '../audit/pages.ts'
import { compare, field } from '../scim/filter/filter.ts'
import { removeWhere } from '../store/port.ts'
import { credentials, systemTenant } from './collections.ts'

const everyMs = 60 * 60 * 1000

/** Forgets answers that nobody will ask for again, in every organisation. */
export async function tidy(env: Env): Promise<void> {
  const { store, clock, makeId } = env
  const old = compare('lt', field('at'), clock.now() - keptAnswerMs)
  for (const tenant of await tenantsOf(env)) {
    const [first] = await store.find(keptAnswers, tenant, { filter: old, limit: 1 })
    if (first !== undefined) await store.commit([removeWhere(keptAnswers, tenant, old)], { id: makeId() })
  }
}

/** The organisations in which somebody can act. No list of them is kept; without a credential, nothing grows in one. */
async function tenantsOf({ store }: Env): Promise<ReadonlySet<string>> {
  const tenants = new Set<string>()
  for await (const page of pagesOf({ store, tenant: systemTenant }, credentials)) {
    for (const { doc } of page) tenants.add(doc.tenant)
  }
  return tenants
}

/** @returns how to stop. */
export function tidyRegularly(env: Env, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => tidy(env).catch(onError), everyMs).unref()
  return () => clearInterval(timer)
}
