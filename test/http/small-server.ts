/** The real frame around a few small routes. Their patterns stand in the access table, as all must. */
import { connect } from 'node:net'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import Type from 'typebox'
import { defaultConnectorSettings } from '../../src/admin/connector-settings.ts'
import type { Principal } from '../../src/admin/principal.ts'
import { readConfig } from '../../src/config.ts'
import { createServer, type ServerOptions } from '../../src/http/server.ts'

export const scimToken = 'usher_scim_forTheConnector'
/** The key of an administrator of this role. */
export const keyOf = (role: string) => `usher_key_${role}`
export const superKey = keyOf('administrator_with_billing')

const connector: Principal = {
  kind: 'connector',
  tenant: 'default',
  id: 'c1',
  name: 'Okta',
  profile: 'okta',
  settings: defaultConnectorSettings
}

export const administrator = (role: string | null): Principal => ({
  kind: 'administrator',
  tenant: 'default',
  id: 'a1',
  keyId: 'k1',
  keyPrefix: 'usher_key_abcde',
  name: 'Ada',
  role
})

export async function authenticate(token: string): Promise<Principal | undefined> {
  if (token === scimToken) return connector
  const role = token.startsWith('usher_key_') ? token.slice('usher_key_'.length) : undefined
  return role === undefined ? undefined : administrator(role === 'nobody' ? null : role)
}

export interface SmallOptions extends Partial<ServerOptions> {
  readonly settings?: Record<string, string>
  /** Instead of `smallRoutes`. */
  readonly routes?: (app: FastifyInstance) => void
}

/** Closed when the test ends. */
export async function smallServer(t: Test, options: SmallOptions = {}): Promise<FastifyInstance> {
  const { settings = {}, routes = smallRoutes, ...rest } = options
  const config = readConfig({
    LOG_LEVEL: options.log === undefined ? 'silent' : 'trace',
    USHER_DRAIN_SECONDS: '0',
    ...settings
  })
  const app = await createServer({ config, store: { ping: async () => undefined }, authenticate, ...rest })
  t.teardown(() => app.close())
  routes(app)
  return app
}

export const NewThing = Type.Object(
  {
    userName: Type.String({ minLength: 1 }),
    seats: Type.Optional(Type.Integer()),
    kind: Type.Optional(Type.Enum(['named', 'floating']))
  },
  { additionalProperties: false }
)

function smallRoutes(app: FastifyInstance): void {
  const echo = async (request: { body: unknown }) => ({ echo: request.body ?? null })
  app.get('/scim/v2/Users', async request => ({ query: request.query }))
  app.post('/scim/v2/Users', echo)
  app.put('/scim/v2/Users/:id', echo)
  app.delete('/scim/v2/Users/:id', async (_request, reply) => reply.code(204).send())
  app.get('/scim/v2/Schemas', async () => ({}))
  app.get(
    '/api/v1/users',
    {
      schema: {
        querystring: Type.Intersect([
          Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }),
          Type.Object({ filter: Type.Optional(Type.String()) })
        ])
      }
    },
    async request => ({ query: request.query })
  )
  app.post('/api/v1/users', { schema: { body: NewThing } }, echo)
  app.post('/api/v1/users/:id/suspend', echo)
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

/** As the super administrator, where nothing else is said. */
export async function ask(
  app: FastifyInstance,
  options: InjectOptions,
  token: string | null = superKey
): Promise<Reply> {
  const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...options.headers }
  const answer = await app.inject({ ...options, headers })
  const json = String(answer.headers['content-type'] ?? '').includes('json') && answer.body !== ''
  return { status: answer.statusCode, headers: answer.headers, body: json ? answer.json() : {}, text: answer.body }
}

/** An app whose `GET /api/v1/seats` and `GET /scim/v2/Users` throw this. */
export function throwing(t: Test, error: unknown, options: SmallOptions = {}): Promise<FastifyInstance> {
  const fail = async () => {
    throw error
  }
  const routes = (app: FastifyInstance) => {
    app.get('/api/v1/seats', fail)
    app.get('/scim/v2/Users', fail)
  }
  return smallServer(t, { ...options, routes })
}

/** On a free port of this machine. */
export async function listening(app: FastifyInstance): Promise<{ readonly port: number }> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  return address
}

/** Sends bytes as they are. @returns the first line of the answer, and all of it. */
export function raw(port: number, text: string): Promise<readonly [line: string, text: string]> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', data => {
      answer += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve([answer.split('\r\n')[0] ?? '', answer]))
  })
}
