/** What users can be given: the roles of the organisation, and the licenses with their seats. */
import { expand, leafIds, permissionNodes } from '../access/permission-tree.ts'
import { permissionsOf, type Role, rolesOf } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { policyOf } from '../licensing/policy.ts'
import { seatReport } from '../licensing/report.ts'
import { type LicenseType, licenseTypes } from '../licensing/types.ts'
import { licenseKind, roleKind } from './assigned.ts'

export interface Assignable {
  /** The value of the element that a user has. */
  readonly id: string
  /** The `type` of that element. */
  readonly kind: typeof roleKind | typeof licenseKind
  readonly name: string
  readonly description: string
  readonly isUsable: boolean
  /** Absent: any number of users may have it. Both figures are of one moment. */
  readonly seats?: { readonly permitted: number; readonly used: number }
  /** Ids of those of its kind that give less. */
  readonly contains: readonly string[]
  readonly containedBy: readonly string[]
}

export async function assignableRoles(context: Context): Promise<readonly Assignable[]> {
  const roles = [...(await rolesOf(context, context.tenant, { fresh: true })).values()]
  const given = new Map(roles.map(role => [role.id, new Set(permissionsOf(role))]))
  return roles.map(role => ({
    ...{ id: role.id, kind: roleKind, name: role.name, description: describeRole(role), isUsable: true },
    ...nesting(role.id, given)
  }))
}

export async function assignableLicenses(context: Context): Promise<readonly Assignable[]> {
  const [figures, policy] = await Promise.all([seatReport(context), policyOf(context, context.tenant)])
  const mask = policy.organisation.doc.settings.licenseMask
  const hidden = new Map(licenseTypes.map(type => [type, new Set(expand(mask[type]))]))
  const given = new Map(
    licenseTypes.map((type): [string, ReadonlySet<string>] => [
      type,
      new Set(leafIds.filter(leaf => hidden.get(type)?.has(leaf) !== true))
    ])
  )
  return figures.map(({ type, purchased, inUse }) => ({
    ...{ id: type, kind: licenseKind, name: type, description: `${tiers[type]}${hides(mask[type])}` },
    isUsable: purchased > 0,
    seats: { permitted: purchased, used: inUse },
    ...nesting(type, given)
  }))
}

const tiers: Readonly<Record<LicenseType, string>> = {
  PAM: 'Privileged access, the larger tier.',
  PWM: 'Password manager, the more basic tier.'
}

const hides = (branches: readonly string[]) =>
  branches.length === 0 ? '' : ` Without the pages ${labelsOf(expand(branches)).join(', ')}.`

function describeRole(role: Role): string {
  const permissions = permissionsOf(role)
  const areas = permissions.length === 0 ? '' : `: ${labelsOf(permissions).join(', ')}`
  return `${permissions.length} of ${leafIds.length} permissions${areas}.${role.default ? ' New users get it.' : ''}`
}

/** The parts of the tree that leaves stand in: its second level. */
function labelsOf(leaves: readonly string[]): readonly string[] {
  const areas = new Set(leaves.map(leaf => leaf.split('.').slice(0, 2).join('.')))
  return permissionNodes.filter(({ id }) => areas.has(id)).map(({ label }) => label)
}

/** Which of them give a part of what this one gives, and which all of it and more. */
function nesting(id: string, given: ReadonlyMap<string, ReadonlySet<string>>) {
  const own = given.get(id) ?? new Set()
  const others = [...given].filter(([other]) => other !== id)
  const isPart = (part: ReadonlySet<string>, of: ReadonlySet<string>) => part.size < of.size && part.isSubsetOf(of)
  return {
    contains: others.filter(([, part]) => isPart(part, own)).map(([other]) => other),
    containedBy: others.filter(([, more]) => isPart(own, more)).map(([other]) => other)
  }
}
