/** What becomes of the roles that a user holds directly. */
import { adminRoleId, chosenRoles, type RoleChoice } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Change } from '../store/port.ts'
import type { User } from './types.ts'
import { targetOf } from './user.ts'

export interface RoleTurn {
  readonly roles: readonly string[]
  /** None: the user holds them already. */
  readonly changes: readonly Change[]
}

/**
 * What a choice means for a user.
 *
 * @throws Refusal as `chosenRoles` does, or `admin_protected` when the Admin role would be taken from the user admin (ROLE-16).
 */
export async function roleTurn(context: Context, user: User, choice: RoleChoice | undefined): Promise<RoleTurn> {
  if (choice === undefined) return { roles: user.roles, changes: [] }
  const held = [...user.roles].sort()
  const roles = await chosenRoles(context, choice, held)
  if (user.protected === true && !roles.includes(adminRoleId)) {
    throw new Refusal('admin_protected', 'The user admin always holds the Admin role.')
  }
  if (held.join() === roles.join()) return { roles: user.roles, changes: [] }
  return { roles, changes: [happened(context, 'user.rolesChanged', targetOf(user), { before: held, after: roles })] }
}
