import type { Test } from 'tap'
import { everything } from '../../src/scim/filter/filter.ts'
import { insert, StoreUnavailable, tally } from '../../src/store/port.ts'
import { people } from './collections.ts'
import { fresh, type Open, settle } from './support.ts'

/** Opening, answering, letting go. */
export async function lifecycle(t: Test, open: Open): Promise<void> {
  await t.test('close finishes what was begun; then every verb says that the store is not available', async t => {
    const { store, close, second } = await open()
    t.teardown(close)
    const tenant = fresh()
    await store.ping()
    const begun = Array.from({ length: 20 }, (_, i) => {
      const person = insert(people, tenant, { id: `${i}`, userName: `${i}` })
      return store.commit([person], { id: fresh('c') })
    })
    await store.close()
    t.same(new Set(await Promise.all(begun)), new Set(['committed']))
    await store.close()
    await t.rejects(store.ping(), StoreUnavailable)
    await t.rejects(store.get(people, tenant, '1'), StoreUnavailable)
    await t.rejects(store.find(people, tenant, { limit: 1 }), StoreUnavailable)
    await t.rejects(store.count(people, tenant, everything), StoreUnavailable)
    await t.rejects(store.tallies(tenant, ['k']), StoreUnavailable)
    await t.rejects(store.commit([], { id: fresh('c') }), StoreUnavailable)
    if (second !== undefined) t.equal(await second.count(people, tenant, everything), 20)
  })

  await t.test('what was committed is there when the database is opened again, and so are commit ids', async t => {
    const opened = await open()
    t.teardown(opened.close)
    if (opened.reopen === undefined) return
    const tenant = fresh()
    const id = fresh('c')
    const changes = [insert(people, tenant, { id: 'a', userName: 'a' }), tally(tenant, 'k', 1)]
    t.equal(await settle(opened.store, changes, id), 'committed')
    const store = await opened.reopen()
    t.match(await store.get(people, tenant, 'a'), { doc: { id: 'a' } })
    t.equal(await settle(store, changes, id), 'committed')
    t.same(await store.tallies(tenant, ['k']), [1])
  })
}
