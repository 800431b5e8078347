import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A file for a database, in a folder of its own that goes when the test ends. */
export function newFile(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-sqlite-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'store.db')
}
