/**
 * Numbers in query strings. Ajv's own coercion is off, because it is for bodies too and takes far too much there (5 for "5",
 * true for "true"); here a text becomes a number only where the route's schema wants one and the text is one.
 */
import type { FastifyInstance } from 'fastify'
import { isObject } from '../../base/json.ts'

export function addQueryNumbers(app: FastifyInstance): void {
  app.addHook('onRoute', route => {
    const names = numbersIn(route.schema?.querystring)
    if (names.length === 0) return
    const convert = (request: { query: unknown }, _reply: unknown, done: () => void) => {
      const query = request.query as Record<string, unknown>
      for (const name of names) {
        const text = query[name]
        if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) query[name] = Number(text)
      }
      done()
    }
    route.preValidation = [convert, ...[route.preValidation ?? []].flat()]
  })
}

/** The properties of an object schema, or of several that hold together, that are whole numbers. */
function numbersIn(schema: unknown): readonly string[] {
  if (!isObject(schema)) return []
  const { properties = {}, allOf = [] } = schema
  const own = Object.entries(properties ?? {}).filter(([, of]) => isObject(of) && of.type === 'integer')
  return [...own.map(([name]) => name), ...(Array.isArray(allOf) ? allOf.flatMap(numbersIn) : [])]
}
