/** From what a list request asks to the documents of each resource type that it means. */
import type { Context } from '../../../audit/context.ts'
import type { Config } from '../../../config.ts'
import type { Part } from '../../../directory/lists.ts'
import { bad } from '../../../scim/errors.ts'
import { everything, type Filter } from '../../../scim/filter/filter.ts'
import { parseFilter } from '../../../scim/filter/parse.ts'
import { resolveFilter } from '../../../scim/filter/resolve.ts'
import { isEverything, isNothing, settle } from '../../../scim/filter/settle.ts'
import type { ListQuery } from '../../../scim/list.ts'
import type { AttributeType, ResourceType } from '../../../scim/schema/types.ts'
import { sortTarget, unsortable } from '../../../scim/search-form.ts'
import type { Doc, Sort, Stored } from '../../../store/port.ts'
import type { ListOf } from '../../cursors.ts'
import { partOf, type Spot, spotIn } from '../../keyset.ts'
import { filterLimitsOf } from '../../listing.ts'
import type { Listed } from './listed.ts'
import { merged } from './merged.ts'
import type { Ordered } from './paging.ts'

/** A resource type, as it is in this organisation now. */
export interface Typed {
  readonly listed: Listed
  readonly type: ResourceType
}

export async function typesOf(context: Context, all: readonly Listed[]): Promise<readonly Typed[]> {
  return Promise.all(all.map(async listed => ({ listed, type: await listed.type(context) })))
}

export interface TypeList extends Typed {
  /** undefined: all of this type match. */
  readonly filter: Filter | undefined
  readonly sort: Sort | undefined
  /** It is sorted by what this type does not know. */
  readonly isBare: boolean
}

export interface Item {
  readonly of: TypeList
  readonly stored: Stored<Doc>
}

/** All resources that are asked for, in one order. */
export interface OpenLists {
  /** What their cursors are bound to. */
  readonly bound: ListOf
  readonly lists: readonly TypeList[]
  readonly items: Ordered<Item>
}

/**
 * Lists of one resource type, or of several as one (RFC 7644 3.4.2.1). A resource has no value at an attribute that its type does
 * not know: it stands in the order where those without one stand.
 *
 * @throws ScimError 400 `invalidFilter`, `invalidValue`: as `resolveFilter` and `sortTarget` do, and for what no type knows.
 */
export async function openLists(
  context: Context,
  config: Config,
  types: readonly Typed[],
  asked: ListQuery
): Promise<OpenLists> {
  // RFC 7644 3.4.2.3: without sortBy there is nothing that sortOrder could be of.
  const descending = asked.sortBy !== undefined && asked.descending
  const filters = filtersOf(types, asked, config)
  const sorts = sortsOf(types, asked)
  const lists = types.map((of, i) => ({
    ...of,
    filter: filters[i],
    sort: sorts[i],
    isBare: asked.sortBy !== undefined && sorts[i] === undefined
  }))
  const opened = lists.flatMap(of => {
    const { filter = everything } = of
    return isNothing(filter) ? [] : [open(context, of, descending)]
  })
  return {
    bound: boundOf(lists, asked),
    lists,
    items: merged(await Promise.all(opened), spotOf, descending, config.mergedMax)
  }
}

/** For each type what the filter means to it. */
function filtersOf(types: readonly Typed[], { filter }: ListQuery, config: Config): readonly (Filter | undefined)[] {
  if (filter === undefined) return types.map(() => undefined)
  const parsed = parseFilter(filter, filterLimitsOf(config))
  const unknown = types.map(() => new Map<string, string>())
  const filters = types.map(({ type }, i) => {
    const resolved = resolveFilter(type, parsed, { onUnknown: name => unknown[i]?.set(name.toLowerCase(), name) })
    return settle(resolved, { meta: { resourceType: type.name } })
  })
  const [first = new Map<string, string>(), ...others] = unknown
  const nobodys = [...first.keys()].find(name => others.every(names => names.has(name)))
  if (nobodys !== undefined)
    throw bad('invalidFilter', `There is no attribute ${first.get(nobodys)}.`, { attribute: first.get(nobodys) })
  return filters.map(each => (isEverything(each) ? undefined : each))
}

function sortsOf(types: readonly Typed[], { sortBy, descending }: ListQuery): readonly (Sort | undefined)[] {
  if (sortBy === undefined) return types.map(() => undefined)
  const targets = types.map(({ type }) => sortTarget(type, sortBy))
  const kinds = new Set(targets.flatMap(target => (target === undefined ? [] : [kindOf(target.type)])))
  if (kinds.size === 0) throw unsortable(`There is no attribute ${sortBy} to sort by.`)
  if (kinds.size > 1) throw unsortable(`${sortBy} is a ${[...kinds].join(' and a ')} of different resource types.`)
  return targets.map(target => (target === undefined ? undefined : { path: target.path, descending }))
}

/** What compares with each other. */
function kindOf(type: AttributeType): string {
  if (type === 'boolean') return 'boolean'
  return type === 'integer' || type === 'decimal' || type === 'dateTime' ? 'number' : 'text'
}

function boundOf(lists: readonly TypeList[], { sortBy, descending }: ListQuery): ListOf {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) {
    return { name: `scim:${only.type.name}`, filter: only.filter, sort: only.sort }
  }
  const filters = lists.map(({ filter }) => filter ?? everything)
  return {
    name: `scim:${lists.map(({ type }) => type.name)} by ${sortBy?.toLowerCase()} ${descending}`,
    filter: filters.every(isEverything) ? undefined : { op: 'or', parts: filters },
    sort: undefined
  }
}

const spotOf = ({ of, stored }: Item): Spot => spotIn(of.sort, stored.doc.id, () => of.listed.search(stored.doc))

async function open(context: Context, of: TypeList, descending: boolean): Promise<Ordered<Item>> {
  const { listed, filter, sort, isBare } = of
  const matches = await listed.matching(context, filter)
  const order = { sort, newestFirst: isBare && descending }
  const find = async (part: Part) => (await matches.find(part)).map(stored => ({ of, stored }))
  return {
    spotOf,
    total: () => matches.total(),
    slice: (offset, limit) => find({ ...partOf(order, { reverse: false, after: undefined, limit }), offset }),
    read: async ask => {
      if (!isBare || ask.after?.value === undefined) return find(partOf(order, ask))
      // Those without a value all come behind one who has it, or all before.
      return descending !== ask.reverse ? [] : find(partOf(order, { ...ask, after: undefined }))
    }
  }
}
