/**
 * The changes of a commit as commands of MongoDB: as few as keep the order of the changes within each collection, because
 * every command is a round trip.
 */
import type { Change, Conflict } from '../port.ts'
import { commitsName, keyOf, talliesName } from './names.ts'
import { matchOf } from './query.ts'
import { contentOf, newRow } from './rows.ts'
import { adding } from './tallies.ts'

/** One command: `statements` of one kind for one collection. */
export interface Write {
  readonly collection: string
  readonly command: 'insert' | 'update' | 'delete'
  readonly statements: object[]
  /** What it means when fewer documents than statements were found; `undefined`: nothing. */
  readonly missed: Conflict['conflict'] | undefined
}

/** Where it can be seen that a commit is done: a row that is written with it and stays. */
export interface Mark {
  readonly collection: string
  readonly match: { readonly _id: string; readonly c?: string }
}

export interface Writes {
  readonly writes: readonly Write[]
  readonly mark: Mark
}

/** Statements in a command: far below MongoDB's limits, also with documents of some kilobytes. */
const statementsMax = 500

type Kind = Change['do']

interface Group extends Write {
  readonly kind: Kind | 'mark'
}

/** `writer`: nobody else adds to kept totals under this name at the same time. */
export function writesOf(changes: readonly Change[], id: string, writer: string): Writes {
  const groups: Group[] = []
  const mark = markOf(changes, id)
  if (mark.match.c === undefined) groups.push(markGroup(id))
  const add = (change: Change) => put(groups, change, statementOf(change, id, writer))
  // References last: they hold for what the same commit inserts.
  for (const change of changes) if (change.do !== 'reference') add(change)
  for (const change of changes) if (change.do === 'reference') add(change)
  return { writes: groups, mark }
}

/** Documents that no other transaction should write at the same moment. */
export function keysHeld(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(change => {
    if (change.do !== 'replace' && change.do !== 'remove' && change.do !== 'reference') return []
    const id = change.do === 'replace' ? change.doc.id : change.id
    return [`${change.in.name}/${keyOf(change.tenant, id)}`]
  })
}

function markOf(changes: readonly Change[], id: string): Mark {
  for (const change of changes) {
    if (change.do === 'insert' && change.in.appendOnly === true) {
      return { collection: change.in.name, match: { _id: keyOf(change.tenant, change.doc.id), c: id } }
    }
  }
  return { collection: commitsName, match: { _id: id } }
}

function markGroup(id: string): Group {
  // The time is the database's business (rows that are old go), and no test should turn it.
  const row = { _id: id, at: new Date() }
  return { kind: 'mark', collection: commitsName, command: 'insert', statements: [row], missed: undefined }
}

/** To the last group of the same collection if it is of the same kind, or to a new one. */
function put(groups: Group[], change: Change, statement: object): void {
  const collection = change.do === 'tally' ? talliesName : change.in.name
  const last = groups.findLast(group => group.collection === collection)
  if (last?.kind === change.do && last.statements.length < statementsMax) last.statements.push(statement)
  else groups.push({ kind: change.do, collection, ...verbs[change.do], statements: [statement] })
}

const verbs: Readonly<Record<Kind, Pick<Write, 'command' | 'missed'>>> = {
  insert: { command: 'insert', missed: undefined },
  replace: { command: 'update', missed: 'version' },
  remove: { command: 'delete', missed: 'version' },
  removeWhere: { command: 'delete', missed: undefined },
  reference: { command: 'update', missed: 'gone' },
  tally: { command: 'update', missed: undefined }
}

function statementOf(change: Change, id: string, writer: string): object {
  switch (change.do) {
    case 'insert':
      return newRow(change.in, change.tenant, change.doc, change.in.appendOnly === true ? id : undefined)
    case 'replace': {
      const q = { _id: keyOf(change.tenant, change.doc.id), v: change.version }
      return { q, u: { $set: contentOf(change.in, change.doc), $inc: { v: 1 } } }
    }
    case 'remove':
      return { q: { _id: keyOf(change.tenant, change.id), v: change.version }, limit: 1 }
    case 'removeWhere':
      return { q: matchOf(change.in, change.tenant, change.filter) ?? nobody, limit: 0 }
    case 'reference':
      return { q: { _id: keyOf(change.tenant, change.id) }, u: [{ $set: referenced }] }
    case 'tally':
      return adding(change.tenant, change.key, change.n, writer)
  }
}

/**
 * The first reference is a new version: whoever read that nothing points here must read again. Each one counts, so that it and a
 * removal at the same moment write the same document and one of them loses.
 */
const referenced = {
  v: { $cond: ['$r', '$v', { $add: ['$v', 1] }] },
  r: true,
  h: { $add: [{ $ifNull: ['$h', 0] }, 1] }
}

/** A match without documents. */
const nobody = { _id: { $in: [] } }
