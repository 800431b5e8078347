import { mapOperations, memberOf, opOf, pathOf, type Rewrite, withMember } from './rewrite.ts'

/**
 * A `replace` of a sub-attribute of an element that may not be there yet (Entra ID, Okta: quirks 11 to 15). RFC 7644 3.5.2.3 wants
 * `noTarget` then; an `add` means the same where the element is there, and makes it where it is not and the filter says all of it.
 */
export const createOnMiss: Rewrite = {
  name: 'create-on-miss',
  rewrite: request =>
    mapOperations(request, operation => {
      if (opOf(operation) !== 'replace' || !/\]\.[^\]"]+$/.test(pathOf(operation) ?? '')) return [operation]
      // Unassigning makes nothing.
      if (memberOf(operation, 'value') === null) return [operation]
      return [withMember(operation, 'op', 'add')]
    })
}
