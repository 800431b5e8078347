/** What grows without use is removed from time to time. */
import type { Env } from '../audit/context.ts'
import { keptAnswerMs, keptAnswers } from '../audit/operate.ts'
import { organisations } from '../licensing/organisation.ts'
import { compare, field } from '../scim/filter/filter.ts'
import { removeWhere } from '../store/port.ts'
import { defaultTenant } from './activate.ts'

const everyMs = 60 * 60 * 1000

/** Forgets answers that nobody will ask for again. */
export async function tidy(env: Env, tenant = defaultTenant): Promise<void> {
  if ((await env.store.get(organisations, tenant, tenant)) === undefined) return
  const old = compare('lt', field('at'), env.clock.now() - keptAnswerMs)
  await env.store.commit([removeWhere(keptAnswers, tenant, old)], { id: env.makeId() })
}

/** @returns how to stop. */
export function tidyRegularly(env: Env, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => tidy(env).catch(onError), everyMs).unref()
  return () => clearInterval(timer)
}
