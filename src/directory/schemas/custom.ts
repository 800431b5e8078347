/** What the attributes that an organisation defined itself add to a document, and to the commit that writes it. */
import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../audit/context.ts'
import { Refusal } from '../../base/domain-error.ts'
import type { JsonObject } from '../../base/json.ts'
import { all, field, is, isIn, type SearchForm, type SearchValue } from '../../scim/filter/filter.ts'
import type { Attribute, ResourceType } from '../../scim/schema/types.ts'
import { indexedIn, keyOf, ownForm, ownPart, valuesOf } from '../../scim/terms.ts'
import { type Change, type Collection, type Conflict, insert, reference, removeWhere } from '../../store/port.ts'
import { forgetTypes } from '../types-of.ts'
import { editions } from './catalogue.ts'

/** Kept in the document, because what queries see of it must follow from it alone. */
export interface Custom {
  /** Of the definitions that it was written by. */
  readonly revision: number
  /** Beside the search form of what is ours. */
  readonly form: SearchForm
  /** Ids of the unique values that the document holds. */
  readonly unique?: readonly string[]
}

/** A value that one resource of a type may have: two documents cannot have the same id. */
export interface UniqueValue {
  readonly id: string
  /** The resource that has it. */
  readonly owner: string
}

export const uniqueValues: Collection<UniqueValue> = {
  name: 'uniqueValues',
  search: ({ id, owner }) => ({ id, owner }),
  indexes: []
}

/** A search form with what is in it by the organisation's definitions. */
export function withCustom(form: SearchForm, custom: Custom | undefined): SearchForm {
  if (custom === undefined) return form
  const first = { ...objectAt(form, '_first'), ...objectAt(custom.form, '_first') }
  return {
    ...form,
    ...custom.form,
    schemas: [...listAt(form, 'schemas'), ...listAt(custom.form, 'schemas')],
    ...(Object.keys(first).length === 0 ? {} : { _first: first })
  }
}

const objectAt = (form: SearchForm, name: string) => (form[name] ?? {}) as SearchForm
const listAt = (form: SearchForm, name: string) => (form[name] ?? []) as readonly SearchValue[]

export interface Owned {
  readonly id: string
  readonly resource: JsonObject
  readonly custom?: Custom
}

/** What queries see of what the organisation defined. Where all of the resource is its own, that is the whole. */
export type FormOf = (type: ResourceType, resource: JsonObject) => SearchForm

export interface CustomWrite {
  /** To be spread into the document. */
  readonly kept: { readonly custom?: Custom }
  readonly changes: readonly Change[]
}

/**
 * @param type what the resource was read by. Absent: whoever made the change knows nothing of own attributes and left them as they were.
 * @param lost why the attempt before this one did not commit.
 * @throws Refusal `uniqueness` naming the attribute; `unavailable` where the definitions changed since the resource was read.
 */
export async function customWrite(
  context: Context,
  type: ResourceType | undefined,
  { id, resource }: Owned,
  before?: Owned,
  lost?: Conflict,
  formOf: FormOf = ownForm
): Promise<CustomWrite> {
  if (type === undefined) return { kept: before?.custom === undefined ? {} : { custom: before.custom }, changes: [] }
  const isOld = (before?.custom?.revision ?? 0) > type.revision
  if (isOld || (lost?.conflict === 'gone' && lost.collection === editions.name)) throw changedMeanwhile(context)
  const form = formOf(type, resource)
  const held = new Set(before?.custom?.unique ?? [])
  const wanted = uniqueIn(type, form)
  if (lost?.conflict === 'exists' && lost.collection === uniqueValues.name) await checkFree(context, id, wanted)
  const changes = [
    ...editionsIn(type, resource, before?.resource).map(edition => reference(editions, context.tenant, edition)),
    ...letGo(
      context,
      id,
      [...held].filter(value => !wanted.has(value))
    ),
    ...[...wanted.keys()]
      .filter(value => !held.has(value))
      .map(value => insert(uniqueValues, context.tenant, { id: value, owner: id }))
  ]
  if (Object.keys(form).length === 0) return { kept: {}, changes }
  const unique = wanted.size === 0 ? {} : { unique: [...wanted.keys()] }
  return { kept: { custom: { revision: type.revision, form, ...unique } }, changes }
}

/** For the commit that removes the document. */
export function customRemoval(context: Context, { id, custom }: Owned): readonly Change[] {
  return letGo(context, id, custom?.unique ?? [])
}

function letGo({ tenant }: Context, owner: string, values: readonly string[]): readonly Change[] {
  if (values.length === 0) return []
  return [removeWhere(uniqueValues, tenant, all(isIn(field('id'), values), is(field('owner'), owner)))]
}

function changedMeanwhile(context: Context): Refusal {
  forgetTypes(context, context.tenant)
  return new Refusal(
    'unavailable',
    'The schemas of this organization changed at this moment. Nothing was written: try again.'
  )
}

/** What the new values were checked against: it must still be there when they are committed. */
function editionsIn(type: ResourceType, resource: JsonObject, before: JsonObject = {}): readonly string[] {
  const used = [...ownPart(type).extensions.values()].filter(
    ({ urn }) => resource[urn] !== undefined && !isDeepStrictEqual(resource[urn], before[urn])
  )
  return [type.edition, ...used.map(({ edition }) => edition)].filter(edition => edition !== undefined)
}

function uniqueIn(type: ResourceType, form: SearchForm): ReadonlyMap<string, Attribute> {
  const unique = indexedIn(type).filter(({ uniqueness }) => uniqueness !== 'none')
  return new Map(
    unique.flatMap(attribute =>
      valuesOf(attribute, form).map(value => [idOf(keyOf(type, attribute), value), attribute] as const)
    )
  )
}

const idOf = (key: string, value: unknown) => hash('sha256', JSON.stringify([key, value]))

async function checkFree({ store, tenant }: Context, owner: string, wanted: ReadonlyMap<string, Attribute>) {
  for (const [id, { label }] of wanted) {
    const found = await store.get(uniqueValues, tenant, id)
    if (found === undefined || found.doc.owner === owner) continue
    throw new Refusal(
      'uniqueness',
      `${label} is unique (RFC 7643 7), and another resource has this value. Send another.`
    )
  }
}
