/**
 * What every adapter of the store port must do. An adapter's test file opens a real database and calls `contract`.
 */
import type { Test } from 'tap'
import { agreesWithMatches } from './agreement.ts'
import { filters } from './filters.ts'
import { lifecycle } from './lifecycle.ts'
import { pages } from './pages.ts'
import { races } from './races.ts'
import { staged } from './staged.ts'
import type { Open } from './support.ts'
import { tenants } from './tenants.ts'
import { writes } from './writes.ts'

export { contractCollections } from './collections.ts'
export type { Open, Opened } from './support.ts'

/** Runs every case against the adapter `name`. `open` is called a few times; each database is closed when its cases are done. */
export async function contract(t: Test, name: string, open: Open): Promise<void> {
  await t.test(name, async t => {
    const opened = await open()
    t.teardown(() => opened.close())
    await writes(t, opened)
    await races(t, opened)
    await tenants(t, opened)
    await filters(t, opened)
    await pages(t, opened)
    await agreesWithMatches(t, opened)
    await staged(t, opened)
    await lifecycle(t, open)
  })
}
