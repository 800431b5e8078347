/** Walks every value of a request together with the attribute that it is for. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { resolveTarget } from '../schema/path.ts'
import type { Attribute, Extension, ResourceType } from '../schema/types.ts'
import { mapArray, mapMembers, mapOperations, mapResource, memberOf, type ScimRequest, withMember } from './rewrite.ts'

/** What a value becomes; the same value where there is nothing to do. An array for a multi-valued attribute comes as a whole. */
export type ValueRewrite = (attribute: Attribute, value: Json) => Json

/**
 * Applies `rewrite` to the value of each attribute in the body of a POST or PUT and in the values of a PATCH, from the outside
 * in: what a rewrite makes of a complex value is walked too.
 */
export function rewriteValues(request: ScimRequest, rewrite: ValueRewrite): ScimRequest | undefined {
  const { type } = request
  if (type === undefined) return undefined
  const walk = (value: Json, attribute: Attribute) => walkValue(attribute, value, rewrite)
  const resource = (object: JsonObject) => walkResource(type, object, walk)
  return (
    mapResource(request, resource) ??
    mapOperations(request, operation => {
      const value = memberOf(operation, 'value')
      if (value === undefined) return [operation]
      const rewritten = walkOperation(type, memberOf(operation, 'path'), value, walk)
      return [rewritten === value ? operation : withMember(operation, 'value', rewritten)]
    })
  )
}

type Walk = (value: Json, attribute: Attribute) => Json
type Table = ReadonlyMap<string, Attribute>

function walkOperation(type: ResourceType, path: Json | undefined, value: Json, walk: Walk): Json {
  if (path === undefined || path === null) return isObject(value) ? walkResource(type, value, walk) : value
  const target = typeof path === 'string' ? targetOf(type, path) : undefined
  if (target === undefined) return value
  if ('attributes' in target) return isObject(value) ? walkTable(target.attributes, value, walk) : value
  return walk(value, target)
}

/**
 * The attribute that a path means; of `emails[type eq "work"].value`, the sub-attribute. What stands between the brackets
 * chooses elements, and is for the core to read.
 */
export function targetOf(type: ResourceType, path: string): Attribute | Extension | undefined {
  const text = path.trim()
  const open = text.indexOf('[')
  const target = resolveTarget(type, open < 0 ? text : text.slice(0, open))
  if (target === undefined) return undefined
  if (target.kind === 'extension') return target.extension
  const behind = open < 0 ? '' : text.slice(text.lastIndexOf(']') + 1)
  if (behind === '') return target.attribute
  return behind.startsWith('.') ? target.attribute.sub.get(behind.slice(1).toLowerCase()) : undefined
}

function walkResource(type: ResourceType, resource: JsonObject, walk: Walk): JsonObject {
  return mapMembers(resource, (value, key) => {
    const target = resolveTarget(type, key)
    if (target === undefined) return value
    if (target.kind === 'attribute') return walk(value, target.attribute)
    return isObject(value) ? walkTable(target.extension.attributes, value, walk) : value
  })
}

function walkTable(table: Table, object: JsonObject, walk: Walk): JsonObject {
  return mapMembers(object, (value, key) => {
    const attribute = table.get(key.toLowerCase())
    return attribute === undefined ? value : walk(value, attribute)
  })
}

function walkValue(attribute: Attribute, value: Json, rewrite: ValueRewrite): Json {
  const rewritten = rewrite(attribute, value)
  const inside = (element: Json) =>
    isObject(element) ? walkTable(attribute.sub, element, (v, sub) => walkValue(sub, v, rewrite)) : element
  if (Array.isArray(rewritten)) return mapArray(rewritten, inside)
  return inside(rewritten)
}
