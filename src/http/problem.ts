/** What a thrown error means to the client: its code, its status here and over SCIM, and one sentence. */
import { Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { ScimError, type ScimType, scimErrorBody } from '../scim/errors.ts'
import { QueryTooCostly, StoreUnavailable } from '../store/port.ts'
import { demandOf } from './demands.ts'

interface Code {
  readonly status: number
  /** The same for every occurrence (RFC 9457 3.1.3). */
  readonly title: string
  /** Where SCIM differs. */
  readonly scim?: { readonly status?: number; readonly scimType?: ScimType }
  /** What the client sees instead: two of our codes can be one of the public ones. */
  readonly publicly?: string
}

const value = { scimType: 'invalidValue' } as const
// SEAT-67: providers take 409 for an account to link.
const forbidden = { status: 403 } as const

/** The most general code of each status, for what has no word of its own. */
const general: Readonly<Record<string, Code>> = {
  bad_request: { status: 400, title: 'Bad request' },
  unauthorized: { status: 401, title: 'No valid token' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  timeout: { status: 408, title: 'Too slow' },
  conflict: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'Changed in the meantime' },
  payload_too_large: { status: 413, title: 'Body too large' },
  uri_too_long: { status: 414, title: 'URL too long' },
  unsupported_media_type: { status: 415, title: 'Media type not supported' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  header_too_large: { status: 431, title: 'Headers too large' },
  internal: { status: 500, title: 'Internal error' },
  not_implemented: { status: 501, title: 'Not implemented' },
  unavailable: { status: 503, title: 'Not available at the moment' }
}

/** Part of the public API: add codes, never rename or reuse one. The first four groups are those of the spec. */
export const codes: Readonly<Record<string, Code>> = {
  license_required: { status: 400, title: 'A license must be chosen', scim: value },
  invalid_license_type: { status: 400, title: 'No such license type', scim: value },
  invalid_name: { status: 400, title: 'Not a valid name', scim: value },
  not_allowed_in_role: { status: 400, title: 'Not allowed in a role', scim: value },
  invalid_token: { status: 400, title: 'Not a valid token', scim: value },
  invalid_destination: { status: 400, title: 'Not a valid destination', scim: value },
  exceeds_role: { status: 400, title: 'More than the role allows', scim: value },
  not_offered: { status: 400, title: 'Not offered', scim: value },
  invalid_alternate_role: { status: 400, title: 'Not a valid alternate role', scim: value },
  subjects_required: { status: 400, title: 'Subjects are required', scim: value },
  products_required: { status: 400, title: 'Products are required', scim: value },
  unknown_schema: { status: 400, title: 'No such schema', scim: value },
  unknown_subject: { status: 400, title: 'No such subject', scim: value },
  product_not_licensed: { status: 400, title: 'Product not licensed', scim: value },

  insufficient_scope: { status: 403, title: 'Not allowed' },
  escalation_denied: { status: 403, title: 'More than your own rights' },
  master_admin_required: { status: 403, title: 'Master admin required' },
  hidden_by_license: { status: 403, title: 'Hidden by the license' },

  no_seat_capacity: { status: 409, title: 'No seats were bought', scim: forbidden },
  seat_limit_reached: { status: 409, title: 'All seats are taken', scim: forbidden },
  no_seat_for_provisioning: {
    status: 409,
    title: 'All seats are taken',
    scim: forbidden,
    publicly: 'seat_limit_reached'
  },
  static_role: { status: 409, title: 'Static role' },
  admin_protected: { status: 409, title: 'The user admin is protected', scim: forbidden },
  not_replayable: { status: 409, title: 'Cannot be made again' },
  name_taken: { status: 409, title: 'Name taken', scim: { scimType: 'uniqueness' } },
  preview_stale: { status: 409, title: 'Preview out of date' },
  built_in_role: { status: 409, title: 'Built-in role' },
  last_super_admin: { status: 409, title: 'Last super administrator' },
  custom_role_limit: { status: 409, title: 'Too many custom roles' },
  schema_limit: { status: 409, title: 'Too many schemas' },
  schema_in_use: { status: 409, title: 'Schema in use' },
  schema_incompatible: { status: 409, title: 'Contradicts what is stored' },
  built_in_schema: { status: 409, title: 'Built-in schema' },
  role_in_use: { status: 409, title: 'Role in use' },
  confirmation_required: { status: 409, title: 'Confirmation required' },

  preview_expired: { status: 410, title: 'Preview expired' },

  // The words of RFC 7644 3.12 and RFC 9865 2.1, for what the admin API shares with SCIM.
  invalid_filter: { status: 400, title: 'Not a valid filter', scim: { scimType: 'invalidFilter' } },
  too_many: { status: 400, title: 'Too many results', scim: { scimType: 'tooMany' } },
  uniqueness: { status: 409, title: 'Already taken', scim: { scimType: 'uniqueness' } },
  mutability: { status: 400, title: 'Cannot be changed', scim: { scimType: 'mutability' } },
  invalid_syntax: { status: 400, title: 'Not readable', scim: { scimType: 'invalidSyntax' } },
  invalid_path: { status: 400, title: 'Not a valid path', scim: { scimType: 'invalidPath' } },
  no_target: { status: 400, title: 'Nothing there', scim: { scimType: 'noTarget' } },
  invalid_value: { status: 400, title: 'Not a valid value', scim: value },
  invalid_vers: { status: 400, title: 'Version not supported', scim: { scimType: 'invalidVers' } },
  sensitive: { status: 403, title: 'Too sensitive for a URL', scim: { scimType: 'sensitive' } },
  invalid_cursor: { status: 400, title: 'Not a valid cursor', scim: { scimType: 'invalidCursor' } },
  expired_cursor: { status: 400, title: 'Cursor too old', scim: { scimType: 'expiredCursor' } },
  invalid_count: { status: 400, title: 'Not a valid count', scim: { scimType: 'invalidCount' } },
  unknown_member: { status: 400, title: 'No such member', scim: value },
  too_costly: { status: 400, title: 'Too costly', scim: { scimType: 'tooMany' } },
  idempotency_mismatch: { status: 422, title: 'Idempotency key used before', scim: { status: 409 } },

  ...general
}

/** An error as the client may see it. */
export interface Explained {
  readonly code: string
  readonly status: number
  /** Over SCIM. */
  readonly scimStatus: number
  readonly scimType: ScimType | undefined
  readonly detail: string
  readonly extra: JsonObject
  readonly retryAfterSeconds: number | undefined
  /** What of the request it is about, and what demands it. */
  readonly attribute: string | undefined
  readonly rfc: string | undefined
}

/** What is nobody's plan is `internal`: the client learns nothing of it, the log everything. */
export function explain(error: unknown): Explained {
  if (error instanceof Refusal) {
    const known = explained(error.code, error.message, error.extra)
    return error.code === 'unavailable' ? { ...known, retryAfterSeconds: 1 } : known
  }
  if (error instanceof ScimError) return explainScim(error)
  if (error instanceof StoreUnavailable) {
    const again = `Try again in ${error.retryAfterSeconds} s.`
    const detail = `The database does not answer at the moment; a change may or may not have been made. ${again}`
    return { ...explained('unavailable', detail), retryAfterSeconds: error.retryAfterSeconds }
  }
  if (error instanceof QueryTooCostly) return explained('too_costly', error.message)
  return explainFramework(error)
}

function explained(code: string, detail: string, extra: JsonObject = {}): Explained {
  const known = Object.hasOwn(codes, code) ? codes[code] : undefined
  if (known === undefined) return explained('internal', internal)
  const { status, scim = {}, publicly = code } = known
  const { status: scimStatus = status, scimType } = scim
  const { attribute: usual, rfc } = demandOf(publicly)
  const attribute = typeof extra.field === 'string' ? extra.field : usual
  return { code: publicly, status, scimStatus, scimType, detail, extra, retryAfterSeconds: undefined, attribute, rfc }
}

const internal = 'Something went wrong here. It was logged under the X-Request-Id of this answer.'

function explainScim({ status, scimType, message, code, about }: ScimError): Explained {
  const named = code ?? (scimType === undefined ? codeOfStatus(status) : snakeCase(scimType))
  const general = explained(Object.hasOwn(codes, named) ? named : 'bad_request', message)
  const { attribute = general.attribute, rfc = section.exec(message)?.[0] ?? general.rfc } = about
  return { ...general, status, scimStatus: status, scimType, attribute, rfc }
}

/** As the detail of some names it. */
const section = /RFC \d{4}(?: \d+(?:\.\d+)*)?/

const snakeCase = (name: string) => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** The most general code of a status. */
function codeOfStatus(status: number): string {
  return (
    Object.keys(general).find(code => general[code]?.status === status) ?? (status < 500 ? 'bad_request' : 'internal')
  )
}

/** What may be sent. */
export const mediaTypes = 'Send JSON: Content-Type application/json, or application/scim+json.'

/** What Fastify and Node refuse before a handler runs. Their own texts repeat what was sent. */
const framework: Readonly<Record<string, readonly [string, string]>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_syntax', 'The body is empty. Send a JSON object.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_syntax', 'The body is not valid JSON, or has a member __proto__.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_syntax', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is too long. Send less at once.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', mediaTypes],
  FST_ERR_BAD_URL: ['bad_request', 'The URL is not well escaped.'],
  FST_ERR_INVALID_URL: ['bad_request', 'The URL is not well formed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri_too_long', 'A part of the URL is longer than any id.']
}

function explainFramework(error: unknown): Explained {
  const { code, statusCode, validation, validationContext } = (error ?? {}) as Foreign
  const [known, detail] = (typeof code === 'string' && Object.hasOwn(framework, code) && framework[code]) || []
  if (known !== undefined && detail !== undefined) return explained(known, detail)
  if (Array.isArray(validation)) return explainValidation(validation[0] ?? {}, validationContext)
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return explained('internal', internal)
  const word = codeOfStatus(statusCode)
  return explained(word, `${codes[word]?.title}.`)
}

/** Whatever was thrown: nothing is known of it. */
interface Foreign {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: readonly Fault[]
  readonly validationContext?: unknown
}

/** What Ajv found. */
interface Fault {
  readonly instancePath?: string
  readonly message?: string
  readonly params?: Readonly<Record<string, unknown>>
}

function explainValidation(fault: Fault, where: unknown): Explained {
  const { instancePath = '', params = {} } = fault
  const inside = params.missingProperty ?? params.additionalProperty
  const path = instancePath.split('/').slice(1)
  const field = (typeof inside === 'string' ? [...path, inside] : path).join('.')
  const named = field === '' ? (places.get(where) ?? 'The request') : field
  return explained('invalid_value', `${named} ${complaint(fault)}.`, field === '' ? {} : { field })
}

const places: ReadonlyMap<unknown, string> = new Map([
  ['body', 'The body'],
  ['querystring', 'The query'],
  ['params', 'The path']
])

function complaint({ message = 'is not valid', params = {} }: Fault): string {
  if (params.missingProperty !== undefined) return 'is required'
  if (params.additionalProperty !== undefined) return 'is not known here'
  return Array.isArray(params.allowedValues) ? `must be one of ${params.allowedValues.join(', ')}` : message
}

/** RFC 9457. */
export function problemBody({ code, status, detail, extra }: Explained): JsonObject {
  return { ...extra, type: `urn:usher:error:${code}`, title: codes[code]?.title ?? code, status, detail, code }
}

/** RFC 7644 3.12. The RFC that demands it stands at the end of the detail: the body has no member for that. */
export function scimBody({ scimStatus, scimType, detail, rfc }: Explained): JsonObject {
  return scimErrorBody(
    scimStatus,
    scimType,
    rfc?.startsWith('RFC ') && !section.test(detail) ? `${detail} See ${rfc}.` : detail
  )
}
