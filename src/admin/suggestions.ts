/** What the first requests of a connector suggest as its profile: watched in memory, written once, and never acted upon. */
import type { Env } from '../audit/context.ts'
import { type EpochMs, toDateTime } from '../base/clock.ts'
import { type Clue, cluesIn, type Observed, type Suggestion, suggested } from '../scim/rewrites/suggest.ts'
import { type Collection, insert, replace, type Store } from '../store/port.ts'
import { systemTenant } from './collections.ts'

/** Requests of a connector that are looked at, on each node after each start. */
export const watchedRequests = 50
/** With so much there is no need to look at more. */
const enough = 20
/** Connectors watched at a time. */
const watchedMax = 10_000

export interface KeptSuggestion extends Suggestion {
  /** The connector's. */
  readonly id: string
  readonly at: EpochMs
}

/** Beside the connectors, because it tells of requests and changes nothing. */
export const suggestions: Collection<KeptSuggestion> = {
  name: 'suggestions',
  search: ({ id, profile }) => ({ id, profile }),
  indexes: []
}

export interface Watch {
  /** Looks at a request; nobody waits for what comes of it. */
  look(connector: string, observed: Observed): void
}

interface Watched {
  requests: number
  readonly clues: Map<string, Clue>
}

export function watchRequests(env: Env, onError: (error: unknown) => void): Watch {
  const watched = new Map<string, Watched>()
  return {
    look(connector, observed) {
      const seen = watched.get(connector) ?? { requests: 0, clues: new Map() }
      if (seen.requests >= watchedRequests) return
      if (seen.requests === 0 && watched.size >= watchedMax) watched.clear()
      watched.set(connector, seen)
      seen.requests++
      for (const clue of cluesIn(observed)) seen.clues.set(`${clue.profile} ${clue.evidence}`, clue)
      const found = suggested(seen.clues.values())
      if (found === undefined || (found.weight < enough && seen.requests < watchedRequests)) return
      seen.requests = watchedRequests
      const { profile, evidence } = found
      keep(env, { id: connector, profile, evidence, at: env.clock.now() }).catch(onError)
    }
  }
}

async function keep({ store, makeId }: Env, suggestion: KeptSuggestion): Promise<void> {
  const before = await store.get(suggestions, systemTenant, suggestion.id)
  if (before?.doc.profile === suggestion.profile) return
  const change =
    before === undefined
      ? insert(suggestions, systemTenant, suggestion)
      : replace(suggestions, systemTenant, suggestion, before.version)
  // Where another node was faster, its suggestion is as good.
  await store.commit([change], { id: makeId() })
}

/** As the API shows it; null where nothing was suggested. */
export async function suggestionFor(store: Store, connector: string) {
  const kept = (await store.get(suggestions, systemTenant, connector))?.doc
  return kept === undefined ? null : { profile: kept.profile, evidence: kept.evidence, at: toDateTime(kept.at) }
}
