/** Roles of users: named sets of permissions (spec/roles.md). */
import { isDeepStrictEqual } from 'node:util'
import type { Context, Env } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { pagesOf } from '../audit/pages.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import type { EpochMs } from '../base/clock.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import { kept } from '../base/kept.ts'
import { field, fold, is } from '../scim/filter/filter.ts'
import { type Change, type Collection, insert, replace, type Stored } from '../store/port.ts'
import { expand, factory, permissionNodes, type StaticRole } from './permission-tree.ts'

export interface Role {
  readonly id: string
  readonly name: string
  /** Made at activation, never deleted or renamed (ROLE-11 … ROLE-13, ROLE-31). */
  readonly static: boolean
  /** Given to every new user (ROLE-33). */
  readonly default: boolean
  /** Leaves of the permission tree. For Admin they are not stored: it always holds all but one (ROLE-23). */
  readonly permissions: readonly string[]
  readonly created: EpochMs
}

export const roles: Collection<Role> = {
  name: 'roles',
  search: ({ id, name, default: byDefault, static: isStatic }) => ({
    id,
    name: fold(name),
    static: isStatic,
    default: byDefault
  }),
  indexes: [
    { name: 'name', paths: [field('name')], unique: true },
    { name: 'default', paths: [field('default')] }
  ]
}

export const adminRoleId = 'admin'

/** The permissions a role gives now. */
export const permissionsOf = (role: Role): readonly string[] =>
  role.id === adminRoleId ? factory.Admin : role.permissions

/** The changes that make Admin, Guest and User, User being the Default (ROLE-11, ROLE-32). */
export function staticRoles({ tenant, clock }: Context): readonly Change[] {
  return (Object.keys(factory) as StaticRole[]).map(name =>
    insert(roles, tenant, {
      id: name.toLowerCase(),
      name,
      static: true,
      default: name === 'User',
      permissions: name === 'Admin' ? [] : factory[name],
      created: clock.now()
    })
  )
}

/** More Default roles than this are refused, so that a new user's roles are one short list. */
const defaultsMax = 100
/** How old the Default roles may be when another node changed them (ROLE-09 allows five seconds). */
const maxAgeMs = 1000

/** The ids of the Default roles, in order of name. */
const defaults = kept(async ({ store }: Env, tenant: string) => {
  const found = await store.find(roles, tenant, { filter: is(field('default'), true), limit: defaultsMax })
  return found.map(({ doc }) => doc.id).sort()
}, maxAgeMs)

export const defaultRoles = (env: Env, tenant: string): Promise<readonly string[]> => defaults.of(env, tenant)

/** The names of the static roles, which stay as they are (ROLE-31), by id. */
export const staticRoleNames: ReadonlyMap<string, string> = new Map(
  Object.keys(factory).map(name => [name.toLowerCase(), name])
)

const catalogue = kept(async (env: Env, tenant: string) => {
  const found = new Map<string, Role>()
  for await (const page of pagesOf({ store: env.store, tenant }, roles))
    for (const { doc } of page) found.set(doc.id, doc)
  return found
}, maxAgeMs)

/** The roles of the organisation by id, as they were a second ago at most; with `fresh`, as they are now. */
export const rolesOf = (
  env: Env,
  tenant: string,
  options: { readonly fresh?: boolean } = {}
): Promise<ReadonlyMap<string, Role>> => catalogue.of(env, tenant, options)

/** Their names, by id. */
export async function roleNamesOf(env: Env, tenant: string): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await rolesOf(env, tenant))].map(([id, { name }]) => [id, name]))
}

async function getRole({ store, tenant }: Context, id: string): Promise<Stored<Role>> {
  const found = await store.get(roles, tenant, id)
  if (found === undefined) throw notFound('role')
  return found
}

/** @throws Refusal `invalid_value` naming those that do not exist. */
export async function existingRoles({ store, tenant }: Context, ids: readonly string[]): Promise<readonly Role[]> {
  const found = await Promise.all(ids.map(id => store.get(roles, tenant, id)))
  const missing = ids.filter((_, i) => found[i] === undefined)
  if (missing.length > 0)
    throw new Refusal('invalid_value', `There is no role ${missing.join(', ')}.`, { field: 'roles' })
  return found.flatMap(role => (role === undefined ? [] : [role.doc]))
}

/** Roles that somebody chooses for a user. */
export interface RoleChoice {
  readonly ids: readonly string[]
  /** Whether who chooses may give and take what reaches into administration. */
  readonly mayAdminister: boolean
  /** Roles that are left out and may not be taken stay, where otherwise leaving them out is refused. */
  readonly keeps?: boolean
}

/**
 * The ids that a choice comes to, for a user who holds `held` so far: in order, each once. To be asked in each attempt, of
 * what it has read.
 *
 * @throws Refusal `invalid_value` where a role does not exist; `escalation_denied` where one that reaches into administration
 *   is given or taken by somebody who may not (ADM-60).
 */
export async function chosenRoles(
  context: Context,
  { ids, mayAdminister, keeps = false }: RoleChoice,
  held: readonly string[] = []
): Promise<readonly string[]> {
  const wanted = [...new Set(ids)].sort()
  const chosen = await existingRoles(context, wanted)
  if (mayAdminister) return wanted
  const given = chosen.filter(({ id }) => !held.includes(id))
  const taken = await existingRoles(
    context,
    held.filter(id => !wanted.includes(id))
  )
  const stay = keeps ? taken.filter(reaches).map(({ id }) => id) : []
  const reaching = [...given, ...taken].filter(role => reaches(role) && !stay.includes(role.id))
  if (reaching.length > 0) {
    const names = reaching.map(role => role.name).join(', ')
    throw new Refusal(
      'escalation_denied',
      `The role ${names} reaches into administration: your role may not give or take it.`
    )
  }
  return [...wanted, ...stay].sort()
}

const reaches = (role: Role) => permissionsOf(role).some(permission => permission.startsWith('administration.'))

export interface RoleChange {
  readonly name?: string
  readonly default?: boolean
  /** Leaves or branches. */
  readonly permissions?: readonly string[]
  /** Has to come with a Default mark on Admin (ROLE-43). */
  readonly confirm?: boolean
}

/**
 * A change to what it is already writes nothing.
 *
 * @throws Refusal `not_found`, `precondition_failed`, or why this role may not be so.
 */
export async function changeRole(context: Context, id: string, change: RoleChange, precondition: Precondition = {}) {
  const { tenant } = context
  const answer = await operate(context, async () => {
    const before = await getRole(context, id)
    demand(precondition, before.version)
    const doc = changed(before.doc, change)
    if (isDeepStrictEqual(doc, before.doc)) return { answer: before, changes: [] }
    if (doc.default && !before.doc.default && (await defaultRoles(context, tenant)).length >= defaultsMax) {
      throw new Refusal('invalid_value', `There are ${defaultsMax} Default roles already.`, { field: 'default' })
    }
    const event = happened(
      context,
      'role.changed',
      { kind: 'role', id, name: before.doc.name },
      { before: summary(before.doc), after: summary(doc) }
    )
    return {
      answer: { ...before, doc, version: before.version + 1 },
      changes: [replace(roles, tenant, doc, before.version), event]
    }
  })
  defaults.forget(context, tenant)
  catalogue.forget(context, tenant)
  return answer
}

function changed(role: Role, { name, default: byDefault, permissions, confirm }: RoleChange): Role {
  if (name !== undefined && name !== role.name && role.static) {
    throw new Refusal(
      role.id === adminRoleId ? 'admin_protected' : 'static_role',
      `The role ${role.name} keeps its name.`
    )
  }
  if (permissions !== undefined && role.id === adminRoleId) {
    throw new Refusal('admin_protected', 'The Admin role always holds every permission and cannot be edited.')
  }
  if (byDefault === true && role.id === adminRoleId && confirm !== true) {
    throw new Refusal(
      'confirmation_required',
      'Every new user would become an administrator. Repeat the request with "confirm": true to do it.'
    )
  }
  return {
    ...role,
    name: name ?? role.name,
    default: byDefault ?? role.default,
    permissions: permissions === undefined ? role.permissions : known(permissions)
  }
}

function known(ids: readonly string[]): readonly string[] {
  const all = new Set(permissionNodes.map(node => node.id))
  const unknown = ids.filter(id => !all.has(id))
  if (unknown.length > 0) {
    throw new Refusal('invalid_value', `There is no permission ${unknown.join(', ')}.`, { field: 'permissions' })
  }
  return expand(ids)
}

/** @throws Refusal always: the roles that exist so far are static (ROLE-12, ROLE-13). */
export async function deleteRole(context: Context, id: string): Promise<never> {
  const { doc } = await getRole(context, id)
  throw new Refusal('static_role', `${doc.name} is a static role and cannot be deleted.`)
}

const summary = ({ name, default: byDefault, permissions }: Role) => ({ name, default: byDefault, permissions })
