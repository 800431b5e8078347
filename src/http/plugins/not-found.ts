/** URLs without a route: 404, or 405 where only the method is wrong. Decided before a body is read. */
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../base/domain-error.ts'
import { segmentsOf } from '../surface.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Why a URL does not take the methods that others of its kind take: one sentence. */
    readonly otherMethods?: string | undefined
  }
}

interface Known {
  readonly pattern: readonly string[]
  readonly methods: Set<string>
  readonly why: Set<string>
}

/** Add it behind authentication: what exists is not told to everybody. */
export function addNotFound(app: FastifyInstance): void {
  const routes = new Map<string, Known>()

  app.addHook('onRoute', ({ url, method, config }) => {
    const route: Known = routes.get(url) ?? { pattern: segmentsOf(url), methods: new Set(), why: new Set() }
    routes.set(url, route)
    for (const one of [method].flat()) route.methods.add(one)
    if (config?.otherMethods !== undefined) route.why.add(config.otherMethods)
  })

  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = segmentsOf(request.url)
    const known = [...routes.values()].filter(({ pattern }) => fits(pattern, path))
    const methods = new Set(known.flatMap(route => [...route.methods]))
    // A wildcard takes one character at least: `/docs/static/` fits its pattern and is none of its URLs.
    if (methods.size === 0 || methods.has(request.method)) throw nothingHere()
    const allow = [...methods].sort().join(', ')
    reply.header('allow', allow)
    const why = new Set(known.flatMap(route => [...route.why]))
    throw new Refusal('method_not_allowed', [`This URL takes ${allow}.`, ...why].join(' '))
  })
  // Unknown URLs were answered before: here comes who looked for a file in vain.
  app.setNotFoundHandler(() => {
    throw nothingHere()
  })
}

const nothingHere = () => new Refusal('not_found', 'There is nothing at this URL.')

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const open = pattern.at(-1) === '*'
  if (open ? path.length < pattern.length - 1 : path.length !== pattern.length) return false
  return pattern.every((segment, i) => segment === '*' || segment.startsWith(':') || segment === path[i])
}
