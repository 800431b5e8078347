/** What became of a request that was carried out later, as operations of the answer to a Bulk request (RFC 7644 3.7.3). Pure. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { AsyncRequest } from '../../provisioning/async-requests.ts'
import { scimErrorBody } from '../../scim/errors.ts'

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly payload: string
}

export function operationsOf(request: AsyncRequest, answer: Answer): readonly JsonObject[] {
  const body = read(answer.payload)
  const { Operations: operations } = isObject(body) ? body : {}
  if (isBulk(request) && answer.statusCode === 200 && Array.isArray(operations)) return operations.filter(isObject)
  const { etag, location } = answer.headers
  const failed = answer.statusCode >= 400
  const place = typeof location === 'string' ? location : placeOf(request)
  return [
    {
      method: request.method,
      ...(place === undefined || (failed && request.method === 'POST') ? {} : { location: place }),
      ...(typeof etag === 'string' && !failed ? { version: etag } : {}),
      status: String(answer.statusCode),
      ...(failed ? { response: body } : {})
    }
  ]
}

export function notAllowedAnyMore({ method, caller }: AsyncRequest): readonly JsonObject[] {
  const detail = `The ${caller.kind} that sent this request may not send any by now. Nothing was done.`
  return [{ method, status: '403', response: scimErrorBody(403, undefined, detail) }]
}

export const isBulk = ({ method, url }: AsyncRequest): boolean => method === 'POST' && /^\/Bulk\/?(?:\?|$)/i.test(url)

/** Where the resource is that the URL names; undefined: it names none. */
function placeOf({ method, url, base }: AsyncRequest): string | undefined {
  return method === 'POST' ? undefined : `${base}${url.split('?', 1)[0]}`
}

function read(payload: string): Json {
  try {
    return JSON.parse(payload) as Json
  } catch {
    return null
  }
}
