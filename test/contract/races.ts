import type { Test } from 'tap'
import { all, field, is, isIn, many, not, type Path } from '../../src/scim/filter/filter.ts'
import { insert, reference, remove, removeWhere, replace, type Store, tally } from '../../src/store/port.ts'
import { edges, entries, people, type Slot, slots } from './collections.ts'
import { everyDoc, fresh, type Opened, put, settle } from './support.ts'

const times = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i))

/** Many writers at once, on two handles of the database where there are two. */
export async function races(t: Test, { store, second }: Opened): Promise<void> {
  const handle = (i: number) => (i % 2 === 1 && second !== undefined ? second : store)

  await t.test('40 requests at once for 3 free slots: exactly 3 are taken, and nobody is told a lie', async t => {
    const tenant = fresh()
    const pool = 'pool'
    await put(store, ...times(3, n => insert(slots, tenant, { id: `s${n}`, pool, n })))
    const answers = await Promise.all(times(40, i => take(handle(i), tenant, pool, `h${i}`)))
    const winners = answers.filter(a => a !== undefined)
    t.equal(winners.length, 3)
    const held = await everyDoc(store, slots, tenant)
    t.same(held.map(s => s.doc.holder).sort(), winners.sort())
  })

  await t.test('20 at once replace one version: one is committed, the others find another version', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, { id: 'a', userName: 'a' }))
    const version = (await store.get(people, tenant, 'a'))?.version ?? 0
    const answers = await Promise.all(
      times(20, i => settle(handle(i), [replace(people, tenant, { id: 'a', userName: 'a', title: `${i}` }, version)]))
    )
    t.equal(answers.filter(a => a === 'committed').length, 1)
    for (const a of answers) if (a !== 'committed') t.match(a, { conflict: 'version', collection: 'people' })
    t.match(await store.get(people, tenant, 'a'), {
      version: version + 1,
      doc: { title: `${answers.indexOf('committed')}` }
    })
  })

  await t.test('30 at once want one user name: one has it', async t => {
    const tenant = fresh()
    const answers = await Promise.all(
      times(30, i => settle(handle(i), [insert(people, tenant, { id: `${i}`, userName: i % 2 ? 'ADA' : 'ada' })]))
    )
    t.equal(answers.filter(a => a === 'committed').length, 1)
    for (const a of answers) if (a !== 'committed') t.match(a, { conflict: 'unique', index: 'people_userName' })
    t.equal((await everyDoc(store, people, tenant)).length, 1)
  })

  await t.test('the same commit sent many times at once is applied once', async t => {
    const tenant = fresh()
    for (const appended of [true, false]) {
      const key = `k${appended}`
      const mark = appended ? [insert(entries, tenant, { id: 'e', what: 'x' })] : []
      const changes = [...mark, insert(people, tenant, { id: key, userName: key }), tally(tenant, key, 1)]
      const id = fresh('c')
      const answers = await Promise.all(times(10, i => settle(handle(i), changes, id)))
      t.same(new Set(answers), new Set(['committed']))
      t.same(await store.tallies(tenant, [key]), [1])
    }
  })

  await t.test(
    'many commits at once, some of which cannot hold: each has its own answer, and the others are written',
    async t => {
      const tenant = fresh()
      await put(
        store,
        insert(people, tenant, { id: 'taken', userName: 'taken' }),
        ...times(12, i => insert(slots, tenant, { id: `s${i}`, pool: 'p', n: i }))
      )
      const kinds = {
        fine: (i: number) => [
          insert(people, tenant, { id: `p${i}`, userName: `p${i}` }),
          replace(slots, tenant, { id: `s${i / 4}`, pool: 'p', n: i / 4, holder: `p${i}` }, 1),
          tally(tenant, 'n', 1)
        ],
        unique: (i: number) => [insert(people, tenant, { id: `p${i}`, userName: 'Taken' }), tally(tenant, 'n', 1)],
        version: (i: number) => [
          insert(people, tenant, { id: `p${i}`, userName: `p${i}` }),
          replace(people, tenant, { id: 'taken', userName: 'taken' }, 7),
          tally(tenant, 'n', 1)
        ],
        gone: (i: number) => [
          insert(edges, tenant, { id: `e${i}`, to: 'nobody' }),
          reference(people, tenant, 'nobody'),
          tally(tenant, 'n', 1)
        ]
      }
      const asked = times(48, i => (['fine', 'unique', 'version', 'gone'] as const)[i % 4] ?? 'fine')
      const answers = await Promise.all(asked.map((kind, i) => settle(handle(i >> 2), kinds[kind](i))))
      t.same(
        answers.map(answer => (answer === 'committed' ? 'fine' : answer.conflict)),
        asked
      )
      t.same(await store.tallies(tenant, ['n']), [12])
      t.equal((await everyDoc(store, people, tenant)).length, 13)
      t.same(await everyDoc(store, edges, tenant), [])
      t.ok((await everyDoc(store, slots, tenant)).every(slot => slot.doc.holder !== undefined && slot.version === 2))
    }
  )

  await t.test('many reads at once: each has the answer to its own question', async t => {
    const tenant = fresh()
    const other = fresh()
    await put(
      store,
      ...times(20, i => insert(people, tenant, { id: `p${i}`, userName: `N${i}`, nicknames: [`a${i}`, `b${i}`] })),
      insert(people, other, { id: 'p0', userName: 'Another' })
    )
    const [byName, byNickname] = [field('userName'), many('nicknames')]
    const found = async (tenant: string, path: Path, value: string) =>
      (await store.find(people, tenant, { filter: is(path, value), limit: 5 })).map(({ doc }) => doc.userName)
    const answers = await Promise.all(
      times(60, async i => {
        const n = i % 25
        return [
          (await store.get(people, tenant, `p${n}`))?.doc.userName,
          await found(tenant, byName, `n${n}`),
          await found(tenant, byNickname, `b${n}`),
          await found(tenant, field('id'), `p${n}`),
          await found(other, byName, i % 2 ? 'another' : 'n0')
        ]
      })
    )
    for (const [i, answer] of answers.entries()) {
      const n = i % 25
      const name = n < 20 ? `N${n}` : undefined
      const names = name === undefined ? [] : [name]
      t.same(answer, [name, names, names, names, i % 2 ? ['Another'] : []])
    }
  })

  await t.test('hundreds of reads at once, and a page of hundreds of ids, find all of them', async t => {
    const tenant = fresh()
    const ids = times(300, i => `p${String(i).padStart(3, '0')}`)
    await put(store, ...ids.map(id => insert(people, tenant, { id, userName: id })))
    const one = await Promise.all(ids.map(id => store.get(people, tenant, id)))
    t.same(
      one.map(stored => stored?.doc.id),
      ids
    )
    const page = await store.find(people, tenant, { filter: isIn(field('id'), ids.toReversed()), limit: 1000 })
    t.same(
      page.map(({ doc }) => doc.id),
      ids
    )
  })

  await t.test(
    'many large documents read at once are all there: a reply of the engine may end before them',
    async t => {
      const tenant = fresh()
      const large = 'x'.repeat(3 << 20)
      for (let i = 0; i < 8; i++) {
        await put(store, insert(people, tenant, { id: `p${i}`, userName: `u${i}`, extra: large }))
      }
      const found = await Promise.all(times(16, i => store.get(people, tenant, `p${i % 10}`)))
      t.same(
        found.map(one => one?.doc.userName),
        times(16, i => (i % 10 < 8 ? `u${i % 10}` : undefined))
      )
    }
  )

  await t.test('half a character in a key is what it was stored as', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, { id: 'a', userName: 'half \ud83d' }))
    for (const value of ['half \ud83d', 'half \ufffd']) {
      const found = await Promise.all(
        times(3, () => store.find(people, tenant, { filter: is(field('userName'), value), limit: 1 }))
      )
      t.same(
        found.map(page => page.length),
        [1, 1, 1]
      )
    }
  })

  await t.test('tallies lose nothing to each other', async t => {
    const tenant = fresh()
    const up = times(60, i => settle(handle(i), [tally(tenant, 'k', 2)]))
    const down = times(40, i => settle(handle(i), [tally(tenant, 'k', -1)]))
    t.same(new Set(await Promise.all([...up, ...down])), new Set(['committed']))
    t.same(await store.tallies(tenant, ['k']), [80])
  })

  await t.test('references to one document do not get in each other’s way', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, { id: 'a', userName: 'a' }), reference(people, tenant, 'a'))
    const version = (await store.get(people, tenant, 'a'))?.version
    const answers = await Promise.all(
      times(20, i =>
        settle(handle(i), [reference(people, tenant, 'a'), insert(edges, tenant, { id: `${i}`, to: 'a' })])
      )
    )
    t.same(new Set(answers), new Set(['committed']))
    t.match(await store.get(people, tenant, 'a'), { referenced: true, version })
  })

  await t.test(
    'a document read as never referenced is not removed once it is: the remove finds another version',
    async t => {
      const tenant = fresh()
      await put(store, insert(people, tenant, { id: 'a', userName: 'a' }))
      const before = await store.get(people, tenant, 'a')
      t.equal(before?.referenced, false)
      await put(store, reference(people, tenant, 'a'), insert(edges, tenant, { id: 'e', to: 'a' }))
      t.match(await settle(store, [remove(people, tenant, 'a', before?.version ?? 0)]), { conflict: 'version' })
      const after = await store.get(people, tenant, 'a')
      t.equal(after?.referenced, true)
      await put(
        store,
        remove(people, tenant, 'a', after?.version ?? 0),
        removeWhere(edges, tenant, is(field('to'), 'a'))
      )
      t.match(await settle(store, [reference(people, tenant, 'a')]), { conflict: 'gone', collection: 'people' })
    }
  )

  await t.test('a reference racing with a remove never leaves an edge to nowhere', async t => {
    const tenant = fresh()
    const ids = times(30, i => `p${i}`)
    await put(store, ...ids.map(id => insert(people, tenant, { id, userName: id })))
    // Every other one was referenced before, so that its remover knows to look for edges.
    await put(store, ...ids.filter((_, i) => i % 2 === 0).map(id => reference(people, tenant, id)))
    await Promise.all(
      ids.flatMap((id, i) => [
        settle(handle(i), [reference(people, tenant, id), insert(edges, tenant, { id: `e${i}`, to: id })]),
        removeWithEdges(handle(i + 1), tenant, id)
      ])
    )
    t.same(
      (await everyDoc(store, people, tenant)).map(p => p.doc.id),
      [],
      'every remove came through'
    )
    t.same(await everyDoc(store, edges, tenant), [], 'and left no edge')
  })
}

/** Takes one free slot for `holder`, as the domain does: read, choose by chance, commit, begin again. */
async function take(store: Store, tenant: string, pool: string, holder: string): Promise<string | undefined> {
  for (;;) {
    const filter = all(is(field('pool'), pool), not({ op: 'pr', path: field('holder') }))
    const free = await store.find(slots, tenant, { filter, sort: { path: field('n') }, limit: 50 })
    const slot = free[Math.floor(Math.random() * free.length)]
    if (slot === undefined) return undefined
    const taken: Slot = { ...slot.doc, holder }
    if ((await settle(store, [replace(slots, tenant, taken, slot.version)])) === 'committed') return holder
  }
}

/** Removes a person, and the edges only where there may be some. */
async function removeWithEdges(store: Store, tenant: string, id: string): Promise<void> {
  for (;;) {
    const read = await store.get(people, tenant, id)
    if (read === undefined) return
    const its = read.referenced ? [removeWhere(edges, tenant, is(field('to'), id))] : []
    if ((await settle(store, [remove(people, tenant, id, read.version), ...its])) === 'committed') return
  }
}
