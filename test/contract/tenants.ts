import type { Test } from 'tap'
import { everything, field, is } from '../../src/scim/filter/filter.ts'
import { insert, reference, remove, removeWhere, replace, tally } from '../../src/store/port.ts'
import { entries, people } from './collections.ts'
import { everyDoc, fresh, type Opened, put, settle } from './support.ts'

/** Two organisations see nothing of each other, in any verb. */
export async function tenants(t: Test, { store }: Opened): Promise<void> {
  await t.test('a tenant is alone in every verb', async t => {
    const ours = fresh()
    const theirs = fresh()
    const doc = { id: 'a', userName: 'ada', nicknames: ['x'], title: 'T' }
    await put(
      store,
      insert(people, theirs, doc),
      insert(entries, theirs, { id: 'e', what: 'x' }),
      tally(theirs, 'k', 1)
    )
    const before = await everyDoc(store, people, theirs)
    const version = before[0]?.version ?? 0

    t.equal(await store.get(people, ours, 'a'), undefined)
    for (const filter of [everything, is(field('id'), 'a'), is(field('userName'), 'ada'), is(field('title'), 'T')]) {
      t.same(await store.find(people, ours, { filter, limit: 10 }), [])
      t.equal(await store.count(people, ours, filter), 0)
    }
    t.same(await store.tallies(ours, ['k']), [0])
    t.match(await settle(store, [replace(people, ours, doc, version)]), { conflict: 'version' })
    t.match(await settle(store, [remove(people, ours, 'a', version)]), { conflict: 'version' })
    t.match(await settle(store, [reference(people, ours, 'a')]), { conflict: 'gone' })
    await put(store, removeWhere(people, ours, everything), tally(ours, 'k', 5))
    t.same(await everyDoc(store, people, theirs), before)
    t.same(await store.tallies(theirs, ['k']), [1])

    await put(store, insert(people, ours, doc), insert(entries, ours, { id: 'e', what: 'y' }))
    t.equal((await everyDoc(store, people, ours)).length, 1, 'the same id, user name and nickname are free here')
    await put(store, removeWhere(people, ours, everything))
    t.same(await everyDoc(store, people, theirs), before)
  })
}
