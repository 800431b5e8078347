/** The routes a server really has, as Fastify was given them: tests that must reach every route count with these. */
import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

export interface Route {
  readonly method: string
  /** `/scim/v2/Users/:id`; a `*` at the end takes anything. */
  readonly pattern: string
  /** The JSON Schema of its body, where it declares one. */
  readonly body?: unknown
}

const byServer = new WeakMap<object, Route[]>()

// Fastify tells of each server it makes before that has routes.
subscribe('fastify.initialization', message => {
  const { fastify } = message as { readonly fastify: FastifyInstance }
  const routes: Route[] = []
  byServer.set(fastify, routes)
  fastify.addHook('onRoute', ({ method, url, schema }: RouteOptions) => {
    for (const one of [method].flat()) routes.push({ method: String(one), pattern: url, body: schema?.body })
  })
})

/** @throws Error for a server that was made before this file was loaded. */
export function routesOf(app: FastifyInstance): readonly Route[] {
  const routes = byServer.get(app)
  if (routes === undefined || routes.length === 0) throw new Error('the routes of this server are not known')
  const unique = new Map(routes.map(route => [`${route.method} ${route.pattern}`, route]))
  return [...unique.values()]
}
