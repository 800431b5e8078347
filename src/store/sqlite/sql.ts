/** Pieces of SQL with their parameters, in the order in which they stand. */
import type { Path } from '../../scim/filter/filter.ts'
import type { Cell } from './cells.ts'

export type Param = Cell

export interface Sql {
  readonly text: string
  readonly params: readonly Param[]
}

export function sql(text: string, ...params: readonly Param[]): Sql {
  return { text, params }
}

/** One after the other, `between` them. */
export function chain(parts: readonly Sql[], between = ' '): Sql {
  return { text: parts.map(p => p.text).join(between), params: parts.flatMap(p => p.params) }
}

export const always = sql('1')
export const never = sql('0')

/**
 * SQLite looks at what is bound to a plain `LIMIT ?` to choose its plan, and so prepares the statement anew each time one is
 * bound, which takes longer than to run it. Behind a plus it does not look.
 */
export function atMost(rows: number): Sql {
  return sql('LIMIT +?', rows)
}

/** `AND` or `OR` of any number of parts, as a balanced tree: SQLite's parser allows a depth of 1000. */
export function joined(parts: readonly Sql[], by: 'AND' | 'OR'): Sql {
  const [only] = parts
  if (only === undefined) return by === 'AND' ? always : never
  if (parts.length === 1) return only
  if (parts.length <= 8) return wrapped(chain(parts, ` ${by} `))
  const half = parts.length >> 1
  return wrapped(chain([joined(parts.slice(0, half), by), joined(parts.slice(half), by)], ` ${by} `))
}

export function wrapped(part: Sql, before = '(', after = ')'): Sql {
  return { text: before + part.text + after, params: part.params }
}

/** A name of ours in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A path without `many` steps (a last one is the array itself) as SQLite's JSON path, a text literal of SQL. */
export function jsonPath(path: Path): string {
  const names = path.map(step => {
    // Paths come from schemas and code, never from a request; this keeps it so.
    if (/["\\\p{Cc}]/u.test(step.name)) throw new Error(`a path cannot have the name ${JSON.stringify(step.name)}`)
    return `."${step.name}"`
  })
  return `'$${names.join('').replaceAll("'", "''")}'`
}
