/** Killed processes, full disks, threads that end. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { everything } from '../../src/scim/filter/filter.ts'
import { insert, StoreUnavailable, tally } from '../../src/store/port.ts'
import { Connection, connectToWrite } from '../../src/store/sqlite/connection.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { type PreparedChange, prepare } from '../../src/store/sqlite/prepare.ts'
import { tableSqlOf } from '../../src/store/sqlite/rows.ts'
import { shapeOf } from '../../src/store/sqlite/shape.ts'
import { writeGroup } from '../../src/store/sqlite/write-group.ts'
import { contractCollections, edges, people } from './collections.ts'
import { newFile } from './sqlite-support.ts'
import { everyDoc, fresh, put } from './support.ts'

const child = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url))
const person = (id: string, extra?: unknown) => insert(people, 't', { id, userName: id, extra })

t.test('ten times kill -9 while it commits: every acknowledged commit is there, whole, and once', async t => {
  const file = newFile(t)
  const acknowledged: string[] = []
  for (let round = 0; round < 10; round++) {
    const writer = spawn(process.execPath, [child, file, `r${round}`, '1000000'], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let out = ''
    writer.stdout.on('data', chunk => {
      out += chunk
    })
    const closed = once(writer, 'close')
    const early = closed.then(([code]) => {
      throw new Error(`the writer of round ${round} ended with ${code}`)
    })
    await Promise.race([once(writer.stdout, 'data'), early])
    early.catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 30 + Math.random() * 120))
    writer.kill('SIGKILL')
    await closed
    acknowledged.push(...out.split('\n').slice(0, -1))
  }
  const store = await openSqlite({ file, collections: contractCollections })
  t.teardown(() => store.close())
  const there = new Set((await everyDoc(store, people, 't')).map(p => p.doc.id))
  t.same(
    acknowledged.filter(id => !there.has(id)),
    []
  )
  t.ok(acknowledged.length > 100, `${acknowledged.length} acknowledged`)
  t.equal(await store.count(edges, 't', everything), there.size, 'as many edges as people')
  t.same(await store.tallies('t', ['n']), [there.size])
  const db = new DatabaseSync(file)
  t.same(
    db
      .prepare('PRAGMA integrity_check')
      .all()
      .map(r => r.integrity_check),
    ['ok']
  )
  db.close()
})

t.test('commits that come together share one wait for the disk', async t => {
  const file = newFile(t)
  const store = await openSqlite({ file, collections: contractCollections })
  t.teardown(() => store.close())
  const before = commitsInLog(file)
  await Promise.all(Array.from({ length: 200 }, (_, n) => put(store, person(`${n}`))))
  const groups = commitsInLog(file) - before
  t.ok(groups >= 1 && groups <= 40, `200 commits in ${groups} groups`)
})

t.test('in a group each commit stands for itself', async t => {
  const { db, tables, commit } = newConnection(t)
  const outcomes = writeGroup(
    db,
    tables,
    [
      commit('1', person('a')),
      commit('2', person('b'), person('a')),
      commit('3', person('c'), tally('t', 'k', Number.NaN)),
      commit('1', person('a')),
      commit('4', person('b'))
    ],
    0
  )
  t.match(outcomes, ['committed', { conflict: 'exists' }, { failed: /NOT NULL/ }, 'committed', 'committed'])
  t.same(
    db.all('SELECT id FROM people ORDER BY id', []).map(r => r.id),
    ['a', 'b']
  )
})

t.test('commit ids are forgotten after two days, and not before', async t => {
  const { db, tables, commit } = newConnection(t)
  const hour = 3600 * 1000
  writeGroup(
    db,
    tables,
    ['a', 'b', 'c'].map(id => commit(id, person(id))),
    0
  )
  writeGroup(db, tables, [commit('d', person('d'))], 47 * hour)
  const ids = () => db.all('SELECT id FROM _commits ORDER BY n', []).map(r => r.id)
  t.same(ids(), ['a', 'b', 'c', 'd'])
  writeGroup(db, tables, [commit('e', person('e'))], 49 * hour)
  t.same(ids(), ['d', 'e'])
})

t.test(
  'when the database cannot grow no commit of the group is acknowledged; when it can again, they work',
  async t => {
    const { db, tables, commit } = newConnection(t)
    const big = 'x'.repeat(20_000)
    t.same(writeGroup(db, tables, [commit('0', person('first'))], 0), ['committed'])
    const pages = Number(db.get('PRAGMA page_count', [])?.page_count)
    db.db.exec(`PRAGMA max_page_count = ${pages + 6}`)
    const group = ['a', 'b', 'c'].map(id => commit(id, person(id, big)))
    t.same(
      new Set(writeGroup(db, tables, group, 0).map(o => JSON.stringify(o))),
      new Set(['{"unavailable":"the disk is full"}'])
    )
    t.same(
      db.all('SELECT id FROM people', []).map(r => r.id),
      ['first']
    )
    db.db.exec('PRAGMA max_page_count = 1000000')
    t.same(writeGroup(db, tables, group, 0), ['committed', 'committed', 'committed'])
    t.equal(db.get('PRAGMA integrity_check', [])?.integrity_check, 'ok')
  }
)

t.test('on a full disk reads go on, commits and ping say why, and space is all it takes to recover', async t => {
  const disk = smallDisk()
  if (disk === undefined) return t.pass('needs the right to mount a small disk')
  t.teardown(disk.remove)
  const store = await openSqlite({ file: join(disk.path, 'store.db'), collections: contractCollections })
  const acknowledged: string[] = []
  const write = async (id: string) => {
    await put(store, person(id, 'x'.repeat(2000)))
    acknowledged.push(id)
  }
  await write('first')
  const filler = join(disk.path, 'filler')
  t.throws(() => writeFileSync(filler, Buffer.alloc(16_000_000)), { code: 'ENOSPC' })
  const full = Array.from({ length: 400 }, (_, n) => write(`full${n}`))
  const failed = (await Promise.allSettled(full)).filter(r => r.status === 'rejected')
  t.ok(failed.length > 0)
  for (const { reason } of failed) {
    t.type(reason, StoreUnavailable)
    t.match(reason.message, /the disk (is full|failed)/)
  }
  t.same((await everyDoc(store, people, 't')).map(p => p.doc.id).sort(), acknowledged.toSorted(), 'reads go on')
  const second = await store.ping().catch((error: unknown) => error)
  if (second !== undefined) t.match(second, { name: 'StoreUnavailable', message: /the disk (is full|failed)/ })
  rmSync(filler)
  await store.ping()
  await write('after')
  t.same((await everyDoc(store, people, 't')).map(p => p.doc.id).sort(), acknowledged.toSorted())
  await store.close()
})

t.test(
  'when the thread that writes ends, who waits is told that nothing is known, and the next commit has a new one',
  async t => {
    const threads: Worker[] = []
    const seen = (thread: Worker) => threads.push(thread)
    process.on('worker', seen)
    const store = await openSqlite({ file: newFile(t), collections: contractCollections })
    t.teardown(() => store.close())
    process.off('worker', seen)
    await put(store, person('before'))
    const waiting = Promise.allSettled(Array.from({ length: 50 }, (_, n) => put(store, person(`w${n}`))))
    await threads[0]?.terminate()
    const answers = await waiting
    for (const answer of answers) if (answer.status === 'rejected') t.type(answer.reason, StoreUnavailable)
    await put(store, person('after'))
    await store.ping()
    const ids = (await everyDoc(store, people, 't')).map(p => p.doc.id)
    t.ok(ids.includes('before') && ids.includes('after'))
    answers.forEach((answer, n) => {
      if (answer.status === 'fulfilled') t.ok(ids.includes(`w${n}`), 'what was acknowledged is there')
    })
  }
)

function newConnection(t: Parameters<typeof newFile>[0]) {
  const shapes = contractCollections.map(shapeOf)
  const places = new Map(shapes.map((shape, place) => [shape.collection.name, place]))
  const of = (name: string) => {
    const place = places.get(name) ?? -1
    const shape = shapes[place]
    if (shape === undefined) throw new Error(`no collection ${name}`)
    return { shape, place }
  }
  const db = new Connection(connectToWrite(newFile(t)))
  t.teardown(() => db.close())
  migrate(db.db, shapes, () => {})
  const prepared = (change: Parameters<typeof prepare>[0]): PreparedChange =>
    prepare(change, { shapeOf: c => of(c.name).shape, placeOf: c => of(c.name).place })
  const commit = (id: string, ...changes: Parameters<typeof prepare>[0][]) => ({ id, changes: changes.map(prepared) })
  return { db, tables: shapes.map(tableSqlOf), commit }
}

/** The frames of the write-ahead log that end a transaction (sqlite.org/fileformat2.html 4.1). */
function commitsInLog(file: string): number {
  const log = readFileSync(`${file}-wal`)
  if (log.length < 32) return 0
  const frame = 24 + log.readUInt32BE(8)
  let count = 0
  for (let at = 32; at + frame <= log.length; at += frame) if (log.readUInt32BE(at + 4) > 0) count++
  return count
}

function smallDisk(): { path: string; remove: () => void } | undefined {
  const path = mkdtempSync(join(tmpdir(), fresh('usher-disk')))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  return {
    path,
    remove: () => {
      execFileSync('umount', [path])
      rmSync(path, { recursive: true })
    }
  }
}
