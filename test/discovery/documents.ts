/** What the service tells about itself, as a client reads it: everything that is proved here is taken from these answers. */
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from '../../src/scim/schema/types.ts'
import type { TestServer } from '../support/app.ts'

/** An attribute and where it stands in a resource. */
export interface Described {
  readonly attribute: AttributeDefinition
  readonly parent: AttributeDefinition | undefined
  /** The extension whose object holds it. */
  readonly extension: string | undefined
  /** For filters, PATCH paths and parameters: `name.givenName`, `urn:…:User:department`. */
  readonly path: string
}

export interface DescribedType {
  readonly definition: ResourceTypeDefinition
  readonly core: SchemaDefinition
  readonly extensions: readonly SchemaDefinition[]
  /** Attributes and sub-attributes, without those that all resources have. */
  readonly attributes: readonly Described[]
}

export interface Documents {
  readonly service: ServiceProviderConfig
  readonly types: readonly DescribedType[]
  readonly schemas: readonly SchemaDefinition[]
}

interface Supported {
  readonly supported: boolean
}

interface Assigned extends Supported {
  readonly primarySupported: boolean
  readonly typeSupported: boolean
  readonly types: readonly string[]
}

/** RFC 7643 5, RFC 9865 4, RFC 9967 6, draft-ietf-scim-roles-entitlements 3.1. */
export interface ServiceProviderConfig {
  readonly patch: Supported
  readonly bulk: Supported & { readonly maxOperations: number; readonly maxPayloadSize: number }
  readonly filter: Supported & { readonly maxResults: number }
  readonly changePassword: Supported
  readonly sort: Supported
  readonly etag: Supported
  readonly authenticationSchemes: readonly { readonly type: string; readonly specUri: string }[]
  readonly pagination?: {
    readonly cursor: boolean
    readonly index: boolean
    readonly defaultPaginationMethod?: 'cursor' | 'index'
    readonly defaultPageSize?: number
    readonly maxPageSize?: number
    readonly cursorTimeout?: number
  }
  readonly RolesAndEntitlements?: {
    readonly roles: Assigned & { readonly multipleRolesSupported: boolean }
    readonly entitlements: Assigned & { readonly multipleEntitlementsSupported: boolean }
  }
  readonly securityEvents?: { readonly asyncRequest: string; readonly eventUris: readonly string[] }
}

export async function readDocuments(server: TestServer): Promise<Documents> {
  const [service, types, schemas] = [
    await server.scim<ServiceProviderConfig>('GET', '/ServiceProviderConfig'),
    await server.scim<{ readonly Resources: readonly ResourceTypeDefinition[] }>('GET', '/ResourceTypes'),
    await server.scim<{ readonly Resources: readonly SchemaDefinition[] }>('GET', '/Schemas')
  ]
  const told = schemas.body.Resources
  const schema = (id: string) => {
    const found = told.find(one => one.id === id)
    if (found === undefined) throw new Error(`/Schemas does not tell of ${id}`)
    return found
  }
  return {
    service: service.body,
    schemas: told,
    types: types.body.Resources.map(definition => {
      const core = schema(definition.schema)
      const extensions = (definition.schemaExtensions ?? []).map(one => schema(one.schema))
      const attributes = [
        ...describedIn(core, undefined),
        ...extensions.flatMap(extension => describedIn(extension, extension.id))
      ]
      return { definition, core, extensions, attributes }
    })
  }
}

function describedIn({ attributes }: SchemaDefinition, extension: string | undefined): readonly Described[] {
  const prefix = extension === undefined ? '' : `${extension}:`
  return attributes.flatMap(attribute => {
    const path = `${prefix}${attribute.name}`
    const inside = (attribute.subAttributes ?? []).map(sub => {
      return { attribute: sub, parent: attribute, extension, path: `${path}.${sub.name}` }
    })
    return [{ attribute, parent: undefined, extension, path }, ...inside]
  })
}

/** Whether a client may set it, with its complex attribute around it. */
export function isWritable({ attribute, parent }: Described): boolean {
  return attribute.mutability !== 'readOnly' && parent?.mutability !== 'readOnly'
}
