/** Changes as plain rows and statements, which can go to the thread that writes. */
import type { AnyCollection, Change } from '../port.ts'
import { removeSql } from './plan.ts'
import { type Row, rowOf } from './rows.ts'
import type { Shape } from './shape.ts'
import type { Sql } from './sql.ts'

/** `table`: the place of the collection among those that the store was opened with. */
export type PreparedChange =
  | { readonly do: 'insert'; readonly table: number; readonly row: Row }
  | { readonly do: 'replace'; readonly table: number; readonly row: Row; readonly version: number }
  | {
      readonly do: 'remove'
      readonly table: number
      readonly tenant: string
      readonly id: string
      readonly version: number
    }
  | { readonly do: 'removeWhere'; readonly table: number; readonly tenant: string; readonly statement: Sql }
  | { readonly do: 'reference'; readonly table: number; readonly tenant: string; readonly id: string }
  | { readonly do: 'tally'; readonly tenant: string; readonly key: string; readonly n: number }

export interface Tables {
  readonly shapeOf: (collection: AnyCollection) => Shape
  readonly placeOf: (collection: AnyCollection) => number
}

export function prepare(change: Change, tables: Tables): PreparedChange {
  if (change.do === 'tally') return { do: 'tally', tenant: change.tenant, key: change.key, n: change.n }
  const shape = tables.shapeOf(change.in)
  const { tenant } = change
  const table = tables.placeOf(change.in)
  switch (change.do) {
    case 'insert':
      return { do: 'insert', table, row: rowOf(shape, tenant, change.doc) }
    case 'replace':
      return { do: 'replace', table, row: rowOf(shape, tenant, change.doc), version: change.version }
    case 'remove':
      return { do: 'remove', table, tenant, id: change.id, version: change.version }
    case 'removeWhere':
      return { do: 'removeWhere', table, tenant, statement: removeSql(shape, tenant, change.filter) }
    case 'reference':
      return { do: 'reference', table, tenant, id: change.id }
  }
}
