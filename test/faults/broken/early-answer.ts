/**
 * Broken: the embedded store acknowledges what stands in a transaction that it commits a little later. The first
 * commits are in order, so that the server starts.
 */
import { breakSource } from './rewrite.ts'

const file = 'store/sqlite/write-group.ts'
breakSource(file, 'export function writeGroup(', 'let groups = 0\nexport function writeGroup(')
breakSource(file, "db.db.exec('BEGIN IMMEDIATE')", "if (!db.db.isTransaction) db.db.exec('BEGIN IMMEDIATE')")
breakSource(file, "db.db.exec('COMMIT')", "if (++groups < 10 || groups % 3 === 0) db.db.exec('COMMIT')")
