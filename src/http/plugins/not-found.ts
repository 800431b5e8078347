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
    if (methods.size === 0) throw new Refusal('not_found', 'There is nothing at this URL.')
    const allow = [...methods].sort().join(', ')
    reply.header('allow', allow)
    throw new Refusal('method_not_allowed', `This URL takes ${allow}.`)
  })
  app.setNotFoundHandler(() => {
    throw new Error('unknown URLs are answered before')
  })
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const open = pattern.at(-1) === '*'
  if (open ? path.length < pattern.length - 1 : path.length !== pattern.length) return false
  return pattern.every((segment, i) => segment === '*' || segment.startsWith(':') || segment === path[i])
}
