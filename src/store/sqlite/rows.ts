/** Documents as rows, and the SQL that writes them. */
import type { SearchForm } from '../../scim/filter/filter.ts'
import { type Doc, searchFormOf } from '../port.ts'
import { type Cell, cellsAt } from './cells.ts'
import type { Shape } from './shape.ts'
import { quoted } from './sql.ts'

export interface Row {
  readonly tenant: string
  readonly id: string
  /** The document's JSON, as it will come back. */
  readonly doc: string
  /** The search form's JSON. */
  readonly form: string
  /** In the order of `Shape.columns`. */
  readonly cells: readonly Cell[]
  /** In the order of `Shape.sides`: the values, each once. */
  readonly sides: readonly (readonly Cell[])[]
}

export function rowOf(shape: Shape, tenant: string, doc: Doc): Row {
  const form = searchFormOf(shape.collection, doc)
  return {
    tenant,
    id: doc.id,
    doc: JSON.stringify(doc),
    form: formText(form),
    cells: shape.columns.map(column => cellsAt(form, column.path)[0] ?? null),
    sides: shape.sides.map(side => [...new Set(cellsAt(form, side.path))])
  }
}

// A lone surrogate, which JSON.stringify escapes, would be another text here than in a column.
function formText(form: SearchForm): string {
  const text = JSON.stringify(form)
  if (!/\\ud[89a-f]/.test(text)) return text
  return JSON.stringify(form, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))
}

/** The statements that write one collection. Plain texts: they go to the thread that writes. */
export interface TableSql {
  readonly collection: string
  /** tenant, id, cells …, form, doc */
  readonly insert: string
  /** cells …, form, doc, tenant, id, version */
  readonly replace: string
  /** tenant, id, version */
  readonly remove: string
  /** tenant, id → referenced */
  readonly find: string
  /** tenant, id. The version grows with the first reference only: who read "never referenced" must read again to remove. */
  readonly reference: string
  /** In the order in which a taken value is looked for. */
  readonly uniques: readonly UniqueSql[]
  readonly sides: readonly SideSql[]
}

export interface UniqueSql {
  readonly index: string
  /** Places in `Row.cells`. */
  readonly cells: readonly number[]
  /** tenant, id, those cells → a row when another document has them */
  readonly taken: string
}

export interface SideSql {
  readonly index: string
  readonly unique: boolean
  /** tenant, id */
  readonly clear: string
  /** tenant, value, id */
  readonly add: string
}

export function tableSqlOf(shape: Shape): TableSql {
  const { table, columns } = shape
  const names = columns.map(c => `${c.name}, `).join('')
  const places = columns.map(() => '?, ').join('')
  const sets = columns.map(c => `${c.name} = ?, `).join('')
  return {
    collection: shape.collection.name,
    insert: `INSERT INTO ${table} (tenant, id, version, referenced, ${names}form, doc) VALUES (?, ?, 1, 0, ${places}jsonb(?), ?)`,
    replace: `UPDATE ${table} SET version = version + 1, ${sets}form = jsonb(?), doc = ? WHERE tenant = ? AND id = ? AND version = ?`,
    remove: `DELETE FROM ${table} WHERE tenant = ? AND id = ? AND version = ?`,
    find: `SELECT referenced FROM ${table} WHERE tenant = ? AND id = ?`,
    reference: `UPDATE ${table} SET referenced = 1, version = version + 1 WHERE tenant = ? AND id = ?`,
    uniques: shape.indexes
      .filter(index => index.unique)
      .map(index => ({
        index: index.declared,
        cells: index.columns.map(c => columns.findIndex(other => other.name === c.name)),
        taken: `SELECT 1 FROM ${table} INDEXED BY ${index.name} WHERE tenant = ? AND id <> ?${index.columns.map(c => ` AND ${c.name} = ?`).join('')}`
      })),
    sides: shape.sides.map(side => ({
      index: side.declared,
      unique: side.unique,
      clear: `DELETE FROM ${side.name} WHERE tenant = ? AND id = ?`,
      add: `INSERT INTO ${side.name} (tenant, value, id) VALUES (?, ?, ?)`
    }))
  }
}

/** Writes cells and form anew, by rid: cells …, form, rid. */
export function reindexSqlOf(shape: Shape): string {
  const sets = shape.columns.map(c => `${c.name} = ?, `).join('')
  return `UPDATE ${quoted(shape.collection.name)} SET ${sets}form = jsonb(?) WHERE rid = ?`
}
