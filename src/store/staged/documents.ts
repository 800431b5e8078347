/** What a staged store holds of one collection of one tenant. */
import { matches } from '../../scim/filter/evaluate.ts'
import { all, type Filter, field, is, isIn, not, type SearchForm } from '../../scim/filter/filter.ts'
import {
  type AnyCollection,
  type Change,
  type Conflict,
  type Doc,
  type Query,
  type Stored,
  searchFormOf
} from '../port.ts'
import { netChanges, type State } from './net.ts'
import { type UniqueKey, uniqueKeysOf } from './unique.ts'

export type DocumentChange = Exclude<Change, { do: 'tally' }>

/** The store below. */
export interface Below {
  get(collection: AnyCollection, tenant: string, id: string): Promise<Stored<Doc> | undefined>
  find(collection: AnyCollection, tenant: string, query: Query): Promise<readonly Stored<Doc>[]>
}

/** What a change has to know of the store below. */
export interface Read {
  /** The document of the change's id. */
  readonly found: Stored<Doc> | undefined
  /** Who has the unique values that the change writes. */
  readonly holders: readonly { readonly key: UniqueKey; readonly by: Stored<Doc> }[]
}

/** A document that was touched here. */
export interface Entry {
  /** As it was below when it was touched first. */
  readonly base: Stored<Doc> | undefined
  readonly now: Stored<Doc> | undefined
  /** False: it was only referred to. */
  readonly written: boolean
  readonly referenced: boolean
}

/** Documents of a page that are remembered, at most: a longer one is a walk through many, which nobody changes one by one. */
const rememberedMax = 100

export class StagedDocuments {
  readonly collection: AnyCollection
  readonly tenant: string
  readonly #entries = new Map<string, Entry>()
  /** The filters of `removeWhere`: what matches below and was not touched is gone. */
  readonly #removed: Filter[] = []
  /** Unique values → the id of the touched document that has it now. */
  readonly #holders = new Map<string, string>()
  /** What was read below, as it was read last. */
  readonly #seen = new Map<string, Stored<Doc> | undefined>()
  /** The versions of those that were asked for by their ids. */
  readonly #looked = new Map<string, number | undefined>()
  #outdated = false
  readonly #forms = new WeakMap<Doc, SearchForm>()
  /** Every state that was written, in order, where unique values may wander from one document to another. */
  readonly #states: State[] = []
  #undo: Array<() => void> = []
  /** Grows with every change. */
  revision = 0

  constructor(collection: AnyCollection, tenant: string) {
    this.collection = collection
    this.tenant = tenant
  }

  get untouched(): boolean {
    return this.#entries.size === 0 && this.#removed.length === 0
  }

  get removed(): readonly Filter[] {
    return this.#removed
  }

  touched(id: string): boolean {
    return this.#entries.has(id.toWellFormed())
  }

  /** Whether `now` can answer. */
  knows(given: string): boolean {
    const id = given.toWellFormed()
    return this.#entries.has(id) || this.#looked.has(id)
  }

  now(given: string): Stored<Doc> | undefined {
    const id = given.toWellFormed()
    const entry = this.#entries.get(id)
    if (entry !== undefined) return entry.now
    const seen = this.#seen.get(id)
    return seen !== undefined && this.shows(seen) ? seen : undefined
  }

  /** Somebody asked for a document, which is so below. */
  look(given: string, found: Stored<Doc> | undefined): void {
    const id = given.toWellFormed()
    if (this.knows(id)) return
    this.#seen.set(id, found)
    this.#looked.set(id, found?.version)
  }

  /** A page was read below. @returns the same. */
  saw(page: readonly Stored<Doc>[]): readonly Stored<Doc>[] {
    for (const stored of page.length > rememberedMax ? [] : page) {
      const id = stored.doc.id.toWellFormed()
      if (this.#looked.has(id) && this.#looked.get(id) !== stored.version) this.#outdated = true
      this.#seen.set(id, stored)
    }
    return page
  }

  /** Whether what was asked for and is not written here is below as it was. */
  async isCurrent(below: Below): Promise<boolean> {
    const left = [...this.#looked].filter(([id]) => !this.touched(id))
    const same = left.map(async ([id, version]) => {
      return (await below.get(this.collection, this.tenant, id))?.version === version
    })
    return !this.#outdated && (await Promise.all(same)).every(is => is)
  }

  /** Ids of the touched documents that are below. */
  touchedBelow(): readonly string[] {
    return [...this.#entries].flatMap(([id, { base }]) => (base === undefined ? [] : [id]))
  }

  /** Whether a document that was found below is still so for who reads here. */
  shows(found: Stored<Doc>): boolean {
    if (this.touched(found.doc.id)) return false
    return this.#removed.length === 0 || !this.#removed.some(filter => matches(filter, this.formOf(found.doc)))
  }

  written(): readonly Pick<Entry, 'base' | 'now'>[] {
    return [...this.#entries.values()].filter(({ written }) => written)
  }

  forget(given: string): void {
    const id = given.toWellFormed()
    this.#put(id, this.#entries.get(id), undefined)
    this.#seen.delete(id)
    this.#looked.delete(id)
  }

  /** The touched documents that match now, in no order. */
  matching(filter: Filter): readonly Stored<Doc>[] {
    const found: Stored<Doc>[] = []
    for (const { now } of this.#entries.values()) {
      if (now !== undefined && matches(filter, this.formOf(now.doc))) found.push(now)
    }
    return found
  }

  formOf(doc: Doc): SearchForm {
    const form = this.#forms.get(doc) ?? searchFormOf(this.collection, doc)
    this.#forms.set(doc, form)
    return form
  }

  /** Reads what `apply` will ask. */
  async read(change: DocumentChange, below: Below): Promise<Read> {
    if (change.do === 'removeWhere') return { found: undefined, holders: [] }
    if (change.do === 'insert') {
      const keys = this.#keysOf(change.doc)
      const [found, holders] = await Promise.all([this.#found(change.doc.id, below), this.#holdersBelow(keys, below)])
      return { found, holders }
    }
    if (change.do !== 'replace') return { found: await this.#found(change.id, below), holders: [] }
    const found = await this.#found(change.doc.id, below)
    // What it has already nobody else can have.
    const own = new Set(found === undefined ? [] : this.#keysOf(found.doc).map(({ text }) => text))
    const keys = this.#keysOf(change.doc).filter(({ text }) => !own.has(text))
    return { found, holders: await this.#holdersBelow(keys, below) }
  }

  async #found(id: string, below: Below): Promise<Stored<Doc> | undefined> {
    if (this.touched(id) || this.#seen.has(id.toWellFormed())) return this.#seen.get(id.toWellFormed())
    // Nobody but the server makes these ids, and none twice.
    if (this.collection.appendOnly === true) return undefined
    const found = await below.get(this.collection, this.tenant, id)
    this.#seen.set(id.toWellFormed(), found)
    return found
  }

  async #holdersBelow(keys: readonly UniqueKey[], below: Below): Promise<Read['holders']> {
    const unknown = keys.filter(({ text }) => !this.#holders.has(text))
    const found = unknown.map(async key => {
      const filter = all(...key.values.map(({ path, value }) => is(path, value)))
      const holders = await below.find(this.collection, this.tenant, { filter, limit: 1 })
      return holders.map(by => ({ key, by }))
    })
    return (await Promise.all(found)).flat()
  }

  /** From here on `rollBack` leads back to here. */
  begin(): void {
    this.#undo = []
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.#undo = []
  }

  /** @returns why it does not hold; nothing was changed by it then. */
  apply(change: DocumentChange, read: Read): Conflict | undefined {
    switch (change.do) {
      case 'insert':
        return this.#insert(change.doc, read)
      case 'replace':
        return this.#replace(change.doc, change.version, read)
      case 'remove': {
        const entry = this.#entryOf(change.id, read)
        if (entry.now?.version !== change.version) return this.#conflict('version')
        this.#write(change.id, { ...entry, now: undefined, written: true })
        return undefined
      }
      case 'removeWhere':
        return this.#removeWhere(change.filter)
      case 'reference': {
        const entry = this.#entryOf(change.id, read)
        const { now } = entry
        if (now === undefined) return this.#conflict('gone')
        const first = now.referenced ? now : { ...now, referenced: true, version: now.version + 1 }
        this.#set(change.id, { ...entry, now: first, referenced: true })
        return undefined
      }
    }
  }

  #insert(given: Doc, read: Read): Conflict | undefined {
    const entry = this.#entryOf(given.id, read)
    if (entry.now !== undefined) return this.#conflict('exists')
    const { base } = entry
    const doc = copied(given)
    const taken = this.#taken(doc, read)
    if (taken !== undefined) return taken
    const now = { doc, version: (base?.version ?? 0) + 1, referenced: base?.referenced ?? false }
    this.#write(doc.id, { ...entry, now, written: true })
    return undefined
  }

  #replace(given: Doc, version: number, read: Read): Conflict | undefined {
    const entry = this.#entryOf(given.id, read)
    if (entry.now?.version !== version) return this.#conflict('version')
    const doc = copied(given)
    const taken = this.#taken(doc, read)
    if (taken !== undefined) return taken
    this.#write(doc.id, { ...entry, now: { ...entry.now, doc, version: version + 1 }, written: true })
    return undefined
  }

  #removeWhere(filter: Filter): undefined {
    this.#removed.push(filter)
    this.#undo.push(() => this.#removed.pop())
    this.revision++
    for (const [id, entry] of this.#entries) {
      if (entry.now === undefined || !matches(filter, this.formOf(entry.now.doc))) continue
      this.#write(id, { ...entry, now: undefined, written: true })
    }
  }

  #taken(doc: Doc, { holders }: Read): Conflict | undefined {
    for (const { index, text } of this.#keysOf(doc)) {
      const here = this.#holders.get(text)
      const below = holders.find(holder => holder.key.text === text)?.by
      const other = here ?? (below !== undefined && this.shows(below) ? below.doc.id : undefined)
      if (other !== undefined && other !== doc.id) return this.#conflict('unique', index)
    }
    return undefined
  }

  #entryOf(id: string, { found }: Read): Entry {
    const entry = this.#entries.get(id.toWellFormed())
    if (entry !== undefined) return entry
    const now = found !== undefined && this.shows(found) ? found : undefined
    return { base: found, now, written: false, referenced: false }
  }

  #write(id: string, entry: Entry): void {
    this.#set(id, entry)
    if (this.collection.indexes.every(index => index.unique !== true)) return
    this.#states.push({ id, base: entry.base, doc: entry.now?.doc })
    this.#undo.push(() => this.#states.pop())
  }

  #set(given: string, entry: Entry): void {
    const id = given.toWellFormed()
    const before = this.#entries.get(id)
    this.#put(id, before, entry)
    this.#undo.push(() => this.#put(id, entry, before))
  }

  #put(id: string, before: Entry | undefined, after: Entry | undefined): void {
    this.revision++
    const keysOf = (entry: Entry | undefined) => (entry?.now === undefined ? [] : this.#keysOf(entry.now.doc))
    for (const { text } of keysOf(before)) this.#holders.delete(text)
    if (after === undefined) this.#entries.delete(id)
    else this.#entries.set(id, after)
    for (const { text } of keysOf(after)) this.#holders.set(text, id)
  }

  #keysOf(doc: Doc): readonly UniqueKey[] {
    return uniqueKeysOf(this.collection, () => this.formOf(doc))
  }

  #conflict(conflict: Conflict['conflict'], index?: string): Conflict {
    const collection = this.collection.name
    return index === undefined ? { conflict, collection } : { conflict, collection, index }
  }

  /** All but the references. */
  changes(): readonly Change[] {
    const { collection, tenant } = this
    return [
      ...this.#removed.map(
        (filter): Change => ({ do: 'removeWhere', in: collection, tenant, filter: this.#spared(filter) })
      ),
      ...netChanges(collection, tenant, this.#entries, this.#states, doc => this.#keysOf(doc))
    ]
  }

  references(): readonly Change[] {
    return [...this.#entries].flatMap(([id, { referenced, now }]): readonly Change[] =>
      referenced && now !== undefined ? [{ do: 'reference', in: this.collection, tenant: this.tenant, id }] : []
    )
  }

  /** The filter without the documents that were touched: what becomes of those is said one by one. */
  #spared(filter: Filter): Filter {
    const ids = [...this.#entries].flatMap(([id, { base }]) =>
      base !== undefined && matches(filter, this.formOf(base.doc)) ? [id] : []
    )
    return ids.length === 0 ? filter : all(filter, not(isIn(field('id'), ids)))
  }
}

/** As it comes back from any store. */
const copied = (doc: Doc): Doc => JSON.parse(JSON.stringify(doc)) as Doc
