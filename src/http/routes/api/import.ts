import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { Refusal } from '../../../base/domain-error.ts'
import { type ImportRow, importColumns, importUsers } from '../../../directory/import.ts'
import { contextOf } from '../../context.ts'
import type { Services } from '../../services.ts'

/** Rows of one file: each is a commit of its own, and the request has to end in time. */
const rowsMax = 1000

const Outcome = Type.Object({
  row: Type.Integer({ description: 'The first row behind the heading is 1' }),
  userName: Type.String(),
  id: Type.Union([Type.String(), Type.Null()]),
  error: Type.Union([Type.Object({ code: Type.String(), detail: Type.String() }), Type.Null()])
})

export function importRoutes(app: FastifyInstance, { env, seatWatch }: Services): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (_request, body: Buffer, done) =>
    isUtf8(body)
      ? done(null, body.toString())
      : done(new Refusal('invalid_syntax', 'The file is not valid UTF-8: save it as "CSV UTF-8".'))
  )

  app.post<{ Body: string }>(
    '/api/v1/users/import',
    {
      schema: {
        tags: ['Users'],
        summary: `Create users from a CSV file with a heading row (${importColumns.join(', ')}); each row for itself`,
        consumes: ['text/csv'],
        body: Type.String({ description: 'text/csv' }),
        response: { 200: Type.Object({ created: Type.Integer(), failed: Type.Integer(), rows: Type.Array(Outcome) }) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const rows = await importUsers(context, readRows(request.body))
      seatWatch.poke(context)
      const failed = rows.filter(row => row.error !== null).length
      return { created: rows.length - failed, failed, rows: [...rows] }
    }
  )
}

function readRows(text: string): readonly ImportRow[] {
  let rows: ImportRow[]
  try {
    rows = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, to: rowsMax + 1 })
  } catch (error) {
    throw new Refusal('invalid_value', `The file is not a CSV file with a heading row: ${(error as Error).message}.`)
  }
  if (rows.length > rowsMax) throw new Refusal('invalid_value', `A file has ${rowsMax} rows at most. Split it.`)
  return rows
}
