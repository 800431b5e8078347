import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { type FilterLimits, filterLimits } from '../filter/parsed.ts'
import type { Attribute } from '../schema/types.ts'
import { keyOf, mapOperations, memberOf, opOf, pathOf, type Rewrite, type ScimRequest, withMember } from './rewrite.ts'
import { targetOf } from './values.ts'

/**
 * `remove` with the elements to go as its value (Entra ID, JumpCloud: quirks 21, 57). They go into the path:
 * `members[value eq "f648"]`. Where one of them has no `value`, the operation stays as it is, and is refused.
 */
export const memberArrayRemove: Rewrite = {
  name: 'member-array-remove',
  rewrite: request => mapOperations(request, operation => rewrite(request, operation))
}

function rewrite(request: ScimRequest, operation: JsonObject): readonly Json[] {
  const path = pathOf(operation)
  const value = memberOf(operation, 'value')
  if (opOf(operation) !== 'remove' || path === undefined || value === undefined) return [operation]
  const list = listAt(request, path)
  if (list === undefined) return [operation]
  const withType = list.name !== 'members'
  const chosen = (Array.isArray(value) ? value : [value]).map((element: Json) => choiceOf(element, withType))
  const choices = chosen.filter(one => one !== undefined)
  if (choices.length === 0 || choices.length < chosen.length) return [operation]

  const { [keyOf(operation, 'value') ?? 'value']: _chosen, ...bare } = operation
  const paths = pathsOf(path, choices, { ...filterLimits, ...request.limits })
  return paths.map(chosenPath => withMember(bare, 'path', chosenPath))
}

/** As few paths as the limits allow. One that chooses a single element may still be beyond them, and is refused by the core. */
function pathsOf(list: string, choices: readonly Choice[], { lengthMax, comparisonsMax }: FilterLimits): string[] {
  const paths: string[] = []
  let [text, comparisons] = ['', 0]
  for (const choice of choices) {
    const one = choice.join(' and ')
    const more = text === '' ? one : `${text} or ${one}`
    comparisons += choice.length
    if (text === '' || (comparisons <= comparisonsMax && `${list}[${more}]`.length <= lengthMax)) text = more
    else {
      paths.push(`${list}[${text}]`)
      text = one
      comparisons = choice.length
    }
  }
  return [...paths, `${list}[${text}]`]
}

function listAt(request: ScimRequest, path: string): Attribute | undefined {
  const { type } = request
  if (type === undefined || path.includes('[')) return undefined
  const target = targetOf(type, path)
  return target !== undefined && 'many' in target && target.many && target.sub.has('value') ? target : undefined
}

/** The comparisons that all hold of one element. */
type Choice = readonly string[]

/** What chooses this element. Members are known by their id; elsewhere `type` tells elements of one value apart. */
function choiceOf(element: Json, withType: boolean): Choice | undefined {
  const value = isObject(element) ? memberOf(element, 'value') : element
  if (typeof value !== 'string' || value === '') return undefined
  const type = withType && isObject(element) ? memberOf(element, 'type') : undefined
  return typeof type === 'string' ? [equal('value', value), equal('type', type)] : [equal('value', value)]
}

const equal = (name: string, value: string) => `${name} eq ${JSON.stringify(value)}`
