/** In which order the operations of a bulk request are carried out: one may refer to one behind it (RFC 7644 3.7.2). */
import { type BulkOperation, referencesOf, resolved } from './bulk.ts'

export interface Performed<R> {
  readonly result: R
  /** The id of what the operation made or changed; undefined after an error. */
  readonly id: string | undefined
}

export interface Performing<R> {
  /** After so many errors the rest is not tried, and has no result. */
  readonly errorsMax: number
  /** @param operation every reference in it is replaced by an id. */
  readonly perform: (operation: BulkOperation) => Promise<Performed<R>>
  /** The result of an operation that refers to what never comes to be: an error. */
  readonly unresolved: (operation: BulkOperation, missing: readonly string[]) => R
}

/**
 * Carries the operations out one by one in their order; one that refers to a later one waits for it. Each is looked at once, and
 * once more for each that it waited for: a thousand that all refer to the one behind them are a thousand steps.
 *
 * @returns the results in the order of the operations.
 */
export async function inOrder<R extends object>(
  operations: readonly BulkOperation[],
  { errorsMax, perform, unresolved }: Performing<R>
): Promise<readonly R[]> {
  const references = new Map(operations.map(operation => [operation, [...referencesOf(operation)]]))
  const ids = new Map<string, string>()
  const missingOf = (operation: BulkOperation) => (references.get(operation) ?? []).filter(name => !ids.has(name))
  const toCome = new Set(operations.map(({ bulkId }) => bulkId))
  const waiting = new Map<string, BulkOperation[]>()
  const results = new Map<BulkOperation, R>()
  let errors = 0

  // It grows: who waited comes to its end.
  const queue = [...operations]
  for (const operation of queue) {
    if (errors >= errorsMax) break
    const { bulkId } = operation
    const missing = missingOf(operation)
    const awaited = missing.find(name => name !== bulkId && toCome.has(name))
    if (awaited !== undefined) {
      const others = waiting.get(awaited)
      if (others === undefined) waiting.set(awaited, [operation])
      else others.push(operation)
      continue
    }
    const done: Performed<R> =
      missing.length === 0
        ? await perform(resolved(operation, ids))
        : { result: unresolved(operation, missing), id: undefined }
    results.set(operation, done.result)
    if (done.id === undefined) errors++
    if (bulkId === undefined) continue
    if (done.id !== undefined) ids.set(bulkId, done.id)
    toCome.delete(bulkId)
    queue.push(...(waiting.get(bulkId) ?? []))
    waiting.delete(bulkId)
  }
  // Who waits still waits in a circle, unless it was the errors that ended it.
  if (errors < errorsMax) {
    for (const operation of [...waiting.values()].flat())
      results.set(operation, unresolved(operation, missingOf(operation)))
  }
  return operations.flatMap(operation => results.get(operation) ?? [])
}
