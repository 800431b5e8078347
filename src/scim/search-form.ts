/** What queries see of a resource, and where lists find the value that they sort by. */
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { bad } from './errors.ts'
import { field, type Path, type SearchForm, type SearchValue } from './filter/filter.ts'
import { leadingElement } from './schema/elements.ts'
import { normalise } from './schema/normalise.ts'
import { resolveTarget } from './schema/path.ts'
import type { Attribute, AttributeType, Extension, ResourceType } from './schema/types.ts'

// Holds the element of each multi-valued attribute that lists sort by. No attribute's name begins with `_` (RFC 7643 2.1).
const leading = '_first'

/**
 * The search form of a resource in canonical spelling: every value as it compares, at `attribute.path`. Left out are nulls, empty
 * arrays and objects, attributes that the schema does not know, those that are never returned, so that no filter can find out about them,
 * and those that are made anew for each answer.
 *
 * Beside that stands `_first`, with the leading element of each multi-valued complex attribute: `{ _first: { emails: … } }`.
 */
export function searchForm(type: ResourceType, resource: JsonObject): SearchForm {
  const first: Form = {}
  const form = tableForm(type.attributes, resource, first)
  for (const extension of type.extensions.values()) {
    const value = resource[extension.urn]
    if (!isObject(value)) continue
    const firstInside: Form = {}
    put(form, nameIn(extension), tableForm(extension.attributes, value, firstInside))
    put(first, nameIn(extension), firstInside)
  }
  put(form, leading, first)
  return form
}

type Form = Record<string, SearchValue>

function put(form: Form, name: string, inside: Form): void {
  if (Object.keys(inside).length > 0) form[name] = inside
}

/** @param first where the leading elements go. Absent: there are none inside an element. */
function tableForm(table: ReadonlyMap<string, Attribute>, object: JsonObject, first?: Form): Form {
  const form: Form = {}
  for (const attribute of table.values()) {
    const value = object[attribute.name]
    if (value === undefined || value === null || !isHeld(attribute)) continue
    const name = nameIn(attribute)
    const found = attribute.many ? listForm(attribute, value) : singleForm(attribute, value)
    if (found === undefined) continue
    form[name] = found
    const element = Array.isArray(found) && isList(attribute) ? leadingElement(found) : undefined
    if (first !== undefined && element !== undefined) first[name] = element
  }
  return form
}

function isHeld(attribute: Attribute): boolean {
  return attribute.searchable && !isSecret(attribute)
}

function isSecret({ returned, mutability }: Attribute): boolean {
  return returned === 'never' || mutability === 'writeOnly'
}

/** Why no query can ask for the attribute, as the beginning of a sentence; undefined where one can. */
export function whyHidden(attribute: Attribute): string | undefined {
  if (isSecret(attribute)) return `${attribute.label} is never returned`
  if (!attribute.searchable) return `${attribute.label} is made anew for each answer`
  return attribute.parent === undefined ? undefined : whyHidden(attribute.parent)
}

/** The name in search forms: the last step of the path. */
function nameIn({ path }: Attribute | Extension): string {
  return path[path.length - 1]?.name ?? ''
}

function listForm(attribute: Attribute, value: Json): SearchValue | undefined {
  if (!Array.isArray(value)) return undefined
  const forms = value.map(element => singleForm(attribute, element)).filter(form => form !== undefined)
  return forms.length === 0 ? undefined : forms
}

function singleForm(attribute: Attribute, value: Json): SearchValue | undefined {
  if (typeof value !== 'object') return normalise(attribute, value)
  const form = elementForm(attribute, value)
  return Object.keys(form).length === 0 ? undefined : form
}

/** What a filter between brackets sees of an element of the attribute. */
export function elementForm(attribute: Attribute, element: Json): SearchForm {
  if (typeof element === 'object') return isObject(element) ? tableForm(attribute.sub, element) : {}
  const value = singleForm(attribute, element)
  return value === undefined ? {} : { value }
}

const isList = (attribute: Attribute) => attribute.many && attribute.type === 'complex'

export interface SortTarget {
  readonly path: Path
  /** Of the values that are put in order. */
  readonly type: AttributeType
}

/**
 * What to sort by for a `sortBy` (RFC 7644 3.4.2.3): of a multi-valued attribute the primary element counts, else the
 * first, and of a complex element its `value` unless another sub-attribute is named.
 *
 * @returns undefined for an unknown attribute.
 * @throws ScimError 400 `invalidValue` for an attribute that `whyHidden` tells of, one whose values are kept elsewhere, and one
 *   that has no single value.
 */
export function sortTarget(resourceType: ResourceType, attributePath: string): SortTarget | undefined {
  const target = resolveTarget(resourceType, attributePath)
  if (target === undefined) return undefined
  if (target.kind === 'extension') throw unsortable(`${target.extension.urn} has no single value to sort by.`)
  const { attribute } = target
  const { label, parent, type } = attribute
  const value = type === 'complex' ? attribute.sub.get('value') : attribute
  const why = whyHidden(value ?? attribute) ?? whyUnordered(attribute)
  if (why !== undefined) throw unsortable(`${why}, so nothing can be sorted by it.`)
  if (parent !== undefined && isList(parent)) return underLeading(attribute)
  if (isList(attribute)) {
    if (value === undefined) throw unsortable(`Name the sub-attribute of ${label} to sort by.`)
    return underLeading(value)
  }
  if (value === undefined || attribute.many) throw unsortable(`${label} has no single value to sort by.`)
  return { path: value.path, type: value.type }
}

/** As `sortTarget`, of which it answers the path. @throws also for an unknown attribute. */
export function sortPath(type: ResourceType, attributePath: string): Path {
  const target = sortTarget(type, attributePath)
  if (target === undefined) throw unsortable(`There is no attribute ${attributePath} to sort by.`)
  return target.path
}

function whyUnordered(attribute: Attribute): string | undefined {
  const { sortable, label } = attribute.parent ?? attribute
  return sortable ? undefined : `${label} is kept as memberships beside the resource`
}

function underLeading({ path, type }: Attribute): SortTarget {
  return { path: field(leading, ...path.map(step => step.name)), type }
}

export const unsortable = (detail: string) =>
  bad('invalidValue', `sortBy: ${detail}`, { attribute: 'sortBy', rfc: 'RFC 7644 3.4.2.3' })
