/** The names of events: those of RFC 9967 7.4 that happen here, and ours. */

const scim = 'urn:ietf:params:scim:event'

/** Events that come as a notice (which attributes) or in full (the data). RFC 9967 2.4. */
export const changeKinds = ['create', 'patch', 'put'] as const
export type ChangeKind = (typeof changeKinds)[number]

export const noticeUri = (kind: ChangeKind) => `${scim}:prov:${kind}:notice`
export const fullUri = (kind: ChangeKind) => `${scim}:prov:${kind}:full`

/** Events without data. RFC 9967 2.4.4 to 2.4.6. */
export const deleteUri = `${scim}:prov:delete`
export const activateUri = `${scim}:prov:activate`
export const deactivateUri = `${scim}:prov:deactivate`

/** RFC 9967 2.5.1.3. */
export const asyncResponseUri = `${scim}:misc:asyncresp`

/** A user got a seat, or gave it back: `{ "licenseType": "PWM" }`. */
export const seatGrantedUri = 'urn:usher:params:scim:event:seat:granted'
export const seatReleasedUri = 'urn:usher:params:scim:event:seat:released'

/** Everything that a stream can carry: `securityEvents.eventUris` (RFC 9967 4). */
export const eventUris: readonly string[] = [
  ...changeKinds.flatMap(kind => [noticeUri(kind), fullUri(kind)]),
  deleteUri,
  activateUri,
  deactivateUri,
  asyncResponseUri,
  seatGrantedUri,
  seatReleasedUri
]
