/** Which addresses of the network are everybody's: a push goes nowhere else, so that nobody asks our own network through us. */
import { lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

// RFC 6890 and its registry: what no host on the internet has.
const notPublic4 = new BlockList()
for (const [address, bits] of [
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
  ['224.0.0.0', 4],
  ['240.0.0.0', 4]
] as const) {
  notPublic4.addSubnet(address, bits, 'ipv4')
}

const public6 = new BlockList()
public6.addSubnet('2000::', 3, 'ipv6')
// Within it: tunnels that lead to IPv4 addresses of any kind, and what is for documents.
const notPublic6 = new BlockList()
notPublic6.addSubnet('2001::', 23, 'ipv6')
notPublic6.addSubnet('2001:db8::', 32, 'ipv6')
notPublic6.addSubnet('2002::', 16, 'ipv6')
notPublic6.addSubnet('3fff::', 20, 'ipv6')

/** Whether a host on the internet can have this address. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !notPublic4.check(address, 'ipv4')
  return isIP(address) === 6 && public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
}

/** Why a URL can't be a place to push to, in words behind its name; undefined where it can. */
export function whyNotTo(url: string, { pushPrivate }: { readonly pushPrivate: boolean }): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return 'must be an https address'
  if (parsed.username !== '' || parsed.password !== '') return 'must hold no user and no password'
  if (pushPrivate) return undefined
  if (parsed.protocol !== 'https:') return 'must begin with https://'
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isPublic(host)) return 'must not be an address of a private network'
  return undefined
}

/** As `dns.lookup`, for connections: where one of the addresses of a name is not public, there is none. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    if (error !== null || first === undefined) return callback(error ?? notFound(hostname), '', 0)
    if (!addresses.every(({ address }) => isPublic(address))) return callback(refused(hostname), '', 0)
    if (options.all === true) return callback(null, addresses)
    callback(null, first.address, first.family)
  })
}

const notFound = (hostname: string): NodeJS.ErrnoException => new Error(`${hostname} has no address`)
const refused = (hostname: string): NodeJS.ErrnoException =>
  new Error(`${hostname} has an address of a private network, where nothing is pushed to (USHER_EVENT_PUSH_PRIVATE)`)
