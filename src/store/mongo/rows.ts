/** A document as MongoDB keeps it. */
import type { SearchForm, SearchValue } from '../../scim/filter/filter.ts'
import { type AnyCollection, type Collection, type Doc, type Stored, searchFormOf } from '../port.ts'
import { fieldOf, keyOf } from './names.ts'

export interface Row {
  readonly _id: string
  /** Tenant. */
  readonly t: string
  /** Version. */
  readonly v: number
  /** There: some commit made a reference to it. */
  readonly r?: true
  /** Counts the references made, so that a reference and a removal at the same moment write the same document. */
  readonly h?: number
  /** The commit that appended it; only where documents are never changed or removed. */
  readonly c?: string
  /** The document's JSON. Text, so that it comes back byte by byte and costs MongoDB nothing to read. */
  readonly doc: string
  /** The search form: what filters, sorting and indexes see. Never read back. */
  readonly f: BsonForm
}

export interface BsonForm {
  readonly [field: string]: BsonValue
}
export type BsonValue = string | number | boolean | readonly BsonValue[] | BsonForm

/** What a read asks for. */
export const wanted = { _id: 0, doc: 1, v: 1, r: 1 } as const
export type Read = Pick<Row, 'doc' | 'v' | 'r'>

/** The row of a new document. */
export function rowOf<T extends Doc>(collection: Collection<T>, tenant: string, doc: T): Row {
  return newRow(collection as unknown as AnyCollection, tenant, doc)
}

export function newRow(collection: AnyCollection, tenant: string, doc: Doc, commit?: string): Row {
  const row = { _id: keyOf(tenant, doc.id), t: tenant, v: 1, ...contentOf(collection, doc) }
  return commit === undefined ? row : { ...row, c: commit }
}

/** What a replace writes anew. */
export function contentOf(collection: AnyCollection, doc: Doc): Pick<Row, 'doc' | 'f'> {
  return { doc: JSON.stringify(doc), f: bsonOf(searchFormOf(collection, doc)) }
}

export function storedOf<T extends Doc>(row: Read): Stored<T> {
  return { doc: JSON.parse(row.doc) as T, version: row.v, referenced: row.r === true }
}

function bsonOf(form: SearchForm): BsonForm {
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [fieldOf(name), bsonValueOf(value)]))
}

function bsonValueOf(value: SearchValue): BsonValue {
  if (typeof value !== 'object') return value
  return Array.isArray(value) ? value.map(bsonValueOf) : bsonOf(value as SearchForm)
}
