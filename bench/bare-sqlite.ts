/** The plainest use of SQLite that does the same work: prepared statements on the thread that answers, as durable as ours. */
import { DatabaseSync } from 'node:sqlite'
import type { BareStore, BareUser } from './bare.ts'

export function bareSqlite(file: string): BareStore {
  const db = new DatabaseSync(file, { timeout: 5000 })
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA journal_size_limit = 67108864;
    CREATE TABLE IF NOT EXISTS users (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, userName TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS seats (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS audit (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS edges (rid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, member TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS edges_of_group ON edges (grp, member);
  `)
  const get = db.prepare('SELECT doc FROM users WHERE id = ?')
  const byName = db.prepare('SELECT doc FROM users WHERE userName = ?')
  const page = db.prepare('SELECT doc FROM users WHERE id > ? ORDER BY id LIMIT ?')
  const read = db.prepare('SELECT version, doc FROM users WHERE id = ?')
  const update = db.prepare('UPDATE users SET version = version + 1, doc = ? WHERE id = ? AND version = ?')
  const remove = db.prepare('DELETE FROM users WHERE id = ?')
  const insertUser = db.prepare('INSERT INTO users (id, userName, version, doc) VALUES (?, ?, 1, ?)')
  const insertSeat = db.prepare('INSERT INTO seats (id, doc) VALUES (?, ?)')
  const insertAudit = db.prepare('INSERT INTO audit (id, doc) VALUES (?, ?)')
  const insertEdge = db.prepare('INSERT OR IGNORE INTO edges (id, grp, member) VALUES (?, ?, ?)')
  const removeEdge = db.prepare('DELETE FROM edges WHERE id = ?')
  const members = db.prepare('SELECT member FROM edges WHERE grp = ? ORDER BY member')
  const together = (write: () => void) => {
    db.exec('BEGIN IMMEDIATE')
    write()
    db.exec('COMMIT')
  }
  const docOf = (row: Record<string, unknown> | undefined) => (row === undefined ? undefined : String(row.doc))

  return {
    get: async id => docOf(get.get(id)),
    byName: async name => docOf(byName.get(name)),
    page: async (limit, after) => page.all(after, limit).map(row => String(row.doc)),
    async create({ id, userName, doc }, seat, audit) {
      db.exec('BEGIN IMMEDIATE')
      insertUser.run(id, userName, doc)
      insertSeat.run(seat.id, seat.doc)
      insertAudit.run(audit.id, audit.doc)
      db.exec('COMMIT')
    },
    async change(id, edit) {
      const row = read.get(id)
      if (row === undefined) return undefined
      const doc = edit(String(row.doc))
      return update.run(doc, id, Number(row.version)).changes === 1 ? doc : undefined
    },
    async createAll(made) {
      together(() => {
        for (const { user, seat, audit } of made) {
          insertUser.run(user.id, user.userName, user.doc)
          insertSeat.run(seat.id, seat.doc)
          insertAudit.run(audit.id, audit.doc)
        }
      })
    },
    remove: async id => remove.run(id).changes === 1,
    async removeAll(ids) {
      together(() => {
        for (const id of ids) remove.run(id)
      })
    },
    async addEdges(edges) {
      together(() => {
        for (const { id, group, member } of edges) insertEdge.run(id, group, member)
      })
    },
    async removeEdges(ids) {
      together(() => {
        for (const id of ids) removeEdge.run(id)
      })
    },
    members: async group => members.all(group).map(row => String(row.member)),
    async fill(users: Iterable<BareUser>) {
      db.exec('PRAGMA synchronous = OFF; BEGIN')
      for (const { id, userName, doc } of users) insertUser.run(id, userName, doc)
      db.exec('COMMIT; PRAGMA synchronous = FULL')
    },
    close: async () => db.close()
  }
}
