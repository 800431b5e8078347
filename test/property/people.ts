/** Random users as they are stored, for comparisons of what each engine makes of them. */
import fc from 'fast-check'
import { isObject, type JsonObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import type { User } from '../../src/directory/types.ts'
import { licenseUrn } from '../../src/directory/view.ts'
import { noLicense } from '../../src/licensing/types.ts'
import { ScimError } from '../../src/scim/errors.ts'
import { fold } from '../../src/scim/filter/filter.ts'
import { readResource } from '../../src/scim/read.ts'
import { userType } from '../../src/scim/schemas.ts'
import { insert, type Store } from '../../src/store/port.ts'
import { arbitraryUserResource } from '../support/arbitrary-filter.ts'

const type = userType({ licenseFromIdp: false })
const epoch = Date.parse('2024-02-29T12:00:00Z')
// Moments that random filters name, and one millisecond beside them.
const moments = [
  epoch,
  epoch + 1,
  epoch - 1,
  Date.parse('1969-12-31T23:59:59.500Z'),
  Date.parse('2026-11-21T09:00:00Z')
]

const drafts = fc.record({
  resource: arbitraryUserResource(),
  license: fc.constantFrom('PAM', 'PWM', null),
  state: fc.constantFrom('held', 'released'),
  roles: fc.subarray(['admin', 'guest', 'user']),
  created: fc.constantFrom(...moments),
  lastModified: fc.constantFrom(...moments),
  protectedUser: fc.boolean()
})

/** So many users with names of their own; some drafts of the generator say two things at once and are passed over. */
export function randomUsers(count: number, seed: number): readonly User[] {
  const taken = new Set<string>()
  const found: User[] = []
  for (const [i, draft] of fc.sample(drafts, { numRuns: count * 2, seed }).entries()) {
    const resource = read(draft.resource, i, taken)
    if (resource === undefined) continue
    const license =
      draft.license === null
        ? noLicense
        : ({ type: draft.license, state: draft.state, assignedAt: draft.created, assignedBy: 'provisioning' } as const)
    const { created, lastModified, roles } = draft
    const id = `0190${i.toString(16).padStart(4, '0')}-0000-7000-8000-${(i * 7919).toString(16).padStart(12, '0')}`
    const kept = draft.protectedUser ? ({ protected: true } as const) : {}
    found.push({ id, resource, created, lastModified, license, revision: (i % 3) + 1, roles, ...kept })
    if (found.length === count) break
  }
  return found
}

function read(drawn: JsonObject, i: number, taken: Set<string>): JsonObject | undefined {
  const { [licenseUrn]: _license, schemas: _schemas, ...drawnResource } = drawn
  const wished = typeof drawn.userName === 'string' && drawn.userName.trim() !== '' ? drawn.userName : 'nobody'
  const userName = taken.has(fold(wished)) ? `${wished}-${i}` : wished
  try {
    const resource = readResource(type, { ...drawnResource, userName })
    taken.add(fold(userName))
    return resource
  } catch (error) {
    if (error instanceof ScimError) return undefined
    throw error
  }
}

/** Writes them as they are, in commits of a hundred. */
export async function storeUsers(store: Store, tenant: string, people: readonly User[]): Promise<void> {
  for (let i = 0; i < people.length; i += 100) {
    const changes = people.slice(i, i + 100).map(user => insert(users, tenant, user))
    const answer = await store.commit(changes, { id: `people-${tenant}-${i}` })
    if (answer !== 'committed') throw new Error(`storing users: ${JSON.stringify(answer)}`)
  }
}

/** The resource of an answer without what the server adds to it. */
export function ownAttributes(shown: JsonObject): JsonObject {
  const { schemas: _schemas, id: _id, meta: _meta, groups: _groups, [licenseUrn]: _license, ...own } = shown
  return Object.fromEntries(
    Object.entries(own).filter(([, value]) => !isObject(value) || Object.keys(value).length > 0)
  )
}
