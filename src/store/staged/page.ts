/** A page of what is below and what is staged, as one. */
import { compareText, valuesAt } from '../../scim/filter/evaluate.ts'
import { everything, type Scalar } from '../../scim/filter/filter.ts'
import type { Doc, Query, Stored } from '../port.ts'
import type { Below, StagedDocuments } from './documents.ts'

/** Documents read at a time, at most, where many that were found below are not so any more. */
const readMax = 1000

export async function mergedPage(here: StagedDocuments, below: Below, query: Query): Promise<readonly Stored<Doc>[]> {
  const { filter = everything, offset = 0, limit } = query
  if (limit <= 0) return []
  const place = placeOf(here, query)
  const { after } = query
  const start = after === undefined ? undefined : { value: after.value, id: after.id }
  const mine = here
    .matching(filter)
    .map(stored => ({ stored, at: place.of(stored.doc) }))
    .filter(({ at }) => start === undefined || place.compare(at, start) > 0)
  const theirs = (await shown(here, below, query, offset + limit, place)).map(stored => ({
    stored,
    at: place.of(stored.doc)
  }))
  return [...mine, ...theirs]
    .sort((a, b) => place.compare(a.at, b.at))
    .slice(offset, offset + limit)
    .map(({ stored }) => stored)
}

/** The first `wanted` of the query that are below and still so. */
async function shown(
  here: StagedDocuments,
  below: Below,
  { offset: _, ...query }: Query,
  wanted: number,
  place: Places
): Promise<readonly Stored<Doc>[]> {
  const found: Stored<Doc>[] = []
  let limit = wanted
  let next = query
  for (;;) {
    const page = here.saw(await below.find(here.collection, here.tenant, { ...next, limit }))
    found.push(...page.filter(stored => here.shows(stored)))
    const last = page.at(-1)
    if (last === undefined || page.length < limit || found.length >= wanted) return found
    next = { ...query, after: place.of(last.doc) }
    limit = Math.max(limit, Math.min(2 * limit, readMax))
  }
}

/** Where a document stands in the order of a query. */
interface Place {
  readonly value: Scalar | undefined
  readonly id: string
}

interface Places {
  of(doc: Doc): Place
  /** Below 0: `a` stands before `b`. */
  compare(a: Place, b: Place): number
}

function placeOf(here: StagedDocuments, { sort, newestFirst }: Query): Places {
  const byId = sort === undefined || (sort.path.length === 1 && sort.path[0]?.name === 'id')
  const down = sort === undefined ? newestFirst === true : sort.descending === true
  return {
    of: doc => ({ value: byId ? undefined : sortValue(here, doc, sort), id: doc.id }),
    compare(a, b) {
      const order = (byId ? 0 : compareValues(a.value, b.value)) || compareText(a.id, b.id)
      return down ? -order : order
    }
  }
}

function sortValue(here: StagedDocuments, doc: Doc, { path }: NonNullable<Query['sort']>): Scalar | undefined {
  const [value] = valuesAt(path, here.formOf(doc))
  return typeof value === 'object' ? undefined : value
}

/** Numbers before texts before booleans, absent values last: as the engines have them. */
function compareValues(a: Scalar | undefined, b: Scalar | undefined): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  return rank(a) - rank(b)
}

const kinds = ['number', 'string', 'boolean', 'undefined']
const rank = (value: Scalar | undefined) => kinds.indexOf(typeof value)
