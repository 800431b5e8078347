/**
 * An extension is taken from a resource type when no resource has values of it; a write that was under way at that moment may
 * leave some, which nobody sees. Before an extension of that name is given to the type again they go.
 */
import { asSystem, type Context } from '../../audit/context.ts'
import { happened } from '../../audit/events.ts'
import { operate } from '../../audit/operate.ts'
import { replace } from '../../store/port.ts'
import { typesOf } from '../types-of.ts'
import { customWrite } from './custom.ts'
import { collectionOf, someWith } from './in-use.ts'

/** @param type a resource type that does not have the extension, so that nobody writes further values. */
export async function removeLeftOver(context: Context, type: string, urn: string): Promise<void> {
  for (;;) {
    const found = await someWith(context, type, urn)
    if (found.length === 0) return
    for (const { doc } of found) await removeFrom(asSystem(context), type, doc.id, urn)
  }
}

function removeFrom(context: Context, name: string, id: string, urn: string): Promise<null> {
  const { store, tenant } = context
  const collection = collectionOf(name)
  return operate(context, async lost => {
    const [before, types] = await Promise.all([store.get(collection, tenant, id), typesOf(context, tenant)])
    if (before === undefined) return { answer: null, changes: [] }
    const { custom: _, ...rest } = before.doc
    const { [urn]: _gone, ...resource } = before.doc.resource
    const type = types.all.find(each => each.name === name)
    const own = await customWrite(context, type, { id, resource }, before.doc, lost)
    const doc = { ...rest, ...own.kept, resource, revision: before.doc.revision + 1 }
    const target = { kind: name.toLowerCase(), id }
    const changes = [
      replace(collection, tenant, doc as typeof before.doc, before.version),
      happened(context, `${target.kind}.changed`, target, { changed: [urn] }),
      ...own.changes
    ]
    return { answer: null, changes }
  })
}
