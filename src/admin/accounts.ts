/** Administrators, connectors and the tokens that act for them. */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { all, field, is } from '../scim/filter/filter.ts'
import { type Change, insert, remove, removeWhere, replace, type Stored } from '../store/port.ts'
import {
  type Administrator,
  administrators,
  type Connector,
  type Credential,
  connectors,
  credentials,
  settingsOf,
  systemTenant,
  tokenUses,
  trustedIssuers
} from './collections.ts'
import { checkProfile, defaultConnectorSettings, type SettingsChange, withSettings } from './connector-settings.ts'
import { suggestions } from './suggestions.ts'
import { hashToken, makeToken, prefixOf } from './tokens.ts'
import { trustChanges } from './trusted-issuers.ts'

/** The change that makes `token` act for an owner. */
export function issue(
  { tenant, clock }: Context,
  token: string,
  owner: Pick<Credential, 'kind' | 'owner'>,
  fromEnvironment = false
): Change {
  return insert(credentials, systemTenant, {
    id: hashToken(token),
    tenant,
    ...owner,
    prefix: prefixOf(token),
    created: clock.now(),
    expires: null,
    fromEnvironment
  })
}

export interface NewAdministrator {
  readonly name: string
  readonly role: string | null
  readonly token: string
  /** Id of the user who is the same person. */
  readonly user?: string | undefined
}

/** The changes that make an administrator with a key. */
export function newAdministrator(
  context: Context,
  { name, role, token, user }: NewAdministrator,
  fromEnvironment = false
): { readonly administrator: Administrator; readonly changes: readonly Change[] } {
  const administrator: Administrator = {
    id: context.makeId(),
    name,
    role,
    suspended: false,
    created: context.clock.now(),
    ...(user === undefined ? {} : { user })
  }
  return {
    administrator,
    changes: [
      insert(administrators, context.tenant, administrator),
      issue(context, token, { kind: 'administrator', owner: administrator.id }, fromEnvironment),
      happened(context, 'administrator.created', { kind: 'administrator', id: administrator.id, name }, { role })
    ]
  }
}

/** An administrator with an API key, shown this once. */
export async function createAdministrator(context: Context, name: string, role: string | null, user?: string) {
  const token = makeToken('key', context.random)
  const { administrator, changes } = newAdministrator(context, { name, role, token, user })
  await operate(context, async () => ({ answer: null, changes }))
  return { administrator, token }
}

export interface NewConnector {
  readonly name: string
  readonly profile: string
  readonly settings?: SettingsChange
}

/** The changes that make a connector with its token. @throws Refusal `invalid_value` for an unknown profile or rewrite. */
export function newConnector(
  context: Context,
  { name, profile, token, settings = {} }: NewConnector & { readonly token: string }
): { readonly connector: Connector; readonly changes: readonly Change[] } {
  checkProfile(profile)
  const connector: Connector = {
    id: context.makeId(),
    name,
    profile,
    created: context.clock.now(),
    settings: withSettings(defaultConnectorSettings, settings)
  }
  return {
    connector,
    changes: [
      insert(connectors, context.tenant, connector),
      issue(context, token, { kind: 'connector', owner: connector.id }),
      happened(
        context,
        'connector.created',
        { kind: 'connector', id: connector.id, name },
        { profile, ...told(settings) }
      )
    ]
  }
}

/** For the audit log: the settings that a change names. */
const told = (settings: SettingsChange = {}): JsonObject =>
  Object.keys(settings).length === 0 ? {} : { settings: { ...settings } as JsonObject }

/** A connector with its SCIM token, shown this once. @throws Refusal `invalid_value` for an unknown profile or rewrite. */
export async function createConnector(context: Context, name: string, profile: string, settings: SettingsChange = {}) {
  const token = makeToken('scim', context.random)
  const { connector, changes } = newConnector(context, { name, profile, settings, token })
  await operate(context, async () => {
    const trust = await trustChanges(context, connector.id, null, settingsOf(connector).tokenIssuer)
    return { answer: null, changes: [...changes, ...trust] }
  })
  return { connector: { doc: connector, version: 1, referenced: false }, token }
}

/** @throws Refusal `not_found` */
export async function getConnector({ store, tenant }: Context, id: string): Promise<Stored<Connector>> {
  const found = await store.get(connectors, tenant, id)
  if (found === undefined) throw notFound('connector')
  return found
}

export type ConnectorChange = Partial<NewConnector>

/** A change to what it is already writes nothing. @throws Refusal `not_found`, `precondition_failed`, `invalid_value`. */
export function changeConnector(
  context: Context,
  id: string,
  change: ConnectorChange,
  precondition: Precondition = {}
) {
  const { settings = {}, ...named } = change
  if (named.profile !== undefined) checkProfile(named.profile)
  return operate(context, async () => {
    const before = await getConnector(context, id)
    demand(precondition, before.version)
    const had = settingsOf(before.doc)
    const wanted = withSettings(had, settings)
    const same = isDeepStrictEqual(wanted, had)
    const doc = { ...before.doc, ...named, ...(same ? {} : { settings: wanted }) }
    if (isDeepStrictEqual(doc, before.doc)) return { answer: before, changes: [] }
    const target = { kind: 'connector', id, name: doc.name }
    const event = happened(context, 'connector.changed', target, { ...named, ...told(settings) })
    return {
      answer: { ...before, doc, version: before.version + 1 },
      changes: [
        replace(connectors, context.tenant, doc, before.version),
        ...(await trustChanges(context, id, had.tokenIssuer, wanted.tokenIssuer)),
        // What was proved by keys that are no longer there is proved no longer.
        ...(isDeepStrictEqual(had.clientKeys, wanted.clientKeys) ? [] : [withoutIssued(id)]),
        event
      ]
    }
  })
}

const withoutIssued = (id: string): Change =>
  removeWhere(credentials, systemTenant, all(is(field('owner'), id), is(field('issued'), 'oauth')))

/** Deletes a connector; its tokens open nothing from then on. @throws Refusal `not_found`, `precondition_failed`. */
export async function deleteConnector(context: Context, id: string, precondition: Precondition = {}): Promise<void> {
  await operate(context, async () => {
    const { doc, version } = await getConnector(context, id)
    demand(precondition, version)
    return {
      answer: null,
      changes: [
        remove(connectors, context.tenant, id, version),
        removeWhere(credentials, systemTenant, is(field('owner'), id)),
        removeWhere(tokenUses, systemTenant, is(field('owner'), id)),
        removeWhere(suggestions, systemTenant, is(field('id'), id)),
        removeWhere(trustedIssuers, systemTenant, is(field('connector'), id)),
        happened(context, 'connector.deleted', { kind: 'connector', id, name: doc.name })
      ]
    }
  })
}
