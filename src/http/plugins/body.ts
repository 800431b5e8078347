/**
 * Bodies: JSON, whatever its exact media type is called. What is no UTF-8, too deep, or too much is refused before
 * anything is built of it. Of two members of one name the last counts, as everywhere in JavaScript.
 */
import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/domain-error.ts'
import { mediaTypes } from '../problem.ts'
import { scimMediaType, surfaceAt } from '../surface.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Instead of that of all routes. */
    jsonValuesMax?: number
  }
}

export interface JsonLimits {
  readonly jsonDepthMax: number
  readonly jsonValuesMax: number
}

export function addBodies(app: FastifyInstance, limits: JsonLimits): void {
  // `__proto__` as a name is refused: a hand-written JSON.parse would let it through to Object.assign.
  const parse = app.getDefaultJsonParser('error', 'error')
  const read = (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    // An empty body is no body: clients send a content type with DELETE and with POSTs that need none.
    if (body.length === 0) return done(null, undefined)
    if (!isUtf8(body)) return done(new Refusal('invalid_syntax', 'The body is not valid UTF-8.'))
    const { jsonValuesMax = limits.jsonValuesMax } = request.routeOptions.config
    const excess = excessOf(body, { ...limits, jsonValuesMax })
    if (excess !== undefined) return done(new Refusal('invalid_syntax', excess))
    return parse(request, body.toString(), done)
  }

  app.removeAllContentTypeParsers()
  // Any charset that is named is taken for UTF-8, the only one that JSON has (RFC 8259 8.1).
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:;|$)/, { parseAs: 'buffer' }, read)
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Some clients forget the content type (quirk 65).
    if (body.length === 0 || request.headers['content-type'] === undefined) return read(request, body, done)
    return done(new Refusal('unsupported_media_type', mediaTypes))
  })

  app.addHook('onRoute', route => {
    if (surfaceAt(route.url) !== 'scim') return
    const demand = (request: FastifyRequest, _reply: unknown, done: (error?: Error) => void) =>
      done(needsBody.has(request.method) && request.body === undefined ? noBody() : undefined)
    route.preValidation = [demand, ...[route.preValidation ?? []].flat()]
    // For handlers that send objects; those that send text name the type themselves.
    const scimType: typeof route.preSerialization = (_request, reply, payload, done) => {
      reply.type(scimMediaType)
      done(null, payload)
    }
    route.preSerialization = [scimType, ...[route.preSerialization ?? []].flat()]
  })
}

const needsBody = new Set(['POST', 'PUT', 'PATCH'])

const noBody = () => new Refusal('invalid_syntax', 'The request needs a body: a JSON object.')

const mark = { quote: 0x22, backslash: 0x5c, comma: 0x2c, openArray: 0x5b, closeArray: 0x5d, open: 0x7b, close: 0x7d }

/**
 * What is too much of a JSON text, read once from left to right. Each value but the first in its object or array has a comma
 * in front, so commas and openings count them. For what is no JSON the answer means nothing, and the parser says so.
 */
function excessOf(body: Buffer, { jsonDepthMax, jsonValuesMax }: JsonLimits): string | undefined {
  let depth = 0
  let values = 0
  let inText = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inText) {
      if (byte === mark.backslash) i++
      else if (byte === mark.quote) inText = false
      continue
    }
    if (byte === mark.quote) inText = true
    else if (byte === mark.comma) values++
    else if (byte === mark.open || byte === mark.openArray) {
      values++
      if (++depth > jsonDepthMax) return `The body has more than ${jsonDepthMax} levels of objects and arrays.`
    } else if (byte === mark.close || byte === mark.closeArray) depth--
    if (values > jsonValuesMax) return `The body has more than ${jsonValuesMax} values. Send less at once.`
  }
  return undefined
}
