/**
 * A receiver of events in a process of its own, that may be killed at any moment: it polls one stream and is pushed another,
 * checks each token against the published keys, and acknowledges what it has written to the disk.
 *
 * `node event-consumer.ts <log>`; settings as JSON in `CONSUMER`.
 */
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'

export interface ConsumerSettings {
  /** The servers, any of which may be gone. */
  readonly servers: readonly string[]
  /** Of the polled stream. */
  readonly stream: string
  readonly token: string
  /** Where the other stream pushes to. */
  readonly port: number
  readonly issuer: string
  readonly audience: string
}

/** A line of the log. */
export interface Received {
  readonly via: 'poll' | 'push'
  readonly claims: {
    readonly jti: string
    readonly sub_id: { readonly uri: string }
    readonly events: Readonly<Record<string, { readonly data?: unknown }>>
  }
}

async function consume(file: string, settings: ConsumerSettings): Promise<never> {
  const { servers, stream, token, port, issuer, audience } = settings
  const log = openSync(file, 'a')
  // What was being written when the last one was killed ends here.
  writeSync(log, '\n')
  let turn = 0
  const server = () => servers[++turn % servers.length] ?? ''

  async function check(set: string): Promise<Received['claims']> {
    const keys = (await (await fetch(`${server()}/.well-known/jwks.json`)).json()) as JSONWebKeySet
    const { payload } = await jwtVerify(set, createLocalJWKSet(keys), { issuer, audience, typ: 'secevent+jwt' })
    return payload as unknown as Received['claims']
  }

  function keep(via: Received['via'], all: readonly Received['claims'][]): void {
    writeSync(log, all.map(claims => `${JSON.stringify({ via, claims } satisfies Received)}\n`).join(''))
    fsyncSync(log)
  }

  createServer(async (request, response) => {
    let set = ''
    for await (const chunk of request.setEncoding('utf8')) set += chunk
    try {
      keep('push', [await check(set)])
      response.writeHead(202).end()
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ err: 'invalid_key', description: String(error) }))
    }
  }).listen(port, '127.0.0.1')

  let ack: readonly string[] = []
  for (;;) {
    try {
      const response = await fetch(`${server()}/api/v1/event-streams/${stream}/poll`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ack, maxEvents: 50 })
      })
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      const { sets } = (await response.json()) as { readonly sets: Readonly<Record<string, string>> }
      const claims = await Promise.all(Object.values(sets).map(check))
      keep('poll', claims)
      ack = claims.map(({ jti }) => jti)
    } catch {
      // A server that is gone, or has just changed its keys: what was not acknowledged comes again.
      ack = []
      await sleep(50)
    }
  }
}

if (import.meta.main) await consume(process.argv[2] ?? '', JSON.parse(process.env.CONSUMER ?? '{}'))
