/**
 * A store over another one whose commits are only kept: many operations can run on it, each seeing what those before it
 * did, and become one commit of the store below, or nothing at all.
 */
import { all, everything, type Filter, field, isIn, not } from '../scim/filter/filter.ts'
import type { AnyCollection, Change, Collection, Conflict, Doc, Query, Store, Stored } from './port.ts'
import { type Below, type Read, StagedDocuments } from './staged/documents.ts'
import { mergedPage } from './staged/page.ts'

export interface StagedStore extends Store {
  /**
   * All that was committed here, as the changes of one commit of the store below. Each still has its condition: whoever changed
   * there what was read here makes that commit a conflict, and the operations run again on a new staged store.
   */
  changes(): readonly Change[]
  /**
   * Whether what was read here by its id, and is not among the changes, is still below as it was read. To be asked just before
   * the changes are committed: they say nothing of what was only looked at.
   *
   * @param but collections of which the caller knows better.
   */
  isCurrent(but?: readonly { readonly name: string }[]): Promise<boolean>
  /** The documents that were written here. */
  written<T extends Doc>(collection: Collection<T>, tenant: string): readonly Staged<T>[]
  /** As if this document, whose values are in no unique index, had never been asked for or written here. */
  forget<T extends Doc>(collection: Collection<T>, tenant: string, id: string): void
}

/** A document as it was below when it was touched, and as it is here. */
export interface Staged<T extends Doc> {
  readonly base: Stored<T> | undefined
  readonly now: Stored<T> | undefined
}

/**
 * Nothing is written to `store`. What was read by its id stays so for who reads here. Reads answer what it would answer if what was committed here were committed there; commits
 * answer what it would. Only the version of a document that was removed and inserted again differs: it goes on from the old
 * one. Commits go one behind the other. Closing it closes nothing.
 */
export function stage(store: Store): StagedStore {
  const documents = new Map<string, StagedDocuments>()
  const sums = new Map<string, { readonly tenant: string; readonly key: string; n: number }>()
  const applied = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()

  function at(collection: AnyCollection, tenant: string): StagedDocuments {
    const key = `${collection.name}/${tenant}`
    const known = documents.get(key) ?? new StagedDocuments(collection, tenant)
    documents.set(key, known)
    return known
  }

  async function commit(changes: readonly Change[], id: string): Promise<'committed' | Conflict> {
    if (applied.has(id)) return 'committed'
    const read = await readAll(changes)
    // From here on nobody comes between.
    const touched = new Set<StagedDocuments>()
    for (const [i, change] of changes.entries()) {
      if (change.do === 'tally') continue
      const here = at(change.in, change.tenant)
      if (!touched.has(here)) here.begin()
      touched.add(here)
      const conflict = here.apply(change, read[i] ?? nothingRead)
      if (conflict === undefined) continue
      for (const documents of touched) documents.rollBack()
      return conflict
    }
    for (const change of changes) if (change.do === 'tally') add(change)
    applied.add(id)
    return 'committed'
  }

  function add({ tenant, key, n }: Extract<Change, { do: 'tally' }>): void {
    const name = `${tenant}/${key}`
    const sum = sums.get(name) ?? { tenant, key, n: 0 }
    sum.n += n
    sums.set(name, sum)
  }

  /** What each change has to know of the store below. */
  function readAll(changes: readonly Change[]): Promise<readonly Read[]> {
    return Promise.all(
      changes.map(change => (change.do === 'tally' ? nothingRead : at(change.in, change.tenant).read(change, below)))
    )
  }

  const below: Below = {
    get: (collection, tenant, id) => store.get(plain(collection), tenant, id),
    find: (collection, tenant, query) => store.find(plain(collection), tenant, query)
  }

  return {
    async get<T extends Doc>(collection: Collection<T>, tenant: string, id: string) {
      const here = at(collection as unknown as AnyCollection, tenant)
      if (!here.knows(id)) here.look(id, await store.get(collection, tenant, id))
      return here.now(id) as Stored<T> | undefined
    },

    async find<T extends Doc>(collection: Collection<T>, tenant: string, query: Query) {
      const here = at(collection as unknown as AnyCollection, tenant)
      for (;;) {
        const { revision } = here
        const found = here.untouched
          ? here.saw(await store.find(collection, tenant, query))
          : await mergedPage(here, below, query)
        if (here.revision === revision) return found as readonly Stored<T>[]
      }
    },

    async count(collection, tenant, filter) {
      const here = at(collection as unknown as AnyCollection, tenant)
      for (;;) {
        const { revision } = here
        const others = await store.count(collection, tenant, untouchedIn(here, filter))
        if (here.revision === revision) return others + here.matching(filter).length
      }
    },

    async tallies(tenant, keys) {
      const totals = await store.tallies(tenant, keys)
      return totals.map((total, i) => total + (sums.get(`${tenant}/${keys[i]}`)?.n ?? 0))
    },

    commit(changes, { id }) {
      const answer = last.then(() => commit(changes, id))
      last = answer.catch(() => {})
      return answer
    },

    changes() {
      const everywhere = [...documents.values()]
      return [
        ...everywhere.flatMap(each => each.changes()),
        ...[...sums.values()].filter(({ n }) => n !== 0).map(sum => ({ do: 'tally' as const, ...sum })),
        // Behind what was inserted.
        ...everywhere.flatMap(each => each.references())
      ]
    },

    async isCurrent(but = []) {
      const asked = [...documents.values()].filter(each => but.every(({ name }) => name !== each.collection.name))
      return (await Promise.all(asked.map(each => each.isCurrent(below)))).every(is => is)
    },

    written: <T extends Doc>(collection: Collection<T>, tenant: string) =>
      at(collection as unknown as AnyCollection, tenant).written() as readonly Staged<T>[],

    forget: (collection, tenant, id) => at(collection as unknown as AnyCollection, tenant).forget(id),

    ping: () => store.ping(),
    async close() {}
  }
}

/** The documents below that were neither touched nor removed here. */
function untouchedIn(here: StagedDocuments, filter: Filter): Filter {
  const touched = here.touchedBelow()
  const parts = [
    ...(filter.op === 'and' && filter.parts.length === 0 ? [] : [filter]),
    ...(touched.length === 0 ? [] : [not(isIn(field('id'), touched))]),
    ...here.removed.map(not)
  ]
  return parts.length === 0 ? everything : all(...parts)
}

const nothingRead: Read = { found: undefined, holders: [] }

const plain = (collection: AnyCollection) => collection as unknown as Collection<Doc>
