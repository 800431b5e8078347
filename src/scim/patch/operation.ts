/** What a PATCH asks for once the schema has been consulted: see `parsePatch`. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Filter } from '../filter/filter.ts'
import type { Attribute } from '../schema/types.ts'

export type PatchOp = 'add' | 'replace' | 'remove'

/**
 * One change of one attribute. Whole resources, extensions and single complex values have been taken apart, so that
 * `attribute` is simple, or multi-valued, or (for a `remove`) a single complex one.
 */
export interface PatchOperation {
  readonly op: PatchOp
  readonly attribute: Attribute
  /** Only these elements; `attribute` is multi-valued and complex then. */
  readonly where?: ElementChoice
  /** Of each element. Without `where`: of every element. */
  readonly sub?: Attribute
  /** The whole extension goes, so that what it requires is required no more. */
  readonly withExtension?: true
  /** As it is stored: an array for a whole multi-valued attribute, else one value. */
  readonly value?: Json
}

/** The elements that the filter between the brackets means. */
export interface ElementChoice {
  /** Paths start at the element. */
  readonly filter: Filter
  /**
   * Sub-attributes that make an element the filter chooses, where it leaves no choice: it is a conjunction of `eq`
   * on writable sub-attributes.
   */
  readonly made?: JsonObject
}
