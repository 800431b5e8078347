/** Whatever an answer shows, a filter finds by what was shown, or is refused with a sentence: none finds nobody in silence. */
import t from 'tap'
import { isObject, type Json, type JsonObject } from '../../src/base/json.ts'
import type { Attribute, ResourceType } from '../../src/scim/schema/types.ts'
import { groupType, userType } from '../../src/scim/schemas.ts'
import { groupUrn, newUser, onBothStores, provision } from '../support/app.ts'

type Table = ReadonlyMap<string, Attribute>

const users = userType({ licenseFromIdp: false })

const examples: Readonly<Record<Exclude<Attribute['type'], 'complex'>, Json>> = {
  string: 'Some Text',
  reference: 'https://example.com/Some',
  binary: 'U29tZQ==',
  boolean: true,
  integer: 7,
  decimal: 0.5,
  dateTime: '2026-01-02T03:04:05Z'
}

function everythingOf(table: Table): JsonObject {
  const writable = [...table.values()].filter(attribute => attribute.mutability !== 'readOnly')
  return Object.fromEntries(writable.map(attribute => [attribute.name, exampleOf(attribute)]))
}

function exampleOf(attribute: Attribute): Json {
  const one = attribute.type === 'complex' ? everythingOf(attribute.sub) : examples[attribute.type]
  return attribute.many ? [one] : one
}

/** Each value that a resource shows, and the attribute that it is of. */
function shownIn(type: ResourceType, resource: JsonObject): (readonly [Attribute, Json])[] {
  const extensions = [...type.extensions.values()].flatMap(({ urn, attributes }) => inTable(attributes, resource[urn]))
  return [...inTable(type.attributes, resource), ...extensions]
}

function inTable(table: Table, holder: Json | undefined): (readonly [Attribute, Json])[] {
  if (!isObject(holder)) return []
  return [...table.values()].flatMap(attribute => {
    const values = [holder[attribute.name] ?? []].flat() as Json[]
    return attribute.type === 'complex'
      ? values.flatMap(value => inTable(attribute.sub, value))
      : values.map(value => [attribute, value] as const)
  })
}

/** What is made for each answer anew, or is an edge that is looked for by its two ends. */
const refused: Readonly<Record<string, readonly string[]>> = {
  Users: ['meta.location', 'meta.version', 'groups.$ref', 'groups.type'],
  Groups: ['meta.location', 'meta.version', 'members.$ref']
}

onBothStores(t, 'what is shown is found, or the filter is refused', async (t, server) => {
  const { userName: _, ...rest } = everythingOf(users.attributes)
  const enterprise = [...users.extensions.values()].filter(({ urn }) => urn.includes('enterprise'))
  const extensions = Object.fromEntries(enterprise.map(({ urn, attributes }) => [urn, everythingOf(attributes)]))
  const ada = await provision(server, 'Ada@example.com', { ...rest, ...extensions })
  const { body: group } = await server.scim('POST', '/Groups', {
    schemas: [groupUrn],
    ...everythingOf(groupType.attributes),
    members: [{ value: ada }]
  })
  t.equal((await server.scim('POST', '/Users', newUser('ben'))).status, 201)

  for (const [endpoint, type, id] of [
    ['Users', users, ada],
    ['Groups', groupType, String(group.id)]
  ] as const) {
    const { body: resource } = await server.scim('GET', `/${endpoint}/${id}`)
    const shown = shownIn(type, resource)
    const refusals = new Set<string>()
    for (const [{ label }, value] of shown) {
      for (const operator of ['eq', 'pr']) {
        const filter = `${label} ${operator}${operator === 'pr' ? '' : ` ${JSON.stringify(value)}`}`
        const { status, body } = await server.scim<{
          Resources?: { id: string }[]
          scimType?: string
          detail?: string
        }>('GET', `/${endpoint}?attributes=id&filter=${encodeURIComponent(filter)}`)
        if (status === 200)
          t.ok(
            body.Resources?.some(found => found.id === id),
            filter
          )
        else {
          t.match(body, { scimType: 'invalidFilter', detail: /\w.*\.$/ }, filter)
          refusals.add(label)
        }
      }
    }
    t.ok(shown.length > 10, `${shown.length} values of ${endpoint}`)
    t.same([...refusals].sort(), [...(refused[endpoint] ?? [])].sort())
  }
})
