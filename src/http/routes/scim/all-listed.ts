import type { Context } from '../../../audit/context.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { listedGroups } from './groups.ts'
import type { Listed } from './listed.ts'
import { listedResources } from './resources.ts'
import { listedUsers } from './users.ts'

/** The resource types whose resources clients of this organisation write, in the order of `/ResourceTypes`. */
export async function allListed(context: Context): Promise<readonly Listed[]> {
  const { all } = await typesOf(context, context.tenant)
  const own = all.filter(({ edition }) => edition !== undefined)
  return [listedUsers, listedGroups, ...own.map(listedResources)]
}
