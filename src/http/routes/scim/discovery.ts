/** What this service can do, as RFC 7644 section 4 has it told. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { policyOf } from '../../../licensing/policy.ts'
import { resourceTypes, schemas, serviceProviderConfig } from '../../../scim/discovery.ts'
import { ScimError } from '../../../scim/errors.ts'
import { principalOf } from '../../context.ts'
import type { Services } from '../../services.ts'
import { baseOf, scimRoot } from './exchange.ts'

export function scimDiscoveryRoutes(app: FastifyInstance, { env, config }: Services): void {
  const send = (reply: FastifyReply, body: unknown) =>
    reply.type('application/scim+json; charset=utf-8').send(JSON.stringify(body))

  app.get(`${scimRoot}/ServiceProviderConfig`, async (request, reply) => {
    refuseFilter(request)
    return send(reply, serviceProviderConfig({ base: baseOf(request, config), maxResults: config.pageSizeMax }))
  })

  app.get(`${scimRoot}/ResourceTypes`, async (request, reply) => {
    refuseFilter(request)
    return send(reply, resourceTypes(baseOf(request, config)).list)
  })

  app.get<{ Params: { id: string } }>(`${scimRoot}/ResourceTypes/:id`, async (request, reply) =>
    send(reply, one(resourceTypes(baseOf(request, config)).byId(request.params.id), 'resource type'))
  )

  const schemasFor = async (request: FastifyRequest) => {
    const policy = await policyOf(env, principalOf(request).tenant)
    const licenseFromIdp = policy.organisation.doc.settings.allowLicenseTypeFromIdp
    return schemas(baseOf(request, config), { licenseFromIdp })
  }

  app.get(`${scimRoot}/Schemas`, async (request, reply) => {
    refuseFilter(request)
    return send(reply, (await schemasFor(request)).list)
  })

  app.get<{ Params: { id: string } }>(`${scimRoot}/Schemas/:id`, async (request, reply) =>
    send(reply, one((await schemasFor(request)).byId(request.params.id), 'schema'))
  )
}

// RFC 7644 4: a filter on these endpoints is answered with 403.
function refuseFilter(request: FastifyRequest): void {
  if (request.query !== null && typeof request.query === 'object' && 'filter' in request.query) {
    throw new ScimError(403, undefined, 'This endpoint cannot be filtered.')
  }
}

function one<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new ScimError(404, undefined, `There is no ${what} of this id.`)
  return found
}
