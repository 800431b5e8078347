/** The primary is killed right behind an acknowledgement: the first reads of the next one find what was acknowledged. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { keptAnswers } from '../../src/audit/operate.ts'
import { insert, type Store } from '../../src/store/port.ts'
import type { ReplicaSet } from '../support/mongo.ts'
import { mongoBackend } from './backend.ts'
import { few, type Outcome } from './row.ts'

const tenant = 'ten'
const writers = 8
const workMs = 300
/** The last ones: a majority has them, and the next primary may not know it yet. */
const newest = 5
const readsEach = 30

export async function readAfterElection(set: ReplicaSet, rounds: number): Promise<Outcome> {
  const store = await mongoBackend(set.uri, { ownSet: true }).open()
  const faults: string[] = []
  let reads = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const primary = await set.primary()
      const { acknowledged, over } = await write(store)
      await primary.kill()
      const found = await Promise.all(acknowledged.slice(-newest).map(id => readAgain(store, id)))
      for (const { there, missing } of found) {
        reads += there + missing
        if (missing > 0) faults.push(`${missing} of ${there + missing} reads did not find what was acknowledged`)
      }
      await over
      await primary.restart()
    }
  } finally {
    await store.close()
  }
  const what = 'reads right after an election'
  return { row: 'R4', what, rounds, faults: few(faults), figures: { reads }, goals: {} }
}

/** Returns with the last acknowledgement; `over` when nothing is under way any more. */
async function write(store: Store): Promise<{ acknowledged: readonly string[]; over: Promise<unknown> }> {
  const acknowledged: string[] = []
  let going = true
  const { promise: last, resolve } = Promise.withResolvers<void>()
  const over = Promise.all(
    Array.from({ length: writers }, async () => {
      while (going) {
        const id = randomUUID()
        const kept = { id, at: 0, bodyHash: '', answer: null }
        if ((await store.commit([insert(keptAnswers, tenant, kept)], { id })) === 'committed') acknowledged.push(id)
      }
      resolve()
    })
  )
  await sleep(workMs)
  going = false
  await last
  return { acknowledged: [...acknowledged], over: over.catch(() => {}) }
}

async function readAgain(store: Store, id: string): Promise<{ there: number; missing: number }> {
  const seen = { there: 0, missing: 0 }
  while (seen.there + seen.missing < readsEach) {
    try {
      if ((await store.get(keptAnswers, tenant, id)) === undefined) seen.missing++
      else seen.there++
    } catch {
      await sleep(20)
    }
  }
  return seen
}
