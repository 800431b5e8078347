/**
 * The operations of a bulk request run on a staged store, some at a time or all together, and what they come to is one commit:
 * so a thousand of them wait for the disk a few times, and not a thousand times.
 */
import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../../audit/context.ts'
import { operate, ReadAgain } from '../../../audit/operate.ts'
import { streamsOf } from '../../../events/streams.ts'
import type { BulkOperation, BulkRequest } from '../../../scim/bulk.ts'
import { BulkOrder, carryOut, type Performing, replay, type Settled } from '../../../scim/bulk-order.ts'
import type { Change, Store } from '../../../store/port.ts'
import { stage } from '../../../store/staged.ts'
import { joined, type Perform, type Result, rolledBack, unresolved } from './bulk-operation.ts'

export interface BulkRun {
  readonly bulk: BulkRequest
  readonly perform: Perform
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
export async function inParts(context: Context, { bulk, perform }: BulkRun): Promise<readonly Result[]> {
  const order = BulkOrder.of<Result>(bulk.operations, bulk.failOnErrors)
  const places = new Map(bulk.operations.map((operation, i) => [operation, i]))
  for (;;) {
    let tries = 0
    const answers = await operate(partOf(context, order.settled), async () => {
      const { staged, changesOf } = await begin(context)
      const wanted = partSizes[tries++] ?? 1
      const done = await carryOut(order.copy(), performingOn(staged, perform), wanted)
      const answer = [...done].map(([operation, settled]): Answer => [places.get(operation) ?? 0, settled])
      return { answer, changes: await changesOf() }
    })
    if (answers.length === 0) return order.results()
    replay(order, settledOf(bulk, answers))
  }
}

export interface Outcome {
  readonly results: readonly Result[]
  readonly committed: boolean
}

/** All operations are done, or none is. */
export function whole(context: Context, { bulk, perform }: BulkRun): Promise<Outcome> {
  const attempt = async () => {
    const { staged, changesOf } = await begin(context)
    const order = BulkOrder.of<Result>(bulk.operations, bulk.failOnErrors)
    const done = await carryOut(order, performingOn(staged, perform))
    const failed = bulk.operations.findIndex(operation => done.has(operation) && done.get(operation)?.id === undefined)
    if (failed === -1) {
      return { answer: { results: order.results(), committed: true }, changes: await changesOf() }
    }
    const results = bulk.operations.map(operation => {
      const settled = done.get(operation)
      return settled !== undefined && settled.id === undefined ? settled.result : rolledBack(operation, failed)
    })
    return { answer: { results, committed: false }, changes: [] }
  }
  return operate(context, attempt, { triesMax: transactionTriesMax })
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

/** What takes long is to see, when it is committed, what it saw when it began. */
async function begin(context: Context) {
  const streams = () => streamsOf({ ...context, store: stage(context.store) }, context.tenant)
  const [staged, told] = [stage(context.store), await streams()]
  /** @throws ReadAgain where somebody has changed what was read on the way. */
  const changesOf = async (): Promise<readonly Change[]> => {
    const changes = staged.changes()
    if (changes.length === 0) return changes
    const [isCurrent, telling] = await Promise.all([staged.isCurrent(), streams()])
    if (!isCurrent || !isDeepStrictEqual(told, telling)) throw new ReadAgain('what a bulk request had read')
    return changes
  }
  return { staged, changesOf }
}

function performingOn(store: Store, perform: Perform): Performing<Result> {
  let current = store
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
