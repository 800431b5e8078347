/** Filters of which a part is known beforehand, for all the documents that will be looked at. */
import { matches } from './evaluate.ts'
import { everything, type Filter, nothing, type Path, type SearchForm, type SearchValue } from './filter.ts'

/**
 * The filter without the conditions on what every document has in common. Where they decide everything it is `everything` or
 * `nothing`, which no engine has to look for.
 *
 * @param common the values that all have, at single-valued paths.
 */
export function settle(filter: Filter, common: SearchForm): Filter {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.parts.map(part => settle(part, common))
      const deciding = filter.op === 'and' ? isNothing : isEverything
      const decided = parts.find(deciding)
      if (decided !== undefined) return decided
      const open = parts.filter(part => !isNothing(part) && !isEverything(part))
      const [only] = open
      return open.length === 1 && only !== undefined ? only : { op: filter.op, parts: open }
    }
    case 'not': {
      const part = settle(filter.part, common)
      if (isEverything(part)) return nothing
      return isNothing(part) ? everything : { op: 'not', part }
    }
    default:
      if (!isCommon(filter.path, common)) return filter
      return matches(filter, common) ? everything : nothing
  }
}

export const isNothing = (filter: Filter): boolean => filter.op === 'or' && filter.parts.length === 0
export const isEverything = (filter: Filter): boolean => filter.op === 'and' && filter.parts.length === 0

function isCommon(path: Path, common: SearchForm): boolean {
  let value: SearchValue = common
  for (const { name, many } of path) {
    if (many || typeof value !== 'object' || !Object.hasOwn(value, name)) return false
    value = (value as SearchForm)[name] ?? common
  }
  return typeof value !== 'object'
}
