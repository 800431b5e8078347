import type { Filter, Path, Scalar } from '../../scim/filter/filter.ts'
import { flat } from './compile-filter.ts'
import { nameOf } from './shape.ts'

/** An `in` of one value is an `eq`, and an `or` of values of one path is an `in`, which an index answers at once. */
export function simplified(filter: Filter): Filter {
  if (filter.op === 'and') return { op: 'and', parts: filter.parts.map(simplified) }
  if (filter.op === 'in') return inOf(filter.path, filter.values)
  if (filter.op !== 'or') return filter
  const parts = flat('or', filter.parts).map(simplified)
  const [lists, others] = [parts.filter(isList), parts.filter(part => !isList(part))]
  const merged = [...Map.groupBy(lists, list => nameOf(list.path)).values()].flatMap(([first, ...more]) => {
    return first === undefined ? [] : [inOf(first.path, [first, ...more].flatMap(valuesOf))]
  })
  const all = [...merged, ...others]
  const [only] = all
  return all.length === 1 && only !== undefined ? only : { op: 'or', parts: all }
}

type List = Extract<Filter, { readonly values: unknown }> | Extract<Filter, { readonly value: unknown }>

function isList(filter: Filter): filter is List {
  return filter.op === 'in' || filter.op === 'eq'
}

function valuesOf(list: List): readonly Scalar[] {
  return list.op === 'in' ? list.values : [list.value]
}

function inOf(path: Path, values: readonly Scalar[]): Filter {
  const [only] = values
  return only !== undefined && values.length === 1 ? { op: 'eq', path, value: only } : { op: 'in', path, values }
}
