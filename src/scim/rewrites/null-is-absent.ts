import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { mapMembers, mapOperations, mapResource, memberOf, type Rewrite } from './rewrite.ts'

/**
 * Null where RFC 7643 2.5 does not have it: as an element of an array, and as the `path` of an operation or the `value` of a
 * `remove`. A null attribute is unassigned already, and stays: in a PUT it is not the same as one that is left out.
 */
export const nullIsAbsent: Rewrite = {
  name: 'null-is-absent',
  rewrite: request =>
    mapResource(request, withoutNullElements) ??
    mapOperations(request, operation => {
      const members = Object.entries(operation).filter(
        ([key, value]) => value !== null || key.toLowerCase() === 'value'
      )
      const named = members.length === Object.keys(operation).length ? operation : Object.fromEntries(members)
      const value = memberOf(named, 'value')
      if (Array.isArray(value)) return [mapMembers(named, member => (member === value ? withoutNulls(value) : member))]
      return [
        isObject(value) ? mapMembers(named, member => (member === value ? withoutNullElements(value) : member)) : named
      ]
    })
}

function withoutNullElements(object: JsonObject): JsonObject {
  return mapMembers(object, value => (Array.isArray(value) ? withoutNulls(value) : value))
}

function withoutNulls(array: readonly Json[]): readonly Json[] {
  return array.includes(null) ? array.filter(element => element !== null) : array
}
