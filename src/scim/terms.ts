/**
 * One index for all attributes that an organisation declares `usher:index` or unique: the values of each resource as texts
 * `<type>:<attribute>=<value>` in one array of its search form. A new attribute needs no new index, and an index over values of any
 * attribute serves `eq`, `sw` and `pr`; ranges look through the documents.
 */
import type { JsonObject } from '../base/json.ts'
import { valuesAt } from './filter/evaluate.ts'
import { all, compare, type Filter, is, many, type Path, type Scalar, type SearchForm } from './filter/filter.ts'
import type { Attribute, Extension, ResourceType } from './schema/types.ts'
import { searchForm } from './search-form.ts'

// No attribute's name begins with `_` (RFC 7643 2.1).
const name = '_terms'

export const termsPath: Path = many(name)

/** The type with nothing in it but what the organisation defined. */
export function ownPart(type: ResourceType): ResourceType {
  const known = parts.get(type)
  if (known !== undefined) return known
  const attributes = [...type.attributes].filter(([, { urn }]) => type.edition !== undefined && urn !== undefined)
  const part = { ...type, attributes: new Map(attributes), extensions: new Map(ownExtensions(type)) }
  parts.set(type, part)
  return part
}

const parts = new WeakMap<ResourceType, ResourceType>()

const ownExtensions = (type: ResourceType) => [...type.extensions].filter(([, { edition }]) => edition !== undefined)

/** The text by which resources with values of an extension are found. */
export function markOf({ name: typeName }: Pick<ResourceType, 'name'>, urn: string): string {
  return `${typeName}:${urn}`
}

/** The attribute of a type as terms and unique values name it. */
export function keyOf({ name: typeName }: ResourceType, { label }: Attribute): string {
  return `${typeName}:${label}`
}

/** The search form of what the organisation defined, with its terms. Empty where the resource has nothing of it. */
export function ownForm(type: ResourceType, resource: JsonObject): SearchForm {
  const part = ownPart(type)
  if (part.attributes.size + part.extensions.size === 0) return {}
  const form = withTerms(type, searchForm(part, resource))
  const schemas = [...part.extensions.values()].map(({ urn }) => urn).filter(urn => resource[urn] !== undefined)
  return schemas.length === 0 ? form : { ...form, schemas }
}

/** A search form with the terms of what the organisation defined. */
export function withTerms(type: ResourceType, form: SearchForm): SearchForm {
  const marked = [...ownPart(type).extensions.values()].filter(({ path }) => valuesAt(path, form).length > 0)
  const terms = new Set([
    ...marked.map(({ urn }) => markOf(type, urn)),
    ...indexedIn(type).flatMap(attribute => valuesOf(attribute, form).map(value => termOf(type, attribute, value)))
  ])
  return terms.size === 0 ? form : { ...form, [name]: [...terms] }
}

/** The values of an attribute in a search form; none of them an empty text, which says nothing. */
export function valuesOf(attribute: Attribute, form: SearchForm): readonly Scalar[] {
  return valuesAt(attribute.path, form).filter((value): value is Scalar => typeof value !== 'object' && value !== '')
}

const termOf = (type: ResourceType, attribute: Attribute, value: Scalar) => `${keyOf(type, attribute)}=${value}`

/** The organisation's own attributes that an index serves, and those that are unique: what is unique is looked for. */
export function indexedIn(type: ResourceType): readonly Attribute[] {
  return attributesOf(ownPart(type)).filter(({ indexed, uniqueness }) => indexed || uniqueness !== 'none')
}

function attributesOf({ attributes, extensions }: ResourceType): readonly Attribute[] {
  const tables = [attributes, ...[...extensions.values()].map((extension: Extension) => extension.attributes)]
  return tables.flatMap(table => [...table.values()].flatMap(attribute => [attribute, ...attribute.sub.values()]))
}

/** The filter, where conditions that terms answer ask for those. Holds for the same resources as before. */
export function byTerms(type: ResourceType, filter: Filter): Filter {
  const keys = keysIn(type)
  return keys.size === 0 ? filter : rewritten(keys, filter)
}

interface Key {
  readonly key: string
  readonly kind: 'text' | 'other' | 'extension'
}

type Keys = ReadonlyMap<string, Key>

const known = new WeakMap<ResourceType, Keys>()

function keysIn(type: ResourceType): Keys {
  const found = known.get(type)
  if (found !== undefined) return found
  const attributes = indexedIn(type).map(a => [textOf(a.path), { key: keyOf(type, a), kind: kindOf(a) }] as const)
  const extensions = [...ownPart(type).extensions.values()].map(
    ({ urn, path }) => [textOf(path), { key: markOf(type, urn), kind: 'extension' }] as const
  )
  const keys = new Map<string, Key>([...attributes, ...extensions])
  known.set(type, keys)
  return keys
}

const kindOf = ({ type }: Attribute) => (['string', 'reference', 'binary'].includes(type) ? 'text' : 'other')

const textOf = (path: Path) => JSON.stringify(path.map(step => step.name))

function rewritten(keys: Keys, filter: Filter): Filter {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { op: filter.op, parts: filter.parts.map(part => rewritten(keys, part)) }
    case 'not':
      return { op: 'not', part: rewritten(keys, filter.part) }
    case 'some': {
      // What one element has, the resource has: the index finds candidates, among which the element is looked for.
      const parts = filter.part.op === 'and' ? filter.part.parts : [filter.part]
      const found = parts.flatMap(part => ('path' in part ? (asTerm(keys, part, filter.path) ?? []) : []))
      return found.length === 0 ? filter : all(...found, filter)
    }
    default:
      return asTerm(keys, filter, []) ?? filter
  }
}

/** A condition on one attribute as one on terms; undefined where they do not answer it. */
function asTerm(keys: Keys, filter: Extract<Filter, { path: Path }>, above: Path): Filter | undefined {
  const found = keys.get(textOf([...above, ...filter.path]))
  if (found === undefined || filter.op === 'some' || filter.op === 'in') return undefined
  const { key, kind } = found
  if (kind === 'extension') return filter.op === 'pr' ? is(termsPath, key) : undefined
  if (filter.op === 'pr') return kind === 'text' ? undefined : compare('sw', termsPath, `${key}=`)
  if (filter.op === 'gt' && kind === 'text' && filter.value === '') return compare('sw', termsPath, `${key}=`)
  if (filter.value === '') return undefined
  if (filter.op === 'eq') return is(termsPath, `${key}=${filter.value}`)
  return filter.op === 'sw' ? compare('sw', termsPath, `${key}=${filter.value}`) : undefined
}
