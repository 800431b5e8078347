/**
 * How documents and their values are called in MongoDB.
 *
 * A document's `_id` is `<tenant>:<id>`, so that the documents of a tenant are one range of the `_id` index, in order of
 * id. Collections of ours have a `_` in their names, which declared ones cannot have.
 */
import type { Path } from '../../scim/filter/filter.ts'

/** Commits that are done and have no appended document to tell so. */
export const commitsName = 'store_commits'
/** What was added to each kept total. */
export const talliesName = 'store_tallies'
/** Migrations that have run, and the lock of the one that runs. */
export const migrationsName = 'store_migrations'

/** @throws RangeError for a tenant with a `:`, whose documents would stand in the range of another. */
export function keyOf(tenant: string, id: string): string {
  return prefixOf(tenant) + id
}

/** All keys of a tenant: `;` is the character behind `:`. */
export function keysOf(tenant: string): { readonly $gte: string; readonly $lt: string } {
  const prefix = prefixOf(tenant)
  return { $gte: prefix, $lt: `${prefix.slice(0, -1)};` }
}

function prefixOf(tenant: string): string {
  if (tenant.includes(':')) throw new RangeError(`a tenant's id cannot contain a colon: ${JSON.stringify(tenant)}`)
  return `${tenant}:`
}

// MongoDB reads `.` as a step, `$` as an operator and leading digits as a place in an array; BSON ends a name at NUL.
const special = /[.$%\0]|^\d/g

/** A name of a search form as a field: two names never become one. Extension URNs have dots in them. */
export function fieldOf(name: string): string {
  if (name === '') return '%'
  return name.replace(special, c => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The dotted field of a path inside a search form. */
export function fieldsOf(path: Path): string {
  return path.map(step => fieldOf(step.name)).join('.')
}

/** The dotted field of a path in a whole row. */
export function rowField(path: Path): string {
  return `f.${fieldsOf(path)}`
}

/** Every search form has the document's own id at this path. */
export function isId(path: Path): boolean {
  const [first, ...more] = path
  return first?.name === 'id' && !first.many && more.length === 0
}
