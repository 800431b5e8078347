/** Takes an operation apart into changes of single attributes, whose values are read here. */
import { isObject, type Json } from '../../base/json.ts'
import { bad } from '../errors.ts'
import { resolveTarget } from '../schema/path.ts'
import { readElement, readValue } from '../schema/read-value.ts'
import type { Attribute, Extension, ResourceType } from '../schema/types.ts'
import type { PatchOperation } from './operation.ts'
import type { Place } from './place.ts'

type Assigning = 'add' | 'replace'

/** What is patched. */
export interface Patched {
  readonly type: ResourceType
  readonly id?: string | undefined
}

/**
 * What an `add` or `replace` at a place does. RFC 7644 3.5.2.3: sub-attributes of a single complex attribute "that are not specified
 * SHALL be left unchanged"; the same holds of a resource and of an extension, so all three are a list of assignments.
 *
 * @throws ScimError 400 `invalidValue`, `mutability`.
 */
export function assignmentsAt(op: Assigning, patched: Patched, place: Place, value: Json): readonly PatchOperation[] {
  if (op === 'add' && value === null) throw nothing('null')
  switch (place.kind) {
    case 'resource':
      return eachMember(value, 'The value', name => resourceMember(op, patched, name))
    case 'extension':
      return extensionValue(op, place.extension, value)
    case 'attribute':
      if (isSame(patched, 'schemas', place.attribute, value)) return []
      checkWritable(place.attribute)
      return attributeValue(op, place.attribute, value)
    case 'elements':
      checkWritable(place.sub ?? place.attribute)
      return elementsValue(op, place, value)
  }
}

const nothing = (what: string) =>
  bad('invalidValue', `The value gives nothing to add: it is ${what}.`, { attribute: 'value', rfc: 'RFC 7644 3.5.2' })

type Assign = (value: Json) => readonly PatchOperation[]

/** What to do with each named member; `undefined` from `find`: there is no such attribute. */
function eachMember(value: Json, label: string, find: (name: string) => Assign | undefined): readonly PatchOperation[] {
  if (!isObject(value))
    throw bad('invalidValue', `${label} must be an object with attributes to set.`, {
      attribute: label,
      rfc: 'RFC 7644 3.5.2'
    })
  const named = new Map<string, { readonly assign: Assign; readonly value: Json }>()
  for (const [key, member] of Object.entries(value)) {
    const name = key.toLowerCase()
    const assign = find(name)
    if (assign === undefined) continue
    if (named.has(name))
      throw bad('invalidSyntax', `${key} is given twice, in different letter case.`, {
        attribute: key,
        rfc: 'RFC 7643 2.1'
      })
    named.set(name, { assign, value: member })
  }
  if (named.size === 0)
    throw bad('invalidValue', `${label} names no attribute that is known here.`, {
      attribute: label,
      rfc: 'RFC 7644 3.5.2'
    })
  // `value` before `$ref`: a new value drops the reference that belonged to the old one.
  const ordered = [...named].sort(([a], [b]) => Number(b === 'value') - Number(a === 'value'))
  const operations = ordered.flatMap(([, { assign, value: member }]) => assign(member))
  if (operations.length === 0 && ordered.every(([, member]) => member.value === null)) throw nothing('null throughout')
  return operations
}

function resourceMember(op: Assigning, patched: Patched, name: string): Assign | undefined {
  const target = resolveTarget(patched.type, name)
  if (target?.kind === 'extension') return value => extensionValue(op, target.extension, value)
  // Members of a resource are names; `name.givenName` is a path, though it resolves.
  if (target === undefined || target.attribute.name.toLowerCase() !== name) return undefined
  const { attribute } = target
  return value => {
    if (isSame(patched, 'schemas', attribute, value) || isSame(patched, 'id', attribute, value)) return []
    checkWritable(attribute)
    return attributeValue(op, attribute, value)
  }
}

/**
 * Whether a value changes nothing though the attribute is readOnly. Okta sends the `id` with a new name (quirk 43); clients add the URN
 * of an extension before its attributes, though which schemas a resource uses follows from those.
 */
function isSame({ type, id }: Patched, name: 'id' | 'schemas', attribute: Attribute, value: Json): boolean {
  if (attribute.urn !== undefined || attribute.name !== name) return false
  if (name === 'id') return id !== undefined && value === id
  return Array.isArray(value) && value.length > 0 && value.every(urn => isSchemaOf(type, urn))
}

function isSchemaOf(type: ResourceType, urn: Json): boolean {
  if (typeof urn !== 'string') return false
  return urn.toLowerCase() === type.schema.toLowerCase() || type.extensions.has(urn.toLowerCase())
}

function extensionValue(op: Assigning, extension: Extension, value: Json): readonly PatchOperation[] {
  if (value === null) return op === 'add' ? [] : extensionRemoval(extension)
  return eachMember(value, extension.urn, name => {
    const attribute = extension.attributes.get(name)
    // Clients that see an extension as a resource of its own give it its schemas.
    if (attribute === undefined) return name === 'schemas' ? () => [] : undefined
    return member => {
      checkWritable(attribute)
      return attributeValue(op, attribute, member)
    }
  })
}

function attributeValue(op: Assigning, attribute: Attribute, value: Json): readonly PatchOperation[] {
  if (value === null) return op === 'add' ? [] : [{ op: 'remove', attribute }]
  if (attribute.many) return listValue(op, attribute, Array.isArray(value) ? value : [value])
  if (attribute.type === 'complex') return complexValue(op, attribute, value)
  const read = readElement(attribute, value)
  return read === undefined ? [] : [{ op, attribute, value: read }]
}

// One value stands for a list of it: nothing else can be meant.
function listValue(op: Assigning, attribute: Attribute, list: readonly Json[]): readonly PatchOperation[] {
  for (const element of list) checkKnown(attribute, element)
  const read = readValue(attribute, list)
  if (read !== undefined) return [{ op, attribute, value: read }]
  return [op === 'add' ? { op, attribute, value: [] } : { op: 'remove', attribute }]
}

// RFC 7644 3.3: readOnly members of a value are ignored; but here not where nothing else was sent.
function complexValue(op: Assigning, attribute: Attribute, value: Json): readonly PatchOperation[] {
  const ignored: Attribute[] = []
  const operations = eachMember(value, attribute.label, name => {
    const sub = attribute.sub.get(name)
    if (sub?.mutability !== 'readOnly') return sub && (member => attributeValue(op, sub, member))
    ignored.push(sub)
    return () => []
  })
  if (operations.length === 0 && ignored[0] !== undefined) checkWritable(ignored[0])
  return operations
}

function elementsValue(
  op: Assigning,
  { attribute, where, sub }: Place & { readonly kind: 'elements' },
  value: Json
): readonly PatchOperation[] {
  const chosen = { attribute, ...(where === undefined ? {} : { where }), ...(sub === undefined ? {} : { sub }) }
  if (value === null) return [{ op: 'remove', ...chosen }]
  if (sub === undefined) checkKnown(attribute, value)
  const read = readElement(sub ?? attribute, value)
  if (read === undefined) throw nothing('empty')
  return [{ op, ...chosen, value: read }]
}

function checkKnown(attribute: Attribute, element: Json): void {
  if (!isObject(element)) return
  const known = Object.keys(element).some(key => attribute.sub.has(key.toLowerCase()))
  if (!known)
    throw bad('invalidValue', `An element of ${attribute.label} names no attribute that is known there.`, {
      attribute: attribute.label,
      rfc: 'RFC 7644 3.5.2'
    })
}

// RFC 7644 3.5.2: "if the target location is readOnly" the error is mutability.
function checkWritable(attribute: Attribute): void {
  for (let a: Attribute | undefined = attribute; a !== undefined; a = a.parent) {
    if (a.mutability === 'readOnly') throw readOnly(a.label)
  }
}

const readOnly = (label: string) =>
  bad('mutability', `${label} is readOnly: only the server sets it.`, { attribute: label, rfc: 'RFC 7644 3.5.2' })

/**
 * What a `remove` at a place does. Its `value` has no meaning in RFC 7644; where it seems to choose among elements, the whole is
 * refused, since removing all of them is the worst that could be made of it (quirk 21).
 */
export function removalsAt(place: Place, value: Json | undefined): readonly PatchOperation[] {
  switch (place.kind) {
    case 'resource':
      throw bad('noTarget', 'A remove needs a path.', { attribute: 'path', rfc: 'RFC 7644 3.5.2.2' })
    case 'extension':
      return extensionRemoval(place.extension)
    case 'attribute':
      checkWritable(place.attribute)
      if (place.attribute.many) checkNoChoice(place.attribute, value)
      return [{ op: 'remove', attribute: place.attribute }]
    case 'elements': {
      const { attribute, where, sub } = place
      checkWritable(sub ?? attribute)
      if (where === undefined) checkNoChoice(attribute, value)
      return [
        { op: 'remove', attribute, ...(where === undefined ? {} : { where }), ...(sub === undefined ? {} : { sub }) }
      ]
    }
  }
}

function checkNoChoice({ label }: Attribute, value: Json | undefined): void {
  if (value === undefined || value === null) return
  throw bad('invalidValue', `A remove takes no value: choose elements in the path, as in ${label}[value eq "x"].`, {
    attribute: label,
    rfc: 'RFC 7644 3.5.2.2'
  })
}

function extensionRemoval({ urn, attributes }: Extension): readonly PatchOperation[] {
  const writable = [...attributes.values()].filter(attribute => attribute.mutability !== 'readOnly')
  if (writable.length === 0) throw readOnly(urn)
  return writable.map(attribute => ({ op: 'remove', attribute, withExtension: true }))
}
