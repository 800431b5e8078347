/** One row for each route of the server: how to call it so that it would do something, and what comes of it. */
import { groupUrn, patchUrn, userUrn } from '../support/urns.ts'

/** Whose id stands in the URL. */
export type IdKind =
  | 'user'
  | 'group'
  | 'role'
  | 'purchase'
  | 'notification'
  | 'connector'
  | 'entry'
  | 'eventStream'
  | 'schema'
  | 'resourceType'
  | 'license'
  | 'endpoint'
  | 'ownSchema'
  | 'ownType'
  | 'asyncRequest'
  | 'file'

export interface RouteRow {
  /** `GET /scim/v2/Users/:id` */
  readonly route: string
  /** The answer to who may call it: for an id that nobody has, or a body that lacks something, so that nothing is written. */
  readonly status: number
  readonly body?: unknown
  readonly id?: IdKind
  readonly contentType?: string
}

const replaceTitle = {
  schemas: [patchUrn],
  Operations: [{ op: 'replace', path: 'title', value: 'Owned' }]
}
const replaceName = { ...replaceTitle, Operations: [{ op: 'replace', path: 'displayName', value: 'Owned' }] }
const user = { schemas: [userUrn], userName: 'owned' }
const group = { schemas: [groupUrn], displayName: 'Owned', members: [] }

export const routeRows: readonly RouteRow[] = [
  { route: 'GET /health/live', status: 200 },
  { route: 'GET /health/ready', status: 200 },
  { route: 'GET /openapi.json', status: 200 },
  { route: 'GET /docs', status: 200 },
  { route: 'GET /docs/json', status: 200 },
  { route: 'GET /docs/yaml', status: 200 },
  { route: 'GET /docs/static/index.html', status: 302 },
  { route: 'GET /docs/static/swagger-initializer.js', status: 200 },
  { route: 'GET /docs/static/*', status: 404, id: 'file' },
  { route: 'HEAD /docs/static/*', status: 404, id: 'file' },

  { route: 'GET /scim/v2/ServiceProviderConfig', status: 200 },
  { route: 'GET /scim/v2/ResourceTypes', status: 200 },
  { route: 'GET /scim/v2/ResourceTypes/:id', status: 404, id: 'resourceType' },
  { route: 'GET /scim/v2/Schemas', status: 200 },
  { route: 'GET /scim/v2/Schemas/:id', status: 404, id: 'schema' },
  { route: 'GET /scim/v2', status: 200 },
  { route: 'GET /scim/v2/AsyncRequests/:id', status: 404, id: 'asyncRequest' },
  { route: 'POST /scim/v2/.search', status: 200, body: {} },
  { route: 'POST /scim/v2/Users', status: 400, body: {} },
  { route: 'GET /scim/v2/Users', status: 200 },
  { route: 'POST /scim/v2/Users/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/Users/:id', status: 404, id: 'user' },
  { route: 'PUT /scim/v2/Users/:id', status: 404, id: 'user', body: user },
  { route: 'PATCH /scim/v2/Users/:id', status: 404, id: 'user', body: replaceTitle },
  { route: 'DELETE /scim/v2/Users/:id', status: 404, id: 'user' },
  { route: 'GET /scim/v2/Me', status: 404 },
  { route: 'PUT /scim/v2/Me', status: 404, body: user },
  { route: 'PATCH /scim/v2/Me', status: 404, body: replaceTitle },
  { route: 'DELETE /scim/v2/Me', status: 404 },
  { route: 'POST /scim/v2/Groups', status: 400, body: {} },
  { route: 'GET /scim/v2/Groups', status: 200 },
  { route: 'POST /scim/v2/Groups/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/Groups/:id', status: 404, id: 'group' },
  { route: 'PUT /scim/v2/Groups/:id', status: 404, id: 'group', body: group },
  { route: 'PATCH /scim/v2/Groups/:id', status: 404, id: 'group', body: replaceName },
  { route: 'DELETE /scim/v2/Groups/:id', status: 404, id: 'group' },
  { route: 'GET /scim/v2/Roles', status: 200 },
  { route: 'POST /scim/v2/Roles/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/Roles/:id', status: 404, id: 'role' },
  { route: 'GET /scim/v2/Entitlements', status: 200 },
  { route: 'POST /scim/v2/Entitlements/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/Entitlements/:id', status: 404, id: 'license' },
  { route: 'GET /scim/v2/VaultRoles', status: 200 },
  { route: 'POST /scim/v2/VaultRoles/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/VaultRoles/:id', status: 404, id: 'role' },
  { route: 'GET /scim/v2/Licenses', status: 200 },
  { route: 'POST /scim/v2/Licenses/.search', status: 200, body: {} },
  { route: 'GET /scim/v2/Licenses/:id', status: 404, id: 'license' },
  { route: 'POST /scim/v2/Bulk', status: 400, body: {} },

  { route: 'DELETE /scim/v2/:endpoint', status: 404, id: 'endpoint' },
  { route: 'GET /scim/v2/:endpoint', status: 404, id: 'endpoint' },
  { route: 'PATCH /scim/v2/:endpoint', status: 404, id: 'endpoint' },
  { route: 'POST /scim/v2/:endpoint', status: 404, id: 'endpoint' },
  { route: 'PUT /scim/v2/:endpoint', status: 404, id: 'endpoint' },
  { route: 'DELETE /scim/v2/:endpoint/:id', status: 404, id: 'endpoint' },
  { route: 'GET /scim/v2/:endpoint/:id', status: 404, id: 'endpoint' },
  { route: 'PATCH /scim/v2/:endpoint/:id', status: 404, id: 'endpoint' },
  { route: 'POST /scim/v2/:endpoint/:id', status: 404, id: 'endpoint' },
  { route: 'PUT /scim/v2/:endpoint/:id', status: 404, id: 'endpoint' },
  { route: 'DELETE /scim/v2/:endpoint/.search', status: 404, id: 'endpoint' },
  { route: 'GET /scim/v2/:endpoint/.search', status: 404, id: 'endpoint' },
  { route: 'PATCH /scim/v2/:endpoint/.search', status: 404, id: 'endpoint' },
  { route: 'POST /scim/v2/:endpoint/.search', status: 404, id: 'endpoint' },
  { route: 'PUT /scim/v2/:endpoint/.search', status: 404, id: 'endpoint' },

  { route: 'GET /api/v1/users', status: 200 },
  { route: 'POST /api/v1/users', status: 400, body: {} },
  { route: 'GET /api/v1/users/:id', status: 404, id: 'user' },
  { route: 'PATCH /api/v1/users/:id', status: 404, id: 'user', body: { title: 'Owned' } },
  { route: 'DELETE /api/v1/users/:id', status: 404, id: 'user' },
  { route: 'POST /api/v1/users/:id/activate', status: 404, id: 'user' },
  { route: 'POST /api/v1/users/:id/suspend', status: 404, id: 'user' },
  { route: 'PUT /api/v1/users/:id/license', status: 404, id: 'user', body: { type: 'PAM' } },
  { route: 'POST /api/v1/users/license-changes', status: 400, body: {} },
  { route: 'GET /api/v1/users/:id/roles', status: 404, id: 'user' },
  { route: 'PUT /api/v1/users/:id/roles', status: 404, id: 'user', body: { roles: ['guest'] } },
  { route: 'GET /api/v1/users/:id/effective-permissions', status: 404, id: 'user' },
  { route: 'POST /api/v1/users/import', status: 200, body: '', contentType: 'text/csv' },
  { route: 'GET /api/v1/seats', status: 200 },
  { route: 'GET /api/v1/seats/refusals', status: 200 },
  { route: 'GET /api/v1/seats/purchases', status: 200 },
  { route: 'POST /api/v1/seats/purchases', status: 400, body: {} },
  { route: 'PATCH /api/v1/seats/purchases/:id', status: 404, id: 'purchase', body: { quantity: 1000 } },
  { route: 'DELETE /api/v1/seats/purchases/:id', status: 404, id: 'purchase' },
  { route: 'GET /api/v1/notifications', status: 200 },
  { route: 'POST /api/v1/notifications/:id/dismiss', status: 404, id: 'notification' },
  { route: 'GET /api/v1/audit', status: 200 },
  { route: 'GET /api/v1/roles', status: 200 },
  { route: 'PATCH /api/v1/roles/:id', status: 404, id: 'role', body: { default: true } },
  { route: 'DELETE /api/v1/roles/:id', status: 404, id: 'role' },
  { route: 'GET /api/v1/permission-tree', status: 200 },
  { route: 'GET /api/v1/organization', status: 200 },
  { route: 'PATCH /api/v1/organization', status: 400, body: { name: '' } },
  { route: 'POST /oauth/token', status: 404, body: '', contentType: 'application/x-www-form-urlencoded' },
  { route: 'GET /.well-known/oauth-authorization-server', status: 404 },

  { route: 'GET /api/v1/connectors', status: 200 },
  { route: 'GET /api/v1/connectors/:id', status: 404, id: 'connector' },
  { route: 'GET /api/v1/connector-profiles', status: 200 },
  { route: 'GET /api/v1/waiting-members', status: 200 },
  { route: 'GET /api/v1/connectors/:id/tokens', status: 404, id: 'connector' },
  { route: 'POST /api/v1/connectors/:id/tokens', status: 404, id: 'connector', body: {} },
  { route: 'DELETE /api/v1/connectors/:id/tokens/:token', status: 404, id: 'connector' },
  { route: 'POST /api/v1/connectors', status: 400, body: {} },
  { route: 'PATCH /api/v1/connectors/:id', status: 404, id: 'connector', body: { name: 'Owned' } },
  { route: 'DELETE /api/v1/connectors/:id', status: 404, id: 'connector' },
  { route: 'GET /api/v1/provisioning-log', status: 200 },
  { route: 'GET /api/v1/provisioning-log/:id', status: 404, id: 'entry' },
  { route: 'POST /api/v1/provisioning-log/:id/replay', status: 404, id: 'entry' },
  { route: 'GET /api/v1/event-streams', status: 200 },
  { route: 'POST /api/v1/event-streams', status: 400, body: {} },
  { route: 'GET /api/v1/event-streams/:id', status: 404, id: 'eventStream' },
  { route: 'PATCH /api/v1/event-streams/:id', status: 404, id: 'eventStream', body: { name: 'Owned' } },
  { route: 'DELETE /api/v1/event-streams/:id', status: 404, id: 'eventStream' },
  { route: 'POST /api/v1/event-streams/:id/poll', status: 403, id: 'eventStream', body: { returnImmediately: true } },
  { route: 'POST /api/v1/event-streams/:id/token', status: 404, id: 'eventStream' },
  { route: 'POST /api/v1/signing-keys/rotate', status: 400, body: { compromised: 'maybe' } },
  { route: 'GET /.well-known/jwks.json', status: 200 },
  { route: 'GET /api/v1/schemas', status: 200 },
  { route: 'POST /api/v1/schemas', status: 400, body: {} },
  { route: 'GET /api/v1/schemas/:id', status: 404, id: 'ownSchema' },
  { route: 'PUT /api/v1/schemas/:id', status: 404, id: 'ownSchema', body: { attributes: [{ name: 'owned' }] } },
  { route: 'DELETE /api/v1/schemas/:id', status: 404, id: 'ownSchema' },
  { route: 'GET /api/v1/resource-types', status: 200 },
  { route: 'POST /api/v1/resource-types', status: 400, body: {} },
  { route: 'GET /api/v1/resource-types/:id', status: 404, id: 'ownType' },
  {
    route: 'PUT /api/v1/resource-types/:id',
    status: 404,
    id: 'ownType',
    body: { endpoint: '/Owned', schema: 'urn:x:owned' }
  },
  { route: 'DELETE /api/v1/resource-types/:id', status: 404, id: 'ownType' },
  { route: 'GET /api/v1/me', status: 200 }
]

/** The request of a row, for this id. */
export function requestOf({ route, body, contentType = 'application/json' }: RouteRow, id: string) {
  const [method = '', pattern = ''] = route.split(' ')
  const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
  return {
    method: method as 'GET',
    url: pattern.replace(':endpoint', 'Things').replace(/:id|\*$/, id),
    ...payload,
    headers: body === undefined ? {} : { 'content-type': contentType }
  }
}
