/** Puts what an identity provider does differently into the words of the RFCs, before the core sees it. */
import { bareFilterToken } from './bare-filter-token.ts'
import { complexFromString } from './complex-from-string.ts'
import { createOnMiss } from './create-on-miss.ts'
import { defaultSchemas } from './default-schemas.ts'
import { dottedKeys } from './dotted-keys.ts'
import { jsonInString } from './json-in-string.ts'
import { legacyUrns } from './legacy-urns.ts'
import { memberArrayRemove } from './member-array-remove.ts'
import { numberToString } from './number-to-string.ts'
import { opCase } from './op-case.ts'
import { type RewriteName, type RewriteSwitches, rewritesOf } from './profiles.ts'
import type { Rewrite, ScimRequest } from './rewrite.ts'
import { singleFromArray } from './single-from-array.ts'
import { stringBooleans } from './string-booleans.ts'

const rewrites: Readonly<Record<RewriteName, Rewrite>> = {
  'legacy-urns': legacyUrns,
  'default-schemas': defaultSchemas,
  'bare-filter-token': bareFilterToken,
  'op-case': opCase,
  'dotted-keys': dottedKeys,
  'single-from-array': singleFromArray,
  'complex-from-string': complexFromString,
  'json-in-string': jsonInString,
  'string-booleans': stringBooleans,
  'number-to-string': numberToString,
  'member-array-remove': memberArrayRemove,
  'create-on-miss': createOnMiss
}

export interface Rewritten {
  readonly request: ScimRequest
  /** The rewrites that changed something, for the provisioning log. */
  readonly applied: readonly RewriteName[]
}

/**
 * The request after the rewrites of a profile, and those switched on or off beside it. Pure; the request given stays as it is,
 * and nothing is refused here.
 *
 * @param profile one of `profiles`; any other name is `generic`.
 */
export function applyRewrites(profile: string, request: ScimRequest, switches: RewriteSwitches = {}): Rewritten {
  const applied: RewriteName[] = []
  let current = request
  for (const name of rewritesOf(profile, switches)) {
    const next = rewrites[name].rewrite(current)
    if (next === undefined) continue
    current = next
    applied.push(name)
  }
  return { request: current, applied }
}
