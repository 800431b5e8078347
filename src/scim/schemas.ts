/** The schemas and resource types of this service, from the JSON under `schemas/` and what an organisation adds to it. */
import commonAttributes from '../../schemas/common.json' with { type: 'json' }
import enterpriseUser from '../../schemas/enterprise-user.json' with { type: 'json' }
import entitlement from '../../schemas/entitlement.json' with { type: 'json' }
import group from '../../schemas/group.json' with { type: 'json' }
import licenseUser from '../../schemas/license-user.json' with { type: 'json' }
import oktaEntitlement from '../../schemas/okta-entitlement.json' with { type: 'json' }
import oktaRole from '../../schemas/okta-role.json' with { type: 'json' }
import ourResourceTypes from '../../schemas/resource-types.json' with { type: 'json' }
import role from '../../schemas/role.json' with { type: 'json' }
import user from '../../schemas/user.json' with { type: 'json' }
import { compileResourceType } from './schema/compile.ts'
import type {
  AttributeDefinition,
  ResourceType,
  ResourceTypeDefinition,
  SchemaDefinition,
  SchemaExtension
} from './schema/types.ts'

/** What an organisation's settings decide about the schemas. */
export interface TypeOptions {
  /** The organisation lets its identity provider choose the license type: `licenseType` is readWrite (SEAT-51). */
  readonly licenseFromIdp: boolean
  /** The organisation lets its identity provider assign roles and the license through `roles` and `entitlements`. */
  readonly assignmentsFromIdp?: boolean
}

/** Without any of what a setting allows. */
export const plainOptions: TypeOptions = { licenseFromIdp: false }

/** What an organisation defines beside our schemas. Never changed: a change is another object. */
export interface Additions {
  /** Grows with every change; 0: nothing was ever defined. */
  readonly revision: number
  readonly schemas: readonly SchemaDefinition[]
  readonly resourceTypes: readonly ResourceTypeDefinition[]
  /** Extensions of our resource types, by the name of the type. */
  readonly extensions: ReadonlyMap<string, readonly SchemaExtension[]>
}

/** Everything that an organisation's requests are read, answered and described by. */
export interface Types {
  readonly revision: number
  readonly user: ResourceType
  readonly group: ResourceType
  /** In the order of `/ResourceTypes`: clients that take the first for users are right (scim-quirks, "What clients rely on"). */
  readonly all: readonly ResourceType[]
  /** Every schema that a resource type uses, as `/Schemas` tells it, core schemas first. */
  readonly schemas: readonly SchemaDefinition[]
}

export const commonDefinitions = commonAttributes as readonly AttributeDefinition[]

export const builtInTypes: readonly ResourceTypeDefinition[] = ourResourceTypes

export const noAdditions: Additions = { revision: 0, schemas: [], resourceTypes: [], extensions: new Map() }

const schemas = [
  ...[user, group, role, entitlement],
  ...[enterpriseUser, licenseUser, oktaRole, oktaEntitlement]
] as readonly SchemaDefinition[]

/** Our own schemas under these options. */
export function schemaDefinitions({
  licenseFromIdp,
  assignmentsFromIdp = false
}: TypeOptions): readonly SchemaDefinition[] {
  return schemas.map(schema => {
    if (schema.id === user.id) return withAssignable(schema, assignmentsFromIdp)
    return licenseFromIdp && schema.id === licenseUser.id ? withChoice(schema) : schema
  })
}

/** Where what can be assigned to a user is listed. */
const listedAt: ReadonlyMap<string, string> = new Map([
  ['roles', '/Roles'],
  ['entitlements', '/Entitlements']
])

// RFC 7643 7 has no mutability of single elements: it can only be said.
function withAssignable(schema: SchemaDefinition, isWritable: boolean): SchemaDefinition {
  const attributes = schema.attributes.map((attribute): AttributeDefinition => {
    const endpoint = listedAt.get(attribute.name)
    if (endpoint === undefined) return attribute
    const sentence = isWritable ? 'are assigned by writing them here' : 'are readOnly'
    return { ...attribute, description: `${attribute.description} Elements whose value ${endpoint} lists ${sentence}.` }
  })
  return { ...schema, attributes }
}

function withChoice(schema: SchemaDefinition): SchemaDefinition {
  const attributes = schema.attributes.map(
    (attribute): AttributeDefinition =>
      attribute.name === 'licenseType' ? { ...attribute, mutability: 'readWrite' } : attribute
  )
  return { ...schema, attributes }
}

const compiled = new WeakMap<Additions, Map<string, Types>>()

/** The same object for the same options and additions, so that it and the types in it may serve as keys. */
export function typesFor(options: TypeOptions, additions: Additions = noAdditions): Types {
  const known = compiled.get(additions) ?? new Map<string, Types>()
  compiled.set(additions, known)
  const key = keyOf(options)
  const types = known.get(key) ?? compile(options, additions)
  known.set(key, types)
  return types
}

const keyOf = ({ licenseFromIdp, assignmentsFromIdp = false }: TypeOptions) =>
  JSON.stringify([licenseFromIdp, assignmentsFromIdp])

function compile(options: TypeOptions, { revision, schemas, resourceTypes, extensions }: Additions): Types {
  const definitions = [...schemaDefinitions(options), ...schemas]
  const ours = builtInTypes.map(type => ({
    ...type,
    schemaExtensions: [...type.schemaExtensions, ...(extensions.get(type.name) ?? [])]
  }))
  const all = [...ours, ...resourceTypes].map(type =>
    compileResourceType(type, definitions, commonDefinitions, revision)
  )
  const named = (name: string) => {
    const found = all.find(type => type.name === name)
    if (found === undefined) throw new Error(`schemas/resource-types.json has no ${name}`)
    return found
  }
  const used = new Set(all.flatMap(type => [type.schema, ...[...type.extensions.values()].map(({ urn }) => urn)]))
  return {
    revision,
    user: named('User'),
    group: named('Group'),
    all,
    schemas: definitions.filter(({ id }) => used.has(id))
  }
}

/** Users as they are without additions. */
export const userType = (options: TypeOptions): ResourceType => typesFor(options).user

/** Groups as they are without additions. */
export const groupType: ResourceType = typesFor(plainOptions).group
