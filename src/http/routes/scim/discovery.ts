/** What this service can do, as RFC 7644 section 4 has it told. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { typesOf } from '../../../directory/types-of.ts'
import { streamsOf } from '../../../events/streams.ts'
import { eventUris } from '../../../events/uris.ts'
import { policyOf } from '../../../licensing/policy.ts'
import { resourceType, resourceTypes, schema, schemas, serviceProviderConfig } from '../../../scim/discovery.ts'
import { ScimError } from '../../../scim/errors.ts'
import { principalOf } from '../../context.ts'
import type { Services } from '../../services.ts'
import { tokenPath } from '../oauth.ts'
import { baseOf, scimRoot } from './exchange.ts'

export function scimDiscoveryRoutes(app: FastifyInstance, { env, config }: Services): void {
  const typesFor = (request: FastifyRequest) => typesOf(env, principalOf(request).tenant)

  app.get(`${scimRoot}/ServiceProviderConfig`, async request => {
    refuseFilter(request)
    const { tenant } = principalOf(request)
    const [streams, { organisation }] = await Promise.all([streamsOf(env, tenant), policyOf(env, tenant)])
    return serviceProviderConfig({
      baseUrl: baseOf(request, config),
      maxResults: config.pageSizeMax,
      defaultPageSize: config.pageSizeDefault,
      cursorSeconds: config.cursorSeconds,
      bulk: { maxOperations: config.bulkOperationsMax, maxPayloadSize: config.bulkBytesMax },
      ...(streams.length === 0 ? {} : { securityEvents: { asyncRequest: 'request', eventUris } }),
      assigned: organisation.doc.settings.allowRolesAndEntitlementsFromIdp,
      ...(config.publicUrl === undefined ? {} : { tokenEndpoint: `${config.publicUrl}${tokenPath}` })
    })
  })

  app.get(`${scimRoot}/ResourceTypes`, async request => {
    refuseFilter(request)
    return resourceTypes(baseOf(request, config), await typesFor(request))
  })

  app.get<{ Params: { id: string } }>(`${scimRoot}/ResourceTypes/:id`, async request =>
    one(resourceType(baseOf(request, config), request.params.id, await typesFor(request)), 'resource type')
  )

  app.get(`${scimRoot}/Schemas`, async request => {
    refuseFilter(request)
    return schemas(baseOf(request, config), await typesFor(request))
  })

  app.get<{ Params: { id: string } }>(`${scimRoot}/Schemas/:id`, async request =>
    one(schema(baseOf(request, config), request.params.id, await typesFor(request)), 'schema')
  )
}

// RFC 7644 4: a filter on these endpoints is answered with 403.
function refuseFilter(request: FastifyRequest): void {
  if (request.query !== null && typeof request.query === 'object' && 'filter' in request.query) {
    throw new ScimError(403, undefined, 'This endpoint cannot be filtered.', undefined, {
      attribute: 'filter',
      rfc: 'RFC 7644 4'
    })
  }
}

function one<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new ScimError(404, undefined, `There is no ${what} of this id.`)
  return found
}
