/** The schemas and resource types of this service, from the JSON under `schemas/`. */
import commonAttributes from '../../schemas/common.json' with { type: 'json' }
import enterpriseUser from '../../schemas/enterprise-user.json' with { type: 'json' }
import group from '../../schemas/group.json' with { type: 'json' }
import licenseUser from '../../schemas/license-user.json' with { type: 'json' }
import resourceTypes from '../../schemas/resource-types.json' with { type: 'json' }
import user from '../../schemas/user.json' with { type: 'json' }
import { compileResourceType } from './schema/compile.ts'
import type { AttributeDefinition, ResourceType, ResourceTypeDefinition, SchemaDefinition } from './schema/types.ts'

export interface LicenseOptions {
  /** The organisation lets its identity provider choose the license type: `licenseType` is readWrite (SEAT-51). */
  readonly licenseFromIdp: boolean
}

const common = commonAttributes as readonly AttributeDefinition[]

/** In the order of `/ResourceTypes`: clients that take the first for users are right (scim-quirks, "What clients rely on"). */
export const resourceTypeDefinitions: readonly ResourceTypeDefinition[] = resourceTypes

/** Every schema as `/Schemas` tells it, core schemas first. */
export function schemaDefinitions(options: LicenseOptions): readonly SchemaDefinition[] {
  return options.licenseFromIdp ? schemasWithChoice : schemas
}

const schemas = [user, group, enterpriseUser, licenseUser] as readonly SchemaDefinition[]
const schemasWithChoice = schemas.map(schema => (schema.id === licenseUser.id ? withChoice(schema) : schema))

function withChoice(schema: SchemaDefinition): SchemaDefinition {
  const attributes = schema.attributes.map(
    (attribute): AttributeDefinition =>
      attribute.name === 'licenseType' ? { ...attribute, mutability: 'readWrite' } : attribute
  )
  return { ...schema, attributes }
}

function compiled(name: string, definitions: readonly SchemaDefinition[]): ResourceType {
  const definition = resourceTypeDefinitions.find(type => type.name === name)
  if (definition === undefined) throw new Error(`schemas/resource-types.json has no ${name}`)
  return compileResourceType(definition, definitions, common)
}

const users = compiled('User', schemas)
const usersWithChoice = compiled('User', schemasWithChoice)

/** The same object for the same options, so that it may serve as a key. */
export function userType(options: LicenseOptions): ResourceType {
  return options.licenseFromIdp ? usersWithChoice : users
}

export const groupType: ResourceType = compiled('Group', schemas)
