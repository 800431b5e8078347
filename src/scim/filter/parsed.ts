/**
 * What the text of a filter or of a PATCH path says, before any schema is asked (RFC 7644 3.4.2.2, 3.5.2).
 * Names are as they were sent: `resolveTarget` finds what they mean.
 */

/** A `compValue`: JSON's scalars. Texts are well-formed Unicode without NUL, numbers are finite. */
export type Literal = string | number | boolean | null

/** The words of RFC 7644 3.4.2.2, table 3, but for `pr`, which takes no value. */
export type ParsedComparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/**
 * What a comparison speaks of: `name.givenName`, or a sub-attribute of the elements that a filter chooses,
 * `emails[type eq "work"].value`: `where` and `sub` are there together or not at all.
 */
export interface Operand {
  readonly attr: string
  readonly where?: ParsedFilter
  readonly sub?: string
}

/**
 * - `and`, `or`: two or more parts, as they stood in one run without parentheses.
 * - `element`: `emails[type eq "work"]`; in `part` names are sub-attributes.
 */
export type ParsedFilter =
  | { readonly op: 'and' | 'or'; readonly parts: readonly ParsedFilter[] }
  | { readonly op: 'not'; readonly part: ParsedFilter }
  | { readonly op: 'pr'; readonly on: Operand }
  | { readonly op: ParsedComparison; readonly on: Operand; readonly value: Literal }
  | { readonly op: 'element'; readonly attr: string; readonly part: ParsedFilter }

/** `PATH = attrPath / valuePath [subAttr]` (RFC 7644 3.5.2). */
export interface ParsedPath {
  /** As sent, with its URN and sub-attribute: `name.givenName`, `urn:…:User:manager.displayName`. */
  readonly attr: string
  /** Between the brackets; in it names are sub-attributes. */
  readonly filter?: ParsedFilter
  /** Behind the brackets. */
  readonly sub?: string
}

/** What a filter or path may cost. All are looked at before or while reading, so that reading takes linear time. */
export interface FilterLimits {
  /** Of the whole text. Percent-encoded, more hardly fits into the 8 KiB for a URL that common proxies let through. */
  readonly lengthMax: number
  /** Parentheses and brackets within one another. Bounds the recursion here and in every fold over the tree. */
  readonly depthMax: number
  /** Expressions with an operator. Each may cost a scan, and a chain of them must stay far below SQLite's expression depth of 1,000. */
  readonly comparisonsMax: number
  /** Of one text between quotes. Longer than any attribute that is worth searching. */
  readonly valueLengthMax: number
  /** Accept `externalId eq jyoung`: a value that is nothing else is a text. Entra's samples are so (quirk 5). */
  readonly bareTokens: boolean
}

export const filterLimits: FilterLimits = {
  lengthMax: 4096,
  depthMax: 20,
  comparisonsMax: 100,
  valueLengthMax: 1024,
  bareTokens: false
}
