/** The collections of the contract: small, and with one of each kind of index. */
import { field, fold, many, type SearchForm } from '../../src/scim/filter/filter.ts'
import type { AnyCollection, Collection, Doc } from '../../src/store/port.ts'

export interface Person extends Doc {
  readonly userName: string
  readonly externalId?: string
  readonly title?: string
  readonly site?: string
  readonly badge?: number
  readonly active?: boolean
  readonly nicknames?: readonly string[]
  /** Anything at all: it only has to come back. */
  readonly extra?: unknown
}

export const people: Collection<Person> = {
  name: 'people',
  search: p => present({ ...p, userName: fold(p.userName), extra: undefined }),
  indexes: [
    { name: 'people_userName', paths: [field('userName')], unique: true },
    { name: 'people_externalId', paths: [field('externalId')], unique: true },
    { name: 'people_badge', paths: [field('site'), field('badge')], unique: true },
    { name: 'people_nicknames', paths: [many('nicknames')], unique: true },
    { name: 'people_title', paths: [field('title')] }
  ]
}

/** An edge from somewhere to a person. */
export interface Edge extends Doc {
  readonly to: string
}

export const edges: Collection<Edge> = {
  name: 'edges',
  search: e => ({ id: e.id, to: e.to }),
  indexes: [{ name: 'edges_to', paths: [field('to')] }]
}

/** One place of many, free or held. */
export interface Slot extends Doc {
  readonly pool: string
  readonly n: number
  readonly holder?: string
}

export const slots: Collection<Slot> = {
  name: 'slots',
  search: s => present({ ...s }),
  indexes: [{ name: 'slots_free', paths: [field('pool'), field('holder'), field('n')] }]
}

export interface Entry extends Doc {
  readonly what: string
}

export const entries: Collection<Entry> = {
  name: 'entries',
  appendOnly: true,
  search: e => ({ id: e.id, what: e.what }),
  indexes: []
}

/** A document that is nothing but its search form. */
export interface Thing extends Doc {
  readonly form: SearchForm
}

export const things: Collection<Thing> = {
  name: 'things',
  search: d => ({ ...d.form, id: d.id }),
  indexes: [
    { name: 'things_text', paths: [field('text')] },
    { name: 'things_flag_number', paths: [field('flag'), field('number')] },
    { name: 'things_nested', paths: [field('urn:ietf:params:scim:schemas:extension:enterprise:2_0:User', 'text')] },
    { name: 'things_tags', paths: [many('tags')] },
    { name: 'things_items', paths: [[...many('items'), ...field('value')]] }
  ]
}

/** What `open` must make room for. */
export const contractCollections: readonly AnyCollection[] = [people, edges, slots, entries, things].map(
  c => c as unknown as AnyCollection
)

/** Leaves out what is undefined: a search form has no holes. */
function present(values: Record<string, unknown>): SearchForm {
  const entriesLeft = Object.entries(values).filter(([, v]) => v !== undefined && !(Array.isArray(v) && v.length === 0))
  return Object.fromEntries(entriesLeft) as SearchForm
}
