/** The token endpoint (RFC 6749, RFC 7523) and what it tells of itself (RFC 8414). Both need PUBLIC_URL: it is who we are. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { accessToken, accessTokenSeconds, ClientRefused } from '../../admin/client-assertions.ts'
import { signatureAlgorithms } from '../../admin/key-sets.ts'
import { Refusal } from '../../base/domain-error.ts'
import type { Services } from '../services.ts'

/** An assertion has one or two kilobytes. */
const formBytesMax = 32 << 10
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const scope = 'scim'

export const tokenPath = '/oauth/token'

/** RFC 6749 5.2. */
class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const TokenSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  scope: Type.String()
})
const ErrorSchema = Type.Object({ error: Type.String(), error_description: Type.String() })

export function oauthRoutes(app: FastifyInstance, { env, config, authenticator }: Services): void {
  const { publicUrl, tokenRequestsPerMinute } = config

  const issuer = (): string => {
    // Our name must not be what a client says it is: an assertion meant for another could be used here.
    if (publicUrl === undefined) throw new Refusal('not_found', 'The token endpoint needs the setting PUBLIC_URL.')
    return publicUrl
  }

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    (_request, body, done) => done(null, new URLSearchParams(String(body)))
  )
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof OAuthError)) throw error
    return reply.code(error.status).send({ error: error.code, error_description: error.message })
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
  })

  app.post(
    tokenPath,
    {
      onRequest: app.rateLimit({
        keyGenerator: ({ ip }) => ip,
        allowList: () => tokenRequestsPerMinute === 0,
        max: tokenRequestsPerMinute,
        timeWindow: 60_000,
        errorResponseBuilder: () => new Refusal('too_many_requests', 'Too many requests for tokens from this address.')
      }),
      schema: {
        tags: ['OAuth'],
        summary: 'A token for a connector that proves with a signed JWT who it is (private_key_jwt)',
        consumes: ['application/x-www-form-urlencoded'],
        response: { 200: TokenSchema, 400: ErrorSchema, 401: ErrorSchema }
      }
    },
    async (request, reply) => {
      const named = issuer()
      const form = readForm(request.body)
      try {
        const { token } = await accessToken(env, authenticator.keys, { ...form, issuer: named })
        return reply.send({ access_token: token, token_type: 'Bearer', expires_in: accessTokenSeconds, scope })
      } catch (error) {
        if (error instanceof ClientRefused) throw new OAuthError(401, 'invalid_client', `${error.message}.`)
        throw error
      }
    }
  )

  app.get(
    '/.well-known/oauth-authorization-server',
    { schema: { tags: ['OAuth'], summary: 'Where the token endpoint is and what it takes (RFC 8414)' } },
    async () => ({
      issuer: issuer(),
      token_endpoint: `${issuer()}${tokenPath}`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      scopes_supported: [scope],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: signatureAlgorithms
    })
  )
}

function readForm(body: unknown) {
  const form = body instanceof URLSearchParams ? body : undefined
  if (form === undefined) throw invalid('Send a form: Content-Type application/x-www-form-urlencoded')
  // RFC 6749 3.2: no parameter comes twice, and an empty one is as good as none.
  const twice = [...form.keys()].find((name, i, names) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid('A parameter is given twice')
  const value = (name: string) => form.get(name) || undefined
  const [grant, assertion] = [value('grant_type'), value('client_assertion')]
  if (grant === undefined) throw invalid('grant_type is missing')
  if (grant !== 'client_credentials') {
    throw new OAuthError(400, 'unsupported_grant_type', 'grant_type must be client_credentials.')
  }
  if (assertion === undefined || value('client_assertion_type') !== assertionType) {
    throw new OAuthError(401, 'invalid_client', `Send a client_assertion, with client_assertion_type ${assertionType}.`)
  }
  if ((value('scope') ?? scope) !== scope) throw new OAuthError(400, 'invalid_scope', `The only scope is ${scope}.`)
  return { assertion, clientId: value('client_id') }
}

const invalid = (problem: string) => new OAuthError(400, 'invalid_request', `${problem}.`)
