/** The attributes in the JSON of a schema (RFC 7643 7), with the defaults of RFC 7643 2.2 filled in. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { bad } from '../errors.ts'
import type { AttributeDefinition, AttributeType, Mutability, Returned, Uniqueness } from './types.ts'

const types = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'] as const
const mutabilities = ['readOnly', 'readWrite', 'immutable', 'writeOnly'] as const
const returneds = ['always', 'never', 'default', 'request'] as const
const uniquenesses = ['none', 'server', 'global'] as const

const members = [
  ...['name', 'type', 'multiValued', 'description', 'required', 'canonicalValues', 'caseExact', 'mutability'],
  ...['returned', 'uniqueness', 'referenceTypes', 'subAttributes', 'usher:index', 'usher:closed', 'usher:elementsMax']
]

/** RFC 7643 2.1. `$ref` is the one name that begins otherwise. */
const attributeName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
/** Every resource has these (RFC 7643 3.1), or the grammar of filters means something else by them. */
const taken = new Set(['schemas', 'id', 'externalid', 'meta', 'and', 'or', 'not', 'constructor', 'prototype'])

const descriptionCharsMax = 1000
const canonicalValuesMax = 200
const canonicalCharsMax = 256
/** As many elements as any attribute has where its schema says nothing. */
const elementsMax = 1000

/** @throws ScimError 400 `invalidValue` naming the attribute. */
export function readAttributes(value: Json | undefined, parent?: string): readonly AttributeDefinition[] {
  const what = parent === undefined ? 'attributes' : `${parent}.subAttributes`
  if (!Array.isArray(value) || value.length === 0) {
    throw bad('invalidValue', `${what} must be an array of at least one attribute.`)
  }
  const read = value.map((each: Json, i) => readAttribute(each, `${what}[${i}]`, parent))
  const names = new Set(read.map(({ name }) => name.toLowerCase()))
  if (names.size < read.length) {
    throw bad('invalidValue', `${what} has one name twice: names have no case (RFC 7643 2.1).`)
  }
  return read
}

function readAttribute(value: Json, place: string, parent: string | undefined): AttributeDefinition {
  if (!isObject(value)) throw bad('invalidValue', `${place} must be an object.`)
  const unknown = Object.keys(value).find(name => !members.includes(name))
  if (unknown !== undefined) {
    throw bad('invalidValue', `${place} has no member ${JSON.stringify(unknown)}: it has ${members.join(', ')}.`)
  }
  const name = readName(value.name, place, parent)
  const label = parent === undefined ? name : `${parent}.${name}`
  const one = <T extends string>(member: string, allowed: readonly T[], byDefault: T): T =>
    choice(value[member], allowed, byDefault, `${label}: ${member}`)
  const flag = (member: string) => boolean(value[member], `${label}: ${member}`)
  const type = one<AttributeType>('type', types, 'string')
  const mutability = one<Mutability>('mutability', mutabilities, 'readWrite')
  const returned = one<Returned>('returned', returneds, mutability === 'writeOnly' ? 'never' : 'default')
  const uniqueness = one<Uniqueness>('uniqueness', uniquenesses, 'none')
  const definition: AttributeDefinition = {
    name,
    type,
    multiValued: flag('multiValued'),
    description: description(value.description ?? '', label),
    required: flag('required'),
    ...canonical(value, label),
    ...(type === 'string' ? { caseExact: flag('caseExact') } : {}),
    // Told, for who is not told takes it for false (RFC 7643 2.2).
    ...(type === 'reference' || type === 'binary' ? { caseExact: true } : {}),
    mutability,
    returned,
    ...(type === 'complex' || type === 'boolean' ? {} : { uniqueness }),
    ...referenceTypes(value, type, label),
    ...subAttributes(value, type, label, parent),
    ...(flag('usher:index') ? { 'usher:index': true } : {}),
    ...(flag('usher:closed') ? { 'usher:closed': true } : {}),
    ...elements(value, label)
  }
  checkTogether(definition, label, uniqueness, value.caseExact === false)
  return definition
}

function readName(value: Json | undefined, place: string, parent: string | undefined): string {
  if (value === '$ref' && parent !== undefined) return value
  if (typeof value !== 'string' || !attributeName.test(value)) {
    throw bad(
      'invalidValue',
      `${place}.name must be a letter and up to 63 letters, digits, - and _ behind it (RFC 7643 2.1).`
    )
  }
  if (taken.has(value.toLowerCase()))
    throw bad('invalidValue', `${place}.name: ${value} is taken. Choose another name.`)
  return value
}

// What cannot be meant together. Each would else be a promise of discovery that no answer keeps.
function checkTogether(a: AttributeDefinition, label: string, uniqueness: Uniqueness, isCaseless: boolean): void {
  const isSecret = a.returned === 'never'
  const wrong: readonly (readonly [boolean, string])[] = [
    [a.mutability === 'writeOnly' && !isSecret, 'what is writeOnly is never returned: returned must be "never"'],
    // Nothing is kept of it, so that no later request could tell whether it is there.
    [isSecret && a.required, 'what is never returned is checked and not kept, so that it cannot be required'],
    [a.mutability === 'readOnly' && a.required, 'the server sets what is readOnly, and knows nothing to set here'],
    [
      uniqueness !== 'none' && (isSecret || ['complex', 'boolean', 'binary', 'reference'].includes(a.type)),
      'unique can be what is a string, a number or a time and is returned'
    ],
    [
      a['usher:index'] === true && (isSecret || a.type === 'complex'),
      'an index is for one simple value that is returned: put it on a sub-attribute'
    ],
    [
      a['usher:closed'] === true && (a.canonicalValues === undefined || a.type !== 'string'),
      'usher:closed closes the list in canonicalValues of a string'
    ],
    [
      a.canonicalValues !== undefined && a.type !== 'string' && a.type !== 'reference',
      'canonicalValues are for strings'
    ],
    [isCaseless && (a.type === 'reference' || a.type === 'binary'), `a ${a.type} is caseExact (RFC 7643 2.3.6, 2.3.7)`],
    [a['usher:elementsMax'] !== undefined && !a.multiValued, 'usher:elementsMax is for what is multiValued'],
    [
      a.name.toLowerCase() === 'primary' && label !== a.name && a.type !== 'boolean',
      'primary is a boolean (RFC 7643 2.4)'
    ],
    [a.name === '$ref' && a.type !== 'reference', '$ref is a reference (RFC 7643 2.4)']
  ]
  const found = wrong.find(([isSo]) => isSo)
  if (found !== undefined) throw bad('invalidValue', `${label}: ${found[1]}.`)
}

function choice<T extends string>(value: Json | undefined, allowed: readonly T[], byDefault: T, what: string): T {
  if (value === undefined || value === null) return byDefault
  const found = allowed.find(each => each === value)
  if (found === undefined) throw bad('invalidValue', `${what} must be one of ${allowed.join(', ')}.`)
  return found
}

function boolean(value: Json | undefined, what: string): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  throw bad('invalidValue', `${what} must be true or false.`)
}

function description(value: Json, label: string): string {
  if (typeof value === 'string' && value.length <= descriptionCharsMax && value.isWellFormed()) return value
  throw bad('invalidValue', `${label}: description must be a text of ${descriptionCharsMax} characters at most.`)
}

function texts(value: Json, what: string): readonly string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= canonicalValuesMax
  const isText = (each: Json) =>
    typeof each === 'string' && each.length <= canonicalCharsMax && each.isWellFormed() && !each.includes('\0')
  if (isList && value.every(isText) && new Set(value).size === value.length) return value as readonly string[]
  throw bad(
    'invalidValue',
    `${what} must be up to ${canonicalValuesMax} different texts of ${canonicalCharsMax} characters at most.`
  )
}

function canonical({ canonicalValues: value }: JsonObject, label: string) {
  if (value === undefined || value === null) return {}
  if (Array.isArray(value) && value.length === 0) return {}
  return { canonicalValues: texts(value, `${label}: canonicalValues`) }
}

function referenceTypes({ referenceTypes: value }: JsonObject, type: AttributeType, label: string) {
  if (value === undefined || value === null) return type === 'reference' ? { referenceTypes: ['uri'] } : {}
  if (type !== 'reference') throw bad('invalidValue', `${label}: referenceTypes are for references.`)
  return { referenceTypes: texts(value, `${label}: referenceTypes`) }
}

// Erratum 8415: sub-attributes are not complex.
function subAttributes(
  { subAttributes: value }: JsonObject,
  type: AttributeType,
  label: string,
  parent: string | undefined
) {
  if (type === 'complex' && parent !== undefined) {
    throw bad('invalidValue', `${label} is complex inside a complex attribute, which there is not (RFC 7643 2.3.8).`)
  }
  if (type === 'complex') return { subAttributes: readAttributes(value, label) }
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return {}
  throw bad('invalidValue', `${label}: subAttributes are for what is complex.`)
}

function elements({ 'usher:elementsMax': value }: JsonObject, label: string) {
  if (value === undefined || value === null) return {}
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= elementsMax) {
    return { 'usher:elementsMax': value }
  }
  throw bad('invalidValue', `${label}: usher:elementsMax must be a whole number from 1 to ${elementsMax}.`)
}
