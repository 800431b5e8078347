/** A server with something in it to fuzz, and the hand that sends: it puts ids and what was answered before into the requests. */
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { createConnector } from '../../src/admin/accounts.ts'
import { isObject } from '../../src/base/json.ts'
import { users } from '../../src/directory/collections.ts'
import { purchases } from '../../src/licensing/collections.ts'
import { define } from '../discovery/every-kind.ts'
import { groupUrn, newUser, type TestServer } from '../support/app.ts'
import type { FuzzRequest } from './requests.ts'
import { newest } from './words.ts'

/** Texts for `{name}`, and tokens by sender. */
export interface Known {
  readonly texts: ReadonlyMap<string, string>
  readonly tokens: Readonly<Record<NonNullable<FuzzRequest['as']>, string>>
}

/** The request as it goes out. */
export function outgoing({ method, url, headers, payload, as }: FuzzRequest, { texts, tokens }: Known): InjectOptions {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => texts.get(name) ?? whole)
  const filled = Object.entries(headers).map(([name, value]) => {
    return [name, typeof value === 'string' ? fill(value) : value.map(fill)] as const
  })
  return {
    method: method as NonNullable<InjectOptions['method']>,
    url: fill(url),
    ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? fill(payload) : payload }),
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${tokens[as]}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(filled)
    }
  }
}

export interface World {
  send(request: FuzzRequest): Promise<LightMyRequestResponse>
}

/** Who is deleted comes back under another id, and a connection that is lost with another token. */
export async function populate(server: TestServer): Promise<World> {
  const texts = new Map<string, string>()
  // A request may have given the seats back.
  const buyAndCreate = async (name: string): Promise<string> => {
    const bought = await server.api('POST', '/seats/purchases', { type: 'PWM', quantity: 100 })
    if (bought.status !== 201) throw new Error(`seats: ${bought.status} ${bought.text}`)
    texts.set('purchase', String(bought.body.id))
    return create(name)
  }
  // By the administrator, whose key nothing here can revoke.
  const create = async (name: string): Promise<string> => {
    const [path, body] = name.startsWith('u')
      ? ['/Users', newUser(`${name}-${server.env.makeId()}`)]
      : ['/Groups', { schemas: [groupUrn], displayName: name }]
    const made = await server.scim('POST', path, body, { authorization: `Bearer ${server.adminKey}` })
    if (made.status === 403) return buyAndCreate(name)
    if (made.status !== 201) throw new Error(`${name}: ${made.status} ${made.text}`)
    return String(made.body.id)
  }
  await define(server)
  for (const name of ['u0', 'u1', 'u2', 'u3', 'g0', 'g1', 'g2']) texts.set(name, await create(name))
  const [admin] = (await server.store.find(users, 'default', { limit: 10 })).filter(({ doc }) => doc.protected)
  const [purchase] = await server.store.find(purchases, 'default', { limit: 1 })
  const spare = await createConnector(server.context, 'spare', 'okta')
  texts.set('admin', admin?.doc.id ?? '').set('purchase', purchase?.doc.id ?? '')
  texts.set('connector', spare.connector.doc.id).set('nobody', '01900000-0000-7000-8000-000000000000')
  const connect = async (profile: string) => (await createConnector(server.context, 'fuzz', profile)).token
  const tokens = {
    administrator: server.adminKey,
    connector: await connect('entra'),
    strict: await connect('strict'),
    reader: await server.keyOf('read_only'),
    receiver: ''
  }

  async function send(request: FuzzRequest): Promise<LightMyRequestResponse> {
    const answer = await server.app.inject(outgoing(request, { texts, tokens }))
    remember(texts, request, answer)
    tokens.receiver = /"token":"(usher_event_\w+)"/.exec(answer.body)?.[1] ?? tokens.receiver
    const gone =
      request.method === 'DELETE' && answer.statusCode === 204 ? /\{([ug]\d)\}/.exec(request.url)?.[1] : undefined
    if (gone !== undefined) texts.set(gone, await create(gone))
    // A request may have ended the connection itself, or slowed it down.
    const isLost = answer.statusCode === 401 || answer.statusCode === 429
    if (isLost && request.as === 'connector') tokens.connector = await connect('entra')
    if (isLost && request.as === 'strict') tokens.strict = await connect('strict')
    return answer
  }
  return { send }
}

/** What clients take from an answer into their next request. */
function remember(
  texts: Map<string, string>,
  { url }: FuzzRequest,
  { statusCode, headers, body }: LightMyRequestResponse
) {
  if (typeof headers.etag === 'string') texts.set('etag', headers.etag)
  if (typeof headers.location === 'string') texts.set('location', headers.location)
  const found: unknown = statusCode < 300 && /^[^"]*"/.test(body) && body.startsWith('{') ? JSON.parse(body) : undefined
  if (!isObject(found)) return
  const cursor = found.nextCursor ?? found.next
  if (typeof cursor === 'string') texts.set('cursor', encodeURIComponent(cursor))
  const [one] = [found.items ?? found.Resources ?? found].flat()
  const segment = /\/([\w-]+)\/?(?:\.search)?(?:[?#]|$)/.exec(url)?.[1]
  if (segment !== undefined && isObject(one) && typeof one.id === 'string') {
    texts.set(newest(segment).slice(1, -1), encodeURIComponent(one.id))
  }
}
