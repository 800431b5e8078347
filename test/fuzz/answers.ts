/** What every answer must be, whatever was asked. */
import type { LightMyRequestResponse } from 'fastify'
import { codes } from '../../src/http/problem.ts'
import { segmentsOf, surfaceAt } from '../../src/http/surface.ts'
import { errorUrn } from '../../src/scim/errors.ts'
import type { FuzzRequest } from './requests.ts'

type Members = Readonly<Record<string, unknown>>

/** @returns what is wrong with an answer as such. */
export function faultOf(
  { method, url }: FuzzRequest,
  { statusCode, headers, body }: LightMyRequestResponse
): string | undefined {
  if (statusCode >= 500) return 'a failure of ours'
  if (headers['x-request-id'] === undefined) return 'no request id'
  if ((statusCode === 204 || statusCode === 304) && body !== '') return 'a body where there is none'
  if (method === 'HEAD') return undefined
  const type = String(headers['content-type'])
  if (statusCode < 400) return type.startsWith('application/scim+json') ? scimAnswerFault(parsed(body)) : undefined
  if (/node_modules|\.ts:\d|SQLITE|Mongo|E11000|\bat [\w.]+ \(/.test(body)) return 'it tells of the inside'
  const error = parsed(body)
  if (error === undefined) return 'an error that is no JSON'
  if (type.startsWith('application/scim+json')) return scimFault(error, statusCode)
  if (surfaceAt(url) === 'scim' && isPlain(url)) return `an error of type ${type} below /scim`
  // RFC 6749 5.2: the token endpoint has a form of its own.
  if (type.startsWith('application/json') && segmentsOf(url)[0] === 'oauth') return oauthFault(error)
  return type.startsWith('application/problem+json') ? problemFault(error, statusCode) : `an error of type ${type}`
}

/** Whether nobody on the way takes the path for another one. */
const isPlain = (url: string) => /^[\w/.-]*$/.test(url) && !url.includes('..')

function parsed(body: string): Members | undefined {
  try {
    return JSON.parse(body) as Members
  } catch {
    return undefined
  }
}

function scimAnswerFault(body: Members | undefined): string | undefined {
  if (body === undefined) return 'an answer that is no JSON'
  if (!Array.isArray(body.schemas) || body.schemas.length === 0) return 'an answer without schemas'
  if (/:null[,}]/.test(JSON.stringify(body))) return 'null in an answer'
  const { Operations } = body
  if (!Array.isArray(Operations)) return undefined
  for (const { status, response, ...operation } of Operations as readonly Members[]) {
    const number = Number(status)
    if (typeof status !== 'string' || !(number >= 200 && number < 500)) return `an operation of status ${status}`
    const fault = number >= 400 ? scimFault((response ?? {}) as Members, number) : undefined
    if (fault !== undefined) return `${JSON.stringify(operation)}: ${fault}`
  }
  return undefined
}

// RFC 7644 3.12, RFC 9865 3, in the table's order.
const wordsOf: Readonly<Record<number, readonly string[]>> = {
  400: [
    ...['invalidFilter', 'tooMany', 'mutability', 'invalidSyntax', 'invalidPath', 'noTarget', 'invalidValue'],
    ...['invalidVers', 'invalidCursor', 'expiredCursor', 'invalidCount']
  ],
  403: ['sensitive'],
  409: ['uniqueness', 'invalidValue']
}

function scimFault({ schemas, status, scimType, detail, ...others }: Members, sent: number): string | undefined {
  if (JSON.stringify(schemas) !== JSON.stringify([errorUrn])) return 'no SCIM error'
  if (status !== String(sent)) return 'two statuses'
  if (scimType !== undefined && !wordsOf[sent]?.includes(String(scimType))) return `${scimType} with ${sent}`
  // Of the words none is about URLs.
  if (sent === 400 && scimType === undefined && !String(detail).startsWith('The URL')) return 'a 400 without its word'
  if (typeof detail !== 'string' || detail === '') return 'no detail'
  return Object.keys(others).length === 0 ? undefined : 'further members'
}

function oauthFault({ error, error_description: description, ...others }: Members): string | undefined {
  if (!['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope'].includes(String(error)))
    return `${error}`
  return typeof description === 'string' && Object.keys(others).length === 0 ? undefined : 'no description'
}

function problemFault({ type, title, status, detail, code }: Members, sent: number): string | undefined {
  if (status !== sent) return 'two statuses'
  if (type !== `urn:usher:error:${code}` || !Object.hasOwn(codes, String(code))) return 'a code that is none'
  return typeof title === 'string' && typeof detail === 'string' && detail !== '' ? undefined : 'no title or detail'
}
