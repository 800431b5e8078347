/**
 * What the server asks of a database: typed collections of small JSON documents, read one by one or by
 * a filter, and changed by commits that hold whole or not at all. Two adapters implement it, and
 * `test/contract/` is what both must pass.
 */
import type { Filter, Path, SearchForm } from '../scim/filter/filter.ts'

export interface Doc {
  readonly id: string
}

/**
 * An index over values of the search form; the tenant stands in front and the id behind, unseen.
 * A path with a `many` step makes an index over every value of the array: such an index has that one path.
 */
export interface Index {
  /** Unique in the table or collection; part of conflict answers. Letters, digits and `_`. */
  readonly name: string
  readonly paths: readonly Path[]
  /** No two documents of a tenant have the same values. A document that lacks one of the values is not in the index. */
  readonly unique?: boolean
  /** Every document has the values: who sorts by them need not look for those without. */
  readonly complete?: boolean
}

/** A kind of document, declared once beside the domain folder that owns it. */
export interface Collection<T extends Doc> {
  /** Letters only. */
  readonly name: string
  /** What filters, sorting and indexes see of a document. Pure; called on every write. */
  readonly search: (doc: T) => SearchForm
  readonly indexes: readonly Index[]
  /** Documents are inserted and never changed or removed: such an insert also marks its commit as done. */
  readonly appendOnly?: boolean
}

/** A document as it was read. */
export interface Stored<T extends Doc> {
  readonly doc: T
  /**
   * Grows by one with every `replace`, and with the first `reference`: who read that nothing points here, and removes
   * it for that reason, finds another version.
   */
  readonly version: number
  /** Whether some commit ever made a `reference` to it. Where not, nobody needs to look for what points here. */
  readonly referenced: boolean
}

export interface Sort {
  /** A path without `many` steps. */
  readonly path: Path
  readonly descending?: boolean
}

/**
 * A page. Documents without the sort value come last when ascending and first when descending (RFC 7644 3.4.2.3);
 * equal values are in order of id, and without `sort` the order is by id. Descending is ascending read backwards.
 */
export interface Query {
  readonly filter?: Filter
  readonly sort?: Sort
  /** Start behind this document: its value at the sort path (`undefined`: it has none) and its id. */
  readonly after?: { readonly value?: string | number | boolean | undefined; readonly id: string }
  /** Skip so many. Not together with `after`. */
  readonly offset?: number
  readonly limit: number
  /** Descending order of id where there is no `sort`. */
  readonly newestFirst?: boolean
}

// The collection's own type is lost in a list of changes; `change.*` below keeps it honest when one is made.
export type AnyCollection = Collection<never>

export type Change =
  /** Absent until now; unique indexes hold. */
  | { readonly do: 'insert'; readonly in: AnyCollection; readonly tenant: string; readonly doc: Doc }
  /** Still at the version that was read. */
  | {
      readonly do: 'replace'
      readonly in: AnyCollection
      readonly tenant: string
      readonly doc: Doc
      readonly version: number
    }
  | {
      readonly do: 'remove'
      readonly in: AnyCollection
      readonly tenant: string
      readonly id: string
      readonly version: number
    }
  /** Whatever matches at that moment; never a conflict. */
  | { readonly do: 'removeWhere'; readonly in: AnyCollection; readonly tenant: string; readonly filter: Filter }
  /** Exists, whatever its version, and will exist when this commit is seen: the commit points at it. */
  | { readonly do: 'reference'; readonly in: AnyCollection; readonly tenant: string; readonly id: string }
  /** Adds to a kept total. Never a conflict. */
  | { readonly do: 'tally'; readonly tenant: string; readonly key: string; readonly n: number }

/**
 * Why nothing was written.
 * - `exists`: an insert found its id taken; `unique`: a value of the unique `index` is taken.
 * - `version`: a replace or remove found another version, or no document.
 * - `gone`: the target of a reference is not there.
 * - `busy`: the engine refused two writers at once; the same commit may simply be tried again after fresh reads.
 */
export interface Conflict {
  readonly conflict: 'exists' | 'unique' | 'version' | 'gone' | 'busy'
  readonly collection: string
  readonly index?: string
}

export interface Store {
  get<T extends Doc>(collection: Collection<T>, tenant: string, id: string): Promise<Stored<T> | undefined>

  find<T extends Doc>(collection: Collection<T>, tenant: string, query: Query): Promise<readonly Stored<T>[]>

  /** How many match. Costs what the engine needs to count them: for "all of them" keep a tally instead. */
  count<T extends Doc>(collection: Collection<T>, tenant: string, filter: Filter): Promise<number>

  /** Kept totals, all taken at one moment, in the order of `keys`; a key never used is 0. */
  tallies(tenant: string, keys: readonly string[]): Promise<readonly number[]>

  /**
   * Applies all of `changes` or none, durably, in one step: when this answers `committed` the changes survive `kill -9`
   * of everything. Each change names its condition; a conflict means that at least one did not hold and
   * nothing was written: read again, decide again. A commit with an `id` that was already applied answers `committed`
   * and changes nothing, so that a lost answer can be asked for again.
   *
   * No two changes of a commit touch the same document, but for `reference` and `tally`. (A replace or remove may follow one
   * before it where it names the version which that one leaves; but not together with a `reference` between them.)
   *
   * @throws StoreUnavailable when the database cannot be reached in time; the outcome is then unknown, and the same `id` tells.
   */
  commit(changes: readonly Change[], options: { readonly id: string }): Promise<'committed' | Conflict>

  /** Resolves when the database answers now. @throws StoreUnavailable with the reason. */
  ping(): Promise<void>

  /** Finishes what was begun, then lets go of the database. */
  close(): Promise<void>
}

/** The database cannot be reached, or cannot write (a full disk). Nothing is known of a commit under way. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
  readonly retryAfterSeconds: number

  constructor(message: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause })
    this.retryAfterSeconds = options.retryAfterSeconds ?? 2
  }
}

/** No index serves this query and the scan of it would cost too much now: the client may narrow it. */
export class QueryTooCostly extends Error {
  override readonly name = 'QueryTooCostly'
}

export function insert<T extends Doc>(collection: Collection<T>, tenant: string, doc: T): Change {
  return { do: 'insert', in: collection as unknown as AnyCollection, tenant, doc }
}

export function replace<T extends Doc>(collection: Collection<T>, tenant: string, doc: T, version: number): Change {
  return { do: 'replace', in: collection as unknown as AnyCollection, tenant, doc, version }
}

export function remove<T extends Doc>(collection: Collection<T>, tenant: string, id: string, version: number): Change {
  return { do: 'remove', in: collection as unknown as AnyCollection, tenant, id, version }
}

export function removeWhere<T extends Doc>(collection: Collection<T>, tenant: string, filter: Filter): Change {
  return { do: 'removeWhere', in: collection as unknown as AnyCollection, tenant, filter }
}

export function reference<T extends Doc>(collection: Collection<T>, tenant: string, id: string): Change {
  return { do: 'reference', in: collection as unknown as AnyCollection, tenant, id }
}

export function tally(tenant: string, key: string, n: number): Change {
  return { do: 'tally', tenant, key, n }
}

/** What the adapter sees of a document when it writes it. */
export function searchFormOf(collection: AnyCollection, doc: Doc): SearchForm {
  return collection.search(doc as never)
}
