/** A client over real sockets that are kept open, as identity providers and load balancers keep them. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { JsonObject } from '../../src/base/json.ts'

export interface Reply {
  /** 0: there was no answer, and nobody knows what became of the request. */
  readonly status: number
  readonly body: JsonObject
  readonly text: string
  readonly headers: IncomingHttpHeaders
  readonly ms: number
  /** Why there was no answer: the code of the system's error. */
  readonly error: string | undefined
}

export interface Client {
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>
  get(path: string): Promise<Reply>
  /** Closes the connections. */
  close(): void
}

/** Longer than the server may ever take, so that a request it forgot shows as one. */
const patienceMs = 60_000

/** @param fresh a connection for each request, not kept. */
export function newClient(url: string, token?: string, { fresh = false } = {}): Client {
  const agent = new Agent({ keepAlive: !fresh, maxSockets: 2000 })
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }

  function send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const type = path.startsWith('/scim') ? 'application/scim+json' : 'application/json'
    const from = performance.now()
    return new Promise<Reply>(resolve => {
      const lost = (error: NodeJS.ErrnoException) =>
        resolve({ ...noAnswer, ms: performance.now() - from, error: error.code ?? error.message })
      const sent = request(`${url}${path}`, {
        method,
        agent,
        timeout: patienceMs,
        headers: {
          ...authorization,
          ...(payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
          ...headers
        }
      })
      sent.on('error', lost)
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
      sent.on('response', response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('error', lost)
        // A body that is cut off is no answer either: `end` does not come, `close` does.
        response.on('close', () => lost(new Error('the answer was cut off')))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const { statusCode: status = 0, headers } = response
          resolve({ status, body: parsed(text), text, headers, ms: performance.now() - from, error: undefined })
        })
      })
      sent.end(payload)
    })
  }

  return { send, get: path => send('GET', path), close: () => agent.destroy() }
}

const noAnswer = { status: 0, body: {}, text: '', headers: {} }

function parsed(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return {}
  }
}
