/** The tokens of a connector: several may live at once, so that a new one is entered before the old one ends. */
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { pagesOf } from '../audit/pages.ts'
import { type EpochMs, toDateTime } from '../base/clock.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import { all, field, is, isIn } from '../scim/filter/filter.ts'
import { insert, reference, remove, removeWhere, replace, type Stored } from '../store/port.ts'
import { getConnector } from './accounts.ts'
import { type Credential, connectors, credentials, systemTenant, tokenUses } from './collections.ts'
import { hashToken, makeToken, prefixOf } from './tokens.ts'

/** Live tokens of one connector: two are enough to change one for the other, and each is a key to the house. */
export const tokensMax = 20

/** What the API calls a token: enough of its hash to tell it from others, and nothing that opens. */
export const tokenIdOf = ({ id }: Pick<Credential, 'id'>): string => id.slice(0, 16)

export interface NewToken {
  /** null: until it is revoked. */
  readonly expires?: EpochMs | null
  /** The tokens there are now end after so many seconds at the latest. Absent: they stay. */
  readonly overlapSeconds?: number | undefined
}

/**
 * A further token, shown this once.
 *
 * @throws Refusal `not_found`; `invalid_value` for an end in the past; `too_many` tokens.
 */
export async function createToken(context: Context, connector: string, wanted: NewToken = {}) {
  const { expires = null, overlapSeconds } = wanted
  const now = context.clock.now()
  if (expires !== null && expires <= now) {
    throw new Refusal('invalid_value', 'expires is over already: choose a time to come.', { field: 'expires' })
  }
  const token = makeToken('scim', context.random)
  const credential = newCredential(context, connector, token, { expires })
  await operate(context, async () => {
    const { doc } = await getConnector(context, connector)
    const live = (await credentialsOf(context, connector)).filter(
      ({ doc }) => doc.issued !== 'oauth' && isLive(doc, now)
    )
    if (live.length >= tokensMax) throw tooMany()
    const end = overlapSeconds === undefined ? undefined : now + overlapSeconds * 1000
    const ending = end === undefined ? [] : live.filter(({ doc }) => doc.expires === null || doc.expires > end)
    const detail = {
      token: credential.prefix,
      expires: expires === null ? null : toDateTime(expires),
      ...(end === undefined ? {} : { ending: ending.map(({ doc }) => doc.prefix), end: toDateTime(end) })
    }
    return {
      answer: null,
      changes: [
        reference(connectors, context.tenant, connector),
        insert(credentials, systemTenant, credential),
        ...ending.map(({ doc, version }) =>
          replace(credentials, systemTenant, { ...doc, expires: end ?? doc.expires }, version)
        ),
        happened(context, 'connector.tokenCreated', { kind: 'connector', id: connector, name: doc.name }, detail)
      ]
    }
  })
  return { credential, token }
}

/** What stands for a token that a connector's requests carry. */
export function newCredential(
  { tenant, clock }: Context,
  connector: string,
  token: string,
  { expires, issued }: Pick<Credential, 'expires' | 'issued'>
): Credential {
  return {
    id: hashToken(token),
    tenant,
    kind: 'connector',
    owner: connector,
    prefix: prefixOf(token),
    created: clock.now(),
    expires,
    fromEnvironment: false,
    ...(issued === undefined ? {} : { issued })
  }
}

const tooMany = () =>
  new Refusal('too_many', `A connector can have ${tokensMax} live tokens at most: revoke those that nobody uses.`)

/** Ends a token now. @throws Refusal `not_found` */
export async function revokeToken(context: Context, connector: string, token: string): Promise<void> {
  await operate(context, async () => {
    const { doc } = await getConnector(context, connector)
    const found = (await credentialsOf(context, connector)).find(({ doc }) => tokenIdOf(doc) === token)
    if (found === undefined) throw notFound('token')
    const target = { kind: 'connector', id: connector, name: doc.name }
    return {
      answer: null,
      changes: [
        remove(credentials, systemTenant, found.doc.id, found.version),
        removeWhere(tokenUses, systemTenant, is(field('id'), found.doc.id)),
        happened(context, 'connector.tokenRevoked', target, { token: found.doc.prefix })
      ]
    }
  })
}

/** Tokens of a connector, dead ones too. */
export const ofConnector = ({ tenant }: Context, connector: string) =>
  all(is(field('owner'), connector), is(field('tenant'), tenant), is(field('kind'), 'connector'))

async function credentialsOf(context: Context, connector: string): Promise<readonly Stored<Credential>[]> {
  const found: Stored<Credential>[] = []
  const place = { store: context.store, tenant: systemTenant }
  for await (const page of pagesOf(place, credentials, ofConnector(context, connector))) found.push(...page)
  return found
}

/** When each of these was last used, to within `usedEveryMs`. */
export async function usesOf({ store }: Context, ids: readonly string[]): Promise<ReadonlyMap<string, EpochMs>> {
  if (ids.length === 0) return new Map()
  const found = await store.find(tokenUses, systemTenant, { filter: isIn(field('id'), ids), limit: ids.length })
  return new Map(found.map(({ doc }) => [doc.id, doc.at]))
}

export const isLive = ({ expires }: Pick<Credential, 'expires'>, now: EpochMs): boolean =>
  expires === null || now < expires
