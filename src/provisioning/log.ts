/**
 * Entries wait in memory and are written some at a time, beside the requests that they tell of: nobody waits for them, and what
 * waits is lost when the process is killed. What happened is in the audit log all the same, which stands in the commits.
 */
import type { Env } from '../audit/context.ts'
import { insert, StoreUnavailable, tally } from '../store/port.ts'
import { type Entry, entriesKey, provisioningLog, sizeKey } from './entry.ts'
import { gapOf, gapSize } from './gap.ts'
import { type Retention, trim } from './retention.ts'

export interface ProvisioningLog {
  /** Takes an entry, or where too many wait, counts it as missing. Returns at once and never throws. */
  add(tenant: string, entry: Entry): void
  /** Whether a read, which changes nothing, is still to be added in this second; else it is counted as missing. */
  admitsRead(tenant: string): boolean
  /** Resolves when all that was taken before is written, or could not be for now. */
  flush(): Promise<void>
  /** Writes what waits, as far as the store lets it. */
  close(): Promise<void>
}

export interface LogOptions extends Retention {
  /** Of each organisation. */
  readonly readsPerSecond: number
  /** For the server's log. */
  readonly onError: (error: unknown) => void
}

/** Until what waits is written: what is lost with a killed process, and how old the log may look on another node. */
const delayMs = 500
/** Entries in a commit: so many hold nobody else's commit up for more than some milliseconds. */
const batchSize = 100
/** What waits at most, of all organisations: some seconds of the fastest traffic, while the store does not answer. */
export const waitingMax = 10_000
const waitingSizeMax = 32 << 20

interface Batch {
  readonly tenant: string
  readonly entries: readonly Entry[]
  /** Of its commit: one whose answer was lost is not written twice. */
  readonly commit: string
}

export function openLog(env: Env, options: LogOptions): ProvisioningLog {
  let waiting = new Map<string, Entry[]>()
  const missing = new Map<string, number>()
  /** Reads of this second. */
  const reads = { second: 0, of: new Map<string, number>() }
  /** Begun and not known to be written. */
  let unsettled: readonly Batch[] = []
  const held = { entries: 0, size: 0 }
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let closed = false

  function add(tenant: string, entry: Entry): void {
    if (closed) return
    if (held.entries >= waitingMax || held.size >= waitingSizeMax) {
      miss(tenant, 1)
      return
    }
    held.entries++
    held.size += entry.size
    const list = waiting.get(tenant)
    if (list === undefined) waiting.set(tenant, [entry])
    else list.push(entry)
    if (list?.length === batchSize) flush()
    else wake()
  }

  function miss(tenant: string, count: number): void {
    missing.set(tenant, (missing.get(tenant) ?? 0) + count)
  }

  function wake(): void {
    timer ??= setTimeout(flush, delayMs).unref()
  }

  function admitsRead(tenant: string): boolean {
    const second = Math.floor(env.clock.now() / 1000)
    if (second !== reads.second) {
      reads.second = second
      reads.of.clear()
    }
    const count = (reads.of.get(tenant) ?? 0) + 1
    reads.of.set(tenant, count)
    if (count <= options.readsPerSecond) return true
    miss(tenant, 1)
    wake()
    return false
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write).catch(error => {
      options.onError(error)
      if (!closed) timer ??= setTimeout(flush, 2 * delayMs).unref()
    })
    return writing
  }

  async function write(): Promise<void> {
    const taken = waiting
    waiting = new Map()
    const batches = [...taken].flatMap(([tenant, entries]) =>
      pieces(entries).map(piece => ({ tenant, entries: piece, commit: env.makeId() }))
    )
    unsettled = [...unsettled, ...batches, ...gaps()]
    while (unsettled.length > 0) {
      const [batch, ...rest] = unsettled
      if (batch === undefined) return
      await settle(batch)
      unsettled = rest
      const { entries } = batch
      held.entries -= entries.length
      held.size -= sizeOf(entries)
    }
    for (const tenant of taken.keys()) await keepWithin(tenant)
  }

  function gaps(): readonly Batch[] {
    const found = [...missing].map(([tenant, count]) => ({
      tenant,
      entries: [gapOf(env, count)],
      commit: env.makeId()
    }))
    missing.clear()
    held.entries += found.length
    held.size += found.length * gapSize
    return found
  }

  /** @throws StoreUnavailable: it is to be tried again, under the same id. */
  async function settle({ tenant, entries, commit: id }: Batch): Promise<void> {
    const changes = [
      ...entries.map(entry => insert(provisioningLog, tenant, entry)),
      tally(tenant, entriesKey, entries.length),
      tally(tenant, sizeKey, sizeOf(entries))
    ]
    try {
      const answer = await env.store.commit(changes, { id })
      if (answer === 'committed') return
      if (answer.conflict === 'busy') throw new StoreUnavailable('others were writing at the same moment')
      throw new Error(`entries of the provisioning log were not taken: ${answer.conflict} ${answer.index ?? ''}`)
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error
      // It would stand in the way of all that come behind.
      miss(tenant, entries.length)
      options.onError(error)
    }
  }

  async function keepWithin(tenant: string): Promise<void> {
    const [entries = 0, size = 0] = await env.store.tallies(tenant, [entriesKey, sizeKey])
    if (entries > options.entriesMax || size > options.sizeMax) await trim(env, tenant, options)
  }

  return {
    add,
    admitsRead,
    flush,
    async close() {
      closed = true
      await flush()
    }
  }
}

const sizeOf = (entries: readonly Entry[]) => entries.reduce((sum, { size }) => sum + size, 0)

function pieces(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  return Array.from({ length: Math.ceil(entries.length / batchSize) }, (_, i) =>
    entries.slice(i * batchSize, (i + 1) * batchSize)
  )
}
