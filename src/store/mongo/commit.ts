/**
 * Commits: one conditional write, or one transaction of one or more of them, that may be tried again.
 *
 * Each commit leaves a mark that stays (a row of its own, or the document that it appends). A second try of a commit that was
 * applied meets the mark: so it cannot be applied twice, whatever became of the first answer.
 */
import { type ClientSession, type Db, type Document, type MongoClient, MongoServerError } from 'mongodb'
import type { Conflict } from '../port.ts'
import type { Causality } from './causal.ts'
import { scanMsMax } from './client.ts'
import { duplicateIn, isBusy, isUnreachable, Unsettled } from './errors.ts'
import { type Commit, type Mark, markOf, type Write, writesOf } from './writes.ts'

export type Answer = 'committed' | Conflict

/** What became of one of several; `failed`: this one can't be written, and is nobody else's fault. */
export type Settled = Answer | { readonly failed: unknown }

const durable = { w: 'majority', j: true } as const
const transaction = { readConcern: { level: 'snapshot' }, writeConcern: durable, readPreference: 'primary' } as const

/** What commits are tried with. */
export interface Attempt {
  readonly client: MongoClient
  readonly db: Db
  /** Nobody else adds to kept totals under this name at the same time. */
  readonly writer: string
  readonly causal: Pick<Causality, 'note'>
}

/**
 * Tries once to commit all of them, with an answer for each. Where they cannot go together, because the condition of one
 * does not hold, each goes alone. `tries`: how often it was tried before without an answer.
 *
 * @throws what `isUnreachable` knows when nothing can be said yet; it is safe to call this again.
 */
export async function tryCommits(
  attempt: Attempt,
  commits: readonly Commit[],
  tries: number
): Promise<readonly Settled[]> {
  const own = (failed: unknown) => {
    if (isUnreachable(failed)) throw failed
    return { failed }
  }
  if (commits.length > 1 && tries === 0 && (await writeAll(attempt, commits).catch(own)) === 'committed') {
    return commits.map(() => 'committed')
  }
  const settled: Settled[] = []
  for (const commit of commits) settled.push(await tryCommit(attempt, commit, tries).catch(own))
  return settled
}

async function tryCommit(attempt: Attempt, commit: Commit, tries: number): Promise<Answer> {
  const answer = await writeAll(attempt, [commit])
  // A first try that is busy wrote nothing, and is worth no further question: racing clients see it all the time.
  if (answer === 'committed' || (answer.conflict === 'busy' && tries === 0)) return answer
  if (await isApplied(attempt.db, markOf(commit), tries > 0)) return 'committed'
  if (answer.conflict === 'busy') throw new Unsettled('an earlier try may still be under way')
  return answer
}

async function writeAll({ client, db, writer, causal }: Attempt, commits: readonly Commit[]): Promise<Answer> {
  const session = client.startSession()
  const answer = await written(session, db, writesOf(commits, writer))
  if (answer === 'committed') causal.note(session)
  return answer
}

/** The session is ended in any case. */
async function written(session: ClientSession, db: Db, writes: readonly Write[]): Promise<Answer> {
  const [only, ...more] = writes
  if (only?.statements.length !== 1 || more.length > 0) return inTransaction(session, db, writes)
  try {
    return await write(db, only, session, { writeConcern: durable })
  } finally {
    await session.endSession()
  }
}

async function inTransaction(session: ClientSession, db: Db, writes: readonly Write[]): Promise<Answer> {
  let at = writes[0]?.collection ?? ''
  try {
    session.startTransaction(transaction)
    for (const each of writes) {
      at = each.collection
      const answer = await write(db, each, session)
      if (answer !== 'committed') {
        await session.abortTransaction()
        return answer
      }
    }
    await session.commitTransaction()
    return 'committed'
  } catch (error) {
    if (!isBusy(error)) throw error
    return { conflict: 'busy', collection: at }
  } finally {
    await ended(session)
  }
}

/** Lets go of a session. An abort that has to wait for a lost server waits alone. */
async function ended(session: ClientSession): Promise<void> {
  const end = session.endSession().catch(() => {})
  if (!session.inTransaction()) await end
}

/** Sends one command. @param alone outside a transaction: how durable it must be when this answers. */
async function write(
  db: Db,
  { collection, command, statements, missed }: Write,
  session: ClientSession,
  alone: { readonly writeConcern?: typeof durable } = {}
): Promise<Answer> {
  const body = { [command]: collection, [listOf[command]]: statements, ordered: true, ...alone }
  const reply = await db.command(body, { session })
  const failed: Document | undefined = reply.writeErrors?.[0]
  if (failed !== undefined) return refusal(collection, failed)
  return missed !== undefined && reply.n < statements.length ? { conflict: missed, collection } : 'committed'
}

const listOf = { insert: 'documents', update: 'updates', delete: 'deletes' } as const

function refusal(collection: string, error: Document): Conflict {
  const index = duplicateIn(error)
  if (index === undefined) throw new MongoServerError(error)
  return index === '_id_' ? { conflict: 'exists', collection } : { conflict: 'unique', collection, index }
}

/**
 * Whether the commit is done. Where an earlier try had no answer its write may be on the primary and not yet on the majority: a
 * linearizable read waits until that is decided.
 */
export async function isApplied(db: Db, { collection, match }: Mark, unsure: boolean): Promise<boolean> {
  const row = await db.collection<{ _id: string }>(collection).findOne(match, {
    projection: { _id: 1 },
    readConcern: { level: unsure ? 'linearizable' : 'majority' },
    maxTimeMS: scanMsMax
  })
  return row !== null
}
