/** Random requests: every route with every method by its grammar, what identity providers really send, and noise. */
import fc from 'fast-check'
import { surfaceAt } from '../../src/http/surface.ts'
import type { Route } from '../support/route-table.ts'
import { anyBody, formBody, scimBody } from './bodies.ts'
import { mutated } from './edits.ts'
import { valueBySchema } from './from-schema.ts'
import { authorization, type Headers, headers } from './headers.ts'
import { traffic } from './traffic.ts'
import { anyPath, listQuery, pathOf, query } from './urls.ts'

export interface FuzzRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly payload: string | Buffer | undefined
  /** Whose token it carries. */
  readonly as: 'administrator' | 'connector' | 'strict' | 'reader' | 'receiver' | undefined
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'SEARCH']

type Sender = FuzzRequest['as']

/** Mostly somebody who may. */
const sender = (...usual: Sender[]) =>
  fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom<Sender>('administrator', 'connector', 'strict', 'reader', undefined) }
  )
const provider = { headers, as: sender('administrator', 'connector', 'strict') }
const admin = { headers, as: sender('administrator') }

/** Something else than a token, now and then. */
function signed(request: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  const without = fc
    .tuple(request, authorization)
    .map(([one, sent]): FuzzRequest => ({ ...one, as: undefined, headers: { ...one.headers, authorization: sent } }))
  return fc.oneof({ weight: 40, arbitrary: request }, { weight: 1, arbitrary: without })
}

const isForm = ({ pattern }: Route) => pattern.startsWith('/oauth/')
const formType = fc.constant({ 'content-type': 'application/x-www-form-urlencoded' })

function bodyOf(route: Route): fc.Arbitrary<string | Buffer | undefined> {
  const { method, pattern, body } = route
  if (method === 'GET' || method === 'HEAD') return fc.constant(undefined)
  const fit = isForm(route) ? formBody : surfaceAt(pattern) === 'scim' ? scimBody(method, pattern) : textOf(body)
  return fc.option(mutated(fit), { nil: undefined, freq: method === 'DELETE' ? 1 : 15 })
}

function senderOf({ pattern }: Route) {
  if (surfaceAt(pattern) === 'scim') return provider
  return pattern.endsWith('/poll') ? { headers, as: sender('receiver') } : admin
}

function textOf(schema: unknown): fc.Arbitrary<string> {
  if (schema === undefined) return anyBody
  const declared = valueBySchema(schema).map(value => JSON.stringify(value) ?? 'null')
  return fc.oneof({ weight: 9, arbitrary: declared }, { weight: 1, arbitrary: anyBody })
}

function toRoute(routes: readonly Route[]): fc.Arbitrary<FuzzRequest> {
  const weighted = routes.map(route => {
    const isList = route.method === 'GET' && !route.pattern.includes(':')
    const made = fc.record({
      method: fc.oneof({ weight: 12, arbitrary: fc.constant(route.method) }, fc.constantFrom(...methods)),
      url: fc.tuple(pathOf(route.pattern), isList ? listQuery : query).map(parts => parts.join('')),
      payload: bodyOf(route),
      ...senderOf(route),
      ...(isForm(route) ? { headers: formType } : {})
    })
    return { weight: surfaceAt(route.pattern) === 'scim' ? 4 : 1, arbitrary: made }
  })
  return fc.oneof(...weighted)
}

const fromProvider: fc.Arbitrary<FuzzRequest> = fc
  .tuple(traffic, fc.record(provider))
  .map(([sent, more]) => ({ ...sent, ...more }))

const noise: fc.Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom(...methods),
  url: anyPath,
  payload: fc.option(mutated(anyBody), { nil: undefined }),
  ...provider
})

export function anyRequest(routes: readonly Route[]): fc.Arbitrary<FuzzRequest> {
  return signed(
    fc.oneof(
      { weight: 12, arbitrary: toRoute(routes) },
      { weight: 6, arbitrary: fromProvider },
      { weight: 1, arbitrary: noise }
    )
  )
}
