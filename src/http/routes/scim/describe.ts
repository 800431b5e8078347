/** How the SCIM routes stand in the description of the API. */
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify'
import type { JsonObject } from '../../../base/json.ts'
import { scimErrorSchema } from '../../../scim/json-schema.ts'

const text = { type: 'string' }
const selection = {
  attributes: { ...text, description: 'Attributes to show, separated by commas' },
  excludedAttributes: { ...text, description: 'Attributes not to show' }
}
const list = {
  filter: { ...text, description: 'RFC 7644 3.4.2.2' },
  startIndex: { type: 'integer', description: 'From 1' },
  cursor: { ...text, description: 'RFC 9865: empty for the first page, then nextCursor or previousCursor' },
  count: { type: 'integer' },
  sortBy: text,
  sortOrder: { enum: ['ascending', 'descending'] }
}

export interface Described {
  readonly summary: string
  /** What there is to know beyond that. */
  readonly about?: string
  readonly body?: JsonObject
  /** The answer by status; null: no body. */
  readonly answers: Readonly<Record<number, JsonObject | null>>
  readonly query?: 'selection' | 'list'
  readonly byId?: boolean
  /** `/:endpoint` stands in the path: what is there depends on who asks. */
  readonly atEndpoint?: boolean
  /** Why nothing can be written at this URL. */
  readonly otherMethods?: string | undefined
}

interface RouteDescription {
  readonly schema: FastifySchema
  readonly config: FastifyContextConfig
}

/** A route's schema. It describes; `src/scim` is what validates, from the same definitions. */
export function describe({
  summary,
  about,
  body,
  answers,
  query,
  byId,
  otherMethods,
  atEndpoint
}: Described): RouteDescription {
  const parameters = { ...(query === undefined ? {} : selection), ...(query === 'list' ? list : {}) }
  const params = [...(atEndpoint === true ? ['endpoint'] : []), ...(byId === true ? ['id'] : [])]
  return {
    config: { otherMethods, ...(atEndpoint === true ? { dynamic: true } : {}) },
    schema: {
      tags: ['SCIM'],
      summary,
      ...(about === undefined ? {} : { description: about }),
      ...(query === undefined ? {} : { querystring: { type: 'object', properties: parameters } }),
      ...(params.length === 0 ? {} : { params: paramsOf(params) }),
      ...(body === undefined ? {} : { body, consumes: ['application/scim+json'] }),
      response: {
        ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, answerOf(schema)])),
        default: {
          description: 'An error (RFC 7644 3.12)',
          content: { 'application/scim+json': { schema: scimErrorSchema } }
        }
      }
    }
  }
}

function paramsOf(names: readonly string[]): JsonObject {
  return { type: 'object', properties: Object.fromEntries(names.map(name => [name, text])), required: names }
}

function answerOf(schema: JsonObject | null): JsonObject {
  if (schema === null) return { description: 'Done', type: 'null' }
  return { description: 'Done', content: { 'application/scim+json': { schema } } }
}

/** Lets every request through: what SCIM takes is more than a JSON Schema of it could say. */
export function describeOnly(app: FastifyInstance): void {
  app.setValidatorCompiler(() => () => true)
}
