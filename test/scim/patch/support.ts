import type { JsonObject } from '../../../src/base/json.ts'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { splitMemberOperations } from '../../../src/scim/patch/members.ts'
import { type PatchOptions, parsePatch, patchUrn } from '../../../src/scim/patch/parse.ts'
import { groupType, userType } from '../../../src/scim/schemas.ts'

export const users = userType({ licenseFromIdp: false })
export const U = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const G = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const E = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const L = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

export const message = (...operations: readonly unknown[]) => ({ schemas: [patchUrn], Operations: operations })

/** What operations make of a user, in the strict core. */
export function patchUser(
  before: JsonObject,
  operations: readonly unknown[],
  options: PatchOptions = {},
  type = users
): JsonObject {
  return applyPatch(type, before, parsePatch(type, message(...operations), options))
}

/** What operations do to the members of a group, in the strict core. */
export function patchMembers(...operations: readonly unknown[]) {
  return splitMemberOperations(groupType, parsePatch(groupType, message(...operations))).members
}
