/** The first start: an organisation comes to life with its seats, roles, first user, administrator and connector. */
import { defaultLicenseMask } from '../access/permission-tree.ts'
import { adminRoleId, staticRoles } from '../access/roles.ts'
import { type Context, type Env, systemActor } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { Refusal } from '../base/domain-error.ts'
import { users, usersKey } from '../directory/collections.ts'
import type { User } from '../directory/types.ts'
import { heldKey, purchases, seats, slotsPerGrowth } from '../licensing/collections.ts'
import { grown } from '../licensing/draw.ts'
import { type OrganisationSettings, organisations } from '../licensing/organisation.ts'
import { type LicenseType, licenseTypes, type Seat } from '../licensing/types.ts'
import { all, field, is } from '../scim/filter/filter.ts'
import { type Change, insert, removeWhere, tally } from '../store/port.ts'
import { issue, newAdministrator, newConnector } from './accounts.ts'
import { administrators, credentials, systemTenant } from './collections.ts'
import { hashToken, isPlausible, makeToken } from './tokens.ts'

export const defaultSettings: OrganisationSettings = {
  seatSpillover: true,
  allowLicenseTypeFromIdp: false,
  allowRolesAndEntitlementsFromIdp: false,
  seatGraceDays: 30,
  licenseMask: defaultLicenseMask
}

/** @throws Error for a token that looks like one of ours and is none: it would never be let in. */
export function checkAdminToken(token: string): void {
  if (isPlausible(token)) return
  throw new Error(
    'USHER_ADMIN_TOKEN looks like a token that Usher made, with a typing error. Copy it again, or choose another.'
  )
}

/** The organisation of a first start. */
export const defaultTenant = 'default'

export interface Activation {
  readonly seats: Readonly<Record<LicenseType, number>>
  /** Of `USHER_ADMIN_TOKEN`; absent: one is made. */
  readonly adminToken?: string | undefined
}

/** Shown once, kept nowhere. */
export interface Secrets {
  readonly adminKey: string
  readonly scimToken: string
}

/**
 * Activates an organisation, that of a first start by default, as one commit: a second node that starts at the same time
 * finds it done.
 *
 * @returns the secrets, or undefined where the organisation exists.
 * @throws Refusal `no_seat_capacity` (SEAT-07).
 */
export async function activate(env: Env, activation: Activation, tenant = defaultTenant): Promise<Secrets | undefined> {
  const context: Context = { ...env, tenant, actor: systemActor }
  if ((await env.store.get(organisations, tenant, tenant)) !== undefined) return undefined
  const adminKey = activation.adminToken ?? makeToken('key', env.random)
  const scimToken = makeToken('scim', env.random)
  const now = env.clock.now()
  const organisation = { id: tenant, name: tenant, created: now, settings: defaultSettings }
  const fromEnvironment = activation.adminToken !== undefined
  const user = context.makeId()
  const changes = [
    insert(organisations, tenant, organisation),
    happened(context, 'organization.activated', { kind: 'organization', id: tenant, name: tenant }),
    ...staticRoles(context),
    ...seatsAndFirstUser(context, user, activation.seats),
    ...newAdministrator(
      context,
      { name: 'Administrator', role: 'administrator_with_billing', token: adminKey, user },
      fromEnvironment
    ).changes,
    ...newConnector(context, { name: 'Identity provider', profile: 'generic', token: scimToken }).changes
  ]
  const answer = await env.store.commit(changes, { id: env.makeId() })
  return answer === 'committed' ? { adminKey, scimToken } : undefined
}

function seatsAndFirstUser(context: Context, id: string, bought: Activation['seats']): readonly Change[] {
  const { tenant, clock } = context
  const type = licenseTypes.find(candidate => bought[candidate] > 0)
  if (type === undefined) {
    throw new Refusal(
      'no_seat_capacity',
      'USHER_SEATS buys no seat, and the first user needs one: set it to PWM=25,PAM=5, say.'
    )
  }
  const now = clock.now()
  const purchased = licenseTypes
    .filter(candidate => bought[candidate] > 0)
    .flatMap(candidate => {
      const purchase = {
        id: context.makeId(),
        type: candidate,
        quantity: bought[candidate],
        start: now,
        end: null,
        created: now
      }
      return [
        insert(purchases, tenant, purchase),
        ...grown(tenant, candidate, undefined, Math.min(purchase.quantity, slotsPerGrowth))
      ]
    })
  const admin: User = {
    id,
    resource: { userName: 'admin', displayName: 'Administrator', active: true },
    created: now,
    lastModified: now,
    revision: 1,
    license: { type, state: 'held', assignedAt: now, assignedBy: 'activation' },
    roles: [adminRoleId],
    protected: true
  }
  return [
    ...purchased.map(change => seatedFirst(change, type, id)),
    insert(users, tenant, admin),
    tally(tenant, usersKey, 1),
    tally(tenant, heldKey(type), 1)
  ]
}

/** Seat 0 of the type is inserted as the first user's. */
function seatedFirst(change: Change, type: LicenseType, holder: string): Change {
  const seat = change.do === 'insert' && change.doc.id === `${type}-0` ? (change.doc as Seat) : undefined
  return seat === undefined ? change : insert(seats, change.tenant, { ...seat, holder, epoch: 1 })
}

/**
 * Makes `USHER_ADMIN_TOKEN` a key of the first administrator, in the place of the one it set before.
 * Nothing happens where it is known already.
 */
export async function applyAdminToken(env: Env, token: string): Promise<void> {
  const context: Context = { ...env, tenant: defaultTenant, actor: systemActor }
  if ((await env.store.get(credentials, systemTenant, hashToken(token))) !== undefined) return
  const [first] = await env.store.find(administrators, defaultTenant, { limit: 1 })
  if (first === undefined) return
  const owner = { kind: 'administrator', owner: first.doc.id } as const
  const before = all(is(field('owner'), first.doc.id), is(field('fromEnvironment'), true))
  const target = { kind: 'administrator', id: first.doc.id, name: first.doc.name }
  await env.store.commit(
    [
      removeWhere(credentials, systemTenant, before),
      issue(context, token, owner, true),
      happened(context, 'apiKey.setByEnvironment', target)
    ],
    { id: env.makeId() }
  )
}
