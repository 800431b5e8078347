/** Finds the attribute that a name in a request means (RFC 7644 3.10). */
import type { Attribute, Extension, ResourceType } from './types.ts'

/** What a dotted, perhaps URN-prefixed name resolves to. An extension's URN alone names its whole object. */
export type Target =
  | { readonly kind: 'attribute'; readonly attribute: Attribute }
  | { readonly kind: 'extension'; readonly extension: Extension }

/**
 * `userName`, `NAME.givenName`, `urn:…:core:2.0:User:userName`, `urn:…:enterprise:2.0:User:manager.displayName`,
 * `urn:…:enterprise:2.0:User`. Names and URNs without regard to case (RFC 7643 2.1).
 * An unqualified name that only an extension has is that extension's (Entra sends `manager`, quirk 17).
 *
 * @returns undefined when nothing of that name exists.
 */
export function resolveTarget(type: ResourceType, text: string): Target | undefined {
  return spelledIn(type).get(text) ?? search(type, text.toLowerCase())
}

/** Every member of a body comes by here, several times, and most are attributes and extensions as the schema spells them. */
const spelled = new WeakMap<ResourceType, ReadonlyMap<string, Target>>()

function spelledIn(type: ResourceType): ReadonlyMap<string, Target> {
  const known = spelled.get(type)
  if (known !== undefined) return known
  const attributes = [...type.attributes.values()].map(
    attribute => [attribute.name, { kind: 'attribute', attribute }] as const
  )
  const extensions = [...type.extensions.values()].map(
    extension => [extension.urn, { kind: 'extension', extension }] as const
  )
  const made = new Map<string, Target>([...attributes, ...extensions])
  spelled.set(type, made)
  return made
}

/** @param name in lower case. */
function search(type: ResourceType, name: string): Target | undefined {
  const extension = type.extensions.get(name)
  if (extension !== undefined) return { kind: 'extension', extension }

  if (!name.includes(':')) return found(inTable(type.attributes, name) ?? inAnyExtension(type, name))
  for (const [urn, candidate] of type.extensions) {
    const rest = stripUrn(urn, name)
    if (rest !== undefined) return found(inTable(candidate.attributes, rest))
  }
  const core = stripUrn(type.schema.toLowerCase(), name) ?? name
  return found(inTable(type.attributes, core) ?? inAnyExtension(type, core))
}

/** Both in lower case. */
function stripUrn(urn: string, name: string): string | undefined {
  return name.startsWith(`${urn}:`) ? name.slice(urn.length + 1) : undefined
}

function inTable(table: ReadonlyMap<string, Attribute>, name: string): Attribute | undefined {
  const dot = name.indexOf('.')
  if (dot < 0) return table.get(name)
  return table.get(name.slice(0, dot))?.sub.get(name.slice(dot + 1))
}

function inAnyExtension(type: ResourceType, name: string): Attribute | undefined {
  for (const extension of type.extensions.values()) {
    const attribute = inTable(extension.attributes, name)
    if (attribute !== undefined) return attribute
  }
  return undefined
}

function found(attribute: Attribute | undefined): Target | undefined {
  return attribute === undefined ? undefined : { kind: 'attribute', attribute }
}
