/**
 * What a route needs, and who has it (ADM-54): the endpoints of `schemas/admin-roles.json` and, beside them, those of
 * `schemas/endpoints.json`. A route that stands in neither does not exist: start refuses it (ADM-55).
 */
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import others from '../../schemas/endpoints.json' with { type: 'json' }
import type { Principal } from '../admin/principal.ts'

export interface Needs {
  /**
   * For the built-in roles: all of these, `users:edit`; or `super_admin`; or `own` (concerns only what is the caller's);
   * or `any` (every administrator). null: for users of the vault only.
   */
  readonly builtin: readonly string[] | null
  /** The token of a connector suffices (ADM-68). */
  readonly connector?: boolean
  /** Nobody but the receiver of an event stream. */
  readonly receiver?: boolean
}

export interface Missing {
  readonly scope: string
  readonly level: string
}

export type Access = { readonly allowed: true } | { readonly allowed: false; readonly missing: Missing }

interface Row {
  /** `GET`, or several: `POST, PUT`. */
  readonly method: string
  /** `/api/v1/users/{id}`; with `/*` behind, everything below. */
  readonly path: string
  readonly public?: boolean
  readonly builtin?: readonly string[] | null
  readonly receiver?: boolean
}

const rows: readonly Row[] = [...matrix.endpoints, ...others]

const exact = new Map(rows.flatMap(row => methodsOf(row).map(method => [key(method, row.path), row] as const)))
const below = rows.filter(row => row.path.endsWith('/*'))

/**
 * What the route of this pattern needs, `/api/v1/users/:id` say; `public` where it needs no token, undefined where the table
 * does not know it. Never call it with the URL of a request: texts that differ can be one route (`%73cim`).
 */
export function needsOf(method: string, pattern: string): Needs | 'public' | undefined {
  const row = exact.get(key(method, pattern)) ?? below.find(candidate => covers(candidate, method, pattern))
  if (row === undefined) return undefined
  if (row.public === true) return 'public'
  return row.builtin === undefined
    ? undefined
    : { builtin: row.builtin, connector: isScim(row.path), receiver: row.receiver === true }
}

function methodsOf(row: Row): readonly string[] {
  return row.method.split(', ')
}

/** The names of parameters do not matter. */
function key(method: string, pattern: string): string {
  return `${method} ${pattern.replaceAll(/:\w+|\{\w+\}/g, '{}')}`
}

function covers(row: Row, method: string, pattern: string): boolean {
  return methodsOf(row).includes(method) && pattern.startsWith(row.path.slice(0, -1))
}

const receiversOnly: Missing = { scope: 'event_receiver', level: 'any' }

const isScim = (path: string) => `${path}/`.startsWith('/scim/v2/')

/** Whether this caller may. Where not, what is missing is the first need that it lacks. */
export function decideAccess(principal: Principal, { builtin, connector = false, receiver = false }: Needs): Access {
  if (receiver) return principal.kind === 'receiver' ? { allowed: true } : { allowed: false, missing: receiversOnly }
  if (builtin === null) return { allowed: false, missing: { scope: 'user_session', level: 'any' } }
  if (principal.kind === 'receiver') return { allowed: false, missing: parsed(builtin[0] ?? 'any') }
  if (principal.kind === 'connector') {
    return connector ? { allowed: true } : { allowed: false, missing: parsed(builtin[0] ?? 'any') }
  }
  const lacking = builtin.find(need => !has(principal.role, need))
  return lacking === undefined ? { allowed: true } : { allowed: false, missing: parsed(lacking) }
}

/** ADM-60: roles that reach into administration are given and taken by those who may edit the organization. */
export const mayAssignAdministration = (principal: Principal): boolean =>
  decideAccess(principal, { builtin: ['organization:edit'] }).allowed

const byRole = new Map(matrix.roles.map(role => [role.id, role]))
const cells = new Map(matrix.scopes.map(({ id, access }) => [id, new Map(Object.entries(access))]))

// The special cells (`run_assigned`, `launch_if_allowed`) are neither of the two (ADM-51, ADM-52).
const ranks: Readonly<Record<string, number>> = { read: 1, edit: 2 }

function has(role: string | null, need: string): boolean {
  if (need === 'any') return true
  // ADM-28: without a role one sees one's own profile, which needs `any`, and nothing else.
  if (need === 'own') return role !== null
  if (need === 'super_admin') return role !== null && byRole.get(role)?.superAdmin === true
  const { scope, level } = parsed(need)
  const wanted = ranks[level]
  return wanted !== undefined && (ranks[levelOf(role, scope)] ?? 0) >= wanted
}

/** `users:edit` -> its parts. `super_admin`, `own` and `any` have no level of their own. */
function parsed(need: string): Missing {
  const [scope = '', level = 'edit'] = need.split(':')
  return { scope, level }
}

function levelOf(role: string | null, scope: string): string {
  return (role === null ? undefined : cells.get(scope)?.get(role)) ?? 'none'
}

/** The level of a role in each of the 18 scopes, in the order of the matrix. Without a role, and for unknown ones: none. */
export function levelsOf(role: string | null): Readonly<Record<string, string>> {
  return Object.fromEntries(matrix.scopes.map(({ id }) => [id, levelOf(role, id)]))
}

/** What the console says on top of every page; null for the role that may do everything, and without a role. */
export function bannerOf(role: string | null): string | null {
  const banners: Readonly<Record<string, string | null>> = matrix.banners
  return role !== null && Object.hasOwn(banners, role) ? (banners[role] ?? null) : null
}
