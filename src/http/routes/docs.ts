/** The description of the API, made from the schemas that validate, and a page to read and try it. */
import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import Type from 'typebox'
import type { Needs } from '../access-table.ts'

const { version, description } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
) as { readonly version: string; readonly description: string }

const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What was wrong, and what to do' }),
    code: Type.String({ description: 'For programs; never changes its meaning' })
  },
  { description: 'RFC 9457. Some codes come with further members' }
)

// All the page needs is here; it asks nobody else, not even to judge the document.
const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'"
].join('; ')

/** Resolves when routes that are registered from then on are in the description. */
export async function docsRoutes(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Usher',
        version,
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
      },
      ...(publicUrl === undefined ? {} : { servers: [{ url: publicUrl }] }),
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }
    },
    transform: ({ schema = {}, url, route }) => ({ schema: described(schema, url, route.config?.needs), url })
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: pagePolicy,
    uiConfig: { validatorUrl: null, url: '/openapi.json', persistAuthorization: false },
    theme: { title: 'Usher API' }
  })
}

/** What the frame adds to every route: its tag, what the token needs, and how errors look. */
function described(schema: FastifySchema, url: string, needs: Needs | 'public' | undefined): FastifySchema {
  const tags = schema.tags ?? (url.startsWith('/scim/') ? ['SCIM'] : [])
  if (needs === undefined || needs === 'public') return { ...schema, tags }
  const needed = needs.builtin === null ? 'users only' : needs.builtin.join(' and ')
  const connector = needs.connector === true ? ', or the token of a connector' : ''
  const errors = { default: { description: 'An error', content: { 'application/problem+json': { schema: Problem } } } }
  const ours = url.startsWith('/scim/') ? {} : errors
  const response = { ...(isResponses(schema.response) ? schema.response : {}), ...ours }
  const description = [schema.description, `Needs: ${needed}${connector}.`].filter(Boolean).join('\n\n')
  return { ...schema, tags, description, security: [{ bearer: [] }], response }
}

const isResponses = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
