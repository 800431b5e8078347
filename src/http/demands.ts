/** What demands a refusal over SCIM, and what of the request it is about, for errors that do not say it themselves. */

export interface Demand {
  /** A section of an RFC, or a statement of the spec. */
  readonly rfc: string
  /** The attribute, the parameter, the header or the part of the request. */
  readonly attribute?: string
}

/** By code; behind them, the most general one of each kind of fault. */
const demands: Readonly<Record<string, Demand>> = {
  invalid_filter: { rfc: 'RFC 7644 3.4.2.2', attribute: 'filter' },
  too_many: { rfc: 'RFC 7644 3.12', attribute: 'filter' },
  too_costly: { rfc: 'RFC 7644 3.12', attribute: 'filter' },
  uniqueness: { rfc: 'RFC 7644 3.3', attribute: 'userName' },
  mutability: { rfc: 'RFC 7643 7' },
  invalid_syntax: { rfc: 'RFC 7644 3.8', attribute: 'body' },
  invalid_path: { rfc: 'RFC 7644 3.5.2', attribute: 'path' },
  no_target: { rfc: 'RFC 7644 3.5.2', attribute: 'path' },
  invalid_value: { rfc: 'RFC 7643 7' },
  invalid_vers: { rfc: 'RFC 7644 3.13' },
  sensitive: { rfc: 'RFC 7644 7.5.2' },
  invalid_cursor: { rfc: 'RFC 9865 2.1', attribute: 'cursor' },
  expired_cursor: { rfc: 'RFC 9865 2.1', attribute: 'cursor' },
  invalid_count: { rfc: 'RFC 9865 2.1', attribute: 'count' },
  unknown_member: { rfc: 'RFC 7643 4.2', attribute: 'members' },

  invalid_license_type: { rfc: 'SEAT-51', attribute: 'licenseType' },
  no_seat_capacity: { rfc: 'SEAT-63', attribute: 'licenseType' },
  seat_limit_reached: { rfc: 'SEAT-63', attribute: 'licenseType' },
  admin_protected: { rfc: 'ROLE-21', attribute: 'active' },

  unauthorized: { rfc: 'RFC 6750 3.1', attribute: 'Authorization' },
  insufficient_scope: { rfc: 'RFC 6750 3.1', attribute: 'Authorization' },
  forbidden: { rfc: 'RFC 7644 3.12' },
  not_found: { rfc: 'RFC 7644 3.12', attribute: 'id' },
  method_not_allowed: { rfc: 'RFC 9110 15.5.6', attribute: 'method' },
  precondition_failed: { rfc: 'RFC 7644 3.14', attribute: 'If-Match' },
  idempotency_mismatch: { rfc: 'draft-ietf-httpapi-idempotency-key-header', attribute: 'Idempotency-Key' },
  payload_too_large: { rfc: 'RFC 9110 15.5.14', attribute: 'body' },
  uri_too_long: { rfc: 'RFC 9110 15.5.15', attribute: 'URL' },
  unsupported_media_type: { rfc: 'RFC 7644 3.8', attribute: 'Content-Type' },
  too_many_requests: { rfc: 'RFC 6585 4' },
  header_too_large: { rfc: 'RFC 6585 5' },
  timeout: { rfc: 'RFC 9110 15.5.9' },
  bad_request: { rfc: 'RFC 7644 3.12' },
  conflict: { rfc: 'RFC 7644 3.12' },
  not_implemented: { rfc: 'RFC 7644 3.12' }
}

export function demandOf(code: string): Partial<Demand> {
  return Object.hasOwn(demands, code) ? (demands[code] ?? {}) : {}
}
