/** URLs without a route: 404, or 405 where only the method is wrong. Decided before a body is read. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Refusal } from '../../base/domain-error.ts'
import { segmentsOf } from '../surface.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The routes that a URL fits, but for dynamic ones. */
    routesAt(url: string): readonly TakenMethods[]
  }
  interface FastifyContextConfig {
    /** Why a URL does not take the methods that others of its kind take: one sentence. */
    readonly otherMethods?: string | undefined
    /** What is there depends on who asks: such a route answers for itself. */
    readonly dynamic?: true
  }
}

/** The methods that a route takes, and why not others. */
export interface TakenMethods {
  readonly methods: ReadonlySet<string>
  readonly why: ReadonlySet<string>
}

interface Known extends TakenMethods {
  readonly pattern: readonly string[]
  readonly methods: Set<string>
  readonly why: Set<string>
}

/** Add it behind authentication: what exists is not told to everybody. */
export function addNotFound(app: FastifyInstance): void {
  const routes = new Map<string, Known>()

  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.dynamic === true) return
    const route: Known = routes.get(url) ?? { pattern: segmentsOf(url), methods: new Set(), why: new Set() }
    routes.set(url, route)
    for (const one of [method].flat()) route.methods.add(one)
    if (config?.otherMethods !== undefined) route.why.add(config.otherMethods)
  })

  const routesAt = (url: string) => {
    const path = segmentsOf(url)
    return [...routes.values()].filter(({ pattern }) => fits(pattern, path))
  }
  app.decorate('routesAt', routesAt)

  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const known = routesAt(request.url)
    // A wildcard takes one character at least: `/docs/static/` fits its pattern and is none of its URLs.
    if (known.length === 0 || known.some(({ methods }) => methods.has(request.method))) throw nothingHere()
    throw wrongMethod(reply, known)
  })
  // Unknown URLs were answered before: here comes who looked for a file in vain.
  app.setNotFoundHandler(() => {
    throw nothingHere()
  })
}

export function wrongMethod(reply: FastifyReply, known: readonly TakenMethods[]): Refusal {
  const allow = [...new Set(known.flatMap(({ methods }) => [...methods]))].sort().join(', ')
  reply.header('allow', allow)
  const why = new Set(known.flatMap(each => [...each.why]))
  return new Refusal('method_not_allowed', [`This URL takes ${allow}.`, ...why].join(' '))
}

export const nothingHere = () => new Refusal('not_found', 'There is nothing at this URL.')

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const open = pattern.at(-1) === '*'
  if (open ? path.length < pattern.length - 1 : path.length !== pattern.length) return false
  return pattern.every((segment, i) => segment === '*' || segment.startsWith(':') || segment === path[i])
}
