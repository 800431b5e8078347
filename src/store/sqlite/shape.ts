/** A collection as tables, columns and indexes. */
import type { Path } from '../../scim/filter/filter.ts'
import type { AnyCollection } from '../port.ts'
import type { Columns, Source } from './compile-filter.ts'
import { quoted } from './sql.ts'

export interface Column {
  readonly path: Path
  /** Quoted. */
  readonly name: string
}

/** An index over columns of the collection's table. The tenant stands in front. */
export interface ColumnIndex {
  readonly declared: string
  /** Quoted. */
  readonly name: string
  readonly unique: boolean
  readonly columns: readonly Column[]
  /** SQL, over the row `d`, of what stands behind the columns: equal values are in this order, which is that of ids. */
  readonly tie: string
  readonly ddl: string
}

/** A table of the values of a path with a `many` step. */
export interface Side {
  readonly declared: string
  /** Quoted. */
  readonly name: string
  readonly unique: boolean
  readonly path: Path
  readonly ddl: readonly string[]
}

export interface Shape {
  readonly collection: AnyCollection
  /** Quoted. */
  readonly table: string
  readonly ddl: string
  readonly columns: readonly Column[]
  readonly byId: ColumnIndex
  readonly indexes: readonly ColumnIndex[]
  readonly sides: readonly Side[]
  readonly columnsOf: Columns
  /** SQL that reads the document of a tenant and an id. */
  readonly read: string
  /** By the name of a path that no two documents share a value of: what reads the one of a tenant and a value. */
  readonly points: ReadonlyMap<string, string>
}

const idSource: Source = { value: 'd.id', textOnly: true }

/**
 * One table a collection, with a column for each indexed single-valued path, and one more for each index over an array.
 * Rows keep a `rid` and the document at their end: a table WITHOUT ROWID with documents in it reads three times slower.
 */
export function shapeOf(collection: AnyCollection): Shape {
  const table = quoted(collection.name)
  const single = collection.indexes.filter(index => !index.paths.some(isMany))
  const columns = new Map(single.flatMap(index => index.paths).map(path => [nameOf(path), columnOf(path)]))
  const cells = [...columns.values()].map(column => `${column.name} ANY, `).join('')
  const unique = single.flatMap(({ paths: [path, ...more], unique }) =>
    unique === true && path !== undefined && more.length === 0 ? [columnOf(path)] : []
  )
  const point = (column: string) => `SELECT version, referenced, doc FROM ${table} WHERE tenant = ? AND ${column} = ?`
  return {
    collection,
    table,
    read: point('id'),
    points: new Map([['id', point('id')], ...unique.map(({ path, name }) => [nameOf(path), point(name)] as const)]),
    ddl: `CREATE TABLE ${table} (rid INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, referenced INTEGER NOT NULL, ${cells}form BLOB NOT NULL, doc TEXT NOT NULL) STRICT`,
    columns: [...columns.values()],
    byId: idIndexOf(collection.name, table),
    indexes: single.map(index => columnIndexOf(collection.name, table, index.name, index.paths, index.unique === true)),
    sides: collection.indexes.flatMap(index => {
      const [path] = index.paths
      if (path === undefined || !isMany(path)) return []
      return [sideOf(collection.name, index.name, path, index.unique === true)]
    }),
    columnsOf: path => {
      const name = nameOf(path)
      if (name === 'id') return idSource
      const column = columns.get(name)
      return column === undefined ? undefined : { value: `d.${column.name}` }
    }
  }
}

/** Equal for equal paths. */
export function nameOf(path: Path): string {
  const known = names.get(path)
  if (known !== undefined) return known
  const name = path.map(step => step.name + (step.many ? '[]' : '')).join('.')
  names.set(path, name)
  return name
}

/** Every query compares its paths with those of every index, and nearly all of them are constants. */
const names = new WeakMap<Path, string>()

export function isMany(path: Path): boolean {
  return path.some(step => step.many)
}

function columnOf(path: Path): Column {
  return { path, name: quoted(`k:${nameOf(path)}`) }
}

function idIndexOf(collection: string, table: string): ColumnIndex {
  const name = quoted(`${collection}:id`)
  const ddl = `CREATE UNIQUE INDEX ${name} ON ${table} (tenant, id)`
  return { declared: 'id', name, unique: true, columns: [], tie: 'd.id', ddl }
}

function columnIndexOf(
  collection: string,
  table: string,
  declared: string,
  paths: readonly Path[],
  unique: boolean
): ColumnIndex {
  const name = quoted(`${collection}__${declared}`)
  const columns = paths.map(columnOf)
  // A row with a NULL is not part of uniqueness; those rows keep their id as the last column, to be walked in its order.
  const lacking = (row: string) => columns.map(c => `${row}${c.name} IS NULL`).join(' OR ')
  const tie = (row: string) => (unique ? `CASE WHEN ${lacking(row)} THEN ${row}id ELSE 0 END` : `${row}id`)
  const names = columns.map(c => `${c.name}, `).join('')
  const ddl = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${name} ON ${table} (tenant, ${names}${tie('')})`
  return { declared, name, unique, columns, tie: tie('d.'), ddl }
}

function sideOf(collection: string, declared: string, path: Path, unique: boolean): Side {
  const plain = `${collection}__${declared}`
  const name = quoted(plain)
  const key = unique ? 'tenant, value' : 'tenant, value, id'
  return {
    declared,
    name,
    unique,
    path,
    ddl: [
      `CREATE TABLE ${name} (tenant TEXT NOT NULL, value ANY NOT NULL, id TEXT NOT NULL, PRIMARY KEY (${key})) STRICT, WITHOUT ROWID`,
      `CREATE INDEX ${quoted(`${plain}:id`)} ON ${name} (tenant, id)`
    ]
  }
}
