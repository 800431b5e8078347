/**
 * As F2, over schemas that are random too: what an administrator may define, resources of it, and filters on them. The reference
 * evaluator knows nothing of terms and indexes; SQLite and MongoDB are asked as the server asks them. `USHER_RUNS` sets the number of
 * filters, `USHER_SEED` draws the same again.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import { resources, type StoredResource, typePath } from '../../src/directory/resource-collection.ts'
import { shownResource } from '../../src/directory/resources.ts'
import { userResource } from '../../src/directory/view.ts'
import { matches } from '../../src/scim/filter/evaluate.ts'
import { all, type Filter, is } from '../../src/scim/filter/filter.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { resolveFilter } from '../../src/scim/filter/resolve.ts'
import type { ResourceType } from '../../src/scim/schema/types.ts'
import { searchForm } from '../../src/scim/search-form.ts'
import { byTerms, ownForm, ownPart, withTerms } from '../../src/scim/terms.ts'
import { insert, type Store } from '../../src/store/port.ts'
import { mongoStore, sqliteStore } from '../support/app.ts'
import { arbitraryFilterText, arbitraryResource } from '../support/arbitrary-filter.ts'
import { arbitrarySchemas, typesOfDrawn } from '../support/arbitrary-schema.ts'
import { randomUsers } from './people.ts'

const runs = Number(process.env.USHER_RUNS ?? 400)
const seed = Number(process.env.USHER_SEED ?? Date.now() % 1_000_000)
if (process.env.USHER_RUNS !== undefined) t.setTimeout(0)

/** Filters on the resources of one schema. */
const filtersOfSchema = 100
const resourcesOfSchema = 40
/** Filters asked at once: an engine waits less often. */
const together = 5
const created = Date.parse('2024-02-29T12:00:00Z')

interface Known {
  readonly doc: StoredResource
  readonly plain: ReturnType<typeof searchForm>
}

function known(thing: ResourceType, edition: string, i: number, drawn: JsonObject): Known {
  const { schemas: _schemas, id: _id, meta: _meta, ...resource } = drawn
  const id = `id${String((i * 7919) % 1000).padStart(4, '0')}`
  const made = { id, type: edition, resource, created, lastModified: created + i, revision: 1 }
  const plain = searchForm(thing, shownResource(thing, made))
  return { doc: { ...made, custom: { revision: 1, form: withTerms(thing, plain) } }, plain }
}

t.test('F2 random filters over random schemas: memory, SQLite and MongoDB answer the same', async t => {
  t.comment(`seed ${seed}`)
  const engines = new Map<string, Store>([['sqlite', (await sqliteStore(t)).store]])
  const mongo = await mongoStore(t)
  if (mongo !== undefined) engines.set('mongodb', mongo.store)

  let [hits, byIndex, round] = [0, 0, 0]
  const drawn = arbitrarySchemas.chain(schemas => {
    const { thing } = typesOfDrawn(schemas)
    return fc.record({
      schemas: fc.constant(schemas),
      things: fc.array(arbitraryResource(thing), { minLength: resourcesOfSchema, maxLength: resourcesOfSchema }),
      texts: fc.array(arbitraryFilterText(thing), { minLength: filtersOfSchema, maxLength: filtersOfSchema })
    })
  })
  const property = fc.asyncProperty(drawn, async ({ schemas, things, texts }) => {
    const edition = `edition${round++}`
    const { thing } = typesOfDrawn(schemas)
    const stored = things.map((each, i) => known(thing, edition, i, each))
    const expectedOf = (filter: Filter) =>
      stored
        .filter(({ plain }) => matches(filter, plain))
        .map(({ doc }) => doc.id)
        .sort()
    for (const store of engines.values()) {
      const changes = stored.map(({ doc }) => insert(resources, edition, doc))
      await store.commit(changes, { id: `${seed}-${edition}` })
    }
    const ask = async (text: string) => {
      const filter = resolveFilter(thing, parseFilter(text))
      const asked = byTerms(thing, filter)
      if (asked !== filter && !isDeepStrictEqual(asked, filter)) byIndex++
      const expected = expectedOf(filter)
      if (expected.length > 0 && expected.length < stored.length) hits++
      const inMemory = stored.filter(({ doc }) => matches(asked, resources.search(doc))).map(({ doc }) => doc.id)
      same(inMemory.sort(), expected, `by terms: ${text}`, schemas)
      for (const [engine, store] of engines) {
        const query = { filter: all(is(typePath, edition), asked), limit: resourcesOfSchema + 1 }
        const found = await store.find(resources, edition, query)
        same(
          found.map(({ doc }) => doc.id),
          expected,
          `${engine}: ${text}`,
          schemas
        )
      }
    }
    for (let i = 0; i < texts.length; i += together) await Promise.all(texts.slice(i, i + together).map(ask))
  })
  await fc.assert(property, { numRuns: Math.ceil(runs / filtersOfSchema), seed, endOnFailure: true })
  t.comment(`${hits} of ${runs} chose some and not all; ${byIndex} were asked by terms`)
  t.ok(hits > runs / 20, `${hits} chose some and not all`)
  t.ok(byIndex > runs / 20, `${byIndex} were asked by terms`)
})

t.test('what queries see of a user is what they would see if all of it were compiled together', async () => {
  const people = randomUsers(20, seed)
  const drawn = arbitrarySchemas.chain(schemas => {
    const { user } = typesOfDrawn(schemas)
    return fc.record({ user: fc.constant(user), values: arbitraryResource(ownPart(user)) })
  })
  fc.assert(
    fc.property(drawn, fc.nat(people.length - 1), ({ user, values }, i) => {
      const person = people[i]
      if (person === undefined) throw new Error('nobody')
      const resource = { ...person.resource, ...values }
      const form = ownForm(user, resource)
      const custom = Object.keys(form).length === 0 ? {} : { custom: { revision: 1, form } }
      const { _terms: _, ...found } = users.search({ ...person, resource, ...custom })
      const whole = searchForm(user, userResource({ ...person, resource }, person.license.state, { type: user }))
      const { roleIds: _r, protected: _p, license: _l, ...ofSchemas } = found
      if (!isDeepStrictEqual(ofSchemas, whole)) {
        throw new Error(`found    ${JSON.stringify(ofSchemas)}\nexpected ${JSON.stringify(whole)}`)
      }
    }),
    { numRuns: Math.ceil(runs / 10), seed }
  )
})

function same(found: readonly string[], expected: readonly string[], asked: string, schemas: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  throw new Error(`${asked}\nfound    ${is}\nexpected ${should}\nby ${JSON.stringify(schemas)}`)
}
