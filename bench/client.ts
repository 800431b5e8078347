/**
 * A load generator: so many connections, each sending its next request when it has the answer to the last.
 *
 * Not autocannon, because it counts whole seconds and repeats its requests, while here rounds are short and many requests can
 * be sent once only; and because what the client costs is taken from the servers, which share its machine.
 */
import { connect, type Socket } from 'node:net'

export interface Load {
  readonly port: number
  readonly connections: number
  readonly durationMs: number
  /** The next request of this connection; undefined: there are none left. */
  readonly next: (connection: number) => Buffer | undefined
  /** The status that each answer must have. */
  readonly expected: readonly number[]
  /** Sees each answer's body, before the next request is made. */
  readonly seen?: (body: Buffer, connection: number) => void
}

export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  /** Ascending, in ms. */
  readonly latencies: Float64Array
}

/** @throws Error with the first answer that has another status. */
export async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = []
  const began = performance.now()
  const until = began + load.durationMs
  await Promise.all(Array.from({ length: load.connections }, (_, i) => converse(load, i, until, latencies)))
  const seconds = (performance.now() - began) / 1000
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    latencies: Float64Array.from(latencies).sort()
  }
}

export function percentile(ascending: Float64Array, p: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * p))] ?? Number.NaN
}

function converse(load: Load, connection: number, until: number, latencies: number[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ host: '127.0.0.1', port: load.port, noDelay: true })
  let received: Buffer[] = []
  let missing = 0
  let sentAt = 0

  const send = () => {
    sentAt = performance.now()
    const request = sentAt < until ? load.next(connection) : undefined
    if (request === undefined) end(socket, resolve)
    else socket.write(request)
  }
  socket.on('connect', send)
  socket.on('data', chunk => {
    received.push(chunk)
    missing -= chunk.length
    // An answer of megabytes is put together once, and not with each of its hundreds of pieces.
    if (missing > 0) return
    const answer = answerIn(Buffer.concat(received))
    if (typeof answer === 'number') {
      missing = answer
      return
    }
    latencies.push(performance.now() - sentAt)
    received = []
    missing = 0
    if (!load.expected.includes(answer.status)) {
      socket.destroy()
      return reject(
        new Error(`expected ${load.expected.join(' or ')}, got ${answer.status}: ${answer.body.toString()}`)
      )
    }
    load.seen?.(answer.body, connection)
    send()
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the server closed a connection')))
  return promise
}

function end(socket: Socket, resolve: () => void): void {
  resolve()
  socket.destroy()
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** The whole answer, or how many bytes are missing at least: both servers send bodies of known length. */
function answerIn(received: Buffer): Answer | number {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return 1
  const text = received.toString('latin1', 0, head)
  const status = Number(text.slice(9, 12))
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
  const begin = head + 4
  const missing = begin + length - received.length
  return missing > 0 ? missing : { status, body: received.subarray(begin, begin + length) }
}
