/** Read, decide, commit: the loop that every change of the domain runs in. */
import { setTimeout as wait } from 'node:timers/promises'
import type { EpochMs } from '../base/clock.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Json } from '../base/json.ts'
import { field } from '../scim/filter/filter.ts'
import { type Change, type Collection, type Conflict, insert, StoreUnavailable } from '../store/port.ts'
import type { Context } from './context.ts'
import type { Subject } from './trace.ts'

/** What one attempt came to. No changes: the state is already as asked, and nothing is written. */
export interface Outcome<A> {
  readonly answer: A
  readonly changes: readonly Change[]
  /** What it is about, for the trace of the request. */
  readonly subject?: Subject
}

/** What an attempt read does not fit together, because somebody wrote between two reads. It is made again. */
export class ReadAgain extends Error {
  override readonly name = 'ReadAgain'
}

/** Tries before the client is asked to come back: each loss means that somebody else won, so more are not expected. */
const attemptsMax = 200
/** The longest pause between two attempts. */
const pauseMsMax = 40

/**
 * Runs `attempt` until its changes commit. Each attempt reads afresh and is told why the last one lost.
 *
 * With an idempotency key in the context the answer is kept in the same commit, and a repeat gets it again (it must be
 * plain JSON). A key that was used for another body is refused with `idempotency_mismatch`.
 *
 * @param options.triesMax fewer tries, for attempts that take long.
 * @throws StoreUnavailable when no attempt won.
 */
export async function operate<A>(
  context: Context,
  attempt: (lost: Conflict | undefined) => Promise<Outcome<A>>,
  { triesMax = attemptsMax }: { readonly triesMax?: number } = {}
): Promise<A> {
  let lost: Conflict | undefined
  for (let tries = 0; tries < triesMax; tries++) {
    const kept = await recall<A>(context)
    if (kept !== undefined) return kept.answer
    const outcome = await attempted(context, attempt, lost)
    if (outcome !== undefined) {
      const { answer, changes, subject } = outcome
      const kind = changes.length === 0 ? 'committed' : await commit(context, answer, changes)
      if (kind === 'committed') {
        context.trace?.done.push({ changes, subject })
        return answer
      }
      lost = kind
    }
    if (tries > 0) await wait(context.random.int(Math.min(pauseMsMax, 2 << Math.min(tries, 5))))
  }
  throw new StoreUnavailable('Too many writers want the same thing at this moment.', { retryAfterSeconds: 1 })
}

async function attempted<A>(
  context: Context,
  attempt: (lost: Conflict | undefined) => Promise<Outcome<A>>,
  lost: Conflict | undefined
): Promise<Outcome<A> | undefined> {
  try {
    return await attempt(lost)
  } catch (error) {
    if (error instanceof ReadAgain) return undefined
    // What refuses this request may be what the same request, sent twice, has made meanwhile.
    const kept = await recall<A>(context)
    if (kept !== undefined) return { answer: kept.answer, changes: [] }
    throw error
  }
}

function commit<A>(context: Context, answer: A, changes: readonly Change[]) {
  return context.store.commit([...changes, ...remember(context, answer)], { id: context.makeId() })
}

/** An answer kept for a client that may ask again. */
export interface KeptAnswer {
  readonly id: string
  readonly at: EpochMs
  readonly bodyHash: string
  readonly answer: Json
}

export const keptAnswers: Collection<KeptAnswer> = {
  name: 'keptAnswers',
  search: kept => ({ id: kept.id, at: kept.at }),
  indexes: [{ name: 'at', paths: [field('at')] }]
}

/** How long a repeat is recognised. */
export const keptAnswerMs = 24 * 60 * 60 * 1000

async function recall<A>(context: Context): Promise<{ answer: A } | undefined> {
  const { idempotency, store, tenant } = context
  if (idempotency === undefined) return undefined
  const kept = await store.get(keptAnswers, tenant, idempotency.key)
  if (kept === undefined) return undefined
  if (kept.doc.bodyHash !== idempotency.bodyHash) {
    throw new Refusal('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new key.')
  }
  return { answer: kept.doc.answer as A }
}

function remember<A>({ idempotency, tenant, clock }: Context, answer: A): readonly Change[] {
  if (idempotency === undefined) return []
  const { key, bodyHash } = idempotency
  return [insert(keptAnswers, tenant, { id: key, at: clock.now(), bodyHash, answer: answer as Json })]
}
