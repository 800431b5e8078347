import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Attribute } from '../schema/types.ts'
import {
  keyOf,
  mapOperations,
  memberOf,
  opOf,
  pathOf,
  type Rewrite,
  type ScimRequest,
  typeOf,
  withMember
} from './rewrite.ts'
import { targetOf } from './values.ts'

/**
 * `remove` with the elements to go as its value (Entra ID, JumpCloud: quirks 21, 57). They go into the path:
 * `members[value eq "f648"]`. Where one of them has no `value`, the operation stays as it is, and is refused.
 */
export const memberArrayRemove: Rewrite = {
  name: 'member-array-remove',
  rewrite: request => mapOperations(request, operation => rewrite(request, operation))
}

// Some ids of 36 characters in one path stay below the length that paths may have.
const idsInPath = 50

function rewrite(request: ScimRequest, operation: JsonObject): readonly Json[] {
  const path = pathOf(operation)
  const value = memberOf(operation, 'value')
  if (opOf(operation) !== 'remove' || path === undefined || value === undefined) return [operation]
  const list = listAt(request, path)
  if (list === undefined) return [operation]
  const withType = list.name !== 'members'
  const chosen = (Array.isArray(value) ? value : [value]).map((element: Json) => choice(element, withType))
  const choices = chosen.filter(one => one !== undefined)
  if (choices.length === 0 || choices.length < chosen.length) return [operation]

  const { [keyOf(operation, 'value') ?? 'value']: _chosen, ...bare } = operation
  const size = choices.every(one => one.length < 64) ? idsInPath : 1
  const paths = Array.from({ length: Math.ceil(choices.length / size) }, (_, i) => {
    return `${path}[${choices.slice(i * size, (i + 1) * size).join(' or ')}]`
  })
  return paths.map(chosenPath => withMember(bare, 'path', chosenPath))
}

function listAt(request: ScimRequest, path: string): Attribute | undefined {
  const type = typeOf(request)
  if (type === undefined || path.includes('[')) return undefined
  const target = targetOf(type, path)
  return target !== undefined && 'many' in target && target.many && target.sub.has('value') ? target : undefined
}

/** The filter that chooses this element. Members are known by their id; elsewhere `type` tells elements of one value apart. */
function choice(element: Json, withType: boolean): string | undefined {
  if (typeof element === 'string' && element !== '') return equal('value', element)
  if (!isObject(element)) return undefined
  const value = memberOf(element, 'value')
  if (typeof value !== 'string' || value === '') return undefined
  const type = withType ? memberOf(element, 'type') : undefined
  return typeof type === 'string' ? `(${equal('value', value)} and ${equal('type', type)})` : equal('value', value)
}

const equal = (name: string, value: string) => `${name} eq ${JSON.stringify(value)}`
