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

/** For logs and machines, where an error can say it. */
export interface About {
  /** The attribute, or the part of the request, that is wrong: `name.givenName`, `sortBy`. */
  readonly attribute?: string | undefined
  /** What demands it, more exactly than the `scimType` does: `RFC 7644 3.5.2.2`. */
  readonly rfc?: string | undefined
}

/** What the client sees: `detail` says what was wrong and what to change. */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly status: number
  readonly scimType: ScimType | undefined
  /** For machines, beside the body (`X-Error-Code`); SCIM bodies carry no member of ours. */
  readonly code: string | undefined

  readonly about: About

  constructor(status: number, scimType: ScimType | undefined, detail: string, code?: string, about: About = {}) {
    super(detail)
    this.status = status
    this.scimType = scimType
    this.code = code
    this.about = about
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

export const bad = (scimType: ScimType, detail: string, about: About = {}) =>
  new ScimError(400, scimType, detail, undefined, about)
