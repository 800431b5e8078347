/** Requests to addresses that clients name reach the public internet, and no machine of this network. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { ask, isPrivate, OutgoingFailed, publicOnly, whyNot } from '../../src/base/outgoing.ts'

const inside = [
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '0.0.0.0'],
  ...['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1'],
  ...[
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'ff02::1',
    'localhost',
    'a.localhost'
  ]
]
const outside = [
  '1.1.1.1',
  '172.32.0.1',
  '172.15.255.255',
  '100.128.0.1',
  '192.169.0.1',
  '2606:4700::1111',
  'example.com'
]

t.test('what is private is known by its address, in whatever form', async t => {
  for (const host of inside) t.ok(isPrivate(host), host)
  for (const host of outside) t.notOk(isPrivate(host), host)
  for (const url of [
    'https://0x7f000001/',
    'https://2130706433/',
    'https://127.1/',
    'https://[::1]/',
    'https://LOCALHOST/'
  ]) {
    t.match(whyNot(url, { privateAllowed: false }), /private/, url)
  }
  t.equal(whyNot('https://example.com/keys', { privateAllowed: false }), undefined)
  t.match(whyNot('ftp://example.com/', { privateAllowed: true }), /https/)
  t.match(whyNot('http://example.com/', { privateAllowed: false }), /https/)
})

t.test('an answer is read whole, up to its limit, and a redirection is an answer', async t => {
  const server = createServer((request, response) => {
    if (request.url === '/away') response.writeHead(307, { location: '/' }).end()
    else if (request.url === '/never') return
    else request.pipe(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const limits = { timeoutMs: 5000, bytesMax: 10 }
  const options = { privateAllowed: true }
  t.match(await ask(`${base}/`, { ...limits, method: 'POST', body: '0123456789' }, options), {
    status: 200,
    text: '0123456789'
  })
  await t.rejects(ask(`${base}/`, { ...limits, method: 'POST', body: '0123456789x' }, options), OutgoingFailed)
  t.match(await ask(`${base}/away`, limits, options), { status: 307 })
  await t.rejects(ask(`${base}/never`, { ...limits, timeoutMs: 50 }, options), OutgoingFailed)
  await t.rejects(ask(`${base}/`, limits, { privateAllowed: false }), OutgoingFailed)
})

t.test('a name that leads to a private address is not connected to', async t => {
  // The one name that is known without a network.
  const error = await new Promise(resolve => publicOnly('localhost', {}, resolve))
  t.match(error, { message: /private network/ })
  await t.rejects(ask('https://localhost/', { timeoutMs: 5000, bytesMax: 10 }, { privateAllowed: false }), {
    name: 'OutgoingFailed',
    message: /private network/
  })
})
