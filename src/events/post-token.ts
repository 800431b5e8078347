/** One push: POST of a token to its receiver (RFC 8935 2). */
import { isObject } from '../base/json.ts'
import { ask, type OutgoingAnswer, OutgoingFailed } from '../base/outgoing.ts'
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

/** Of an answer; what says more than an error says too much. */
const answerBytesMax = 65_536
const textLengthMax = 300

/** Never throws. Only public addresses are connected to, unless the limits say otherwise, and no redirect is followed. */
export async function postToken(
  { url, authorization }: Target,
  token: string,
  { pushPrivate, pushTimeoutMs }: EventLimits
): Promise<Pushed> {
  const headers = {
    'content-type': 'application/secevent+jwt',
    accept: 'application/json',
    'content-length': String(Buffer.byteLength(token)),
    ...(authorization === null ? {} : { authorization })
  }
  const asked = { method: 'POST', headers, body: token, timeoutMs: pushTimeoutMs, bytesMax: answerBytesMax } as const
  try {
    return judge(await ask(url, { ...asked, again: true }, { privateAllowed: pushPrivate }))
  } catch (error) {
    if (!(error instanceof OutgoingFailed)) throw error
    return failed(error.message)
  }
}

/** RFC 8935 2.2 wants 202; whoever answers with another 2xx has it too. */
function judge({ status, headers, text }: OutgoingAnswer): Pushed {
  if (status >= 200 && status < 300) return { acknowledged: true }
  const said = saidIn(text)
  const why = `the receiver answered ${status}${said === undefined ? '' : `: ${said}`}`
  return { ...failed(why, retryAfterMs(headers['retry-after'])), token: status === 400 }
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
