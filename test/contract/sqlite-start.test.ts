/** Opening a database: new, old, of another version, by many at once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { field, is, many } from '../../src/scim/filter/filter.ts'
import { type AnyCollection, type Collection, insert } from '../../src/store/port.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { contractCollections, edges, people } from './collections.ts'
import { newFile } from './sqlite-support.ts'
import { put } from './support.ts'

interface Note {
  readonly id: string
  readonly about: string
  readonly tags?: readonly string[]
}
const any = (collection: Collection<Note>) => [collection as unknown as AnyCollection]
const search: Collection<Note>['search'] = n => ({ id: n.id, about: n.about, ...(n.tags ? { tags: n.tags } : {}) })
const before: Collection<Note> = { name: 'notes', search: n => ({ id: n.id }), indexes: [] }
const later: Collection<Note> = {
  name: 'notes',
  search,
  indexes: [
    { name: 'about', paths: [field('about')], unique: true },
    { name: 'tags', paths: [many('tags')] }
  ]
}

t.test('four processes that start at once on a new file make it once, and all work', async t => {
  const file = newFile(t)
  const child = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url))
  const children = [0, 1, 2, 3].map(n =>
    spawn(process.execPath, [child, file, `p${n}`, '5'], { stdio: ['ignore', 'ignore', 'inherit'] })
  )
  const codes = await Promise.all(children.map(c => once(c, 'exit')))
  t.same(
    codes.map(([code]) => code),
    [0, 0, 0, 0]
  )
  const store = await openSqlite({ file, collections: contractCollections })
  t.teardown(() => store.close())
  t.same(await store.tallies('t', ['n']), [20])
  t.equal(await store.count(edges, 't', { op: 'and', parts: [] }), 20)
  const db = new DatabaseSync(file, { readOnly: true })
  t.teardown(() => db.close())
  t.same(
    db
      .prepare('SELECT number FROM _migrations')
      .all()
      .map(r => r.number),
    [1]
  )
})

t.test('indexes that a later version declares are made and filled, and those it gave up are dropped', async t => {
  const file = newFile(t)
  const first = await openSqlite({ file, collections: any(before) })
  const notes: Note[] = Array.from({ length: 1200 }, (_, n) => ({ id: `${n}`, about: `a${n}`, tags: ['t', `t${n}`] }))
  await put(first, ...notes.map(n => insert(before, 'x', n)))
  await first.close()

  const lines: string[] = []
  const second = await openSqlite({ file, collections: any(later), log: { info: line => lines.push(line) } })
  t.match(lines, [/notes: 1200 documents indexed anew/])
  for (const filter of [is(field('about'), 'a7'), is(many('tags'), 't7')]) {
    t.same(
      (await second.find(later, 'x', { filter, limit: 10 })).map(f => f.doc),
      [notes[7]]
    )
    t.equal(second.explain(later, 'x', { filter, limit: 10 }).kind, 'walk')
  }
  const taken = await second.commit([insert(later, 'x', { id: 'new', about: 'a7' })], { id: 'c' })
  t.match(taken, { conflict: 'unique', index: 'about' })
  await second.close()

  const third = await openSqlite({ file, collections: any(before) })
  await put(third, insert(before, 'x', { id: 'twin', about: 'a7' }))
  t.equal(await third.count(before, 'x', is(field('id'), 'twin')), 1, 'the old unique index no longer refuses')
  await third.close()

  await t.rejects(
    openSqlite({ file, collections: any(later) }),
    /UNIQUE/,
    'the new one cannot be made over what is there now'
  )
  const fourth = await openSqlite({ file, collections: any(before) })
  t.equal(await fourth.count(before, 'x', { op: 'and', parts: [] }), 1201, 'and nothing was lost by trying')
  await fourth.close()

  const quiet: string[] = []
  const fifth = await openSqlite({ file, collections: any(before), log: { info: line => quiet.push(line) } })
  t.same(quiet, [], 'with nothing to do nothing is done')
  await fifth.close()
})

t.test('a database of a later version is left alone', async t => {
  const file = newFile(t)
  await (await openSqlite({ file, collections: contractCollections })).close()
  const db = new DatabaseSync(file)
  db.exec("INSERT INTO _migrations VALUES (9999, 'from tomorrow', 0)")
  db.close()
  await t.rejects(openSqlite({ file, collections: contractCollections }), /later version.*9999/)
})

t.test('every commit waits for the disk', async t => {
  const file = newFile(t)
  const store = await openSqlite({ file, collections: contractCollections })
  await put(store, insert(people, 't', { id: 'a', userName: 'a' }))
  t.equal(store.explain(people, 't', { limit: 1 }).kind, 'walk')
  const { connectToWrite } = await import('../../src/store/sqlite/connection.ts')
  const db = connectToWrite(file)
  t.equal(db.prepare('PRAGMA synchronous').get()?.synchronous, 2, 'FULL')
  t.equal(db.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal')
  db.close()
  await store.close()
})
