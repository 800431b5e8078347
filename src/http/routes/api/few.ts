/** Lists of what stands in one document: few items, all of them at hand. */
import { compareText, matches } from '../../../scim/filter/evaluate.ts'
import type { Filter, Path, Scalar, SearchForm, SearchValue } from '../../../scim/filter/filter.ts'
import type { Doc, Query, Stored } from '../../../store/port.ts'

/** What a store would find among these. */
export function findAmong<T extends Doc>(
  all: readonly T[],
  search: (doc: T) => SearchForm,
  filter: Filter | undefined,
  { sort, after, offset = 0, limit, newestFirst = false }: Omit<Query, 'filter'>
): readonly Stored<T>[] {
  const place = (doc: T) => ({ value: sort === undefined ? undefined : valueAt(search(doc), sort.path), id: doc.id })
  const backwards = sort?.descending ?? newestFirst
  const order = (a: Place, b: Place) => (backwards ? -1 : 1) * compare(a, b)
  return all
    .filter(doc => filter === undefined || matches(filter, search(doc)))
    .toSorted((a, b) => order(place(a), place(b)))
    .filter(doc => after === undefined || order(place(doc), { value: after.value, id: after.id }) > 0)
    .slice(offset, offset + limit)
    .map(doc => ({ doc, version: 1, referenced: false }))
}

interface Place {
  readonly value: Scalar | undefined
  readonly id: string
}

/** Who has no value comes last. */
function compare(a: Place, b: Place): number {
  if (a.value === undefined || b.value === undefined) {
    return a.value === b.value ? compareText(a.id, b.id) : Number(a.value === undefined) - Number(b.value === undefined)
  }
  const both = typeof a.value === 'string' && typeof b.value === 'string'
  const byValue = both ? compareText(String(a.value), String(b.value)) : Number(a.value) - Number(b.value)
  return byValue === 0 ? compareText(a.id, b.id) : byValue
}

function valueAt(form: SearchForm, path: Path): Scalar | undefined {
  let value: SearchValue | undefined = form
  for (const { name } of path) value = (value as SearchForm | undefined)?.[name]
  return value as Scalar | undefined
}
