/** One push: POST of a token to its receiver (RFC 8935 2). */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isObject } from '../base/json.ts'
import { publicOnly, whyNot } from '../base/outgoing.ts'
import type { EventLimits } from './limits.ts'

export type Pushed =
  | { readonly acknowledged: true }
  /**
   * `token`: the receiver has something against this token (RFC 8935 2.4); else it is against anything at this moment.
   * `retryAfterMs`: as the receiver wishes.
   */
  | { readonly acknowledged: false; readonly token: boolean; readonly text: string; readonly retryAfterMs: number }

export interface Target {
  readonly url: string
  readonly authorization: string | null
}

/** Of an error's answer. */
const answerBytesMax = 16_384
const textLengthMax = 300
const socketsMax = 16

const agents = {
  'http:': new HttpAgent({ keepAlive: true, maxSockets: socketsMax }),
  'https:': new HttpsAgent({ keepAlive: true, maxSockets: socketsMax })
}

/** Never throws. No redirect is followed. */
export async function postToken(target: Target, token: string, limits: EventLimits): Promise<Pushed> {
  const why = whyNot(target.url, { privateAllowed: limits.pushPrivate })
  if (why !== undefined) return failed(`the address ${why}`)
  try {
    const response = await post(target, token, limits)
    return judge(response)
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}

interface Response {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

function post({ url, authorization }: Target, token: string, limits: EventLimits): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const to = new URL(url)
  const secure = to.protocol === 'https:'
  const outgoing = (secure ? httpsRequest : httpRequest)(to, {
    method: 'POST',
    agent: agents[secure ? 'https:' : 'http:'],
    signal: AbortSignal.timeout(limits.pushTimeoutMs),
    ...(limits.pushPrivate ? {} : { lookup: publicOnly }),
    headers: {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      'content-length': Buffer.byteLength(token),
      ...(authorization === null ? {} : { authorization })
    }
  })
  outgoing.on('error', reject)
  outgoing.on('response', response => read(response).then(resolve, reject))
  outgoing.end(token)
  return promise
}

async function read(response: IncomingMessage): Promise<Response> {
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk
    if (body.length > answerBytesMax) break
  }
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body }
}

/** RFC 8935 2.2 wants 202; whoever answers with another 2xx has it too. */
function judge({ status, retryAfter, body }: Response): Pushed {
  if (status >= 200 && status < 300) return { acknowledged: true }
  const said = saidIn(body)
  const text = `the receiver answered ${status}${said === undefined ? '' : `: ${said}`}`
  return { ...failed(text, retryAfterMs(retryAfter)), token: status === 400 }
}

function failed(text: string, retryAfterMs = 0) {
  return { acknowledged: false, token: false, text: text.slice(0, textLengthMax), retryAfterMs } as const
}

function saidIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    if (!isObject(parsed) || typeof parsed.err !== 'string') return undefined
    return typeof parsed.description === 'string' ? `${parsed.err}, ${parsed.description}` : parsed.err
  } catch {
    return undefined
  }
}

/** RFC 9110 10.2.3: seconds, or a date. */
function retryAfterMs(text: string | undefined): number {
  if (text === undefined) return 0
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}
