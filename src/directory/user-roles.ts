/** The roles a user holds directly. */
import type { RoleChoice } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { replace, type Stored } from '../store/port.ts'
import { users } from './collections.ts'
import { roleTurn } from './role-turns.ts'
import { laterThan, tellUser } from './told.ts'
import type { User } from './types.ts'
import { getUser } from './users.ts'

/** @throws Refusal `not_found`, `precondition_failed`, and as `roleTurn` does. */
export function setUserRoles(
  context: Context,
  id: string,
  choice: RoleChoice,
  precondition: Precondition = {}
): Promise<Stored<User>> {
  return operate(context, async () => {
    const before = await getUser(context, id)
    demand(precondition, before.doc.revision)
    const { roles, changes } = await roleTurn(context, before.doc, choice)
    if (changes.length === 0) return { answer: before, changes: [] }
    const doc = {
      ...before.doc,
      roles,
      lastModified: laterThan(context, before.doc.lastModified),
      revision: before.doc.revision + 1
    }
    return {
      answer: { ...before, doc, version: before.version + 1 },
      changes: [
        replace(users, context.tenant, doc, before.version),
        ...changes,
        ...(await tellUser(context, before.doc, doc))
      ]
    }
  })
}
