/** The roles a user holds directly. */
import { adminRoleId, chosenRoles, type RoleChoice } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { Refusal } from '../base/domain-error.ts'
import { replace, type Stored } from '../store/port.ts'
import { users } from './collections.ts'
import { laterThan } from './told.ts'
import type { User } from './types.ts'
import { targetOf } from './user.ts'
import { getUser } from './users.ts'

/**
 * @throws Refusal `not_found`, `precondition_failed`, as `chosenRoles` does, or `admin_protected` when the Admin role would be
 *   taken from the user admin (ROLE-16).
 */
export function setUserRoles(
  context: Context,
  id: string,
  choice: RoleChoice,
  precondition: Precondition = {}
): Promise<Stored<User>> {
  return operate(context, async () => {
    const before = await getUser(context, id)
    demand(precondition, before.doc.revision)
    const held = [...before.doc.roles].sort()
    const wanted = await chosenRoles(context, choice, held)
    if (before.doc.protected === true && !wanted.includes(adminRoleId)) {
      throw new Refusal('admin_protected', 'The user admin always holds the Admin role.')
    }
    if (held.join() === wanted.join()) return { answer: before, changes: [] }
    const doc = {
      ...before.doc,
      roles: wanted,
      lastModified: laterThan(context, before.doc.lastModified),
      revision: before.doc.revision + 1
    }
    const event = happened(context, 'user.rolesChanged', targetOf(doc), { before: held, after: wanted })
    return {
      answer: { ...before, doc, version: before.version + 1 },
      changes: [replace(users, context.tenant, doc, before.version), event]
    }
  })
}
