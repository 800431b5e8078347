/** What the writes to one collection come to: one change for each document, in an order in which every one of them holds. */
import type { AnyCollection, Change, Doc, Stored } from '../port.ts'
import type { Entry } from './documents.ts'
import type { UniqueKey } from './unique.ts'

/** A document as one of the commits left it; `doc`: undefined where it removed it. */
export interface State {
  readonly id: string
  readonly base: Stored<Doc> | undefined
  readonly doc: Doc | undefined
}

/**
 * Removals first, then replacements, then what is new: so a unique value is free again before another document takes it. Where
 * it goes from one replaced document to another no such order may exist (two that swap by way of a third value), and all
 * states are written as they came.
 */
export function netChanges(
  collection: AnyCollection,
  tenant: string,
  entries: ReadonlyMap<string, Entry>,
  states: readonly State[],
  keysOf: (doc: Doc) => readonly UniqueKey[]
): readonly Change[] {
  const replaced = [...entries.values()].flatMap(({ base, now, written }) =>
    written && base !== undefined && now !== undefined ? [{ base, now }] : []
  )
  const taken = new Map(replaced.flatMap(({ now }) => keysOf(now.doc).map(({ text }) => [text, now.doc.id] as const)))
  const wanders = replaced.some(({ base }) =>
    keysOf(base.doc).some(({ text }) => taken.has(text) && taken.get(text) !== base.doc.id)
  )
  if (wanders) return asTheyCame(collection, tenant, states)

  const changes = { remove: [] as Change[], replace: [] as Change[], insert: [] as Change[] }
  for (const [id, { base, now, written }] of entries) {
    if (!written) continue
    const change = changeOf(collection, tenant, id, base?.version, now?.doc)
    if (change !== undefined) changes[change.do].push(change)
  }
  return [...changes.remove, ...changes.replace, ...changes.insert]
}

/** In their order, each with the version that the one before it leaves. */
function asTheyCame(collection: AnyCollection, tenant: string, states: readonly State[]): readonly Change[] {
  const versions = new Map<string, number | undefined>()
  return states.flatMap(({ id, base, doc }) => {
    const version = versions.has(id) ? versions.get(id) : base?.version
    versions.set(id, doc === undefined ? undefined : (version ?? 0) + 1)
    return changeOf(collection, tenant, id, version, doc) ?? []
  })
}

/** @param version what is there; undefined: nothing. */
function changeOf(
  collection: AnyCollection,
  tenant: string,
  id: string,
  version: number | undefined,
  doc: Doc | undefined
) {
  if (version === undefined)
    return doc === undefined ? undefined : ({ do: 'insert', in: collection, tenant, doc } as const)
  if (doc === undefined) return { do: 'remove', in: collection, tenant, id, version } as const
  return { do: 'replace', in: collection, tenant, doc, version } as const
}
