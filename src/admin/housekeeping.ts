/** What grows without use is removed from time to time. */
import type { Env } from '../audit/context.ts'
import { keptAnswerMs, keptAnswers } from '../audit/operate.ts'
import { pagesOf } from '../audit/pages.ts'
import { all, compare, type Filter, field, is } from '../scim/filter/filter.ts'
import { removeWhere } from '../store/port.ts'
import { credentials, systemTenant, usedAssertions } from './collections.ts'

const everyMs = 60 * 60 * 1000
/** How long a token that has ended is listed still. */
export const endedTokensMs = 90 * 24 * 60 * 60 * 1000

/** Forgets answers that nobody will ask for again, in every organisation, and tokens that ended long ago. @param more what else to do in each. */
export async function tidy(env: Env, more?: (tenant: string) => Promise<void>): Promise<void> {
  const { store, clock, makeId } = env
  await tidyTokens(env)
  await tidyAssertions(env)
  const old = compare('lt', field('at'), clock.now() - keptAnswerMs)
  for (const tenant of await tenantsOf(env)) {
    const [first] = await store.find(keptAnswers, tenant, { filter: old, limit: 1 })
    if (first !== undefined) await store.commit([removeWhere(keptAnswers, tenant, old)], { id: makeId() })
    await more?.(tenant)
  }
}

/** Tokens of the token endpoint go as they end; others stay listed for a while, so that it is seen what became of them. */
async function tidyTokens({ store, clock, makeId }: Env): Promise<void> {
  const endedBefore = (ms: number) => compare('lt', field('expires'), clock.now() - ms)
  const ofEndpoint = all(is(field('issued'), 'oauth'), endedBefore(0))
  const gone: Filter = { op: 'or', parts: [ofEndpoint, endedBefore(endedTokensMs)] }
  const [first] = await store.find(credentials, systemTenant, { filter: gone, limit: 1 })
  if (first !== undefined) await store.commit([removeWhere(credentials, systemTenant, gone)], { id: makeId() })
}

async function tidyAssertions({ store, clock, makeId }: Env): Promise<void> {
  const over = compare('lt', field('expires'), clock.now())
  const [first] = await store.find(usedAssertions, systemTenant, { filter: over, limit: 1 })
  if (first !== undefined) await store.commit([removeWhere(usedAssertions, systemTenant, over)], { id: makeId() })
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
export function tidyRegularly(
  env: Env,
  onError: (error: unknown) => void,
  more?: (tenant: string) => Promise<void>
): () => void {
  const timer = setInterval(() => tidy(env, more).catch(onError), everyMs).unref()
  return () => clearInterval(timer)
}
