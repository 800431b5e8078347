/** The one thread that writes. It takes whatever waits, writes it as one group, and answers when the disk has it. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { PreparedCommit } from './apply.ts'
import { Connection, connectToWrite } from './connection.ts'
import type { TableSql } from './rows.ts'
import { type Outcome, writeGroup } from './write-group.ts'

export interface WriterData {
  readonly file: string
  readonly tables: readonly TableSql[]
}
export interface WriterJob {
  readonly seq: number
  /** Absent: a question how things are. */
  readonly commit?: PreparedCommit
}
export type ToWriter = readonly WriterJob[] | 'close'
export type FromWriter = 'ready' | readonly { readonly seq: number; readonly outcome: Outcome }[]

/** Commits in a group, or a few more: many more would make the first of them wait without making the last much faster. */
const groupMax = 256

const { file, tables } = workerData as WriterData
const db = new Connection(connectToWrite(file))
let broken = false

parentPort?.on('message', (first: ToWriter) => {
  const group: WriterJob[] = []
  let closing = false
  for (let message: ToWriter | undefined = first; message !== undefined; message = next(group.length)) {
    if (message === 'close') closing = true
    else group.push(...message)
  }
  if (group.length > 0) write(group)
  if (closing) {
    db.close()
    parentPort?.close()
  }
})
parentPort?.postMessage('ready' satisfies FromWriter)

function next(taken: number): ToWriter | undefined {
  if (taken >= groupMax || parentPort === null) return undefined
  return receiveMessageOnPort(parentPort)?.message
}

function write(group: readonly WriterJob[]): void {
  const jobs = group.map(({ seq, commit }) => ({ seq, commit: commit ?? question(seq) }))
  const commits = jobs.flatMap(({ commit }) => commit ?? [])
  const outcomes = commits.length === 0 ? [] : writeGroup(db, tables, commits, Date.now())
  if (outcomes.some(outcome => typeof outcome === 'object' && 'unavailable' in outcome)) broken = true
  // A group of conflicts wrote nothing, and tells nothing.
  else if (outcomes.includes('committed')) broken = false
  let place = 0
  const answers = jobs.map(({ seq, commit }): { seq: number; outcome: Outcome } => {
    const outcome = commit === undefined ? 'committed' : outcomes[place++]
    return { seq, outcome: outcome ?? { unavailable: 'a commit had no outcome' } }
  })
  parentPort?.postMessage(answers satisfies FromWriter)
}

/** A message without a commit asks how things are. After a failure only another write can tell. */
function question(seq: number): PreparedCommit | undefined {
  return broken ? { id: `ping ${process.pid} ${seq} ${Date.now()}`, changes: [] } : undefined
}
