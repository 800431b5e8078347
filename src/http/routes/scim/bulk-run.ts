/**
 * The operations of a bulk request run on a staged store, some at a time or all together, and what they come to is one commit:
 * so a thousand of them wait for the disk a few times, and not a thousand times.
 */
import { hash } from 'node:crypto'
import type { Context } from '../../../audit/context.ts'
import { ReadAgain } from '../../../audit/operate.ts'
import type { BulkOperation, BulkRequest } from '../../../scim/bulk.ts'
import { BulkOrder, carryOut, type Performing, replay, type Settled } from '../../../scim/bulk-order.ts'
import type { Store } from '../../../store/port.ts'
import { type StagedStore, stage } from '../../../store/staged.ts'
import { operateStaged } from '../../staging.ts'
import { joined, notTried, type Perform, type Result, rolledBack, unresolved } from './bulk-operation.ts'

export interface BulkRun {
  readonly bulk: BulkRequest
  readonly perform: Perform
  /** Also what was not tried has a result. */
  readonly unabridged?: boolean
}

/**
 * Operations in a commit, by how often it has lost against somebody else: the fewer they are, the sooner it is written. At
 * last one alone, which then has as many tries as any other request.
 */
const partSizes = [100, 100, 10, 10]
/** A transaction takes as long as its operations, and each loss means that all are done again. */
const transactionTriesMax = 12

/**
 * Each operation is what it would be alone, in their order; what one of them is answered says nothing of the others. With an
 * idempotency key in the context each commit keeps its answers, so that a repeat goes on where the first one was cut off.
 */
export async function inParts(
  context: Context,
  { bulk, perform, unabridged = false }: BulkRun
): Promise<readonly Result[]> {
  const order = BulkOrder.of<Result>(bulk.operations, bulk.failOnErrors)
  const places = new Map(bulk.operations.map((operation, i) => [operation, i]))
  for (;;) {
    let tries = 0
    const answers = await operateStaged(partOf(context, order.settled), async staged => {
      const wanted = partSizes[tries++] ?? 1
      const done = await carryOut(order.copy(), performingOn(staged, perform), wanted)
      const answer = [...done].map(([operation, settled]): Answer => [places.get(operation) ?? 0, settled])
      return { answer, holds: true }
    })
    if (answers.length === 0) {
      return unabridged ? bulk.operations.map(one => order.resultOf(one) ?? notTried(one)) : order.results()
    }
    replay(order, settledOf(bulk, answers))
  }
}

export interface Outcome {
  readonly results: readonly Result[]
  readonly committed: boolean
}

/** All operations are done, or none is. */
export function whole(context: Context, { bulk, perform }: BulkRun): Promise<Outcome> {
  const attempt = async (staged: StagedStore) => {
    const order = BulkOrder.of<Result>(bulk.operations, bulk.failOnErrors)
    const done = await carryOut(order, performingOn(staged, perform))
    const failed = bulk.operations.findIndex(operation => done.has(operation) && done.get(operation)?.id === undefined)
    if (failed === -1) {
      return { answer: { results: order.results(), committed: true }, holds: true }
    }
    const results = bulk.operations.map(operation => {
      const settled = done.get(operation)
      return settled !== undefined && settled.id === undefined ? settled.result : rolledBack(operation, failed)
    })
    return { answer: { results, committed: false }, holds: false }
  }
  return operateStaged(context, attempt, { triesMax: transactionTriesMax })
}

/** The operation's place in its request, and what became of it: JSON, because it may be kept. */
type Answer = readonly [number, Settled<Result>]

function settledOf(bulk: BulkRequest, answers: readonly Answer[]): ReadonlyMap<BulkOperation, Settled<Result>> {
  return new Map(
    answers.flatMap(([i, settled]) => {
      const operation = bulk.operations[i]
      return operation === undefined ? [] : [[operation, settled] as const]
    })
  )
}

/** Each part of a request has a key of its own. */
function partOf(context: Context, at: number): Context {
  const { idempotency } = context
  if (idempotency === undefined) return context
  return { ...context, idempotency: { ...idempotency, key: hash('sha256', `${idempotency.key}/${at}`) } }
}

function performingOn(store: StagedStore, perform: Perform): Performing<Result> {
  let current: Store = store
  let circles = 0
  return {
    perform: (operation, as) => perform(current, operation, as),
    unresolved,
    joined,
    async asOne(work) {
      const staged = stage(store)
      current = staged
      try {
        if (!(await work())) return
        const answer = await store.commit(staged.changes(), { id: `circle ${++circles}` })
        if (answer !== 'committed') throw new ReadAgain('what a circle of operations had read')
      } finally {
        current = store
      }
    }
  }
}
