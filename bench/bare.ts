/**
 * What is left of the server when all of ours is taken away: Fastify, one route for each operation, and the driver call. No
 * authentication, no validation, no schema, no log. It answers the same URLs with bodies of the same size.
 *
 *   BARE_SQLITE=file | BARE_MONGODB_URI=uri  PORT=8081  node bench/bare.ts
 */
import { randomUUID } from 'node:crypto'
import { fastify } from 'fastify'
import type { JsonObject } from '../src/base/json.ts'
import { edgeId } from '../src/directory/collections.ts'
import { groupResource, memberValue, userResource } from '../src/directory/view.ts'
import { groupsOf, userAt } from './organisation.ts'
import { userNameAt } from './people.ts'

export interface BareUser {
  readonly id: string
  readonly userName: string
  /** The resource as it is sent. */
  readonly doc: string
}

export interface BareEdge {
  readonly id: string
  readonly group: string
  readonly member: string
}

export interface BareDoc {
  readonly id: string
  readonly doc: string
}

export interface BareCreate {
  readonly user: BareUser
  readonly seat: BareDoc
  readonly audit: BareDoc
}

export interface BareStore {
  get(id: string): Promise<string | undefined>
  byName(userName: string): Promise<string | undefined>
  /** In order of id. @param after an id; empty: from the first on. */
  page(limit: number, after: string): Promise<readonly string[]>
  /** One durable transaction of three documents. */
  create(user: BareUser, seat: BareDoc, audit: BareDoc): Promise<void>
  /** The same for many, in one durable transaction. */
  createAll(users: readonly BareCreate[]): Promise<void>
  /** Reads, and writes on the condition that nobody else did. @returns the new document */
  change(id: string, edit: (doc: string) => string): Promise<string | undefined>
  remove(id: string): Promise<boolean>
  /** In one durable write. */
  removeAll(ids: readonly string[]): Promise<void>
  /** In one durable write. */
  addEdges(edges: Iterable<BareEdge>): Promise<void>
  removeEdges(ids: readonly string[]): Promise<void>
  /** In order of id. */
  members(group: string): Promise<readonly string[]>
  /** Many, at first. */
  fill(users: Iterable<BareUser>): Promise<void>
  close(): Promise<void>
}

const base = 'http://127.0.0.1:8080/scim/v2'

/** The same users as ours, as ours are sent. */
export function* bareUsers(count: number): Generator<BareUser> {
  for (let n = 0; n < count; n++) {
    const user = userAt(n)
    const { license } = user
    yield {
      id: user.id,
      userName: userNameAt(n),
      doc: JSON.stringify(userResource(user, license.state, { base, version: 'W/"1"' }))
    }
  }
}

/** Groups stand among the users: a document by its id, like theirs. */
export function* bareGroups(count: number): Generator<BareUser> {
  for (const group of groupsOf(count)) {
    const doc = JSON.stringify(groupResource(group, { base, version: 'W/"1.0"' }))
    yield { id: group.id, userName: group.id, doc }
  }
}

export async function openBare(env: NodeJS.ProcessEnv): Promise<BareStore> {
  const { BARE_SQLITE: file, BARE_MONGODB_URI: uri } = env
  if (uri !== undefined) return (await import('./bare-mongo.ts')).bareMongo(uri)
  if (file === undefined) throw new Error('set BARE_SQLITE or BARE_MONGODB_URI')
  return (await import('./bare-sqlite.ts')).bareSqlite(file)
}

interface BareBulk {
  readonly Operations: readonly { readonly method: string; readonly path: string; readonly data?: JsonObject }[]
}

interface ById {
  Params: { id: string }
  Body: { Operations: [{ op: string; path: string; value: never }] }
}

const scim = 'application/scim+json; charset=utf-8'

function buildBare(store: BareStore) {
  const app = fastify()
  app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, JSON.parse(String(body)))
  )
  const listOf = (docs: readonly string[], next = '') =>
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":${docs.length},"itemsPerPage":${docs.length},"startIndex":1,${next}"Resources":[${docs.join(',')}]}`
  const idIn = (doc: string | undefined) => /"id":"([^"]+)"/.exec(doc ?? '')?.[1]

  app.get<ById>('/scim/v2/Users/:id', async (request, reply) =>
    reply.type(scim).send(await store.get(request.params.id))
  )
  app.get<{ Querystring: { filter?: string; count?: string; cursor?: string } }>(
    '/scim/v2/Users',
    async ({ query }, reply) => {
      const { filter, count, cursor } = query
      if (filter === undefined) {
        const docs = await store.page(Number(count), cursor ?? '')
        const isMore = cursor !== undefined && docs.length === Number(count)
        return reply.type(scim).send(listOf(docs, isMore ? `"nextCursor":"${idIn(docs.at(-1))}",` : ''))
      }
      const found = await store.byName(filter.slice('userName eq "'.length, -1))
      return reply.type(scim).send(listOf(found === undefined ? [] : [found]))
    }
  )
  // Everybody's address at work is the userName: one look-up by an index, as the address would be.
  app.post<{ Body: { filter: string } }>('/scim/v2/Users/.search', async ({ body }, reply) => {
    const found = await store.byName(/value eq "([^"]+)"/.exec(body.filter)?.[1] ?? '')
    return reply.type(scim).send(listOf(found === undefined ? [] : [found]))
  })
  const newUser = (body: JsonObject) => {
    const [id, seat, audit] = [randomUUID(), randomUUID(), randomUUID()]
    const now = new Date().toISOString()
    const { schemas = [], ...rest } = body
    const meta = {
      resourceType: 'User',
      created: now,
      lastModified: now,
      location: `${base}/Users/${id}`,
      version: 'W/"1"'
    }
    const doc = JSON.stringify({ schemas, id, ...rest, meta })
    const userName = String(rest.userName)
    const event = { id: audit, at: now, action: 'user.created', target: { kind: 'user', id, name: userName } }
    return {
      user: { id, userName, doc },
      seat: { id: seat, doc: JSON.stringify({ id: seat, pool: 'PWM', n: 1, holder: id, epoch: 1 }) },
      audit: { id: audit, doc: JSON.stringify(event) },
      location: meta.location
    }
  }
  app.post<{ Body: JsonObject }>('/scim/v2/Users', async (request, reply) => {
    const { user, seat, audit, location } = newUser(request.body)
    await store.create(user, seat, audit)
    return reply.code(201).header('location', location).type(scim).send(user.doc)
  })
  app.post<{ Body: BareBulk }>('/scim/v2/Bulk', { bodyLimit: 16 << 20 }, async (request, reply) => {
    const { Operations: asked } = request.body
    const made = asked.flatMap(({ data }) => (data === undefined ? [] : [newUser(data)]))
    const gone = asked.flatMap(({ method, path }) => (method === 'DELETE' ? [path.slice('/Users/'.length)] : []))
    if (made.length > 0) await store.createAll(made)
    if (gone.length > 0) await store.removeAll(gone)
    const created = made.map(({ location }, i) => ({
      method: 'POST',
      bulkId: `${i}`,
      location,
      version: 'W/"1"',
      status: '201'
    }))
    const removed = gone.map(id => ({ method: 'DELETE', location: `${base}/Users/${id}`, status: '204' }))
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']
    return reply.type(scim).send(JSON.stringify({ schemas, Operations: [...created, ...removed] }))
  })
  app.patch<ById>('/scim/v2/Users/:id', async (request, reply) => {
    const [{ path, value }] = request.body.Operations
    const doc = await store.change(request.params.id, before =>
      JSON.stringify({ ...JSON.parse(before), [path]: value })
    )
    return reply
      .code(doc === undefined ? 409 : 200)
      .type(scim)
      .send(doc)
  })
  app.patch<ById>('/scim/v2/Groups/:id', async (request, reply) => {
    const { id } = request.params
    const [{ op, path, value }] = request.body.Operations
    const listed = (value as { value: string }[] | undefined)?.map(element => element.value)
    const members = listed ?? [/"(.*)"/.exec(path)?.[1] ?? '']
    const edges = members.map(member => ({ id: edgeId(id, member), group: id, member }))
    await (op === 'add' ? store.addEdges(edges) : store.removeEdges(edges.map(edge => edge.id)))
    return reply.code(204).send()
  })
  app.get<ById & { Querystring: { excludedAttributes?: string } }>('/scim/v2/Groups/:id', async (request, reply) => {
    const { id } = request.params
    const head = await store.get(id)
    if (request.query.excludedAttributes !== undefined) return reply.type(scim).send(head)
    const members = (await store.members(id)).map(member => JSON.stringify(memberValue(member, 'User', base)))
    return reply.type(scim).send(`${head?.slice(0, -1)},"members":[${members.join(',')}]}`)
  })
  app.delete<ById>('/scim/v2/Users/:id', async (request, reply) =>
    reply.code((await store.remove(request.params.id)) ? 204 : 404).send()
  )
  app.get('/health/live', async () => ({ status: 'ok' }))
  return app
}

if (import.meta.main) {
  const store = await openBare(process.env)
  const app = buildBare(store)
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
  process.once('SIGTERM', async () => {
    await app.close()
    await store.close()
    process.exit(0)
  })
}
