/** Editions come and go with what they are editions of. */
import type { Context } from '../../audit/context.ts'
import { ReadAgain } from '../../audit/operate.ts'
import { type Change, insert, remove, type Stored } from '../../store/port.ts'
import { type Edition, editions } from './catalogue.ts'

export interface NewEdition {
  readonly edition: string
  readonly changes: readonly Change[]
}

/** @param of what it is one of: the resource type, or the type and the URN of its extension. */
export function newEdition(context: Context, of: string): NewEdition {
  const edition = context.makeId()
  return { edition, changes: [insert(editions, context.tenant, { id: edition, of })] }
}

export async function readEdition({ store, tenant }: Context, id: string): Promise<Stored<Edition>> {
  const found = await store.get(editions, tenant, id)
  // The catalogue that names it was read before, and is another one by now.
  if (found === undefined) throw new ReadAgain()
  return found
}

/** Holds only while nobody has referred to it since it was read, if nobody had before. */
export function withoutEdition({ tenant }: Context, { doc, version }: Stored<Edition>): Change {
  return remove(editions, tenant, doc.id, version)
}

/** In its place another one, which no value was checked against yet. Only for an edition that nobody referred to. */
export function nextEdition(context: Context, before: Stored<Edition>): NewEdition {
  const { edition, changes } = newEdition(context, before.doc.of)
  return { edition, changes: [withoutEdition(context, before), ...changes] }
}
