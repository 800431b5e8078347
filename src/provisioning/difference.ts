/** What is not the same in two resources. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../base/json.ts'

/** `before` absent: there was none. `after` absent: there is none any more. Of a list: the elements that went and that came. */
export interface Difference {
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

/** One entry for each simple value, by its path in dots; attributes of extensions behind their URN, with a colon. */
export function differenceOf(before: JsonObject, after: JsonObject): readonly Difference[] {
  return below('', before, after)
}

function below(prefix: string, before: JsonObject, after: JsonObject): readonly Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap(name => {
    const path = prefix + name
    const [old, now] = [before[name], after[name]]
    return old === now ? [] : at(path, name, old, now)
  })
}

function at(path: string, name: string, before: Json | undefined, after: Json | undefined): readonly Difference[] {
  if (isOpen(before) && isOpen(after)) {
    // RFC 7644 3.10: an attribute stands behind its schema's URN with a colon, a sub-attribute behind its attribute with a dot.
    const prefix = path === name && name.startsWith('urn:') ? ':' : '.'
    return below(path + prefix, before ?? {}, after ?? {})
  }
  if (isList(before) && isList(after)) return ofLists(path, before ?? [], after ?? [])
  if (isDeepStrictEqual(before, after)) return []
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

/** An object, or nothing beside one. */
const isOpen = (value: Json | undefined): value is JsonObject | undefined => value === undefined || isObject(value)
const isList = (value: Json | undefined): value is readonly Json[] | undefined =>
  value === undefined || Array.isArray(value)

function ofLists(path: string, before: readonly Json[], after: readonly Json[]): readonly Difference[] {
  const gone = without(before, after)
  const come = without(after, before)
  if (gone.length === 0 && come.length === 0) return []
  return [{ path, ...(gone.length === 0 ? {} : { before: gone }), ...(come.length === 0 ? {} : { after: come }) }]
}

/** By their text: a list of a thousand is not compared pair by pair. */
function without(values: readonly Json[], others: readonly Json[]): readonly Json[] {
  const known = new Set(others.map(other => JSON.stringify(other)))
  return values.filter(value => !known.has(JSON.stringify(value)))
}
