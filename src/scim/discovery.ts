/**
 * What the service tells about itself (RFC 7644 4): the bodies of `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas`. They
 * hold the attributes of RFC 7643 5 to 7, RFC 9865 4, RFC 9967 4 and draft-ietf-scim-roles-entitlements 3.1, and nothing of
 * ours, for strict clients end at an unknown member.
 */
import type { Json, JsonObject } from '../base/json.ts'
import { listResponse } from './list.ts'
import type { Types } from './schemas.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0'

export interface ServiceOptions {
  /** Where the service stands, without a slash behind: `https://host/scim/v2`. */
  readonly baseUrl: string
  /** The most resources in one answer to a filter. */
  readonly maxResults: number
  /** Resources in an answer where the client names no number. */
  readonly defaultPageSize: number
  /** How long a cursor can be used. */
  readonly cursorSeconds: number
  /** Absent: bulk is not supported. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number }
  /** Absent: no events (RFC 9967 4). Tell of them where somebody gets them: clients older than it end at this member. */
  readonly securityEvents?: {
    readonly asyncRequest: 'none' | 'long' | 'request'
    readonly eventUris: readonly string[]
  }
  /** Roles and licenses can be assigned. No RFC has this member: strict clients, which end at it, meet it where it is asked for. */
  readonly assigned?: boolean
  readonly documentationUri?: string
  /** Absent: there is none. */
  readonly tokenEndpoint?: string
}

export function serviceProviderConfig(options: ServiceOptions): JsonObject {
  const { baseUrl, maxResults, defaultPageSize, cursorSeconds, bulk, securityEvents, documentationUri } = options
  const { tokenEndpoint } = options
  return {
    schemas: [`${core}:ServiceProviderConfig`],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: true },
    bulk: { supported: bulk !== undefined, maxOperations: 0, maxPayloadSize: 0, ...bulk },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    // RFC 9865 4. Clients that know of no cursors get pages by index, as ever.
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize,
      maxPageSize: maxResults,
      cursorTimeout: cursorSeconds
    },
    ...(securityEvents === undefined ? {} : { securityEvents }),
    ...(options.assigned === true ? { RolesAndEntitlements: assignable } : {}),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'The token of a SCIM connector, or an API key of an administrator, as a bearer token.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true
      },
      // RFC 7643 5: `oauth2` is a token by OAuth 2.0, whatever the grant.
      ...(tokenEndpoint === undefined
        ? []
        : [
            {
              type: 'oauth2',
              name: 'OAuth 2.0 client credentials',
              description: `Tokens for a short time from ${tokenEndpoint}, for a JWT signed with a key of the connector (private_key_jwt).`,
              specUri: 'https://www.rfc-editor.org/info/rfc7523',
              primary: false
            }
          ])
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` }
  }
}

/** draft-ietf-scim-roles-entitlements 3.1. */
const assignable: JsonObject = {
  roles: {
    ...{ supported: true, multipleRolesSupported: true, primarySupported: true },
    ...{ typeSupported: true, types: ['VaultRole'] }
  },
  // Of what /Entitlements lists a user has one: the license.
  entitlements: {
    ...{ supported: true, multipleEntitlementsSupported: false, primarySupported: true },
    ...{ typeSupported: true, types: ['License'] }
  }
}

/** `/ResourceTypes`: User comes first. */
export function resourceTypes(baseUrl: string, { all }: Types): JsonObject {
  return listOf(all.map(({ definition }) => body('ResourceType', baseUrl, definition)))
}

/** `/ResourceTypes/{id}`, or undefined. */
export function resourceType(baseUrl: string, id: string, { all }: Types): JsonObject | undefined {
  const type = all.find(({ definition }) => definition.id === id)
  return type === undefined ? undefined : body('ResourceType', baseUrl, type.definition)
}

/** `/Schemas`. */
export function schemas(baseUrl: string, types: Types): JsonObject {
  return listOf(types.schemas.map(definition => body('Schema', baseUrl, definition)))
}

/** `/Schemas/{urn}`, or undefined. URNs have no case here (RFC 7643 2.1). */
export function schema(baseUrl: string, urn: string, types: Types): JsonObject | undefined {
  const definition = types.schemas.find(({ id }) => id.toLowerCase() === urn.toLowerCase())
  return definition === undefined ? undefined : body('Schema', baseUrl, definition)
}

function body(kind: 'Schema' | 'ResourceType', baseUrl: string, definition: { readonly id: string }): JsonObject {
  return {
    schemas: [`${core}:${kind}`],
    ...described(definition),
    meta: { resourceType: kind, location: `${baseUrl}/${kind}s/${definition.id}` }
  }
}

function listOf(resources: readonly JsonObject[]): JsonObject {
  return listResponse({ totalResults: resources.length, startIndex: 1, resources })
}

/** A definition without the members that only we know (`usher:…`), at any depth. */
function described(definition: object): JsonObject {
  return Object.fromEntries(
    Object.entries(definition)
      .filter(([name]) => !name.startsWith('usher:'))
      .map(([name, value]) => [name, shown(value)])
  )
}

function shown(value: unknown): Json {
  if (Array.isArray(value)) return value.map(shown)
  return typeof value === 'object' && value !== null ? described(value) : (value as Json)
}
