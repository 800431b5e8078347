import { field, type SearchForm } from '../scim/filter/filter.ts'
import { memberForm } from '../scim/patch/members.ts'
import type { Attribute, ResourceType } from '../scim/schema/types.ts'
import { groupType, userType } from '../scim/schemas.ts'
import { searchForm } from '../scim/search-form.ts'
import { termsPath } from '../scim/terms.ts'
import type { Collection, Index } from '../store/port.ts'
import { withCustom } from './schemas/custom.ts'
import type { Group, Membership, User } from './types.ts'
import { groupResource, userResource } from './view.ts'

/** Attributes that organisations declare. */
export const termsIndex: Index = { name: 'terms', paths: [termsPath] }

const schemaOfUsers = userType({ licenseFromIdp: false })

export const users: Collection<User> = {
  name: 'users',
  search: user => {
    const form = searchForm(schemaOfUsers, userResource(user, user.license.state))
    return withCustom({ ...form, ...beside(user) }, user.custom)
  },
  indexes: [...indexesOf(schemaOfUsers), termsIndex]
}

/** What only the admin API asks for. */
function beside({ license, protected: kept }: User): SearchForm {
  return {
    protected: kept === true,
    license: {
      state: license.state,
      spilledOver: license.spilledOver === true
    }
  }
}

export const groups: Collection<Group> = {
  name: 'groups',
  search: group => withCustom(searchForm(groupType, groupResource(group)), group.custom),
  indexes: [...indexesOf(groupType), termsIndex]
}

export const memberships: Collection<Membership> = {
  name: 'memberships',
  // As a filter on `members` sees an edge, and beside it where it leads.
  search: ({ id, group, member, type }) => ({ id, group, ...memberForm({ value: member, type }) }),
  indexes: [
    { name: 'group', paths: [field('group')] },
    { name: 'member', paths: [field('value')] }
  ]
}

export const edgeId = (group: string, member: string) => `${group}.${member}`

/** Kept totals. */
export const usersKey = 'users'
export const groupsKey = 'groups'
/** Counts the changes of a group's members that did not change its document. */
export const membersKey = (group: string) => `members.${group}`

/** The schemas say what is unique and what filters need an index for (`usher:index`). */
function indexesOf(type: ResourceType): readonly Index[] {
  const tables = [type.attributes, ...[...type.extensions.values()].map(extension => extension.attributes)]
  const attributes = tables.flatMap(table => [...table.values()].flatMap(a => [a, ...a.sub.values()]))
  return attributes.filter(a => a.indexed || a.uniqueness === 'server').flatMap(indexOf)
}

function indexOf(attribute: Attribute): readonly Index[] {
  // The id is the key of every collection and needs no index of its own.
  if (attribute.parent === undefined && attribute.name === 'id') return []
  const name = [attribute.parent?.name, attribute.name].filter(part => part !== undefined).join('_')
  const complete = attribute.required && attribute.parent === undefined
  return [{ name, paths: [attribute.path], unique: attribute.uniqueness === 'server', complete }]
}
