import type { Filter } from '../scim/filter/filter.ts'
import type { Collection, Doc, Store, Stored } from '../store/port.ts'

/** Documents read at a time. */
export const pageSize = 1000

/**
 * All that match, in order of id and page by page, so that a hundred thousand never stand in one read. What is changed
 * meanwhile is seen or not; nothing is seen twice.
 */
export async function* pagesOf<T extends Doc>(
  { store, tenant }: { readonly store: Store; readonly tenant: string },
  collection: Collection<T>,
  filter?: Filter
): AsyncGenerator<readonly Stored<T>[]> {
  const query = { limit: pageSize, ...(filter === undefined ? {} : { filter }) }
  let page = await store.find(collection, tenant, query)
  for (;;) {
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    page = await store.find(collection, tenant, { ...query, after: { id: last.doc.id } })
  }
}
