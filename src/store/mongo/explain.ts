/** How MongoDB would find a page: for tests that hold every list to an index. */
import type { Db, Document } from 'mongodb'
import type { AnyCollection, Query } from '../port.ts'
import { matchOfKeys, pointsOf } from './points.ts'
import { type Segment, segmentsOf } from './query.ts'
import { wanted } from './rows.ts'

/** One segment of a page (`query.ts`), or one form of a point read (`points.ts`). */
export interface Explained {
  /** Of the plan that won: IXSCAN, FETCH, SORT, COLLSCAN … */
  readonly stages: readonly string[]
  readonly indexes: readonly string[]
  readonly keysExamined: number
  readonly docsExamined: number
  readonly found: number
}

export function explain(
  db: Db,
  collection: AnyCollection,
  tenant: string,
  query: Query
): Promise<readonly Explained[]> {
  const { limit, offset = 0 } = query
  const points = pointsOf(collection, tenant, query) ?? []
  // Each alone, and together with another one.
  const forms = points.flatMap(point =>
    [[point.key], [point.key, `${point.key}.`]].map(keys => matchOfKeys(point, keys))
  )
  const segments: readonly Segment[] =
    forms.length > 0 ? forms.map(match => ({ match, sort: {} })) : segmentsOf(collection, tenant, query)
  return Promise.all(
    segments.map(async ({ match, sort }) => {
      const found = db.collection(collection.name).find(match, { sort, limit, skip: offset, projection: wanted })
      return explained(await found.explain('executionStats'))
    })
  )
}

function explained({ queryPlanner, executionStats }: Document): Explained {
  const plans = plansOf(queryPlanner.winningPlan.queryPlan ?? queryPlanner.winningPlan)
  return {
    stages: plans.map(plan => plan.stage),
    indexes: plans.flatMap(plan => plan.indexName ?? []),
    keysExamined: executionStats.totalKeysExamined,
    docsExamined: executionStats.totalDocsExamined,
    found: executionStats.nReturned
  }
}

function plansOf(plan: Document): Document[] {
  const inner: Document[] = plan.inputStages ?? (plan.inputStage === undefined ? [] : [plan.inputStage])
  return [plan, ...inner.flatMap(plansOf)]
}
