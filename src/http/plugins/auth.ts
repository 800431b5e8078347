/**
 * Who may call. Default deny, on what the route declares and never on the text of a URL: texts that differ can be one route,
 * and a check of texts lets `/%73cim/v2/Users` through.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticated } from '../../admin/authenticate.ts'
import type { Principal } from '../../admin/principal.ts'
import { isJwt, jwtLengthMax, tokenLengthMax } from '../../admin/tokens.ts'
import { Refusal } from '../../base/domain-error.ts'
import { decideAccess, type Missing, type Needs, needsOf } from '../access-table.ts'
import { surfaceOf } from '../surface.ts'
import { surroundings } from '../within.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined on public routes. */
    principal: Principal | undefined
  }
  interface FastifyContextConfig {
    /** From the access table, for every method of the route. */
    needs?: Needs | 'public'
  }
}

export interface AuthOptions {
  authenticate(token: string): Promise<Authenticated>
  /** Called before a caller is told that its role does not suffice (ADM-67); `request.principal` is there. */
  onDenied?(request: FastifyRequest, missing: Missing): Promise<void>
}

/** Everything that is registered after this needs a row in the access table, or start fails (ADM-55). */
export function addAuth(app: FastifyInstance, { authenticate, onDenied }: AuthOptions): void {
  app.decorateRequest('principal', undefined)

  app.addHook('onRoute', route => {
    for (const method of [route.method].flat()) {
      const needs = needsOf(method, route.url)
      if (needs === undefined) throw new Error(`${method} ${route.url} stands in no table of who may call it`)
      route.config = { ...route.config, needs }
    }
  })

  app.addHook('onRequest', async (request, reply) => {
    const { needs } = request.routeOptions.config
    // Behind an unknown URL there is nothing to protect, but what is not there is nobody's business without a token.
    if (request.is404 ? surfaceOf(request) === 'open' : needs === 'public') return
    const principal = surroundings().principal ?? (await identify(request, reply, authenticate))
    request.principal = principal
    if (request.is404) return
    if (needs === undefined || needs === 'public') throw new Error('a route without needs was called')
    const access = decideAccess(principal, needs)
    if (access.allowed) return
    await onDenied?.(request, access.missing)
    reply.header('www-authenticate', `${challenge}, error="insufficient_scope"`)
    throw insufficient(access.missing)
  })
}

// RFC 6750 3: without credentials the challenge names no error.
const challenge = 'Bearer realm="usher"'

/** @throws Refusal `unauthorized`. What is wrong with the token nobody learns, but that it was a good one until lately. */
async function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticate: AuthOptions['authenticate']
): Promise<Principal> {
  const { token, bare } = tokenIn(request)
  const found = token === undefined ? undefined : await authenticate(token)
  if (found === 'expired') {
    reply.header('www-authenticate', `${challenge}, error="invalid_token", error_description="The token has expired."`)
    throw new Refusal('unauthorized', 'This token has expired: make a new one, and enter it in the place of this one.')
  }
  const principal = found
  // Only where the connection says so (quirk 51).
  const fits = !bare || (principal?.kind === 'connector' && principal.settings.bareToken)
  if (principal !== undefined && fits) return principal
  const absent = request.headers.authorization === undefined
  reply.header('www-authenticate', absent ? challenge : `${challenge}, error="invalid_token"`)
  throw new Refusal('unauthorized', 'Send a valid token: Authorization: Bearer <token>.')
}

interface Found {
  readonly token: string | undefined
  /** Without `Bearer` in front. */
  readonly bare: boolean
}

const none: Found = { token: undefined, bare: false }

/** The token of the one Authorization header, where it has the form of one (RFC 6750 2.1) and could be ours by its length. */
function tokenIn({ headers, raw }: FastifyRequest): Found {
  const { authorization } = headers
  if (authorization === undefined || authorization.length > jwtLengthMax + 'Bearer '.length) return none
  // Node keeps the first of two and is silent about the other; a proxy may have looked at that one.
  const count = raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization').length
  const [, scheme, token] = /^(bearer +)?([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? []
  if (count > 1 || token === undefined || (token.length > tokenLengthMax && !isJwt(token))) return none
  return { token, bare: scheme === undefined }
}

function insufficient({ scope, level }: Missing): Refusal {
  const needed =
    level === 'edit' && !['own', 'any', 'super_admin', 'event_receiver'].includes(scope)
      ? `${scope} at ${level}`
      : scope
  return new Refusal('insufficient_scope', `This needs ${needed}, which this token does not have.`, { scope, level })
}
