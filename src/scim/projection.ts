/** Which attributes of a resource an answer shows (RFC 7644 3.9, RFC 7643 7 `returned`). */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { resolveTarget } from './schema/path.ts'
import type { Attribute, Extension, ResourceType } from './schema/types.ts'

/** What the client asked for. Empty lists are as good as none. */
export interface Selection {
  readonly attributes?: readonly string[]
  readonly excludedAttributes?: readonly string[]
}

/** A selection that is ready for many resources. */
export interface Projection {
  readonly apply: (resource: JsonObject) => JsonObject
  /** Whether anything of a core attribute is shown: what nobody sees need not be read. Name in the schema's spelling. */
  readonly shows: (name: string) => boolean
}

/**
 * Names are those of RFC 7644 3.10 without regard to case; the URN of an extension names all of it; unknown ones select nothing.
 *
 * - `always` is shown whatever is asked (so are `schemas` and `id`), `never` never, `request` only when it is named in
 *   `attributes`, `default` unless `attributes` names others or `excludedAttributes` names it.
 * - The name of a complex attribute stands for all that it shows by default; the name of a sub-attribute for this one and
 *   those that are `always` shown.
 *
 * @throws ScimError 400 `invalidValue` when both are given: RFC 7644 3.9 calls them mutually exclusive.
 */
export function projection(type: ResourceType, { attributes = [], excludedAttributes = [] }: Selection): Projection {
  if (attributes.length > 0 && excludedAttributes.length > 0) {
    throw bad('invalidValue', 'attributes and excludedAttributes exclude each other: send one of them.')
  }
  const only = attributes.length > 0
  const ask: Ask = { only, named: resolveAll(type, only ? attributes : excludedAttributes) }
  const core = planOf(type.attributes, ask, false)
  const extensions = new Map(
    [...type.extensions.values()].map(e => [e.urn, planOf(e.attributes, ask, ask.named.has(e))] as const)
  )
  return {
    apply: resource => show(core, extensions, resource),
    shows: name => core.has(name)
  }
}

/** One resource; for many make a `projection`. */
export function project(type: ResourceType, resource: JsonObject, selection: Selection): JsonObject {
  return projection(type, selection).apply(resource)
}

interface Ask {
  /** `named` is all that is wanted; otherwise it is what is not. */
  readonly only: boolean
  readonly named: ReadonlySet<Attribute | Extension>
}

/** The names that are shown, each with the plan of its sub-attributes, or `undefined` where the value is shown as it is. */
type Plan = ReadonlyMap<string, Plan | undefined>

function planOf(table: ReadonlyMap<string, Attribute>, ask: Ask, parentNamed: boolean): Plan {
  const plan = new Map<string, Plan | undefined>()
  for (const attribute of table.values()) {
    const named = ask.named.has(attribute)
    const sub = planOf(attribute.sub, ask, parentNamed || named)
    if (!isShown(attribute, ask, { named, parentNamed, subNamed: anySub(attribute, ask) })) continue
    plan.set(attribute.name, isWhole(attribute, sub) ? undefined : sub)
  }
  return plan
}

interface Naming {
  readonly named: boolean
  readonly parentNamed: boolean
  readonly subNamed: boolean
}

function isShown({ returned, parent }: Attribute, { only }: Ask, { named, parentNamed, subNamed }: Naming): boolean {
  if (returned === 'always') return true
  if (returned === 'never') return false
  if (only) return named || subNamed || (returned === 'default' && (parentNamed || isUnnamedAlways(parent, subNamed)))
  return returned === 'default' && !named && !parentNamed
}
