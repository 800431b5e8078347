/** Users and groups as SCIM resources. Pure. */
import type { Json, JsonObject } from '../base/json.ts'
import type { LicenseState } from '../licensing/types.ts'
import { represent } from '../scim/represent.ts'
import type { ResourceType } from '../scim/schema/types.ts'
import { groupType, userType } from '../scim/schemas.ts'
import { withAssigned } from './assigned.ts'
import type { Group, MemberType, User } from './types.ts'

export const licenseUrn = 'urn:ietf:params:scim:schemas:extension:license:2.0:User'

/** A group that a user belongs to, as `User.groups` shows it. */
export interface GroupOfUser {
  readonly value: string
  readonly display: string
  readonly type: 'direct' | 'indirect'
}

export interface Shown {
  /** Where the service stands: `https://host/scim/v2`, without a slash behind. Absent: no locations. */
  readonly base?: string
  /** The entity tag: `W/"3"`. */
  readonly version?: string
  /** As the organisation has it. Absent: without the extensions that it defined. */
  readonly type?: ResourceType
  /** By id; those of static roles are known without. */
  readonly roleNames?: ReadonlyMap<string, string>
}

const plainUser = userType({ licenseFromIdp: false })

/** The resource without groups. Users who never had a licence carry no license extension (SEAT-19). */
export function userResource(
  user: User,
  state: LicenseState,
  { base, version, type: as = plainUser, roleNames }: Shown = {}
): JsonObject {
  const { type } = user.license
  const license = type === null ? {} : { [licenseUrn]: { licenseType: type, licenseState: state } }
  return represent(as, {
    id: user.id,
    resource: { ...withAssigned(user, roleNames), ...license },
    created: user.created,
    lastModified: user.lastModified,
    ...(base === undefined ? {} : { location: `${base}/Users/${user.id}` }),
    ...(version === undefined ? {} : { version })
  })
}

/** The resource without members. */
export function groupResource(group: Group, { base, version, type = groupType }: Shown = {}): JsonObject {
  return represent(type, {
    id: group.id,
    resource: group.resource,
    created: group.created,
    lastModified: group.lastModified,
    ...(base === undefined ? {} : { location: `${base}/Groups/${group.id}` }),
    ...(version === undefined ? {} : { version })
  })
}

/** Puts `groups` into a user's resource. */
export function withGroups(resource: JsonObject, groups: readonly GroupOfUser[], base: string): JsonObject {
  if (groups.length === 0) return resource
  const values = groups.map((group): Json => ({ ...group, $ref: `${base}/Groups/${group.value}` }))
  return { ...resource, groups: values }
}

export function memberValue(value: string, type: MemberType, base: string): JsonObject {
  return { value, $ref: `${base}/${type}s/${value}`, type }
}

/** The entity tag of a user. */
export const userVersion = ({ revision }: Pick<User, 'revision'>) => `W/"${revision}"`

/** The entity tag of a group: its own revision, and how often its members changed beside it. */
export const groupVersion = (group: Group, memberChanges: number) => `W/"${group.revision}.${memberChanges}"`
