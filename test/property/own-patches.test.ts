/**
 * As F2, over schemas that are random too: an administrator defines them, resources of them are created and patched over SCIM, and
 * what is stored is what the pure functions make of it; what is refused is refused in the same words. `USHER_RUNS` sets the number of
 * histories, `USHER_SEED` draws the same again.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { resources } from '../../src/directory/resource-collection.ts'
import { ScimError } from '../../src/scim/errors.ts'
import { applyPatch } from '../../src/scim/patch/apply.ts'
import { parsePatch } from '../../src/scim/patch/parse.ts'
import { readResource } from '../../src/scim/read.ts'
import { replaceResource } from '../../src/scim/replace.ts'
import type { ResourceType } from '../../src/scim/schema/types.ts'
import { type Answer, mongoStore, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { arbitraryResource } from '../support/arbitrary-filter.ts'
import { patchBody } from '../support/arbitrary-patch.ts'
import { arbitrarySchemas, type DrawnSchemas, typesOfDrawn } from '../support/arbitrary-schema.ts'

const runs = Number(process.env.USHER_RUNS ?? 30)
const seed = Number(process.env.USHER_SEED ?? Date.now() % 1_000_000)
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)

const historiesOfSchema = 5

/** A server whose provider sends what the RFCs say, so that no rewrite stands between a request and the pure functions. */
interface Strict {
  readonly engine: string
  readonly server: TestServer
  readonly headers: { readonly authorization: string }
}

async function strict(engine: string, server: TestServer): Promise<Strict> {
  const { token } = await createConnector(server.context, 'strict', 'strict')
  return { engine, server, headers: { authorization: `Bearer ${token}` } }
}

type Step = { readonly kind: 'patch' | 'put'; readonly body: unknown }

t.test('F2 random histories over random schemas: memory, SQLite and MongoDB come to the same resource', async t => {
  t.comment(`seed ${seed}`)
  // Each history begins with a definition that the organization did not have a moment ago.
  const options = { settings: { USHER_SCIM_REQUESTS_PER_MINUTE: '0' } }
  const servers = [await strict('sqlite', await startServer(t, await sqliteStore(t), options))]
  const mongo = await mongoStore(t)
  if (mongo !== undefined) servers.push(await strict('mongodb', await startServer(t, mongo, options)))

  let [accepted, refused] = [0, 0]
  const drawn = arbitrarySchemas.chain(schemas => {
    const { thing } = typesOfDrawn(schemas)
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 5,
        arbitrary: patchBody({ operations: 3, type: thing }).map(body => ({ kind: 'patch', body }) as const)
      },
      {
        weight: 1,
        arbitrary: arbitraryResource(thing).map(body => ({ kind: 'put', body: named(thing, body) }) as const)
      }
    )
    const history = fc.record({
      first: arbitraryResource(thing),
      steps: fc.array(step, { minLength: 1, maxLength: 5 })
    })
    return fc.record({
      schemas: fc.constant(schemas),
      histories: fc.array(history, { minLength: historiesOfSchema, maxLength: historiesOfSchema })
    })
  })
  const property = fc.asyncProperty(drawn, async ({ schemas, histories }) => {
    const { thing } = typesOfDrawn(schemas)
    for (const { server } of servers) await define(server, schemas)
    for (const { first, steps } of histories) {
      const sent = named(thing, first)
      const made = attempt(() => readResource(thing, sent))
      const ids = await Promise.all(servers.map(one => create(one, sent, made)))
      if (made.resource === undefined) continue
      let resource = made.resource
      for (const { kind, body } of steps) {
        const next = attempt(() =>
          kind === 'put' ? replaceResource(thing, resource, body) : applyPatch(thing, resource, parsePatch(thing, body))
        )
        await Promise.all(servers.map((one, i) => change(one, ids[i] ?? '', kind, body, resource, next)))
        if (next.resource === undefined) refused++
        else accepted++
        resource = next.resource ?? resource
      }
      await Promise.all(
        servers.map(({ server, headers }, i) => server.scim('DELETE', `/Things/${ids[i]}`, undefined, headers))
      )
    }
    for (const { server } of servers) await forget(server, schemas)
  })
  await fc.assert(property, { numRuns: Math.ceil(runs / historiesOfSchema), seed, endOnFailure: true })
  t.comment(`${accepted} accepted, ${refused} refused`)
  t.ok(accepted > runs / 4 && refused > runs / 4, `${accepted} accepted, ${refused} refused: enough to mean something`)
})

/** A resource as a client sends it. */
const named = (type: ResourceType, { schemas: _schemas, ...resource }: JsonObject): JsonObject => ({
  ...resource,
  schemas: [type.schema]
})

async function define(server: TestServer, { core, extension, resourceType }: DrawnSchemas): Promise<void> {
  for (const [path, body] of [
    ['/schemas', core],
    ['/schemas', extension],
    ['/resource-types', resourceType]
  ] as const) {
    const { status, text } = await server.api('POST', path, body)
    if (status !== 201) throw new Error(`POST ${path} ${JSON.stringify(body)}: ${status} ${text}`)
  }
}

async function forget(server: TestServer, { core, extension }: DrawnSchemas): Promise<void> {
  for (const path of ['/resource-types/Thing', `/schemas/${core.id}`, `/schemas/${extension.id}`]) {
    const { status, text } = await server.api('DELETE', path)
    if (status !== 204) throw new Error(`DELETE ${path}: ${status} ${text}`)
  }
}

/** A resource, or the word that refuses it. */
interface Outcome {
  readonly resource?: JsonObject
  readonly refusal?: string
}

function attempt(make: () => JsonObject): Outcome {
  try {
    return { resource: make() }
  } catch (error) {
    if (error instanceof ScimError) return { refusal: `${error.status} ${error.scimType} ${error.message}` }
    throw error
  }
}

async function create({ engine, server, headers }: Strict, body: JsonObject, wanted: Outcome): Promise<string> {
  const answer = await server.scim('POST', '/Things', body, headers)
  const id = String(answer.body.id)
  await compare(server, `${engine}: POST ${JSON.stringify(body)}`, id, answer, wanted, wanted.resource)
  return id
}

async function change(
  { engine, server, headers }: Strict,
  id: string,
  kind: Step['kind'],
  body: unknown,
  before: JsonObject,
  wanted: Outcome
): Promise<void> {
  const method = kind === 'put' ? 'PUT' : 'PATCH'
  const answer = await server.scim(method, `/Things/${id}`, body, headers)
  const asked = `${engine}: ${JSON.stringify(before)} after ${method} ${JSON.stringify(body)}`
  await compare(server, asked, id, answer, wanted, wanted.resource ?? before)
}

/** What was answered, and what is stored then. */
async function compare(
  { store }: TestServer,
  asked: string,
  id: string,
  { status, body }: Answer,
  { refusal }: Outcome,
  expected: JsonObject | undefined
): Promise<void> {
  const said = status >= 400 ? `${status} ${body.scimType} ${body.detail}` : undefined
  const stored = status === 400 && expected === undefined ? undefined : (await store.get(resources, 'default', id))?.doc
  // SCIM's own words may have the section of the RFC behind them.
  const sameWords = refusal === undefined ? said === undefined : said?.startsWith(refusal) === true
  if (sameWords && isDeepStrictEqual(stored?.resource, expected)) return
  const is = JSON.stringify({ said, stored: stored?.resource })
  throw new Error(`${asked}\nfound    ${is}\nexpected ${JSON.stringify({ said: refusal, stored: expected })}`)
}
