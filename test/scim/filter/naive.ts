/**
 * What a filter means, read from RFC 7644 3.4.2.2 directly: the parsed tree against the resource as a client sees it. It
 * shares nothing with `resolveFilter`, `searchForm` and `matches` but the attribute table and `fold`.
 */
import { isObject, type Json, type JsonObject } from '../../../src/base/json.ts'
import { fold } from '../../../src/scim/filter/filter.ts'
import type { Literal, ParsedFilter } from '../../../src/scim/filter/parsed.ts'
import type { Attribute, ResourceType } from '../../../src/scim/schema/types.ts'

interface Found {
  readonly attribute: Attribute | undefined
  readonly values: readonly Json[]
}

type Look = (name: string) => Found

export function naivelyMatches(type: ResourceType, filter: ParsedFilter, resource: JsonObject): boolean {
  return holds(filter, name => lookAt(type, resource, name.toLowerCase()))
}

function holds(filter: ParsedFilter, look: Look): boolean {
  if ('parts' in filter) {
    const answers = filter.parts.map(p => holds(p, look))
    return filter.op === 'and' ? !answers.includes(false) : answers.includes(true)
  }
  if (filter.op === 'not') return !holds(filter.part, look)
  if (filter.op === 'element') return elements(look(filter.attr)).some(inner => holds(filter.part, inner))
  const { attr, where, sub } = filter.on
  if (where !== undefined && sub !== undefined) {
    const rest: ParsedFilter = { ...filter, on: { attr: sub } }
    return elements(look(attr)).some(inner => holds(where, inner) && holds(rest, inner))
  }
  const found = look(attr)
  if (filter.op === 'pr') return isPresent(found)
  if (filter.value === null) return isPresent(found) === (filter.op === 'ne')
  const { op, value } = filter
  const compared = comparedBy(found)
  if (op === 'ne') return !compared.values.some(v => compares(compared.attribute, 'eq', v, value))
  return compared.values.some(v => compares(compared.attribute, op, v, value))
}

function lookAt(type: ResourceType, resource: JsonObject, name: string): Found {
  for (const { urn, attributes } of type.extensions.values()) {
    const object = resource[urn]
    if (name === urn.toLowerCase()) return { attribute: undefined, values: contentOf(object) }
    const rest = name.startsWith(`${urn.toLowerCase()}:`) ? name.slice(urn.length + 1) : name
    if (rest !== name || !type.attributes.has(firstName(name, type))) {
      if (attributes.has(firstName(rest, type))) return walk(attributes, object, rest)
    }
  }
  const core = `${type.schema.toLowerCase()}:`
  return walk(type.attributes, resource, name.startsWith(core) ? name.slice(core.length) : name)
}

function firstName(name: string, type: ResourceType): string {
  const core = `${type.schema.toLowerCase()}:`
  return (name.startsWith(core) ? name.slice(core.length) : name).split('.')[0] ?? ''
}

function walk(table: ReadonlyMap<string, Attribute>, object: Json | undefined, name: string): Found {
  const [first = '', second] = name.split('.')
  const attribute = table.get(first)
  if (attribute === undefined) throw new Error(`no attribute ${name}`)
  const found = { attribute, values: isObject(object) ? contentOf(object[attribute.name]) : [] }
  return second === undefined ? found : below(found, second)
}

function below({ attribute, values }: Found, name: string): Found {
  const sub = attribute?.sub.get(name)
  if (sub === undefined) throw new Error(`no sub-attribute ${name}`)
  return { attribute: sub, values: values.flatMap(v => (isObject(v) ? contentOf(v[sub.name]) : [])) }
}

/** An attribute's values one by one; what holds nothing at all is not a value. */
function contentOf(value: Json | undefined): readonly Json[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value]
  return list.filter(v => v !== null && (!isObject(v) || Object.values(v).some(inner => contentOf(inner).length > 0)))
}

/** One look for each element; a single complex attribute is its own element, be it there or not. */
function elements({ attribute, values }: Found): readonly Look[] {
  const objects = attribute?.many === true || values.length > 0 ? values : [{}]
  return objects.map(object => (name: string) => below({ attribute, values: [object] }, name.toLowerCase()))
}

function comparedBy(found: Found): Found {
  return found.attribute?.type === 'complex' ? below(found, 'value') : found
}

function isPresent({ values }: Found): boolean {
  return values.some(v => v !== '')
}

type Op = 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

function compares(attribute: Attribute | undefined, op: Op, found: Json, wanted: Literal): boolean {
  if (attribute === undefined) throw new Error('an extension has no value to compare')
  if (attribute.type === 'boolean') return found === (String(wanted).toLowerCase() === 'true')
  if (typeof found === 'number') return inOrder(op, Math.sign(found - Number(wanted)))
  if (attribute.type === 'dateTime')
    return inOrder(op, Math.sign(Date.parse(String(found)) - Date.parse(String(wanted))))
  const [text, part] = [found, wanted].map(v => (attribute.caseExact ? String(v) : fold(String(v)))) as [string, string]
  if (op === 'co') return text.split(part).length > 1 || part === ''
  if (op === 'sw') return text.slice(0, part.length) === part
  if (op === 'ew') return part === '' || text.slice(-part.length) === part
  return inOrder(op, Buffer.compare(Buffer.from(text), Buffer.from(part)))
}

function inOrder(op: Op, sign: number): boolean {
  return { eq: sign === 0, gt: sign > 0, ge: sign >= 0, lt: sign < 0, le: sign <= 0, co: false, sw: false, ew: false }[
    op
  ]
}
