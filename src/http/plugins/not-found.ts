/** URLs without a route: 404, or 405 where only the method is wrong. Decided before a body is read. */
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../base/domain-error.ts'
import { segmentsOf } from '../surface.ts'

/** Add it behind authentication: what exists is not told to everybody. */
export function addNotFound(app: FastifyInstance): void {
  const routes = new Map<string, { readonly pattern: readonly string[]; readonly methods: Set<string> }>()

  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: segmentsOf(url), methods: new Set() }
    routes.set(url, route)
    for (const one of [method].flat()) route.methods.add(one)
  })

  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = segmentsOf(request.url)
    const methods = new Set(
      [...routes.values()].flatMap(route => (fits(route.pattern, path) ? [...route.methods] : []))
    )
    // A wildcard takes one character at least: `/docs/static/` fits its pattern and is none of its URLs.
    if (methods.size === 0 || methods.has(request.method)) throw nothingHere()
    const allow = [...methods].sort().join(', ')
    reply.header('allow', allow)
    throw new Refusal('method_not_allowed', `This URL takes ${allow}.`)
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
