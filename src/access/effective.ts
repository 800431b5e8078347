/** What a user may do: the formula of spec/roles.md "Evaluation", without groups' roles and overrides. Pure. */
import type { LicenseState, LicenseType } from '../licensing/types.ts'
import { expand, leafIds } from './permission-tree.ts'
import { permissionsOf, type Role } from './roles.ts'

export interface PermissionQuestion {
  readonly active: boolean
  readonly license: { readonly type: LicenseType | null; readonly state: LicenseState }
  readonly roles: readonly Role[]
  readonly mask: Readonly<Record<LicenseType, readonly string[]>>
}

export interface PermissionAnswer {
  readonly permission: string
  readonly granted: boolean
  /** Names of the roles that hold it. */
  readonly roles: readonly string[]
  readonly why: 'granted' | 'no_role' | 'view_missing' | 'hidden_by_license' | 'inactive' | 'suspended'
}

/** One answer for each leaf of the tree, in its order. */
export function effectivePermissions(question: PermissionQuestion): readonly PermissionAnswer[] {
  const { active, license, roles, mask } = question
  const holders = new Map(leafIds.map(leaf => [leaf, roles.filter(role => permissionsOf(role).includes(leaf))]))
  const held = (leaf: string) => (holders.get(leaf) ?? []).length > 0
  const hidden = new Set(license.type === null ? [] : expand(mask[license.type]))

  const why = (leaf: string): PermissionAnswer['why'] => {
    if (!held(leaf)) return 'no_role'
    if (!active || license.type === null || license.state === 'none' || license.state === 'released') return 'inactive'
    if (license.state === 'suspended' && leaf.startsWith('pages.')) return 'suspended'
    if (!viewHeld(leaf, held)) return 'view_missing'
    if (hidden.has(leaf)) return 'hidden_by_license'
    return 'granted'
  }
  return leafIds.map(permission => {
    const reason = why(permission)
    const names = (holders.get(permission) ?? []).map(role => role.name)
    return { permission, granted: reason === 'granted', roles: names, why: reason }
  })
}

/** A leaf is worth nothing without the view leaf beside it, where there is one. */
function viewHeld(leaf: string, held: (leaf: string) => boolean): boolean {
  const view = `${leaf.slice(0, leaf.lastIndexOf('.'))}.view`
  return !leafIds.includes(view) || held(view)
}
