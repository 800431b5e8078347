/**
 * Operations of a bulk request that refer to one another in a circle (RFC 7644 3.7.1: "the service provider MUST try to resolve
 * circular cross-references"): all are created without what can't be known yet, which is added to each in a second step.
 */
import type { Json, JsonObject } from '../base/json.ts'
import { isObject } from '../base/json.ts'
import { type BulkOperation, referencesIn, referencesOf, resolved } from './bulk.ts'
import type { Performing, Settled } from './bulk-order.ts'
import { patchUrn } from './patch/parse.ts'

/**
 * A circle that can be reached from `start`, and from which nothing leads out: the first strongly connected component that Tarjan's
 * algorithm completes. Without recursion, because a circle may be as long as the request.
 */
export function firstCircle<T>(start: T, next: (from: T) => readonly T[]): readonly T[] {
  const place = new Map<T, number>()
  const reached: T[] = []
  const path: { readonly place: number; lowest: number; readonly open: T[] }[] = []
  const enter = (at: T) => {
    const here = reached.length
    place.set(at, here)
    reached.push(at)
    path.push({ place: here, lowest: here, open: [...next(at)] })
  }
  enter(start)
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const to = top.open.pop()
    if (to !== undefined) {
      const known = place.get(to)
      if (known === undefined) enter(to)
      else top.lowest = Math.min(top.lowest, known)
      continue
    }
    if (top.lowest === top.place) return reached.slice(top.place)
    path.pop()
    const below = path.at(-1)
    if (below !== undefined) below.lowest = Math.min(below.lowest, top.lowest)
  }
  return []
}

/** What became of each; where one of them fails, nothing is left of any. */
export async function inTwoSteps<R extends object>(
  operations: readonly BulkOperation[],
  ids: ReadonlyMap<string, string>,
  performing: Performing<R>
): Promise<ReadonlyMap<BulkOperation, Settled<R>>> {
  const names = new Set(operations.map(({ bulkId = '' }) => bulkId))
  const missing = new Map(operations.map(one => [one, [...referencesOf(one, names)].filter(name => !ids.has(name))]))
  const settled = new Map<BulkOperation, Settled<R>>()
  let failed = operations.find(operation => missing.get(operation)?.some(name => !names.has(name)))
  if (failed === undefined) {
    await performing.asOne(async () => {
      settled.clear()
      failed = await created(operations, new Map(ids), performing, settled)
      return failed === undefined
    })
  }
  if (failed === undefined) return settled
  return new Map(
    operations.map(operation => {
      const own = operation === failed ? settled.get(operation)?.result : undefined
      return [
        operation,
        { result: own ?? performing.unresolved(operation, missing.get(operation) ?? []), id: undefined }
      ]
    })
  )
}

/** @returns the one that failed; its result is in `settled`. */
async function created<R extends object>(
  operations: readonly BulkOperation[],
  ids: Map<string, string>,
  { perform, joined }: Performing<R>,
  settled: Map<BulkOperation, Settled<R>>
): Promise<BulkOperation | undefined> {
  const names = new Set(operations.map(({ bulkId = '' }) => bulkId))
  const steps: { readonly operation: BulkOperation; readonly last: BulkOperation }[] = []
  for (const operation of operations) {
    const unknown = (value: Json) => [...referencesIn(value, names)].some(name => !ids.has(name))
    const { first, later } = parted(operation.data, unknown)
    const done = await perform(resolved({ ...operation, data: first }, ids), operation)
    settled.set(operation, done)
    if (done.id === undefined) return operation
    ids.set(operation.bulkId ?? '', done.id)
    const data = { schemas: [patchUrn], Operations: later }
    const last: BulkOperation = { ...operation, method: 'PATCH', path: `${operation.path}/${done.id}`, data }
    if (later.length > 0) steps.push({ operation, last })
  }
  for (const { operation, last } of steps) {
    const first = settled.get(operation)
    const done = await perform(resolved(last, ids), operation)
    settled.set(operation, { ...done, result: first === undefined ? done.result : joined(first.result, done.result) })
    if (done.id === undefined) {
      settled.set(operation, done)
      return operation
    }
  }
  return undefined
}

interface Parted {
  readonly first: Json | undefined
  /** Operations of a PATCH that add what is left out of `first`. */
  readonly later: readonly JsonObject[]
}

/** Leaves out the attributes, or the elements of those with many values, in which something is unknown. */
function parted(data: Json | undefined, unknown: (value: Json) => boolean, prefix = ''): Parted {
  if (data === undefined || !isObject(data) || !unknown(data)) return { first: data, later: [] }
  const first: [string, Json][] = []
  const later: JsonObject[] = []
  for (const [name, value] of Object.entries(data)) {
    const add = (left: Json) => later.push({ op: 'add', path: `${prefix}${name}`, value: left })
    if (!unknown(value)) first.push([name, value])
    else if (prefix === '' && name.toLowerCase().startsWith('urn:')) {
      const inner = parted(value, unknown, `${name}:`)
      later.push(...inner.later)
      if (inner.first !== undefined && isObject(inner.first) && Object.keys(inner.first).length > 0) {
        first.push([name, inner.first])
      }
    } else if (Array.isArray(value)) {
      first.push([name, value.filter(element => !unknown(element))])
      add(value.filter(unknown))
    } else add(value)
  }
  return { first: Object.fromEntries(first), later }
}
