import type { FastifyInstance } from 'fastify'
import t from 'tap'
import Type from 'typebox'
import { ask, NewThing, smallServer } from './small-server.ts'

const Thing = Type.Object({ id: Type.String(), role: Type.Union([Type.String(), Type.Null()]) })

function routes(app: FastifyInstance): void {
  app.get(
    '/api/v1/users/:id',
    {
      schema: {
        summary: 'One user',
        params: Type.Object({ id: Type.String() }),
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 1000 })) }),
        response: { 200: Thing }
      }
    },
    async () => ({ id: 'u1', role: null, password: 'never' })
  )
  app.post('/api/v1/users', { schema: { body: NewThing, response: { 201: Thing } } }, async () => ({
    id: 'u1',
    role: null
  }))
  app.get('/scim/v2/Users', async () => ({}))
  app.get('/api/v1/me', async () => ({}))
}

interface Operation {
  readonly description?: string
  readonly security?: unknown
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> }
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

t.test('the description is OpenAPI 3.1, of every route, made from the schemas that validate', async t => {
  const app = await smallServer(t, { routes, settings: { PUBLIC_URL: 'https://usher.example.com/' } })
  const { status, body } = await ask(app, { url: '/openapi.json' }, null)
  t.equal(status, 200)
  t.match(body, {
    openapi: '3.1.0',
    info: { title: 'Usher', version: /^\d/ },
    servers: [{ url: 'https://usher.example.com' }]
  })
  const paths = body.paths as Paths
  t.strictSame(Object.keys(paths).sort(), [
    '/api/v1/me',
    '/api/v1/users',
    '/api/v1/users/{id}',
    '/health/live',
    '/health/ready',
    '/scim/v2/Users'
  ])
  const one = paths['/api/v1/users/{id}']?.get
  t.match(one, { security: [{ bearer: [] }], description: 'Needs: users:read.' })
  t.match(one?.parameters, [
    { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 1000 } },
    { name: 'id', in: 'path', schema: { type: 'string' } }
  ])
  t.strictSame(
    JSON.parse(JSON.stringify(one?.responses['200']?.content?.['application/json']?.schema)),
    JSON.parse(JSON.stringify(Thing))
  )
  t.match(one?.responses.default?.content?.['application/problem+json']?.schema, {
    properties: { code: { type: 'string' } }
  })
  const sent = paths['/api/v1/users']?.post?.requestBody?.content['application/json']?.schema
  t.strictSame(JSON.parse(JSON.stringify(sent)), JSON.parse(JSON.stringify(NewThing)))
  t.match(paths['/scim/v2/Users']?.get?.description, /directory:read, or the token of a connector/)
  t.equal(paths['/health/live']?.get?.security, undefined)
})

t.test('what an answer may hold is what its schema names', async t => {
  const app = await smallServer(t, { routes })
  t.strictSame((await ask(app, { url: '/api/v1/users/u1' })).body, { id: 'u1', role: null })
})

t.test('the page works without anybody else, and takes nothing from elsewhere', async t => {
  const app = await smallServer(t, { routes })
  for (const url of ['/docs', '/docs/']) {
    const page = await ask(app, { url }, null)
    t.equal(page.status, 200)
    t.match(page.headers['content-type'], 'text/html')
    t.match(page.headers['content-security-policy'], /default-src 'self'.*frame-ancestors 'none'/)
    t.notMatch(page.headers['content-security-policy'], /https?:|unsafe-eval|\*/)
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
    t.ok(links.length >= 4)
    for (const link of links) {
      const file = new URL(link, `http://here${url}`)
      t.equal(file.host, 'here', link)
      t.equal((await ask(app, { url: file.pathname }, null)).status, 200, link)
    }
    // The policy lets no script in the page itself run.
    t.notMatch(page.text, /<script>|<script [^>]*>\s*[^<\s]/)
  }
  const start = await ask(app, { url: '/docs/static/swagger-initializer.js' }, null)
  t.match(start.text, /"validatorUrl":null/)
  t.match(start.text, /openapi\.json/)
})
