/** Seats that were drawn for a large commit, and taken by others before it came. */
import t from 'tap'
import { createUser } from '../../src/directory/users.ts'
import { purchases, seats } from '../../src/licensing/collections.ts'
import { drawAnew } from '../../src/licensing/drawn-anew.ts'
import { replace } from '../../src/store/port.ts'
import { stage } from '../../src/store/staged.ts'
import { onBothStores, type TestServer } from '../support/app.ts'
import { everyDocument } from '../support/fingerprint.ts'

/** Two users on a staged store, whose seats are not taken yet. */
async function twoDrawn({ context }: TestServer) {
  const staged = stage(context.store)
  for (const userName of ['ada', 'bob']) {
    await createUser({ ...context, store: staged }, 'provisioning', { resource: { userName } })
  }
  return { staged, drawn: staged.written(seats, context.tenant).flatMap(({ base }) => base ?? []) }
}

onBothStores(t, 'who had drawn a seat that was taken gets another, and others keep theirs', async (t, server) => {
  const { context } = server
  const { store, tenant } = context
  const { staged, drawn } = await twoDrawn(server)
  t.equal(drawn.length, 2)
  t.equal(await drawAnew(context, staged), 'none')
  const [lost, kept] = drawn
  if (lost === undefined || kept === undefined) return
  await store.commit([replace(seats, tenant, { ...lost.doc, holder: 'eve', epoch: 1 }, lost.version)], { id: 'eve' })
  t.match(await store.commit(staged.changes(), { id: 'too late' }), { conflict: 'version', collection: 'seats' })
  t.equal(await drawAnew(context, staged), 'given')
  t.equal(await store.commit(staged.changes(), { id: 'in time' }), 'committed')
  const held = (await everyDocument(store, seats, tenant)).filter(
    ({ doc }) => doc.holder !== null && doc.pool === 'PWM'
  )
  t.equal(held.length, 3)
  t.equal(new Set(held.map(({ doc }) => doc.holder)).size, 3)
  t.equal((await store.get(seats, tenant, lost.doc.id))?.doc.holder, 'eve')
  t.not((await store.get(seats, tenant, kept.doc.id))?.doc.holder, null)
})

onBothStores(t, 'where there are not so many left, all has to be done again', async (t, server) => {
  const { store, tenant } = server.context
  const { staged } = await twoDrawn(server)
  const taken = (await everyDocument(store, seats, tenant)).filter(({ doc }) => doc.pool === 'PWM')
  const changes = taken.map(({ doc, version }) =>
    replace(seats, tenant, { ...doc, holder: `x${doc.n}`, epoch: 1 }, version)
  )
  await store.commit(changes, { id: 'others' })
  t.equal(await drawAnew(server.context, staged), 'impossible')
})

onBothStores(t, 'what was bought less of meanwhile is not given away', async (t, server) => {
  const { store, tenant } = server.context
  const { staged } = await twoDrawn(server)
  const bought = await everyDocument(store, purchases, tenant)
  await store.commit(
    bought.map(({ doc, version }) =>
      replace(purchases, tenant, { ...doc, quantity: doc.type === 'PWM' ? 1 : 2 }, version)
    ),
    { id: 'less' }
  )
  t.equal(await drawAnew(server.context, staged), 'impossible')
})
