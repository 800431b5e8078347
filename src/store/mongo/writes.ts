/**
 * The changes of commits as commands of MongoDB: as few as keep the order of the changes within each collection, because
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

/** Statements in a command: far below MongoDB's limits, also with documents of some kilobytes. */
const statementsMax = 500

type Kind = Change['do'] | 'mark'

interface Group extends Write {
  readonly kind: Kind
}

export interface Commit {
  readonly id: string
  readonly changes: readonly Change[]
}

/**
 * Commits that are written together: what each writes to a collection keeps its order, and those of the same shape need no
 * more commands than one of them alone.
 *
 * @param writer nobody else adds to kept totals under this name at the same time.
 */
export function writesOf(commits: readonly Commit[], writer: string): readonly Write[] {
  const groups: Group[] = []
  const alike = [...Map.groupBy(commits, shapeOf).values()].flat()
  for (const commit of commits) {
    const { collection, match } = markOf(commit)
    // The time is the database's business (rows that are old go), and no test should turn it.
    if (match.c === undefined) put(groups, collection, 'mark', { _id: match._id, at: new Date() })
  }
  const totals = new Map<string, Tally>()
  const references = new Map<string, Reference>()
  for (const { id, changes } of alike) {
    for (const change of changes) {
      if (change.do === 'reference') references.set(`${change.in.name}/${keyOf(change.tenant, change.id)}`, change)
      else if (change.do === 'tally') {
        const key = keyOf(change.tenant, change.key)
        totals.set(key, { ...change, n: change.n + (totals.get(key)?.n ?? 0) })
      } else put(groups, change.in.name, change.do, statementOf(change, id))
    }
  }
  for (const { tenant, key, n } of totals.values()) put(groups, talliesName, 'tally', adding(tenant, key, n, writer))
  // Last, because they hold for what the same commit inserts.
  for (const { in: of, tenant, id } of references.values()) {
    put(groups, of.name, 'reference', { q: { _id: keyOf(tenant, id) }, u: [{ $set: referenced }] })
  }
  return groups
}

type Tally = Extract<Change, { do: 'tally' }>
type Reference = Extract<Change, { do: 'reference' }>

const shapeOf = ({ changes }: Commit) =>
  changes.map(change => change.do + ('in' in change ? change.in.name : '')).join()

/** A document that a commit writes: to itself where it names the version it was decided on, else beside others. */
export interface Hold {
  readonly key: string
  readonly collection: string
  readonly version?: number
}

export function holdsOf(changes: readonly Change[]): readonly Hold[] {
  return changes.flatMap((change): Hold[] => {
    if (change.do !== 'replace' && change.do !== 'remove' && change.do !== 'reference') return []
    const { name } = change.in
    const key = `${name}/${keyOf(change.tenant, change.do === 'replace' ? change.doc.id : change.id)}`
    return [change.do === 'reference' ? { key, collection: name } : { key, collection: name, version: change.version }]
  })
}

export function markOf({ id, changes }: Commit): Mark {
  for (const change of changes) {
    if (change.do === 'insert' && change.in.appendOnly === true) {
      return { collection: change.in.name, match: { _id: keyOf(change.tenant, change.doc.id), c: id } }
    }
  }
  return { collection: commitsName, match: { _id: id } }
}

/** To the last group of the same collection if it is of the same kind, or to a new one. */
function put(groups: Group[], collection: string, kind: Kind, statement: object): void {
  const last = groups.findLast(group => group.collection === collection)
  if (last?.kind === kind && last.statements.length < statementsMax) last.statements.push(statement)
  else groups.push({ kind, collection, ...verbs[kind], statements: [statement] })
}

const verbs: Readonly<Record<Kind, Pick<Write, 'command' | 'missed'>>> = {
  mark: { command: 'insert', missed: undefined },
  insert: { command: 'insert', missed: undefined },
  replace: { command: 'update', missed: 'version' },
  remove: { command: 'delete', missed: 'version' },
  removeWhere: { command: 'delete', missed: undefined },
  reference: { command: 'update', missed: 'gone' },
  tally: { command: 'update', missed: undefined }
}

function statementOf(change: Exclude<Change, Tally | Reference>, id: string): object {
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
