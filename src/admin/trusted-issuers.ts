/** Tokens that others issue: where a connector trusts an issuer, its JWTs open what the connector's own tokens do (quirk 32). */
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Context, Env } from '../audit/context.ts'
import type { EpochMs } from '../base/clock.ts'
import { Refusal } from '../base/domain-error.ts'
import { field, is } from '../scim/filter/filter.ts'
import { type Change, insert, removeWhere } from '../store/port.ts'
import { type Connector, connectors, settingsOf, systemTenant, trustedIssuerId, trustedIssuers } from './collections.ts'
import type { TokenIssuer } from './connector-settings.ts'
import { type KeySets, keysMissing, signatureAlgorithms } from './key-sets.ts'

/** Clocks of other machines may be so much apart from ours. */
export const clockToleranceSeconds = 60
/** Audiences in one token that are looked up; more than one or two are a mistake. */
const audiencesMax = 5

/** @throws Refusal `uniqueness` where another connector has this issuer and audience. */
export async function trustChanges(
  { store, tenant }: Context,
  connector: string,
  before: TokenIssuer | null,
  after: TokenIssuer | null
): Promise<readonly Change[]> {
  const [was, will] = [before, after].map(one => (one === null ? undefined : trustedIssuerId(one.issuer, one.audience)))
  if (was === will) return []
  const taken = will === undefined ? undefined : await store.get(trustedIssuers, systemTenant, will)
  if (taken !== undefined) {
    const problem = 'Tokens of this issuer and audience open another connector already: choose another audience.'
    throw new Refusal('uniqueness', problem, { field: 'settings.tokenIssuer' })
  }
  return [
    ...(was === undefined ? [] : [removeWhere(trustedIssuers, systemTenant, is(field('id'), was))]),
    ...(will === undefined ? [] : [insert(trustedIssuers, systemTenant, { id: will, tenant, connector })])
  ]
}

export interface Trusted {
  readonly tenant: string
  readonly connector: Connector
  readonly expires: EpochMs
}

/**
 * The connector that a JWT opens. Which one follows from what the token says of itself; that it is true, from the keys of the
 * issuer that the connector trusts.
 *
 * @returns undefined where nobody trusts its issuer, or it is not what it says. @throws Refusal `unavailable` where its keys cannot be fetched.
 */
export async function trusted(env: Env, keySets: KeySets, token: string): Promise<Trusted | 'expired' | undefined> {
  const found = await connectorFor(env, token)
  const issuer = found === undefined ? null : settingsOf(found.connector).tokenIssuer
  if (found === undefined || issuer === null) return undefined
  try {
    const { payload } = await jwtVerify(token, keySets(issuer), {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: signatureAlgorithms,
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(env.clock.now())
    })
    const said = Object.entries(issuer.claims ?? {}).every(([name, value]) => payload[name] === value)
    return said ? { ...found, expires: ((payload.exp ?? 0) + clockToleranceSeconds) * 1000 } : undefined
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired'
    const missing = keysMissing(error)
    if (missing === undefined && error instanceof errors.JOSEError) return undefined
    throw missing ?? error
  }
}

async function connectorFor({ store }: Env, token: string) {
  const { iss, aud } = claimsOf(token)
  // Of what is in a token nothing is known until it is verified: not even that a text is one.
  const audiences = [aud ?? []].flat().filter(audience => typeof audience === 'string')
  if (typeof iss !== 'string') return undefined
  for (const audience of audiences.slice(0, audiencesMax)) {
    const row = await store.get(trustedIssuers, systemTenant, trustedIssuerId(iss, audience))
    const connector = row === undefined ? undefined : await store.get(connectors, row.doc.tenant, row.doc.connector)
    if (row !== undefined && connector !== undefined) return { tenant: row.doc.tenant, connector: connector.doc }
  }
  return undefined
}

function claimsOf(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    return {}
  }
}
