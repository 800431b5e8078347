/** Members of a group are edges of their own: what a PATCH does to them is told apart from the rest. */
import { isObject, type Json } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { type Filter, fold, type Path, type SearchForm } from '../filter/filter.ts'
import type { Attribute, ResourceType } from '../schema/types.ts'
import type { PatchOperation } from './operation.ts'

export interface Member {
  /** As ids compare: `members.value` has no case. */
  readonly value: string
  /** As it was sent, where its letter case is another. */
  readonly sent?: string
  readonly type?: 'User' | 'Group'
}

/** In the order of the operations, each of which sees what those before it made. */
export type MemberChange =
  | { readonly kind: 'add' | 'replace'; readonly values: readonly Member[] }
  /** Those that are no members are none afterwards either. */
  | { readonly kind: 'remove'; readonly ids: readonly string[] }
  /** Whose `memberForm` matches. */
  | { readonly kind: 'removeWhere'; readonly filter: Filter }
  | { readonly kind: 'clear' }

export interface SplitOperations {
  readonly members: readonly MemberChange[]
  readonly rest: readonly PatchOperation[]
}

/**
 * @returns `members`: what to do with the edges. `rest`: the operations for `applyPatch`. Both in their order.
 * @throws ScimError 400 `invalidValue` for a member without `value`, `mutability` for a change of what a member is,
 *   `invalidFilter` for a choice of members by something else than `value` and `type`.
 */
export function splitMemberOperations(type: ResourceType, operations: readonly PatchOperation[]): SplitOperations {
  const members = type.attributes.get('members')
  const isRest = (operation: PatchOperation) => members === undefined || operation.attribute !== members
  return {
    members: operations.filter(operation => !isRest(operation)).map(changeOf),
    rest: operations.filter(isRest)
  }
}

function changeOf({ op, attribute, where, sub, value }: PatchOperation): MemberChange {
  // RFC 7643 4.2: sub-attributes of a member are immutable; it is added and removed as a whole.
  if (sub !== undefined || (where !== undefined && op !== 'remove')) throw immutable(attribute)
  if (where !== undefined) {
    checkKnown(where.filter)
    const ids = idsMeant(where.filter)
    return ids === undefined ? { kind: 'removeWhere', filter: where.filter } : { kind: 'remove', ids }
  }
  return op === 'remove' ? { kind: 'clear' } : { kind: op, values: readMembers(value) }
}

function immutable({ label }: Attribute) {
  return bad('mutability', `What an element of ${label} says is immutable: remove the member and add another.`, {
    attribute: label,
    rfc: 'RFC 7644 3.5.2'
  })
}

// `memberForm` has no more. By what it has not no member would be found, and nothing be done that looks done.
function checkKnown(filter: Filter): void {
  if ('parts' in filter) filter.parts.forEach(checkKnown)
  else if ('part' in filter) checkKnown(filter.part)
  else if (!['value', 'type'].includes(filter.path[0]?.name ?? '')) {
    throw bad('invalidFilter', 'Members to remove are chosen by their value and type, as in members[value eq "x"].', {
      attribute: 'members',
      rfc: 'RFC 7644 3.5.2.2'
    })
  }
}

// So that the common forms name edges, which can be looked up, and only the rest searches the group.
function idsMeant(filter: Filter): readonly string[] | undefined {
  if (filter.op === 'eq') return isValue(filter.path) ? [String(filter.value)] : undefined
  if (filter.op !== 'or') return undefined
  const ids = filter.parts.map(idsMeant)
  return ids.includes(undefined) ? undefined : ids.flatMap(part => part ?? [])
}

function isValue(path: Path): boolean {
  return path.length === 1 && path[0]?.name === 'value'
}

/**
 * The `members` of a group that `readResource` has read; none where it is absent.
 *
 * @throws ScimError 400 `invalidValue` for a member without `value`, or of another `type` than User and Group.
 */
export function readMembers(value: Json | undefined): readonly Member[] {
  return Array.isArray(value) ? value.map(readMember) : []
}

function readMember(element: Json): Member {
  const { value, type } = isObject(element) ? element : {}
  if (typeof value !== 'string' || value === '') {
    throw bad('invalidValue', 'A member must have a value: the id of a user or group.', {
      attribute: 'members.value',
      rfc: 'RFC 7643 4.2'
    })
  }
  const id = fold(value)
  return {
    value: id,
    ...(id === value ? {} : { sent: value }),
    ...(type === undefined ? {} : { type: memberType(type) })
  }
}

function memberType(type: Json): 'User' | 'Group' {
  const found = (['User', 'Group'] as const).find(t => typeof type === 'string' && fold(t) === fold(type))
  if (found === undefined)
    throw bad('invalidValue', 'The type of a member must be "User" or "Group".', {
      attribute: 'members.type',
      rfc: 'RFC 7643 4.2'
    })
  return found
}

/** A member as the filters of `removeWhere` see it. */
export function memberForm({ value, type }: Required<Omit<Member, 'sent'>>): SearchForm {
  return { value: fold(value), type: fold(type) }
}
