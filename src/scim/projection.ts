/** Which attributes of a resource an answer shows (RFC 7644 3.9, RFC 7643 7 `returned`). */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { resolveTarget } from './schema/path.ts'
import type { Attribute, Extension, ResourceType } from './schema/types.ts'

/** What the client asked for. An empty list is as good as none. */
export interface Selection {
  readonly attributes?: readonly string[]
  readonly excludedAttributes?: readonly string[]
}

/** A selection that is ready for many resources. */
export interface Projection {
  readonly apply: (resource: JsonObject) => JsonObject
  /** Whether a core attribute is shown, by its name in the schema: what nobody will see need not be read. */
  readonly shows: (name: string) => boolean
}

/**
 * Names are those of RFC 7644 3.10, without regard to case; the URN of an extension names all of it; unknown names select
 * nothing. `always` attributes (`schemas`, `id`) are shown whatever is asked, `never` ones never, `request` ones only when
 * they are named. A complex attribute stands for what it shows by default, a sub-attribute for itself alone.
 *
 * @throws ScimError 400 `invalidValue` when both lists are given: RFC 7644 3.9 calls them mutually exclusive.
 */
export function projection(type: ResourceType, selection: Selection): Projection {
  if ((selection.attributes ?? []).length + (selection.excludedAttributes ?? []).length > 0)
    return made(type, selection)
  const known = whole.get(type) ?? made(type, {})
  whole.set(type, known)
  return known
}

/** What nearly every request asks for: everything that is shown by default. */
const whole = new WeakMap<ResourceType, Projection>()

function made(type: ResourceType, { attributes = [], excludedAttributes = [] }: Selection): Projection {
  if (attributes.length > 0 && excludedAttributes.length > 0) {
    throw bad('invalidValue', 'attributes and excludedAttributes exclude each other: send one of them.', {
      attribute: 'excludedAttributes',
      rfc: 'RFC 7644 3.9'
    })
  }
  const rule = attributes.length > 0 ? only : except
  const named = targets(type, attributes.length > 0 ? attributes : excludedAttributes)
  const core = planOf(type.attributes, rule(named, false))
  const extensions = new Map(
    [...type.extensions.values()].map(e => [e.urn, planOf(e.attributes, rule(named, named.has(e)))] as const)
  )
  const hidesNothing = [core, ...extensions.values()].every(plan =>
    [...plan.values()].every(names => names === undefined)
  )
  const unchanged = (resource: JsonObject) => hidesNothing && isWithin(core, extensions, resource)
  return {
    apply: resource => (unchanged(resource) ? resource : show(core, extensions, resource)),
    shows: name => core.has(name)
  }
}

/** As `projection`, for one resource. */
export function project(type: ResourceType, resource: JsonObject, selection: Selection): JsonObject {
  return projection(type, selection).apply(resource)
}

type Targets = ReadonlySet<Attribute | Extension>

function targets(type: ResourceType, names: readonly string[]): Targets {
  const found = names.map(name => resolveTarget(type, name)).filter(target => target !== undefined)
  return new Set(found.map(target => (target.kind === 'extension' ? target.extension : target.attribute)))
}

/** Which sub-attributes of an attribute are shown; `undefined` where the attribute itself is not. */
type Rule = (attribute: Attribute) => ((sub: Attribute) => boolean) | undefined

const byDefault = ({ returned }: Attribute) => returned === 'always' || returned === 'default'

function only(named: Targets, wholeExtension: boolean): Rule {
  return attribute => {
    if (attribute.returned === 'never') return undefined
    const isNamed = (sub: Attribute) => sub.returned === 'always' || (sub.returned !== 'never' && named.has(sub))
    if (named.has(attribute) || (wholeExtension && byDefault(attribute))) return sub => byDefault(sub) || isNamed(sub)
    if ([...attribute.sub.values()].some(sub => named.has(sub))) return isNamed
    return attribute.returned === 'always' ? byDefault : undefined
  }
}

function except(named: Targets, wholeExtension: boolean): Rule {
  const isKept = (attribute: Attribute) => byDefault(attribute) && !named.has(attribute)
  return attribute => {
    if (attribute.returned !== 'always' && (wholeExtension || !isKept(attribute))) return undefined
    return sub => sub.returned === 'always' || isKept(sub)
  }
}

/** The names that are shown, each with those of its sub-attributes, or with `undefined` where it is shown whole. */
type Plan = ReadonlyMap<string, ReadonlySet<string> | undefined>

function planOf(table: ReadonlyMap<string, Attribute>, rule: Rule): Plan {
  const plan = new Map<string, ReadonlySet<string> | undefined>()
  for (const attribute of table.values()) {
    const shown = rule(attribute)
    if (shown === undefined) continue
    const names = [...attribute.sub.values()].filter(shown).map(sub => sub.name)
    plan.set(attribute.name, names.length === attribute.sub.size ? undefined : new Set(names))
  }
  return plan
}

/** Whether nothing is there that is not shown: most answers hold all that is stored. */
function isWithin(core: Plan, extensions: ReadonlyMap<string, Plan>, resource: JsonObject): boolean {
  for (const name in resource) {
    if (core.has(name)) continue
    const [extension, value] = [extensions.get(name), resource[name]]
    if (extension === undefined || !isObject(value)) return false
    const names = Object.keys(value)
    if (names.length === 0 || !names.every(each => extension.has(each))) return false
  }
  return true
}

function show(core: Plan, extensions: ReadonlyMap<string, Plan>, resource: JsonObject): JsonObject {
  const shown: Record<string, Json> = {}
  for (const [name, value] of Object.entries(resource)) {
    const extension = extensions.get(name)
    if (extension === undefined) put(shown, core, name, value)
    else if (isObject(value)) putUnlessEmpty(shown, name, showTable(extension, value))
  }
  return shown
}

function showTable(plan: Plan, object: JsonObject): JsonObject {
  const shown: Record<string, Json> = {}
  for (const [name, value] of Object.entries(object)) put(shown, plan, name, value)
  return shown
}

function put(shown: Record<string, Json>, plan: Plan, name: string, value: Json): void {
  if (!plan.has(name)) return
  const names = plan.get(name)
  if (names === undefined) shown[name] = value
  else if (isObject(value)) putUnlessEmpty(shown, name, pick(value, names))
  else if (Array.isArray(value)) {
    const elements = value.filter(isObject).map(element => pick(element, names))
    const assigned = elements.filter(element => Object.keys(element).length > 0)
    if (assigned.length > 0) shown[name] = assigned
  }
}

function putUnlessEmpty(shown: Record<string, Json>, name: string, value: JsonObject): void {
  if (Object.keys(value).length > 0) shown[name] = value
}

function pick(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.has(name)))
}
