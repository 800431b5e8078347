/**
 * Filters on the state of a license. What is stored is that a license is held; whether it is suspended follows from purchases
 * and the time (SEAT-115), and changes for thousands of users without a write.
 */
import type { Context } from '../audit/context.ts'
import { graceEndIn, policyOf } from '../licensing/policy.ts'
import { licenseTypes } from '../licensing/types.ts'
import { matches } from '../scim/filter/evaluate.ts'
import { all, type Filter, field, fold, is, isIn, not, type Path } from '../scim/filter/filter.ts'
import { userType } from '../scim/schemas.ts'
import { licenseUrn } from './view.ts'

const extension = userType({ licenseFromIdp: false }).extensions.get(licenseUrn.toLowerCase())
const pathOf = (name: string): Path => extension?.attributes.get(name.toLowerCase())?.path ?? []

const typePath = pathOf('licenseType')
/** As SCIM has it, and as the admin API has it. */
const statePaths: readonly Path[] = [pathOf('licenseState'), field('license', 'state')]

/** The filter with every condition on a license's state as it is to be understood now. */
export async function asOfNow(context: Context, filter: Filter): Promise<Filter> {
  if (!asksForState(filter)) return filter
  const now = context.clock.now()
  const policy = await policyOf(context, context.tenant)
  const over = licenseTypes.filter(type => (graceEndIn(policy, type, now) ?? Number.POSITIVE_INFINITY) <= now)
  return over.length === 0 ? filter : rewritten(filter, isIn(typePath, over.map(fold)))
}

const stateAt = (filter: Filter) => ('path' in filter ? statePaths.find(path => isSame(path, filter.path)) : undefined)

const isSame = (a: Path, b: Path) => a.length === b.length && a.every((step, i) => step.name === b[i]?.name)

function asksForState(filter: Filter): boolean {
  if (filter.op === 'not') return asksForState(filter.part)
  return 'parts' in filter ? filter.parts.some(asksForState) : stateAt(filter) !== undefined
}

/** @param isOver whether the purchases behind a license have run out. */
function rewritten(filter: Filter, isOver: Filter): Filter {
  if (filter.op === 'not') return not(rewritten(filter.part, isOver))
  if ('parts' in filter) return { op: filter.op, parts: filter.parts.map(part => rewritten(part, isOver)) }
  const path = stateAt(filter)
  if (path === undefined) return filter
  const isSuspended = all(is(path, 'held'), isOver)
  const [first, second] = path
  const holds = matches(filter, { [first?.name ?? '']: { [second?.name ?? '']: 'suspended' } })
  const others = all(not(isSuspended), filter)
  return holds ? { op: 'or', parts: [isSuspended, others] } : others
}
