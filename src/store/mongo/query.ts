/**
 * A page as the MongoDB queries that make it up.
 *
 * MongoDB puts a missing value before all others, and skips nothing for free; so a page is cut from *segments*, each of
 * which an index can serve in its order: those with a value and those without, and behind a given document first those of
 * the same value.
 */
import { everything, type Filter, type Path } from '../../scim/filter/filter.ts'
import type { AnyCollection, Query } from '../port.ts'
import { all, type Compiled, compile, type Match } from './filter.ts'
import { fieldsOf, isId, keyOf, keysOf, rowField } from './names.ts'

export interface Segment {
  readonly match: Match
  readonly sort: Readonly<Record<string, 1 | -1>>
}

/** The segments of a page, in order; none when nothing can match. */
export function segmentsOf(collection: AnyCollection, tenant: string, query: Query): readonly Segment[] {
  const { filter = everything, after } = query
  const sort = query.sort !== undefined && isId(query.sort.path) ? undefined : query.sort
  const direction = (query.sort?.descending ?? query.newestFirst) === true ? -1 : 1
  const behind = direction === 1 ? '$gt' : '$lt'
  const scope = isServed(collection, filter, sort?.path) ? { t: tenant } : { _id: keysOf(tenant) }
  const compiled = compile(tenant, filter)

  const segment = (order: Segment['sort'], match: Compiled): readonly Segment[] => {
    const whole = all([scope, compiled, match])
    return typeof whole === 'object' ? [{ match: whole, sort: order }] : []
  }
  const byId = { _id: direction } as const
  const next = after === undefined ? true : { _id: { [behind]: keyOf(tenant, after.id) } }
  if (sort === undefined) return segment(byId, next)

  const field = rowField(sort.path)
  const unique = isUnique(collection, sort.path)
  const present = requires(filter, sort.path)
  const valued = (match: Compiled) => segment({ [field]: direction, ...(unique ? {} : byId) }, match)
  const none = present || isComplete(collection, sort.path)
  const bare = (match: Compiled) => (none ? [] : segment(byId, all([{ [field]: null }, match])))
  // `$ne: null` walks an index without looking at the documents; `$exists` is what a partial index asks for.
  const some = present || { [field]: unique ? { $exists: true } : { $ne: null } }

  if (after === undefined) return inOrder(direction, valued(some), bare(true))
  if (after.value === undefined) return direction === 1 ? bare(next) : [...bare(next), ...valued(some)]
  const same = segment(byId, all([{ [field]: after.value }, next]))
  const rest = valued({ [field]: { [behind]: after.value } })
  return direction === 1 ? [...same, ...rest, ...bare(true)] : [...same, ...rest]
}

function inOrder(direction: 1 | -1, a: readonly Segment[], b: readonly Segment[]): readonly Segment[] {
  return direction === 1 ? [...a, ...b] : [...b, ...a]
}

/** What a count looks through; `undefined` when nothing can match. */
export function matchOf(collection: AnyCollection, tenant: string, filter: Filter): Match | undefined {
  const match = all([isServed(collection, filter) ? { t: tenant } : { _id: keysOf(tenant) }, compile(tenant, filter)])
  return typeof match === 'object' ? match : undefined
}

/**
 * Whether a declared index narrows the filter or has the order of the sort. Where none does, the query names the range of
 * the tenant's ids instead of the tenant: MongoDB then has one plan to think of.
 */
export function isServed(collection: AnyCollection, filter: Filter, sort?: Path): boolean {
  const sorted = sort !== undefined && collection.indexes.some(({ paths: [first] }) => first && isSame(first, sort))
  return sorted || narrows(collection, filter, [])
}

function narrows(collection: AnyCollection, filter: Filter, before: Path): boolean {
  switch (filter.op) {
    case 'and':
      return filter.parts.some(part => narrows(collection, part, before))
    case 'or':
      return filter.parts.length > 0 && filter.parts.every(part => narrows(collection, part, before))
    case 'some':
      return narrows(collection, filter.part, [...before, ...filter.path])
    case 'not':
    case 'pr':
    case 'co':
    case 'ew':
      return false
    default: {
      const path = [...before, ...filter.path]
      return collection.indexes.some(({ paths: [first] }) => first !== undefined && isSame(first, path))
    }
  }
}

/** Whether the filter holds only where there is a value at `path`. */
function requires(filter: Filter, path: Path): boolean {
  if (filter.op === 'and') return filter.parts.some(part => requires(part, path))
  return 'path' in filter && filter.op !== 'some' && isSame(filter.path, path)
}

/** In a unique index no two values are equal, and so it has no ids behind them. */
export function isUnique(collection: AnyCollection, path: Path): boolean {
  return collection.indexes.some(
    ({ unique, paths: [first, ...more] }) =>
      unique === true && first !== undefined && more.length === 0 && isSame(first, path)
  )
}

/** Whether no document lacks a value there. */
function isComplete(collection: AnyCollection, path: Path): boolean {
  return collection.indexes.some(({ complete, paths }) => complete === true && paths.some(other => isSame(other, path)))
}

function isSame(a: Path, b: Path): boolean {
  return fieldsOf(a) === fieldsOf(b)
}
