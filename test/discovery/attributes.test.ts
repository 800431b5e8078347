/**
 * Every claim that `/Schemas` makes about an attribute, tried: its type, whether it is required, multi-valued, writable, case exact,
 * unique, shown, and what it refers to. Nothing here knows an attribute by name but where it says so.
 */
import t, { type Test } from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import { groupUrn, onBothStores, sqliteStore, startServer, type TestServer } from '../support/app.ts'
import { type Bench, benchOf, otherThan } from './bench.ts'
import { faultsOf } from './conforms.ts'
import { type Described, isWritable, readDocuments } from './documents.ts'
import { define } from './every-kind.ts'
import { exampleOf, leastOf, partsOf, placed, shownOf, wrongFor } from './examples.ts'

const seats = { seats: 'PAM=100,PWM=100' }

onBothStores(t, 'attributes are what /Schemas tells of them', async (t, server) => proveAll(t, server), seats)

onBothStores(t, 'attributes that an administrator defined are so too', async (t, server) => {
  await define(server)
  await proveAll(t, server, { types: ['Thing'] })
})

t.test('licenseType too where the provider may choose it (sqlite)', async t => {
  const server = await startServer(t, await sqliteStore(t), seats)
  const set = await server.api('PATCH', '/organization', { settings: { allowLicenseTypeFromIdp: true } })
  t.equal(set.status, 200)
  server.clock.advance(2000)
  await proveAll(t, server, { types: ['User'], claims: ['mutability', 'canonicalValues'] })
})

type Proof = (t: Test, bench: Bench) => Promise<void>

interface Only {
  readonly types?: readonly string[]
  readonly claims?: readonly string[]
}

async function proveAll(t: Test, server: TestServer, only: Only = {}): Promise<void> {
  const { token } = await createConnector(server.context, 'strict client', 'strict')
  const { types } = await readDocuments(server)
  for (const type of types) {
    const { name } = type.definition
    if (!(only.types?.includes(name) ?? true)) continue
    const bench = await benchOf(server, token, type)
    await t.test(`${name}: what it shows is as it is told`, async t => conforms(t, bench))
    if (!bench.isOpen) continue
    for (const [claim, proof] of Object.entries(proofs)) {
      if (only.claims?.includes(claim) ?? true) await t.test(`${name}: ${claim}`, async t => proof(t, bench))
    }
  }
}

async function conforms(t: Test, bench: Bench): Promise<void> {
  const { body } = await bench.send<{ Resources: JsonObject[] }>('GET', bench.type.definition.endpoint)
  t.ok(body.Resources.length > 0 || bench.isOpen, 'there is something to look at')
  for (const resource of body.Resources) t.same(faultsOf(bench.type, resource), [])
}

const proofs: Readonly<Record<string, Proof>> = {
  type: async (t, bench) => {
    const sent = bench.full(1)
    const made = await bench.create(sent)
    t.same(faultsOf(bench.type, made), [])
    const shown = bench.type.attributes.filter(one => isWritable(one) && isShown(one.attribute))
    const simple = shown.filter(({ attribute }) => attribute.type !== 'complex' && !leadsSomewhere(attribute))
    // Where members lead is the service's own word, and tested below.
    const wrong = simple
      .flatMap(one => otherThan(shownOf(sent, one), made, one) ?? [])
      .filter(text => !/^members\.type /.test(text))
    t.same(wrong, [], `${simple.length} values are shown as they were sent`)
    const count = async () => (await bench.send('GET', `${bench.type.definition.endpoint}?count=0`)).body.totalResults
    const before = await count()
    let refused = 0
    for (const one of bench.type.attributes.filter(isWritable)) {
      for (const value of wrongFor(one.attribute)) {
        const answer = await bench.send(
          'POST',
          bench.type.definition.endpoint,
          placed(leastOf(bench.type, 2), one, value)
        )
        const named = String(answer.body.detail).includes(one.attribute.name)
        if (answer.status !== 400 || answer.body.scimType !== 'invalidValue' || !named)
          t.fail(`${one.path} ${JSON.stringify(value)}: ${answer.status} ${answer.text}`)
        refused++
      }
    }
    t.ok(refused > 4 * bench.type.attributes.filter(isWritable).length, `${refused} values of another type are refused`)
    t.equal(await count(), before, 'and nothing came of them')
    await bench.send('DELETE', bench.at(String(made.id)))
  },

  required: async (t, bench) => {
    const least = leastOf(bench.type, 3)
    const made = await bench.create(least)
    t.same(faultsOf(bench.type, made), [], 'nothing else is')
    await bench.send('DELETE', bench.at(String(made.id)))
    for (const one of bench.type.attributes.filter(each => isWritable(each) && each.attribute.required)) {
      const { parent } = one
      const body =
        parent === undefined
          ? without(least, one)
          : placed(least, { ...one, attribute: parent, parent: undefined }, halfOf(one))
      const answer = await bench.send('POST', bench.type.definition.endpoint, body)
      t.match(
        answer,
        { status: 400, body: { scimType: 'invalidValue', detail: new RegExp(one.attribute.name) } },
        one.path
      )
    }
  },

  caseExact: async (t, bench) => {
    const { id } = await bench.create(bench.full(4))
    await join(bench, String(id))
    const resource = await bench.read(String(id))
    const finds = async (filter: string) => {
      const { endpoint } = bench.type.definition
      const { status, body } = await bench.send<{ Resources?: { id: string }[]; scimType?: string }>(
        'GET',
        `${endpoint}?filter=${encodeURIComponent(filter)}`
      )
      if (status === 400 && body.scimType === 'invalidFilter') return undefined
      return status === 200 && body.Resources?.some(found => found.id === id) === true
    }
    let compared = 0
    for (const one of bench.type.attributes) {
      const value = shownOf(resource, one).find(shown => typeof shown === 'string' && /[a-z]/i.test(shown))
      if (value === undefined || one.attribute.type === 'dateTime') continue
      const found = await finds(`${one.path} eq ${JSON.stringify(value)}`)
      if (found === undefined) continue
      t.ok(found, `${one.path} eq ${value}`)
      const otherCase = await finds(`${one.path} eq ${JSON.stringify(swapped(String(value)))}`)
      t.equal(otherCase, one.attribute.caseExact !== true, `${one.path} in another case`)
      compared++
    }
    t.ok(compared > 0, `${compared} attributes`)
    await bench.send('DELETE', bench.at(String(id)))
  },

  mutability: async (t, bench) => {
    const full = bench.full(5)
    const { id: made } = await bench.create(full)
    const id = String(made)
    await join(bench, id)
    const stay = new Set<string>()
    for (const one of bench.type.attributes) {
      const { attribute, parent, path } = one
      if (parent?.mutability === 'readOnly') continue
      await bench.send('PUT', bench.at(id), full)
      const before = await bench.read(id)
      const other = exampleOf(attribute, 6)
      const body =
        parent === undefined
          ? placed(full, one, other)
          : placed(full, { ...one, attribute: parent, parent: undefined }, asElement(one, full, other))
      if (attribute.mutability === 'readOnly') {
        t.match(await bench.change(id, 'replace', one, other), { status: 400, body: { scimType: 'mutability' } }, path)
        const put = await bench.send('PUT', bench.at(id), body)
        t.equal(put.status, 200, `${path}: ${put.text}`)
        t.equal(otherThan(shownOf(before, one), put.body, one), undefined)
      } else if (attribute.mutability === 'immutable') {
        t.match(await bench.change(id, 'replace', one, other), { status: 400, body: { scimType: 'mutability' } }, path)
        if (parent !== undefined) continue
        t.match(await bench.send('PUT', bench.at(id), body), { status: 400, body: { scimType: 'mutability' } }, path)
      } else {
        const changed = await bench.change(id, 'replace', one, path === 'members' ? (full.members ?? null) : other)
        t.match(changed, { status: 200 }, `${path}: ${changed.text}`)
        if (attribute.mutability === 'writeOnly' || attribute.returned === 'never') {
          t.same(shownOf(changed.body, one), [], `${path} is not shown`)
          continue
        }
        const now = isShown(attribute) ? changed.body : await bench.read(id, `?attributes=${path}`)
        if (attribute.type !== 'complex') t.equal(otherThan([other].flat(), now, one), undefined)
        const removed = await bench.change(id, 'remove', one)
        if (removed.status === 200) t.same(shownOf(removed.body, one), [], `${path} is gone`)
        else {
          t.match(removed, { status: 400, body: { scimType: /mutability|invalidValue/ } }, path)
          stay.add(path)
        }
      }
    }
    // What a user is never without: whether it is active, and where the provider chooses it, the license.
    const required = bench.type.attributes.filter(
      ({ attribute }) => attribute.required && attribute.mutability === 'readWrite'
    )
    const kept = bench.type.attributes.filter(
      ({ path }) => path === 'active' || (path.endsWith(':licenseType') && stay.has(path))
    )
    t.same([...stay].sort(), [...required, ...kept].map(({ path }) => path).sort(), 'these cannot be removed')
    await bench.send('DELETE', bench.at(id))
  },

  returned: async (t, bench) => {
    const { id: made } = await bench.create(bench.full(7))
    const id = String(made)
    await join(bench, id)
    const plain = await bench.read(id)
    let seen = 0
    for (const one of bench.type.attributes) {
      const { attribute, parent, path } = one
      const named = shownOf(await bench.read(id, `?attributes=${path}`), one).length > 0
      if (attribute.returned === 'never') t.notOk(named, `${path} is never shown`)
      if (!named) continue
      seen++
      const byDefault = attribute.returned !== 'request' && parent?.returned !== 'request'
      const always = attribute.returned === 'always' && (parent?.returned ?? 'always') === 'always'
      t.equal(shownOf(plain, one).length > 0, byDefault, `${path}: ${attribute.returned}`)
      t.equal(
        shownOf(await bench.read(id, '?attributes=id'), one).length > 0,
        always,
        `${path} where another is asked for`
      )
      const without = await bench.read(id, `?excludedAttributes=${path}`)
      t.equal(shownOf(without, one).length > 0, attribute.returned === 'always', `${path} where it is left out`)
    }
    t.ok(seen > 1, `${seen} attributes are shown`)
    await bench.send('DELETE', bench.at(id))
  },

  uniqueness: async (t, bench) => {
    const unique = bench.type.attributes.filter(
      one => isWritable(one) && (one.attribute.uniqueness ?? 'none') !== 'none'
    )
    const first = bench.full(8)
    const { id } = await bench.create(first)
    const others = unique.reduce((body, one) => placed(body, one, exampleOf(one.attribute, 9)), first)
    const twin = await bench.create(others)
    t.ok(twin.id, 'whatever is not unique may be the same')
    await bench.send('DELETE', bench.at(String(twin.id)))
    for (const one of unique) {
      const [value] = shownOf(first, one)
      const same = one.attribute.caseExact === true ? [value] : [value, swapped(String(value))]
      for (const taken of same) {
        const body = unique.reduce(
          (all, each) => placed(all, each, each === one ? (taken ?? null) : exampleOf(each.attribute, 10)),
          leastOf(bench.type, 10)
        )
        t.match(
          await bench.send('POST', bench.type.definition.endpoint, body),
          { status: 409, body: { scimType: 'uniqueness' } },
          one.path
        )
      }
    }
    await bench.send('DELETE', bench.at(String(id)))
  },

  canonicalValues: async (t, bench) => {
    const full = bench.full(11)
    const { id: made } = await bench.create(full)
    const id = String(made)
    for (const one of bench.type.attributes.filter(isWritable)) {
      if (one.attribute.mutability === 'immutable') continue
      for (const value of one.attribute.canonicalValues ?? []) {
        const { status, body, text } = await bench.change(id, 'replace', one, value)
        t.equal(status, 200, `${one.path} ${value}: ${text}`)
        t.equal(otherThan([value], body, one), undefined)
      }
    }
    await bench.send('DELETE', bench.at(id))
  },

  referenceTypes: async (t, bench) => {
    const sent = bench.full(12)
    const { id: made } = await bench.create(sent)
    const id = String(made)
    await join(bench, id)
    const resource = await bench.read(id)
    for (const one of bench.type.attributes.filter(({ attribute }) => leadsSomewhere(attribute))) {
      for (const value of shownOf(resource, one)) {
        // What the client wrote is kept as it is.
        if (shownOf(sent, one).includes(value)) continue
        const path = /\/scim\/v2(\/.*)$/.exec(String(value))?.[1] ?? ''
        const { status, body } = await bench.send('GET', path)
        const kind = isObject(body.meta) ? String(body.meta.resourceType) : ''
        t.equal(status, 200, `${one.path} ${value}`)
        t.ok(one.attribute.referenceTypes?.includes(kind), `${one.path} leads to a ${kind}`)
      }
    }
    await bench.send('DELETE', bench.at(id))
  }
}

/** Without being asked for. */
const isShown = ({ returned }: Described['attribute']) => returned === 'always' || returned === 'default'

/** Whether it refers to resources of ours. */
function leadsSomewhere({ type, referenceTypes = [] }: Described['attribute']): boolean {
  return type === 'reference' && referenceTypes.some(name => name !== 'external' && name !== 'uri')
}

/** Users get the attribute that only groups give them. */
async function join({ type, send }: Bench, id: string): Promise<void> {
  if (type.definition.name !== 'User') return
  const { status, text } = await send('POST', '/Groups', {
    schemas: [groupUrn],
    displayName: `of ${id}`,
    members: [{ value: id }]
  })
  if (status !== 201) throw new Error(text)
}

function without(body: JsonObject, { attribute }: Described): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== attribute.name))
}

/** The complex attribute around it, in which all is but itself. */
function halfOf({ attribute, parent }: Described): Json {
  const rest =
    parent === undefined
      ? {}
      : Object.fromEntries(Object.entries(partsOf(parent, 3)).filter(([name]) => name !== attribute.name))
  return parent?.multiValued === true ? [rest] : rest
}

/** The complex attribute as it was sent, with another value for one of its parts. */
function asElement({ attribute, parent, extension }: Described, full: JsonObject, value: Json): Json {
  const holder = extension === undefined ? full : full[extension]
  const was = isObject(holder) && parent !== undefined ? (holder as JsonObject)[parent.name] : undefined
  if (Array.isArray(was))
    return was.map(element => (isObject(element) ? { ...element, [attribute.name]: value } : element))
  return { ...(isObject(was) ? was : {}), [attribute.name]: value }
}

function swapped(text: string): string {
  return [...text].map(c => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('')
}
