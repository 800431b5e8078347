/**
 * The one query language: what SCIM filters resolve to, what the admin lists use, and what each store
 * compiles to its engine. It speaks of the *search form* of a document (see `SearchForm`), in which values are
 * already normalised, so that an engine only ever compares bytes, numbers and booleans.
 */

/** A value as it compares: folded text, milliseconds for a dateTime, a number or a boolean. */
export type Scalar = string | number | boolean

/** One name on the way into a search form. `many`: an array stands there, and any element may satisfy. */
export interface Step {
  readonly name: string
  readonly many: boolean
}

export type Path = readonly Step[]

export type ComparisonOp = 'eq' | 'gt' | 'ge' | 'lt' | 'le' | 'co' | 'sw' | 'ew'

/**
 * - `and` of nothing holds always, `or` of nothing never.
 * - A comparison holds when *some* value at the path satisfies it; an absent value satisfies none.
 * - `ne` does not exist: it is `not` of `eq`, so that an absent value is "not equal".
 * - `pr` holds when there is a value. Empty arrays, objects and nulls are not in a search form. (An empty
 *   string is: presence of a text attribute resolves to `gt ''`.)
 * - `some`: one and the same element at `path` satisfies `part`, whose paths start at the element. The last step of
 *   `path` is `many`.
 * - Texts compare by Unicode code point, which is also the order of their UTF-8 bytes.
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly op: 'not'; readonly part: Filter }
  | { readonly op: ComparisonOp; readonly path: Path; readonly value: Scalar }
  | { readonly op: 'in'; readonly path: Path; readonly values: readonly Scalar[] }
  | { readonly op: 'pr'; readonly path: Path }
  | { readonly op: 'some'; readonly path: Path; readonly part: Filter }

/** What queries see of a document: nested objects, arrays, scalars; no null, no empty object or array. */
export type SearchValue = Scalar | readonly SearchValue[] | SearchForm

export interface SearchForm {
  readonly [name: string]: SearchValue
}

export const everything: Filter = { op: 'and', parts: [] }
export const nothing: Filter = { op: 'or', parts: [] }

/** The path of single-valued names: `field('license', 'type')`. */
export function field(...names: string[]): Path {
  return names.map(name => ({ name, many: false }))
}

/** The path to the values of one array: `many('roles')`. */
export function many(...names: string[]): Path {
  return names.map((name, i) => ({ name, many: i === names.length - 1 }))
}

export function is(path: Path, value: Scalar): Filter {
  return { op: 'eq', path, value }
}

export function isIn(path: Path, values: readonly Scalar[]): Filter {
  return { op: 'in', path, values }
}

export function compare(op: ComparisonOp, path: Path, value: Scalar): Filter {
  return { op, path, value }
}

export function all(...parts: readonly Filter[]): Filter {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : { op: 'and', parts }
}

export function not(part: Filter): Filter {
  return { op: 'not', part }
}

/**
 * Text as it compares without case (RFC 7643 2.3.1 `caseExact: false`, RFC 7644 7.8): NFKC, then lower, upper and lower
 * case again, so that `ß`, `ẞ` and `SS` are the same. Folding twice changes nothing, and the beginning of a text
 * folds to the beginning of its fold: hence one form of sigma, which otherwise depends on what follows. The dotless
 * `ı` stays itself: its upper case is that of `i`, and two people must not become one.
 */
export function fold(text: string): string {
  // Most texts, and much faster: ASCII is its own NFKC.
  if (!notAscii.test(text)) return text.toLowerCase()
  const lower = text.normalize('NFKC').toLowerCase()
  const folded = lower.split('ı').map(part => part.toUpperCase().toLowerCase())
  return folded.join('ı').replaceAll('ς', 'σ').normalize('NFKC')
}

const notAscii = /\P{ASCII}/u
