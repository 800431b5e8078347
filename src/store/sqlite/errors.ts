/** What SQLite's error codes mean to the store. */
import { StoreUnavailable } from '../port.ts'

/** Primary result codes (sqlite.org/rescode.html). */
const code = {
  busy: 5,
  locked: 6,
  nomem: 7,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  constraint: 19,
  notadb: 26
}

const reasons = new Map<number, string>([
  [code.busy, 'another process holds the database'],
  [code.locked, 'another process holds the database'],
  [code.nomem, 'there is no memory left'],
  [code.readonly, 'the database cannot be written to'],
  [code.ioerr, 'the disk failed'],
  [code.corrupt, 'the database file is damaged'],
  [code.full, 'the disk is full'],
  [code.cantopen, 'the database file cannot be opened'],
  [code.notadb, 'the file is not a database']
])

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

export function isConstraint(error: unknown): boolean {
  return primaryCode(error) === code.constraint
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === code.busy
}

/** Why the database cannot do its work, in words; `undefined` when the error says nothing about the database. */
export function outageOf(error: unknown): string | undefined {
  const primary = primaryCode(error)
  return primary === undefined ? undefined : reasons.get(primary)
}

/** Runs a read. @throws StoreUnavailable when the database is at fault. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason = outageOf(error)
    if (reason === undefined) throw error
    throw new StoreUnavailable(`the database cannot be read: ${reason}`, { cause: error })
  }
}
