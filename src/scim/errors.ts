/**
 * Errors of the protocol (RFC 7644 3.12, RFC 9865 2.1). `scimType` holds exactly the words that the RFCs register.
 */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

/** What the client sees: `detail` says what was wrong and what to change. */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly status: number
  readonly scimType: ScimType | undefined
  /** For machines, beside the body (`X-Error-Code`); SCIM bodies carry no member of ours. */
  readonly code: string | undefined

  constructor(status: number, scimType: ScimType | undefined, detail: string, code?: string) {
    super(detail)
    this.status = status
    this.scimType = scimType
    this.code = code
  }
}

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'

/** The body of the answer. Strict clients reject further members, so there are none (SEAT-64). */
export function scimErrorBody(status: number, scimType: ScimType | undefined, detail: string) {
  return {
    schemas: [errorUrn],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail
  }
}

export const bad = (scimType: ScimType, detail: string) => new ScimError(400, scimType, detail)
