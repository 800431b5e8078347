/** Which profile the requests of a client look like. It only suggests: nothing is rewritten for it. Pure. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Profile } from './profiles.ts'
import { memberOf, opOf, pathOf } from './rewrite.ts'

export interface Observed {
  readonly method: string
  /** Of the route: `/scim/v2/Users/:id`. */
  readonly route: string
  readonly userAgent: string | undefined
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

export interface Clue {
  readonly profile: Profile
  /** What was seen, for the person who decides. It holds nothing of the people in the request. */
  readonly evidence: string
  /** Names its sender: 10 and more. Others do the same now and then: less. */
  readonly weight: number
}

const agents: readonly (readonly [RegExp, Profile])[] = [
  [/okta/i, 'okta'],
  [/jumpcloud/i, 'jumpcloud'],
  [/onelogin/i, 'onelogin'],
  [/google/i, 'google'],
  [/ping(federate|one|identity)/i, 'ping'],
  [/sailpoint|identityiq|identitynow/i, 'sailpoint'],
  [/microsoft|azure|entra/i, 'entra']
]
const userAgentMax = 100

export function cluesIn(observed: Observed): readonly Clue[] {
  return [...agentClues(observed), ...queryClues(observed), ...bodyClues(observed)]
}

function agentClues(observed: Observed): readonly Clue[] {
  const { userAgent = '', method, route } = observed
  const profile = agents.find(([pattern]) => pattern.test(userAgent))?.[1]
  if (profile === undefined) return []
  const evidence = `User-Agent ${userAgent.slice(0, userAgentMax)}`
  const clue = { profile, evidence, weight: 10 }
  if (profile !== 'okta' || !route.endsWith('/Users/:id')) return [clue]
  if (method === 'PUT')
    return [clue, { profile: 'okta-aiw', evidence: `${evidence}, a user updated by PUT`, weight: 12 }]
  if (method === 'PATCH' && operationsOf(observed).some(operation => pathOf(operation) === undefined)) {
    return [clue, { profile: 'okta-oin', evidence: `${evidence}, a user updated by PATCH without a path`, weight: 12 }]
  }
  return [clue]
}

function queryClues({ query }: Observed): readonly Clue[] {
  const flag = Object.keys(query).some(name => name.toLowerCase() === 'aadoptscim062020')
  return flag ? [{ profile: 'entra-2020', evidence: 'the parameter aadOptscim062020', weight: 20 }] : []
}

const microsoft = 'http://schemas.microsoft.com/2006/11/resourcemanagement/adscim/'

function bodyClues(observed: Observed): readonly Clue[] {
  const { body } = observed
  if (!isObject(body)) return []
  const schemas = [memberOf(body, 'schemas') ?? []].flat().map(urn => textOf(urn).toLowerCase())
  const found: Clue[] = []
  if (schemas.some(urn => urn.startsWith(microsoft))) {
    found.push({ profile: 'entra', evidence: 'a schema that only Microsoft has', weight: 10 })
  }
  if (schemas.some(urn => /^urn:scim:schemas:/.test(urn))) {
    found.push({ profile: 'onelogin', evidence: 'schemas of SCIM 1.1, as in templates of OneLogin', weight: 3 })
  }
  if (observed.method === 'POST' && /^[0-9a-f]{24}$/.test(textOf(memberOf(body, 'externalid')))) {
    found.push({
      profile: 'jumpcloud',
      evidence: 'an externalId of 24 hexadecimal digits, as JumpCloud has them',
      weight: 4
    })
  }
  const operations = operationsOf(observed)
  if (operations.some(operation => /^[A-Z]/.test(textOf(memberOf(operation, 'op'))))) {
    found.push({ profile: 'entra', evidence: 'operations with a capital letter: Add, Replace, Remove', weight: 6 })
  }
  if (operations.some(operation => opOf(operation) === 'replace' && isText(memberOf(operation, 'value')))) {
    found.push({ profile: 'entra', evidence: 'a boolean as a text: "False"', weight: 4 })
  }
  return found
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const isText = (value: Json | undefined) => typeof value === 'string' && /^(true|false)$/i.test(value)

function operationsOf({ body }: Observed): readonly JsonObject[] {
  const operations = isObject(body) ? memberOf(body, 'operations') : undefined
  return Array.isArray(operations) ? operations.slice(0, 20).filter(isObject) : []
}

export interface Suggestion {
  readonly profile: Profile
  readonly evidence: readonly string[]
}

/** What all clues together speak for; undefined: for nothing. The same evidence counts once. */
export function suggested(clues: Iterable<Clue>): (Suggestion & { readonly weight: number }) | undefined {
  const different = new Map([...clues].map(clue => [`${clue.profile} ${clue.evidence}`, clue]))
  const found = new Map<Profile, { weight: number; evidence: string[] }>()
  for (const { profile, evidence, weight } of different.values()) {
    const sum = found.get(profile) ?? { weight: 0, evidence: [] }
    found.set(profile, { weight: sum.weight + weight, evidence: [...sum.evidence, evidence] })
  }
  const [best] = [...found].sort(([, a], [, b]) => b.weight - a.weight)
  return best === undefined ? undefined : { profile: best[0], ...best[1] }
}
