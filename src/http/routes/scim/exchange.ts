/** How SCIM requests are read and answered, whatever the resource. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ConnectorSettings, defaultConnectorSettings } from '../../../admin/connector-settings.ts'
import type { Config } from '../../../config.ts'
import { readSearchRequest, readSelection } from '../../../scim/list.ts'
import { checkOperationCount, operationsMadeMax, type PatchOptions } from '../../../scim/patch/parse.ts'
import { type Projection, projection } from '../../../scim/projection.ts'
import type { ReadOptions } from '../../../scim/read.ts'
import type { ReplaceOptions } from '../../../scim/replace.ts'
import { applyRewrites } from '../../../scim/rewrites/apply.ts'
import type { ScimRequest } from '../../../scim/rewrites/rewrite.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { principalOf } from '../../context.ts'
import { isKnown } from '../../etag.ts'
import { filterLimitsOf } from '../../listing.ts'
import { scimMediaType } from '../../surface.ts'
import { surroundings } from '../../within.ts'

export const scimRoot = '/scim/v2'

/** A request after the rewrites of its connector's profile. */
export interface Exchange {
  readonly profile: string
  /** Of the connector; the default ones for an administrator's key. */
  readonly settings: ConnectorSettings
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  /** Where the service stands for this client. */
  readonly base: string
}

/**
 * Reads a request as its connector's profile says; the names of the rewrites go to the log.
 *
 * @throws ScimError 400 `invalidSyntax` for a PATCH of too many operations.
 */
export function exchange(request: FastifyRequest, config: Config, type: ResourceType | undefined): Exchange {
  const { method, body } = request
  if (method === 'PATCH') checkOperationCount(body, config.patchOperationsMax)
  const query = (request.query ?? {}) as Record<string, string>
  return rewritten(request, config, { method, type, query, body })
}

/**
 * A search (RFC 7644 3.4.3): a list whose parameters are in the body, so that they stand in nobody's log.
 *
 * @throws ScimError 400 where the body is no SearchRequest.
 */
export function searchExchange(request: FastifyRequest, config: Config, type: ResourceType | undefined): Exchange {
  const query = readSearchRequest(request.body) as Record<string, string>
  return rewritten(request, config, { method: 'GET', type, query, body: undefined })
}

function rewritten(request: FastifyRequest, config: Config, sent: Omit<ScimRequest, 'limits'>): Exchange {
  const principal = principalOf(request)
  const profile = principal.kind === 'connector' ? principal.profile : 'generic'
  const settings = settingsIn(request)
  const limited = { ...sent, limits: filterLimitsOf(config) }
  const { request: rewritten, applied } = applyRewrites(profile, limited, settings.rewrites)
  const { query, body } = rewritten
  if (applied.length > 0) {
    request.log.debug({ rewrites: applied }, 'request rewritten')
    if (request.trace !== undefined) request.trace.rewritten = { names: applied, query, body }
  }
  return { profile, settings, query, body, base: baseOf(request, config) }
}

/** Of the connector that calls; the default ones for an administrator's key. */
export function settingsIn(request: FastifyRequest): ConnectorSettings {
  const principal = principalOf(request)
  return principal.kind === 'connector' ? principal.settings : defaultConnectorSettings
}

/** How the operations of a PATCH are read, which `exchange` has counted before they were rewritten. */
export function patchOptions(config: Config, id: string): PatchOptions {
  return { operationsMax: operationsMadeMax, limits: filterLimitsOf(config), id }
}

/** How a PUT is read. */
export const replaceOptions = ({ settings: { preserveUnmapped } }: Exchange): ReplaceOptions => ({
  ...resourceDemands,
  preserveUnmapped
})

/** What a body must have: all that RFC 7643 3.1 demands. The rewrite `default-schemas` sees to those who leave it out (quirk 64). */
export const resourceDemands: ReadOptions = { schemasRequired: true }

/** `PUBLIC_URL`, else where the client reached us. */
export function baseOf(request: FastifyRequest, config: Config): string {
  return surroundings().base ?? `${config.publicUrl ?? `${request.protocol}://${request.host}`}${scimRoot}`
}

export function readProjection(type: ResourceType, query: Readonly<Record<string, unknown>>): Projection {
  return projection(type, readSelection(query))
}

/** Sends one resource with its tag, or 304 where the client has it. */
export function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  { text, version }: { readonly text: string; readonly version: string }
): FastifyReply {
  reply.header('etag', version)
  if (request.method === 'GET' && isKnown(request, version)) return reply.code(304).send()
  return reply.type(scimMediaType).send(text)
}

/** `location` of a resource as it is shown, for the header of 201. */
export const locationOf = (base: string, endpoint: string, id: string) => `${base}${endpoint}/${id}`

/** The JSON of `head` with one more member at its end: an array of ready texts. */
export function spliceArray(head: object, name: string, texts: readonly string[]): string {
  return `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(name)}:[${texts.join(',')}]}`
}
