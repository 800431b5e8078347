/**
 * `/Roles` and `/Entitlements`: what users can be given (draft-ietf-scim-roles-entitlements), and the same once more in the schemas
 * by which Okta Identity Governance discovers it. They are made elsewhere: here they are read.
 */
import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import { notFound } from '../../../base/domain-error.ts'
import type { JsonObject } from '../../../base/json.ts'
import { type Assignable, assignableLicenses, assignableRoles } from '../../../directory/assignables.ts'
import type { Matches } from '../../../directory/lists.ts'
import { typesOf } from '../../../directory/types-of.ts'
import { matches } from '../../../scim/filter/evaluate.ts'
import { everything, type Filter, type SearchForm } from '../../../scim/filter/filter.ts'
import { resourceSchema } from '../../../scim/json-schema.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import { plainOptions, typesFor } from '../../../scim/schemas.ts'
import { searchForm } from '../../../scim/search-form.ts'
import type { Stored } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { spotIn } from '../../keyset.ts'
import type { Services } from '../../services.ts'
import { describe, describeOnly } from './describe.ts'
import { exchange, readProjection, scimRoot, sendResource } from './exchange.ts'
import type { Listed } from './listed.ts'
import { listRoutes } from './lists.ts'
import { compareSpots } from './merged.ts'

interface Source {
  /** All of them: they are few. */
  read(context: Context): Promise<readonly Assignable[]>
  attributesOf(one: Assignable): JsonObject
  /** Why there is nothing to write here. */
  readonly origin: string
}

const roles = {
  read: assignableRoles,
  origin: 'Roles are made by administrators, under /api/v1/roles; here they are read.'
}
const licenses = {
  read: assignableLicenses,
  origin: 'Licenses are bought, under /api/v1/seats/purchases; here they are read.'
}

const sources: readonly (readonly [string, Source])[] = [
  ['Role', { ...roles, attributesOf: draftAttributes }],
  ['Entitlement', { ...licenses, attributesOf: draftAttributes }],
  ['VaultRole', { ...roles, attributesOf: oktaAttributes }],
  ['License', { ...licenses, attributesOf: oktaAttributes }]
]

function draftAttributes({ id, kind, name, isUsable, seats, contains, containedBy }: Assignable): JsonObject {
  return {
    ...{ value: id, display: name, type: kind, supported: isUsable, limitedAssignmentsPermitted: seats !== undefined },
    ...(seats === undefined ? {} : { totalAssignmentsPermitted: seats.permitted, totalAssignmentsUsed: seats.used }),
    ...(contains.length === 0 ? {} : { contains }),
    ...(containedBy.length === 0 ? {} : { containedBy })
  }
}

// Okta takes 1,000 characters.
const descriptionMax = 1000

function oktaAttributes({ name, kind, description }: Assignable): JsonObject {
  return { displayName: name, type: kind, description: description.slice(0, descriptionMax) }
}

interface Row {
  readonly id: string
  readonly attributes: JsonObject
}

export function scimAssignableRoutes(app: FastifyInstance, services: Services): void {
  const { env, config } = services
  describeOnly(app)
  for (const [name, source] of sources) {
    const plain = typeNamed(typesFor(plainOptions).all, name)
    const { endpoint } = plain.definition
    const typeOf = async (context: Context) => typeNamed((await typesOf(env, context.tenant)).all, name)
    const rowsOf = async (context: Context) =>
      (await source.read(context)).map((one): Row => ({ id: one.id, attributes: source.attributesOf(one) }))
    const search = (row: Row) => searchForm(plain, shown(plain, row))
    const listed: Listed<Row> = {
      name,
      endpoint,
      origin: source.origin,
      schema: resourceSchema(plain),
      type: typeOf,
      search,
      matching: async (context, filter) => within(await rowsOf(context), search, filter),
      show: async (_, page, { type, base, projection }) =>
        page.map(({ doc }) => JSON.stringify(projection.apply(shown(type, doc, base))))
    }

    listRoutes(app, services, listed)
    app.get<{ Params: { readonly id: string } }>(
      `${scimRoot}${endpoint}/:id`,
      describe({
        ...{ summary: `One ${name}`, answers: { 200: listed.schema }, otherMethods: source.origin },
        ...{ query: 'selection', byId: true }
      }),
      async (request, reply) => {
        const context = contextOf(env, request)
        const type = await typeOf(context)
        const { query, base } = exchange(request, config, type)
        const projection = readProjection(type, query)
        const row = (await rowsOf(context)).find(({ id }) => id === request.params.id)
        if (row === undefined) throw notFound(name)
        const text = JSON.stringify(projection.apply(shown(type, row, base)))
        return sendResource(request, reply, { text, version: versionOf(row) })
      }
    )
  }
}

function typeNamed(types: readonly ResourceType[], name: string): ResourceType {
  const found = types.find(type => type.name === name)
  if (found === undefined) throw new Error(`schemas/resource-types.json has no ${name}`)
  return found
}

function shown(type: ResourceType, row: Row, base?: string): JsonObject {
  const location = base === undefined ? {} : { location: `${base}${type.definition.endpoint}/${row.id}` }
  return {
    schemas: [type.schema],
    id: row.id,
    ...row.attributes,
    meta: { resourceType: type.name, ...location, ...(base === undefined ? {} : { version: versionOf(row) }) }
  }
}

/** They are made of several things, none of which counts their changes: what is the same has the same tag. */
const versionOf = ({ attributes }: Row) => `W/"${hash('sha256', JSON.stringify(attributes)).slice(0, 16)}"`

/** What a store answers, of rows that stand in none. */
function within(rows: readonly Row[], search: (row: Row) => SearchForm, filter: Filter = everything): Matches<Row> {
  const matching = rows.map(doc => ({ doc, form: search(doc) })).filter(({ form }) => matches(filter, form))
  return {
    total: async () => matching.length,
    async find({ sort, newestFirst = false, after, offset = 0, limit }) {
      const sign = (sort === undefined ? newestFirst : sort.descending === true) ? -1 : 1
      return matching
        .map(({ doc, form }) => ({ doc, spot: spotIn(sort, doc.id, () => form) }))
        .filter(({ spot }) => after === undefined || sign * compareSpots(spot, after) > 0)
        .sort((a, b) => sign * compareSpots(a.spot, b.spot))
        .slice(offset, offset + limit)
        .map(({ doc }): Stored<Row> => ({ doc, version: 1, referenced: false }))
    }
  }
}
