import { type Env, systemActor } from '../audit/context.ts'
import type { Entry } from './entry.ts'

export const gapSize = 400

/** Stands for requests that are missing in the log, because more came than could be written. */
export function gapOf({ makeId, clock }: Pick<Env, 'makeId' | 'clock'>, missing: number): Entry {
  const id = makeId()
  return {
    id,
    at: clock.now(),
    ms: 0,
    caller: { kind: 'system', id: systemActor.id, name: systemActor.name, profile: '' },
    requestId: id,
    operation: 'gap',
    method: '',
    path: '',
    query: {},
    headers: {},
    rewrites: [],
    status: 0,
    outcome: 'failed',
    difference: [],
    effects: [],
    subjects: [],
    missing,
    size: gapSize
  }
}
