/** A receiver that tokens are pushed to: a real server, which answers as it is told. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt } from 'jose'
import type { Test } from 'tap'

export interface Pushed {
  readonly headers: IncomingHttpHeaders
  readonly token: string
  readonly claims: ReturnType<typeof decodeJwt> & {
    readonly sub_id?: { readonly uri: string }
    readonly events?: object
  }
}

export interface Reply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

export interface Receiver {
  readonly url: string
  /** In the order in which they came. */
  readonly got: Pushed[]
  /** How it answers from now on; 202 by itself. */
  answer: (pushed: Pushed) => Reply | Promise<Reply>
}

export async function receiver(t: Test): Promise<Receiver> {
  const got: Pushed[] = []
  const here: Receiver = { url: '', got, answer: () => ({ status: 202 }) }
  const server = createServer(async (request, response) => {
    let token = ''
    for await (const chunk of request.setEncoding('utf8')) token += chunk
    const pushed = { headers: request.headers, token, claims: decodeJwt(token) }
    got.push(pushed)
    const { status, headers = {}, body } = await here.answer(pushed)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return Object.assign(here, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events` })
}
