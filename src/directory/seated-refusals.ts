/** Who could not be seated, and has a seat by now. */
import { asSystem, type Context } from '../audit/context.ts'
import { pagesOf } from '../audit/pages.ts'
import type { EpochMs } from '../base/clock.ts'
import { closeRefusals, refusals, type SeatRefusal } from '../licensing/refusals.ts'
import { field, fold, is, isIn } from '../scim/filter/filter.ts'
import type { Stored } from '../store/port.ts'
import { users } from './collections.ts'
import { userNameOf } from './user.ts'

/**
 * Closes the entries of users who hold a seat by now (SEAT-73). To be called before entries are shown: so a user who gets
 * a seat costs no look at them. Whoever reads them closes nothing himself: the events name the system.
 */
export async function closeSeated(context: Context): Promise<void> {
  for await (const open of pagesOf(context, refusals, is(field('open'), true))) {
    await closeRefusals(asSystem(context), open, await seatedAt(context, open))
  }
}

/** Since when those among them hold a seat who do, by folded userName. */
async function seatedAt(
  { store, tenant }: Context,
  open: readonly Stored<SeatRefusal>[]
): Promise<ReadonlyMap<string, EpochMs>> {
  const names = open.map(({ doc }) => doc.id)
  const found = await store.find(users, tenant, { filter: isIn(field('userName'), names), limit: names.length })
  return new Map(
    found.flatMap(({ doc }) =>
      doc.license.assignedAt === null ? [] : [[fold(userNameOf(doc)), doc.license.assignedAt] as const]
    )
  )
}
