/**
 * Hardening row F2: a random history of PATCH requests makes the same resource of a user in memory, through SQLite and through
 * MongoDB, and what is refused is refused in the same words. `USHER_RUNS` sets the number of histories.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { staticRoleNames } from '../../src/access/roles.ts'
import { createConnector } from '../../src/admin/accounts.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { withAssigned } from '../../src/directory/assigned.ts'
import { assigningOf } from '../../src/directory/assigning.ts'
import type { User } from '../../src/directory/types.ts'
import { bad, ScimError } from '../../src/scim/errors.ts'
import { applyPatch } from '../../src/scim/patch/apply.ts'
import { parsePatch } from '../../src/scim/patch/parse.ts'
import { readResource } from '../../src/scim/read.ts'
import { userType } from '../../src/scim/schemas.ts'
import { type Answer, mongoStore, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { arbitraryUserResource } from '../support/arbitrary-filter.ts'
import { patchBody } from '../support/arbitrary-patch.ts'
import { ownAttributes } from './people.ts'

const runs = Number(process.env.USHER_RUNS ?? 120)
const type = userType({ licenseFromIdp: false })
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)

/** A server whose provider sends what the RFCs say, so that no rewrite stands between a request and `applyPatch`. */
interface Strict {
  readonly engine: string
  readonly server: TestServer
  readonly headers: { readonly authorization: string }
}

async function strict(engine: string, server: TestServer): Promise<Strict> {
  const { token } = await createConnector(server.context, 'strict', 'strict')
  return { engine, server, headers: { authorization: `Bearer ${token}` } }
}

t.test('F2 random PATCH histories: memory, SQLite and MongoDB come to the same resource', async t => {
  const options = { seats: 'PAM=5,PWM=5' }
  const servers = [await strict('sqlite', await startServer(t, await sqliteStore(t), options))]
  const mongo = await mongoStore(t)
  if (mongo !== undefined) servers.push(await strict('mongodb', await startServer(t, mongo, options)))

  let [accepted, refused] = [0, 0]
  const history = fc.array(patchBody({ operations: 3 }), { minLength: 1, maxLength: 6 })
  const property = fc.asyncProperty(arbitraryUserResource(), history, async (drawn, bodies) => {
    const created = { ...drawn, schemas: [type.schema], userName: 'somebody' }
    const first = attempt(() => rules.created({ resource: { active: true, ...readResource(type, created) } }).resource)
    const ids = await Promise.all(servers.map(one => create(one, created, first)))
    if (first.resource === undefined) return
    let resource = first.resource
    for (const body of bodies) {
      const next = attempt(() => patched(resource, body))
      await Promise.all(servers.map((one, i) => patchAndCompare(one, ids[i] ?? '', body, resource, next)))
      if (next.resource === undefined) refused++
      else accepted++
      resource = next.resource ?? resource
    }
    await Promise.all(
      servers.map(({ server, headers }, i) => server.scim('DELETE', `/Users/${ids[i]}`, undefined, headers))
    )
  })
  await fc.assert(property, { numRuns: runs })
  t.comment(`${accepted} accepted, ${refused} refused`)
  t.ok(accepted > runs / 2 && refused > runs / 2, 'both kinds came often enough to mean something')
})

/** A resource, or the word that refuses it. */
interface Outcome {
  readonly resource?: JsonObject
  readonly refusal?: string
}

function attempt(make: () => JsonObject): Outcome {
  try {
    return { resource: make() }
  } catch (error) {
    if (error instanceof ScimError) return { refusal: `${error.status} ${error.scimType}` }
    throw error
  }
}

function patched(before: JsonObject, body: unknown): JsonObject {
  const [user, operations] = [holding(before), parsePatch(type, body)]
  const { resource, fixed } = rules.found(user)
  const after = applyPatch(type, resource, operations, fixed)
  if (after.active === undefined) throw bad('mutability', 'active stays')
  return rules.patched(user, { resource: after }, operations).resource
}

const rules = assigningOf(staticRoleNames, { allowed: false, mayAdminister: false })

/** The user of these attributes, with the Default role, and the more basic license while it is active. */
function holding(resource: JsonObject): User {
  const state = resource.active === true ? 'held' : 'released'
  const license = { type: 'PWM', state, assignedAt: null, assignedBy: null } as const
  return { id: 'x', resource, created: 0, lastModified: 0, revision: 1, license, roles: ['user'] }
}

async function create({ engine, server, headers }: Strict, body: JsonObject, wanted: Outcome): Promise<string> {
  const answer = await server.scim('POST', '/Users', body, headers)
  compare(`${engine}: POST ${JSON.stringify(body)}`, answer, wanted)
  return String(answer.body.id)
}

async function patchAndCompare(
  { engine, server, headers }: Strict,
  id: string,
  body: unknown,
  before: JsonObject,
  wanted: Outcome
): Promise<void> {
  const asked = `${engine}: ${JSON.stringify(before)} after ${JSON.stringify(body)}`
  compare(asked, await server.scim('PATCH', `/Users/${id}`, body, headers), wanted)
  const stored = { ...wanted, resource: wanted.resource ?? before }
  compare(`${asked}, read again`, await server.scim('GET', `/Users/${id}`, undefined, headers), {
    resource: stored.resource
  })
}

function compare(asked: string, { status, body }: Answer, { resource, refusal }: Outcome): void {
  const found = status >= 400 ? `${status} ${body.scimType}` : ownAttributes(body)
  const expected = refusal ?? (resource && withAssigned(holding(resource)))
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${asked}\nfound    ${JSON.stringify(found)}\nexpected ${JSON.stringify(expected)}`)
}
