/**
 * Requests that the server makes because a client named an address. They reach what is public and nothing else: no machine
 * of this network, and no name that leads to one. What a name leads to is checked where the connection is made, so
 * that it cannot change in between. Redirections are not followed.
 */
import { lookup } from 'node:dns'
import { type IncomingMessage, Agent as PlainAgent, request as plain } from 'node:http'
import { Agent as SecureAgent, request as secure } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export interface OutgoingOptions {
  /** Also addresses that are not public, and plain http: for tests, and for a provider in the same network. */
  readonly privateAllowed: boolean
}

export interface OutgoingRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
  /** Of the answer; a longer one is an error. */
  readonly bytesMax: number
  /** More will be asked there: the connection stays open for a while. */
  readonly again?: boolean
}

export interface OutgoingAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** The request was not made, or there was no answer to it. */
export class OutgoingFailed extends Error {
  override readonly name = 'OutgoingFailed'
}

/** Why no request is made to this address, as far as its text tells; undefined: it may be tried. */
export function whyNot(address: string, { privateAllowed }: OutgoingOptions): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) return 'must be an absolute URL'
  if (url.protocol !== 'https:' && !(privateAllowed && url.protocol === 'http:')) return 'must begin with https://'
  if (url.username !== '' || url.password !== '') return 'must not have a user or password in it'
  if (!privateAllowed && isPrivate(hostOf(url))) return 'must not be an address of a private network'
  return undefined
}

/** @throws OutgoingFailed */
export function ask(address: string, asked: OutgoingRequest, options: OutgoingOptions): Promise<OutgoingAnswer> {
  const why = whyNot(address, options)
  if (why !== undefined) return Promise.reject(new OutgoingFailed(`the address ${why}`))
  const { method = 'GET', headers = {}, body, timeoutMs, bytesMax, again = false } = asked
  const url = new URL(address)
  const signal = AbortSignal.timeout(timeoutMs)
  const { promise, resolve, reject } = Promise.withResolvers<OutgoingAnswer>()
  const failed = (error: Error) => reject(new OutgoingFailed(`no answer from ${url.host}: ${error.message}`))
  const isSecure = url.protocol === 'https:'
  const send = isSecure ? secure : plain
  const request = send(url, {
    method,
    headers,
    signal,
    lookup: options.privateAllowed ? lookup : publicOnly,
    agent: again && (isSecure ? kept.secure : kept.plain)
  })
  request.on('error', failed)
  request.on('response', answer => {
    const parts: Buffer[] = []
    let bytes = 0
    answer.on('error', failed)
    answer.on('data', (part: Buffer) => {
      bytes += part.length
      parts.push(part)
      if (bytes <= bytesMax) return
      // At once: an answer that came in one piece ends before the connection does.
      failed(new Error(`more than ${bytesMax} bytes`))
      request.destroy()
    })
    answer.on('end', () =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() })
    )
  })
  request.end(body)
  return promise
}

// Where a connection led when it was made, it leads as long as it is open.
const kept = {
  plain: new PlainAgent({ keepAlive: true, maxSockets: 16 }),
  secure: new SecureAgent({ keepAlive: true, maxSockets: 16 })
}

/** For connections: a name of which one address is private is not asked at any of them. */
export const publicOnly: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error !== null) return done(error, '', 0)
    const hidden = found.find(({ address }) => isPrivate(address))
    const [first] = found
    if (hidden !== undefined || first === undefined) {
      return done(new Error(`${name} leads to an address of a private network`), '', 0)
    }
    return options.all === true ? done(null, found) : done(null, first.address, first.family)
  })
}

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

/** Whether this is an address, and not one of the public internet (IANA's registries of special-purpose addresses). */
export function isPrivate(host: string): boolean {
  const version = isIP(host)
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost')
  if (version === 4) return special.check(host, 'ipv4')
  // What is mapped is checked as IPv4 by BlockList itself.
  return special.check(host, 'ipv6') || !global.check(host, 'ipv6')
}

const special = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3]
] as const) {
  special.addSubnet(net, bits, 'ipv4')
}
// Ways into IPv4, which lead anywhere; documentation.
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20]
] as const) {
  special.addSubnet(net, bits, 'ipv6')
}
const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')
