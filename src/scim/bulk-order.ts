/** In which order the operations of a bulk request are carried out: one may refer to one behind it (RFC 7644 3.7.2). */
import { type BulkOperation, referencesOf, resolved } from './bulk.ts'
import { firstCircle, inTwoSteps } from './bulk-circle.ts'

/** What became of an operation. */
export interface Settled<R> {
  readonly result: R
  /** The id of what the operation made or changed; undefined after an error. */
  readonly id: string | undefined
}

export interface Performing<R> {
  /**
   * @param operation every reference in it is replaced by an id.
   * @param as the operation of the request that it is, or is a step of.
   */
  readonly perform: (operation: BulkOperation, as: BulkOperation) => Promise<Settled<R>>
  /** The result of an operation that refers to what never comes to be: an error. */
  readonly unresolved: (operation: BulkOperation, missing: readonly string[]) => R
  /** The result of an operation of two steps. */
  readonly joined: (first: R, last: R) => R
  /** Does all of `work`, or nothing of it where it answers false. */
  readonly asOne: (work: () => Promise<boolean>) => Promise<void>
}

type Next =
  | { readonly operations: readonly [BulkOperation]; readonly missing: readonly string[] }
  | { readonly operations: readonly BulkOperation[]; readonly missing: undefined }

interface Plan {
  readonly operations: readonly BulkOperation[]
  readonly errorsMax: number
  readonly references: ReadonlyMap<BulkOperation, readonly string[]>
  /** The operation that makes what a name stands for. */
  readonly makers: ReadonlyMap<string, BulkOperation>
}

interface State<R> {
  readonly ids: Map<string, string>
  readonly results: Map<BulkOperation, R>
  /** By the name that they wait for. */
  readonly waiting: Map<string, BulkOperation[]>
  /** It grows: who waited comes to its end. */
  readonly queue: BulkOperation[]
  at: number
  errors: number
}

/** How far a request has come. */
export class BulkOrder<R extends object> {
  readonly #plan: Plan
  readonly #state: State<R>

  private constructor(plan: Plan, state: State<R>) {
    this.#plan = plan
    this.#state = state
  }

  /** @param errorsMax after so many errors the rest is not tried, and has no result. */
  static of<R extends object>(operations: readonly BulkOperation[], errorsMax = Number.POSITIVE_INFINITY) {
    const makers = new Map(operations.flatMap(one => (one.method === 'POST' ? [[one.bulkId ?? '', one] as const] : [])))
    const names = new Set(makers.keys())
    const references = new Map(operations.map(one => [one, [...referencesOf(one, names)]]))
    const plan = { operations, errorsMax, makers, references }
    return new BulkOrder<R>(plan, {
      ids: new Map(),
      results: new Map(),
      waiting: new Map(),
      queue: [...operations],
      at: 0,
      errors: 0
    })
  }

  /** Goes on from here without changing this. */
  copy(): BulkOrder<R> {
    const { ids, results, waiting, queue, at, errors } = this.#state
    return new BulkOrder<R>(this.#plan, {
      ids: new Map(ids),
      results: new Map(results),
      waiting: new Map([...waiting].map(([name, those]) => [name, [...those]])),
      queue: [...queue],
      at,
      errors
    })
  }

  /** The ids that names stand for by now. */
  get ids(): ReadonlyMap<string, string> {
    return this.#state.ids
  }

  /** How many operations have a result. */
  get settled(): number {
    return this.#state.results.size
  }

  resultOf(operation: BulkOperation): R | undefined {
    return this.#state.results.get(operation)
  }

  /** In the order of the operations. */
  results(): readonly R[] {
    return this.#plan.operations.flatMap(operation => this.#state.results.get(operation) ?? [])
  }

  /**
   * What is to be done now; each of its operations has to be settled before the next is asked for. Several refer to one another
   * in a circle. Each operation is looked at once, and once more for each that it waited for: a thousand that all refer to
   * the one behind them are a thousand steps.
   */
  next(): Next | undefined {
    while (this.#state.errors < this.#plan.errorsMax) {
      const operation = this.#state.queue[this.#state.at]
      if (operation === undefined) return this.#nextCircle()
      this.#state.at++
      const missing = this.#missingOf(operation)
      const awaited = missing.find(name => this.#isToCome(name))
      if (awaited === undefined) return { operations: [operation], missing }
      const others = this.#state.waiting.get(awaited)
      if (others === undefined) this.#state.waiting.set(awaited, [operation])
      else others.push(operation)
    }
    return undefined
  }

  settle(operation: BulkOperation, { result, id }: Settled<R>): void {
    this.#state.results.set(operation, result)
    if (id === undefined) this.#state.errors++
    const { bulkId, method } = operation
    if (bulkId === undefined || method !== 'POST') return
    if (id !== undefined) this.#state.ids.set(bulkId, id)
    this.#state.queue.push(...(this.#state.waiting.get(bulkId) ?? []))
    this.#state.waiting.delete(bulkId)
  }

  #missingOf(operation: BulkOperation): readonly string[] {
    return (this.#plan.references.get(operation) ?? []).filter(name => !this.#state.ids.has(name))
  }

  #isToCome(name: string): boolean {
    const maker = this.#plan.makers.get(name)
    return maker !== undefined && !this.#state.results.has(maker)
  }

  #nextCircle(): Next | undefined {
    const [first] = [...this.#state.waiting.values()].flat()
    if (first === undefined) return undefined
    const makersOf = (operation: BulkOperation) =>
      this.#missingOf(operation).flatMap(name => (this.#isToCome(name) ? (this.#plan.makers.get(name) ?? []) : []))
    const circle = new Set(firstCircle(first, makersOf))
    for (const { bulkId = '' } of circle) {
      this.#state.waiting.set(
        bulkId,
        (this.#state.waiting.get(bulkId) ?? []).filter(waiting => !circle.has(waiting))
      )
    }
    return { operations: this.#plan.operations.filter(operation => circle.has(operation)), missing: undefined }
  }
}

/** Carries out at least `wanted` operations, if there are so many, and settles them. */
export async function carryOut<R extends object>(
  order: BulkOrder<R>,
  performing: Performing<R>,
  wanted = Number.POSITIVE_INFINITY
): Promise<ReadonlyMap<BulkOperation, Settled<R>>> {
  const done = new Map<BulkOperation, Settled<R>>()
  while (done.size < wanted) {
    const next = order.next()
    if (next === undefined) break
    for (const [operation, settled] of await settledBy(order, performing, next)) {
      order.settle(operation, settled)
      done.set(operation, settled)
    }
  }
  return done
}

async function settledBy<R extends object>(
  { ids }: BulkOrder<R>,
  performing: Performing<R>,
  next: Next
): Promise<ReadonlyMap<BulkOperation, Settled<R>>> {
  if (next.missing === undefined) return inTwoSteps(next.operations, ids, performing)
  const [operation] = next.operations
  const settled =
    next.missing.length === 0
      ? await performing.perform(resolved(operation, ids), operation)
      : { result: performing.unresolved(operation, next.missing), id: undefined }
  return new Map([[operation, settled]])
}

/** Settles what was carried out before in the same order. */
export function replay<R extends object>(order: BulkOrder<R>, done: ReadonlyMap<BulkOperation, Settled<R>>): void {
  for (let left = done.size; left > 0; ) {
    const operations = order.next()?.operations ?? []
    for (const operation of operations) {
      const settled = done.get(operation)
      if (settled !== undefined) order.settle(operation, settled)
    }
    if (operations.length === 0) return
    left -= operations.length
  }
}
