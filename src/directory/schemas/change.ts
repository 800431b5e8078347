/**
 * Administrators define schemas and resource types. Whatever contradicts what is stored is refused, and what decides that holds when
 * the change is committed: who writes a value refers, in the same commit, to the edition that it was checked against, and the
 * first such reference gives the edition another version.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../audit/context.ts'
import { happened } from '../../audit/events.ts'
import { operate } from '../../audit/operate.ts'
import { demand, type Precondition } from '../../audit/precondition.ts'
import { notFound } from '../../base/domain-error.ts'
import { type Change, insert, replace } from '../../store/port.ts'
import { forgetTypes } from '../types-of.ts'
import { type Catalogue, catalogueId, catalogues, type Defined } from './catalogue.ts'
import { type CatalogueLimits, checkFits } from './fit.ts'

export interface Turn<D> {
  readonly next: Pick<Catalogue, 'schemas' | 'resourceTypes'>
  /** Beside the catalogue. */
  readonly changes: readonly Change[]
  readonly answer: D
  readonly happened: { readonly action: string; readonly target: { readonly kind: string; readonly id: string } }
}

const none: Catalogue = { id: catalogueId, revision: 0, schemas: [], resourceTypes: [] }

export async function readCatalogue({ store, tenant }: Context) {
  const found = await store.get(catalogues, tenant, catalogueId)
  return { catalogue: found?.doc ?? none, version: found?.version }
}

/**
 * Changes the catalogue.
 *
 * @param decide told the catalogue as it is, and the revision that it will have. undefined: nothing is to be done.
 */
export async function changeCatalogue<D>(
  context: Context,
  limits: CatalogueLimits,
  decide: (catalogue: Catalogue, revision: number) => Promise<Turn<D> | { readonly answer: D }>
): Promise<D> {
  const { tenant } = context
  const answer = await operate(context, async () => {
    const { catalogue, version } = await readCatalogue(context)
    const revision = catalogue.revision + 1
    const turn = await decide(catalogue, revision)
    if (!('next' in turn)) return { answer: turn.answer, changes: [] }
    const next: Catalogue = { ...catalogue, ...turn.next, revision }
    checkFits(next, limits)
    const { action, target } = turn.happened
    const changes = [
      version === undefined ? insert(catalogues, tenant, next) : replace(catalogues, tenant, next, version),
      ...turn.changes,
      happened(context, action, target, { revision })
    ]
    return { answer: turn.answer, changes }
  })
  forgetTypes(context, tenant)
  return answer
}

/** The definition of this id, which the caller expects at this version. @throws Refusal `not_found`, `precondition_failed` */
export function definedIn<D extends { readonly id: string }>(
  all: readonly Defined<D>[],
  id: string,
  what: string,
  precondition: Precondition = {}
): Defined<D> {
  const found = all.find(({ definition }) => definition.id.toLowerCase() === id.toLowerCase())
  if (found === undefined) throw notFound(what)
  demand(precondition, found.revision)
  return found
}

export function newly<D>(context: Context, definition: D, revision: number): Defined<D> {
  const now = context.clock.now()
  return { definition, revision, created: now, lastModified: now }
}

/** With another definition. The same object where it says the same. */
export function turned<D>(context: Context, before: Defined<D>, definition: D, revision: number): Defined<D> {
  if (isDeepStrictEqual(before.definition, definition)) return before
  return { ...before, definition, revision, lastModified: context.clock.now() }
}

export function replacing<T>(all: readonly T[], before: T, after: T | undefined): readonly T[] {
  return all.flatMap(each => (each === before ? (after ?? []) : each))
}
