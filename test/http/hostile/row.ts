/** A hostile request and its one right answer. */
import { bulkUrn, enterpriseUrn, groupUrn, licenseUrn, patchUrn, userUrn } from '../../support/urns.ts'

/**
 * - `request`: `POST /Users`; below `/scim/v2` or `/api/v1`, or as it is in the table of whole URLs. In it and in a body that is no
 *   Buffer `{ada}`, `{bob}`, `{eng}`, `{purchase}`, `{connector}`, `{admin}` and `{nobody}` stand for ids.
 * - `body`: a text or Buffer as it is, else the JSON of it; undefined: none.
 * - `answer`: the status, and behind it the `scimType` of a SCIM error (without one, its `X-Error-Code`) or the `code` of a
 *   problem. Of a bulk request also those of its operations.
 */
export type Row = readonly [
  title: string,
  request: string,
  body: unknown,
  answer: string,
  headers?: Readonly<Record<string, string>>
]

export { bulkUrn, enterpriseUrn, groupUrn, licenseUrn, patchUrn, userUrn }

/** As a user that could be created but for what is in `more`. */
export const user = (more: object) => ({ schemas: [userUrn], userName: 'mallory', ...more })
export const group = (more: object) => ({ schemas: [groupUrn], displayName: 'raiders', ...more })
export const patch = (...operations: readonly unknown[]) => ({ schemas: [patchUrn], Operations: operations })
export const bulk = (...operations: readonly unknown[]) => ({ schemas: [bulkUrn], Operations: operations })

/** `depth` objects within one another. */
export const nested = (depth: number, inner = '1') => `${'{"a":'.repeat(depth)}${inner}${'}'.repeat(depth)}`
