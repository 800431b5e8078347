/**
 * The token endpoint's work: a connector proves with a signed JWT who it is (RFC 7523, as RFC 10070 has it) and gets a
 * token for a short time (RFC 6749 4.4; IPSIE IL1).
 */
import { hash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Context, Env } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { insert, reference } from '../store/port.ts'
import { type Connector, connectors, credentials, settingsOf, systemTenant, usedAssertions } from './collections.ts'
import { newCredential } from './connector-tokens.ts'
import { type KeySets, keysMissing, signatureAlgorithms } from './key-sets.ts'
import { makeToken } from './tokens.ts'
import { clockToleranceSeconds } from './trusted-issuers.ts'

/** Until an access token ends: long enough for a cycle of provisioning, short enough that nobody needs to revoke it. */
export const accessTokenSeconds = 15 * 60
/** The furthest end of an assertion: until then it is remembered. */
const assertionSecondsMax = 10 * 60
const jtiLengthMax = 256

/** Why there is no token, as RFC 6749 5.2 names it. */
export class ClientRefused extends Error {
  override readonly name = 'ClientRefused'
}

/** What a connector calls itself at the token endpoint. It names the organisation, which nothing else does there. */
export const clientIdOf = (tenant: string, connector: string): string => `${tenant}.${connector}`

export interface Asked {
  readonly assertion: string
  /** As the form says it, where it does. */
  readonly clientId: string | undefined
  /** What we are called (RFC 8414): the one audience of an assertion. */
  readonly issuer: string
}

/** @throws ClientRefused; the texts of what is wrong with an assertion tell nothing that its sender does not know. */
export async function accessToken(env: Env, keySets: KeySets, asked: Asked): Promise<{ readonly token: string }> {
  const { assertion, clientId, issuer } = asked
  const claimed = claimsOf(assertion).sub
  if (typeof claimed !== 'string') throw new ClientRefused('the assertion is no JWT with a sub')
  if (clientId !== undefined && clientId !== claimed)
    throw new ClientRefused('client_id is not the sub of the assertion')
  const client = await clientOf(env, claimed)
  const keys = client === undefined ? null : settingsOf(client.connector).clientKeys
  if (client === undefined || keys === null) throw new ClientRefused('there is no such client')

  const { jti = '', exp = 0 } = await verified(env, keySets(keys), assertion, claimed, issuer)
  const { tenant, connector } = client
  const { id, name } = connector
  const context: Context = { ...env, tenant, actor: { kind: 'connector', id, name } }
  const token = makeToken('scim', env.random)
  const credential = newCredential(context, id, token, {
    expires: env.clock.now() + accessTokenSeconds * 1000,
    issued: 'oauth'
  })
  const used = {
    id: hash('sha256', JSON.stringify([claimed, jti])),
    expires: (exp + clockToleranceSeconds) * 1000
  }
  await operate(context, async lost => {
    if (lost?.conflict === 'exists' || lost?.conflict === 'gone')
      throw new ClientRefused('this assertion was used before')
    return {
      answer: null,
      changes: [
        insert(usedAssertions, systemTenant, used),
        reference(connectors, tenant, id),
        insert(credentials, systemTenant, credential),
        happened(context, 'connector.tokenIssued', { kind: 'connector', id, name }, { token: credential.prefix })
      ]
    }
  })
  return { token }
}

async function clientOf(
  { store }: Env,
  clientId: string
): Promise<{ tenant: string; connector: Connector } | undefined> {
  const dot = clientId.indexOf('.')
  const [tenant, id] = [clientId.slice(0, Math.max(0, dot)), clientId.slice(dot + 1)]
  if (tenant === '' || id === '' || clientId.length > 200) return undefined
  const connector = (await store.get(connectors, tenant, id))?.doc
  return connector === undefined ? undefined : { tenant, connector }
}

type Keys = ReturnType<KeySets>

async function verified(env: Env, keys: Keys, assertion: string, client: string, issuer: string): Promise<JWTPayload> {
  checkType(assertion)
  const { aud } = claimsOf(assertion)
  // RFC 10070: our name and nothing beside it. The address of the endpoint, which RFC 7523 allowed, may be somebody else's.
  if ([aud].flat().length !== 1 || [aud].flat()[0] !== issuer) throw new ClientRefused(`aud must be ${issuer}`)
  try {
    const { payload } = await jwtVerify(assertion, keys, {
      issuer: client,
      subject: client,
      audience: issuer,
      algorithms: signatureAlgorithms,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(env.clock.now())
    })
    const { jti, exp = 0 } = payload
    if (typeof jti !== 'string' || jti === '' || jti.length > jtiLengthMax)
      throw new ClientRefused('jti must be a text')
    if (exp * 1000 > env.clock.now() + assertionSecondsMax * 1000) {
      throw new ClientRefused(`exp must be at most ${assertionSecondsMax} s from now`)
    }
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new ClientRefused('the assertion has expired')
    if (error instanceof errors.JWTClaimValidationFailed) throw new ClientRefused(`${error.claim} is not as it must be`)
    const missing = keysMissing(error)
    if (missing !== undefined) throw missing
    if (error instanceof errors.JOSEError)
      throw new ClientRefused('the signature is not one of the keys of this client')
    throw error
  }
}

/** RFC 8725 3.11: what says that it is something else is something else. */
function checkType(assertion: string): void {
  const { typ = 'jwt' } = headerOf(assertion)
  // Of what is in a token nothing is known until it is verified: not even that a text is one.
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : ''
  if (!['jwt', 'client-authentication+jwt'].includes(type))
    throw new ClientRefused('typ must be client-authentication+jwt')
}

const headerOf = (token: string) => readable(() => decodeProtectedHeader(token)) ?? {}
const claimsOf = (token: string): JWTPayload => readable(() => decodeJwt(token)) ?? {}

function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
