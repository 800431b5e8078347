import { effectivePermissions, type PermissionAnswer } from '../access/effective.ts'
import { existingRoles } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { policyOf, stateIn } from '../licensing/policy.ts'
import { isActive } from './user.ts'
import { getUser } from './users.ts'

/** What a user may do now, leaf by leaf, and why (ROLE-10). */
export async function permissionsOfUser(context: Context, id: string): Promise<readonly PermissionAnswer[]> {
  const [{ doc: user }, policy] = await Promise.all([getUser(context, id), policyOf(context, context.tenant)])
  return effectivePermissions({
    active: isActive(user.resource),
    license: { type: user.license.type, state: stateIn(policy, user.license, context.clock.now()) },
    roles: await existingRoles(context, user.roles),
    mask: policy.organisation.doc.settings.licenseMask
  })
}
