import type { Test } from 'tap'
import { compare, field, is } from '../../src/scim/filter/filter.ts'
import { type Change, insert, reference, remove, removeWhere, replace, tally } from '../../src/store/port.ts'
import { edges, entries, type Person, people } from './collections.ts'
import { everyDoc, fresh, type Opened, put, settle } from './support.ts'

/** One writer at a time: conditions, conflicts, repeats. */
export async function writes(t: Test, { store }: Opened): Promise<void> {
  const person = (id: string, more: Partial<Person> = {}): Person => ({ id, userName: id, ...more })

  await t.test('what was inserted is read, with a version that grows by one with every replace', async t => {
    const tenant = fresh()
    t.equal(await store.get(people, tenant, 'a'), undefined)
    await put(store, insert(people, tenant, person('a')))
    const first = await store.get(people, tenant, 'a')
    t.match(first, { doc: { id: 'a', userName: 'a' }, referenced: false })
    const version = first?.version ?? Number.NaN
    await put(store, replace(people, tenant, person('a', { title: 'x' }), version))
    t.match(await store.get(people, tenant, 'a'), { doc: { title: 'x' }, version: version + 1 })
    await put(store, remove(people, tenant, 'a', version + 1))
    t.equal(await store.get(people, tenant, 'a'), undefined)
    await put(store, insert(people, tenant, person('a')))
    t.match(await store.get(people, tenant, 'a'), { referenced: false }, 'the id may be used again')
  })

  await t.test('a document comes back as the JSON it went in as', async t => {
    const tenant = fresh()
    const extra = JSON.parse(`{
      "$set": {"$ne": null}, "a.b": {".": 1, "$": 2, "": 3}, "__proto__": {"isAdmin": true}, "constructor": {"prototype": 1},
      "2": "two", "1": "one", "text": "ß İ \\u0000 \\u2028 \\ud83d\\ude00 \\ue000 \\ufeff \\"quoted\\" \\\\", "null": null,
      "empty": [[], {}, ""], "numbers": [0, 1.5, 1e21, 9007199254740991, -9007199254740991, 4e-7], "yes": true, "no": false
    }`)
    await put(store, insert(people, tenant, person('a', { extra })))
    const read = await store.get(people, tenant, 'a')
    t.equal(JSON.stringify(read?.doc), JSON.stringify(person('a', { extra })))
    const [found] = await store.find(people, tenant, { limit: 1 })
    t.equal(JSON.stringify(found?.doc), JSON.stringify(person('a', { extra })))
    t.equal(Object.hasOwn(Object.prototype, 'isAdmin'), false)
  })

  await t.test('each condition that does not hold has its word', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('a', { externalId: 'x' })), insert(people, tenant, person('b')))
    const version = (await store.get(people, tenant, 'a'))?.version ?? 0
    const rows: [string, Change, object][] = [
      [
        'insert of an id that is there',
        insert(people, tenant, person('a', { userName: 'other' })),
        { conflict: 'exists' }
      ],
      [
        'insert of a taken value',
        insert(people, tenant, person('c', { userName: 'A' })),
        { conflict: 'unique', index: 'people_userName' }
      ],
      [
        'replace to a taken value',
        replace(people, tenant, person('b', { externalId: 'x' }), version),
        { conflict: 'unique', index: 'people_externalId' }
      ],
      ['replace of an older version', replace(people, tenant, person('a'), version - 1), { conflict: 'version' }],
      ['replace of a later version', replace(people, tenant, person('a'), version + 1), { conflict: 'version' }],
      ['replace of nothing', replace(people, tenant, person('z'), version), { conflict: 'version' }],
      ['remove of another version', remove(people, tenant, 'a', version + 1), { conflict: 'version' }],
      ['remove of nothing', remove(people, tenant, 'z', version), { conflict: 'version' }],
      ['reference to nothing', reference(people, tenant, 'z'), { conflict: 'gone' }]
    ]
    const before = await everyDoc(store, people, tenant)
    for (const [name, change, expected] of rows) {
      t.match(await settle(store, [change]), { ...expected, collection: 'people' }, name)
    }
    t.same(await everyDoc(store, people, tenant), before)
  })

  await t.test('a unique key compares what the search form holds: letter case is folded there', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('1', { userName: 'Straße@Example.com', externalId: 'Ab' })))
    const taken = { conflict: 'unique', index: 'people_userName' }
    for (const userName of ['STRASSE@example.COM', 'straße@example.com', 'ｓtraße@example.com']) {
      t.match(await settle(store, [insert(people, tenant, person('2', { userName }))]), taken, userName)
    }
    t.equal(await settle(store, [insert(people, tenant, person('2', { externalId: 'aB' }))]), 'committed')
  })

  await t.test('a document that lacks one of the values is not in a unique index', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('1')), insert(people, tenant, person('2')))
    await put(
      store,
      insert(people, tenant, person('3', { site: 'S' })),
      insert(people, tenant, person('4', { site: 'S' }))
    )
    await put(
      store,
      insert(people, tenant, person('5', { badge: 7 })),
      insert(people, tenant, person('6', { badge: 7 }))
    )
    await put(store, insert(people, tenant, person('7', { site: 'S', badge: 7 })))
    t.match(await settle(store, [insert(people, tenant, person('8', { site: 'S', badge: 7 }))]), {
      conflict: 'unique',
      index: 'people_badge'
    })
    await put(store, insert(people, tenant, person('8', { site: 'S', badge: 8 })))
  })

  await t.test('a unique index over an array holds every value of it', async t => {
    const tenant = fresh()
    await put(
      store,
      insert(people, tenant, person('1', { nicknames: ['ann', 'ann', 'bo'] })),
      insert(people, tenant, person('2'))
    )
    const taken = { conflict: 'unique', index: 'people_nicknames' }
    t.match(await settle(store, [insert(people, tenant, person('3', { nicknames: ['cy', 'bo'] }))]), taken)
    const version = (await store.get(people, tenant, '1'))?.version ?? 0
    await put(store, replace(people, tenant, person('1', { nicknames: ['ann'] }), version))
    await put(store, insert(people, tenant, person('3', { nicknames: ['cy', 'bo'] })))
    const third = (await store.get(people, tenant, '3'))?.version ?? 0
    await put(store, remove(people, tenant, '3', third))
    await put(store, insert(people, tenant, person('4', { nicknames: ['cy', 'bo'] })))
  })

  await t.test('a value that a commit gives up is free for its later changes', async t => {
    const tenant = fresh()
    await put(
      store,
      insert(people, tenant, person('1', { userName: 'x' })),
      insert(people, tenant, person('2', { userName: 'y' }))
    )
    const [one, two] = await everyDoc(store, people, tenant)
    await put(
      store,
      replace(people, tenant, person('1', { userName: 'z' }), one?.version ?? 0),
      remove(people, tenant, '2', two?.version ?? 0),
      insert(people, tenant, person('3', { userName: 'x' })),
      insert(people, tenant, person('4', { userName: 'y' }))
    )
    t.same(
      (await everyDoc(store, people, tenant)).map(p => p.doc.userName),
      ['z', 'x', 'y']
    )
  })

  await t.test('all changes of a commit hold, or none is written: any condition, anywhere in the list', async t => {
    const tenant = fresh()
    const seed = ['taken', 'old', 'leaving', 'target'].map(id => insert(people, tenant, person(id, { externalId: id })))
    await put(store, ...seed, insert(edges, tenant, { id: 'e', to: 'leaving' }), tally(tenant, 'k', 5))
    const v = (await store.get(people, tenant, 'taken'))?.version ?? 0
    const good = [
      insert(people, tenant, person('new')),
      replace(people, tenant, person('old', { title: 'changed' }), v),
      remove(people, tenant, 'leaving', v),
      removeWhere(edges, tenant, is(field('to'), 'leaving')),
      reference(people, tenant, 'target'),
      insert(entries, tenant, { id: 'entry', what: 'done' }),
      tally(tenant, 'k', 1)
    ]
    const bad: [string, Change][] = [
      ['exists', insert(people, tenant, person('taken'))],
      ['unique', insert(people, tenant, person('fine', { externalId: 'taken' }))],
      ['version', replace(people, tenant, person('taken'), v + 1)],
      ['version', remove(people, tenant, 'taken', v + 1)],
      ['version', remove(people, tenant, 'missing', v)],
      ['gone', reference(people, tenant, 'missing')]
    ]
    const everything = async () => [
      await everyDoc(store, people, tenant),
      await everyDoc(store, edges, tenant),
      await everyDoc(store, entries, tenant),
      await store.tallies(tenant, ['k'])
    ]
    const before = await everything()
    for (const [conflict, change] of bad) {
      for (let at = 0; at <= good.length; at++) {
        t.match(await settle(store, good.toSpliced(at, 0, change)), { conflict }, `${change.do} at ${at}`)
      }
    }
    t.same(await everything(), before, 'nothing was written')
    await put(store, ...good)
    t.same(await store.tallies(tenant, ['k']), [6])
    t.same(
      (await everyDoc(store, people, tenant)).map(p => p.doc.id),
      ['new', 'old', 'taken', 'target']
    )
    t.same(await everyDoc(store, edges, tenant), [])
  })

  await t.test('a commit id that was applied answers committed and changes nothing, whatever holds by now', async t => {
    const tenant = fresh()
    const id = fresh('c')
    const changes = [insert(people, tenant, person('a')), tally(tenant, 'k', 1)]
    t.equal(await settle(store, changes, id), 'committed')
    t.equal(await settle(store, changes, id), 'committed', 'though the insert would find its id taken')
    const version = (await store.get(people, tenant, 'a'))?.version ?? 0
    await put(store, remove(people, tenant, 'a', version))
    t.equal(await settle(store, changes, id), 'committed', 'though the insert would succeed')
    t.equal(await store.get(people, tenant, 'a'), undefined)
    t.same(await store.tallies(tenant, ['k']), [1])
  })

  await t.test('an append-only insert marks its commit, and another commit finds the id taken', async t => {
    const tenant = fresh()
    const id = fresh('c')
    const changes = [insert(entries, tenant, { id: 'e', what: 'x' }), tally(tenant, 'k', 1)]
    t.equal(await settle(store, changes, id), 'committed')
    t.equal(await settle(store, changes, id), 'committed')
    t.match(await settle(store, changes), { conflict: 'exists', collection: 'entries' })
    t.same(await store.tallies(tenant, ['k']), [1])
  })

  await t.test('a commit id that met a conflict was not applied: it may be tried again', async t => {
    const tenant = fresh()
    const id = fresh('c')
    t.match(await settle(store, [reference(people, tenant, 'a'), tally(tenant, 'k', 1)], id), { conflict: 'gone' })
    await put(store, insert(people, tenant, person('a')))
    t.equal(await settle(store, [reference(people, tenant, 'a'), tally(tenant, 'k', 1)], id), 'committed')
    t.same(await store.tallies(tenant, ['k']), [1])
  })

  await t.test('a reference holds for what the same commit inserted before it', async t => {
    const tenant = fresh()
    await put(store, insert(people, tenant, person('a')), reference(people, tenant, 'a'))
    t.match(await store.get(people, tenant, 'a'), { referenced: true })
  })

  await t.test('removeWhere removes what matches and is never a conflict', async t => {
    const tenant = fresh()
    await put(store, ...[1, 2, 3].map(n => insert(people, tenant, person(`${n}`, { badge: n, nicknames: [`n${n}`] }))))
    await put(store, removeWhere(people, tenant, compare('gt', field('badge'), 1)))
    t.same(
      (await everyDoc(store, people, tenant)).map(p => p.doc.id),
      ['1']
    )
    await put(store, removeWhere(people, tenant, compare('gt', field('badge'), 1)))
    await put(store, insert(people, tenant, person('4', { nicknames: ['n2', 'n3'] })))
  })

  await t.test('tallies add up, start at 0 and answer in the order asked', async t => {
    const tenant = fresh()
    await put(store, tally(tenant, 'a', 3), tally(tenant, 'b', -2), tally(tenant, 'a', 4), tally(tenant, '$x.y', 1))
    t.same(await store.tallies(tenant, ['b', 'never', 'a', '$x.y', 'b']), [-2, 0, 7, 1, -2])
    t.same(await store.tallies(tenant, []), [])
  })

  await t.test('a commit of nothing, and one of hundreds of changes, are commits', async t => {
    const tenant = fresh()
    t.equal(await settle(store, []), 'committed')
    await put(store, ...Array.from({ length: 500 }, (_, n) => insert(edges, tenant, { id: `${n}`, to: 'x' })))
    t.equal(await store.count(edges, tenant, is(field('to'), 'x')), 500)
  })
}
