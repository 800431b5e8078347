import { isObject, type JsonObject } from '../../base/json.ts'
import { patchUrn } from '../patch/parse.ts'
import { memberOf, type Rewrite, type ScimRequest, withMember } from './rewrite.ts'

/** No `schemas`, or an empty one: which message it is follows from where it is sent (quirk 64). */
export const defaultSchemas: Rewrite = {
  name: 'default-schemas',
  rewrite: request => {
    const urn = urnOf(request)
    const { body } = request
    if (urn === undefined || !isObject(body) || !lacksSchemas(body)) return undefined
    return { ...request, body: withMember(body, 'schemas', [urn]) }
  }
}

function urnOf(request: ScimRequest): string | undefined {
  if (request.method === 'PATCH') return patchUrn
  return request.method === 'POST' || request.method === 'PUT' ? request.type?.schema : undefined
}

function lacksSchemas(body: JsonObject): boolean {
  const schemas = memberOf(body, 'schemas') ?? []
  return Array.isArray(schemas) && schemas.length === 0
}
