/** Users from a file: every row for itself, with its own outcome (SEAT-49). */
import type { Context } from '../audit/context.ts'
import { Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { isLicenseType } from '../licensing/types.ts'
import { ScimError } from '../scim/errors.ts'
import { readResource } from '../scim/read.ts'
import { userType } from '../scim/schemas.ts'
import { createUser } from './users.ts'

/** Columns that are understood; others are ignored. */
export const importColumns = [
  'userName',
  'license',
  'displayName',
  'givenName',
  'familyName',
  'email',
  'externalId'
] as const
export type ImportRow = { readonly [column in (typeof importColumns)[number]]?: string }

export interface RowOutcome {
  /** The first row behind the heading is 1. */
  readonly row: number
  readonly userName: string
  readonly id: string | null
  readonly error: { readonly code: string; readonly detail: string } | null
}

export async function importUsers(context: Context, rows: readonly ImportRow[]): Promise<readonly RowOutcome[]> {
  const outcomes: RowOutcome[] = []
  for (const [i, row] of rows.entries()) {
    const outcome = { row: i + 1, userName: row.userName ?? '' }
    try {
      const { doc } = await importRow(context, row)
      outcomes.push({ ...outcome, id: doc.id, error: null })
    } catch (error) {
      outcomes.push({ ...outcome, id: null, error: reasonOf(error) })
    }
  }
  return outcomes
}

function importRow(context: Context, row: ImportRow) {
  if (!row.license) throw new Refusal('license_required', 'The row names no license: PAM or PWM.')
  if (!isLicenseType(row.license))
    throw new Refusal('invalid_license_type', 'A license is PAM or PWM, in capital letters.')
  const resource = readResource(userType({ licenseFromIdp: false }), attributesOf(row))
  return createUser({ ...context, idempotency: undefined }, 'manual', { resource, licenseType: row.license })
}

function attributesOf({ userName, displayName, givenName, familyName, email, externalId }: ImportRow): JsonObject {
  return {
    userName: userName ?? '',
    ...(displayName ? { displayName } : {}),
    ...(externalId ? { externalId } : {}),
    ...(givenName || familyName ? { name: { givenName: givenName ?? '', familyName: familyName ?? '' } } : {}),
    ...(email ? { emails: [{ value: email, type: 'work', primary: true }] } : {})
  }
}

/** What a row can be told. Anything else ends the import: it is not the row's fault. */
function reasonOf(error: unknown): { code: string; detail: string } {
  if (error instanceof Refusal) return { code: error.code, detail: error.message }
  if (error instanceof ScimError) return { code: error.scimType ?? 'invalid_value', detail: error.message }
  throw error
}
