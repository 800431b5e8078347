/** Filters on `groups` of users and `members` of groups: answered from the edges, as the ids they come to. */
import type { Context } from '../audit/context.ts'
import { bad } from '../scim/errors.ts'
import { everything, type Filter, field, fold, is, isIn, type Path } from '../scim/filter/filter.ts'
import type { Collection, Doc } from '../store/port.ts'
import { groups, memberships } from './collections.ts'
import { groupsBelow } from './memberships.ts'
import type { Membership } from './types.ts'

/** Edges that one such condition may come to: their ids travel inside the query. */
const relatedMax = 10_000

export type Relation = 'groups' | 'members'

/**
 * Replaces every condition on the relation by one on ids. The rest of the filter stays as it is.
 *
 * @throws ScimError `tooMany` where a condition is met by too many to list, `invalidFilter` for attributes of an edge
 *   that are not kept (`$ref`).
 */
export async function relate(context: Context, relation: Relation, filter: Filter): Promise<Filter> {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, parts: await Promise.all(filter.parts.map(part => relate(context, relation, part))) }
    case 'not':
      return { op: 'not', part: await relate(context, relation, filter.part) }
    default: {
      if (filter.path[0]?.name !== relation) return filter
      const condition = edgeCondition(filter)
      const ids = relation === 'members' ? await groupsWith(context, condition) : await usersIn(context, condition)
      return isIn(field('id'), [...ids])
    }
  }
}

/** The condition as one edge or group sees it. */
function edgeCondition(filter: Exclude<Filter, { op: 'and' | 'or' | 'not' }>): Filter {
  if (filter.op === 'some') return filter.part
  const path = filter.path.slice(1)
  return path.length === 0 ? everything : { ...filter, path }
}

async function groupsWith(context: Context, condition: Filter): Promise<ReadonlySet<string>> {
  const edges = await findAll(context, memberships, renamed(condition, { value: 'value', type: 'type' }))
  return new Set(edges.map(edge => edge.group))
}

async function usersIn(context: Context, condition: Filter): Promise<ReadonlySet<string>> {
  const [direct] = condition.op === 'eq' && condition.path[0]?.name === 'value' ? [String(condition.value)] : []
  const named =
    direct === undefined
      ? (await findAll(context, groups, renamed(condition, { value: 'id', display: 'displayName' }))).map(
          ({ id }) => id
        )
      : [direct]
  const below = new Set((await Promise.all(named.map(id => groupsBelow(context, id)))).flat())
  const edges = await findAll<Membership>(context, memberships, {
    op: 'and',
    parts: [isIn(field('group'), [...below]), is(field('type'), fold('User'))]
  })
  return new Set(edges.map(edge => edge.member))
}

async function findAll<T extends Doc>({ store, tenant }: Context, collection: Collection<T>, filter: Filter) {
  const found = await store.find(collection, tenant, { filter, limit: relatedMax + 1 })
  if (found.length > relatedMax) {
    throw bad(
      'tooMany',
      `More than ${relatedMax} memberships match a condition of this filter. Name a group or a member.`
    )
  }
  return found.map(({ doc }) => doc)
}

function renamed(filter: Filter, names: Readonly<Record<string, string>>): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, parts: filter.parts.map(part => renamed(part, names)) }
    case 'not':
      return { op: 'not', part: renamed(filter.part, names) }
    default:
      return { ...filter, path: renamedPath(filter.path, names) }
  }
}

function renamedPath(path: Path, names: Readonly<Record<string, string>>): Path {
  const [step] = path
  const name = step === undefined ? undefined : names[step.name]
  if (step === undefined || name === undefined) {
    throw bad('invalidFilter', `Memberships can be filtered by ${Object.keys(names).join(' and ')} only.`)
  }
  return [{ name, many: false }]
}
