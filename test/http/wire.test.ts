/** What comes over the socket and is no decent HTTP: an answer below 500 or none, nothing changed, and the server lives on. */
import { connect } from 'node:net'
import t from 'tap'
import { onBothStores, provision, type TestServer, userUrn } from '../support/app.ts'
import { fingerprint } from '../support/fingerprint.ts'

const mallory = JSON.stringify({ schemas: [userUrn], userName: 'mallory' })

/** `{auth}` stands for a good Authorization header, `{body}` for a user that could be created, `{length}` for its length. */
type Row = readonly [title: string, text: string, statuses: string, end?: 'the client hangs up']

const post = 'POST /scim/v2/Users HTTP/1.1\nHost: a\n{auth}\nContent-Type: application/json\n'

const rows: readonly Row[] = [
  ['no HTTP', 'HELLO\n\n', '400'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n', '400'],
  ['HTTP/2', 'PRI * HTTP/2.0\n\nSM\n\n', '400'],
  ['a version that is none', 'GET /scim/v2/Users HTTP/9.9\nHost: a\n{auth}\n\n', '400'],
  ['no version, and so no headers', 'GET /scim/v2/Users\n\n', '401'],
  ['a method that is none', 'GRAB /scim/v2/Users HTTP/1.1\nHost: a\n{auth}\n\n', '400'],
  ['a method in small letters', 'delete /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\n\n', '400'],
  ['no Host', 'DELETE /scim/v2/Users/{ada} HTTP/1.1\n{auth}\n\n', '400'],
  ['a blank in the URL', 'DELETE /scim/v2/Users/{ada} x HTTP/1.1\nHost: a\n{auth}\n\n', '400'],
  ['a byte above ASCII in the URL', 'DELETE /scim/v2/Users/{ada}\xff HTTP/1.1\nHost: a\n{auth}\n\n', '400'],
  ['a header without a name', 'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\n: x\n\n', '400'],
  ['a blank in front of a colon', 'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\nX-A : b\n\n', '400'],
  ['a header on two lines', 'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\nX-A: b\n c\n\n', '400'],
  ['NUL in a header', 'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\nX-A: b\0c\n\n', '400'],
  ['headers of 20 kB', `DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\nX-A: ${'b'.repeat(20_000)}\n\n`, '431'],
  [
    'two Authorization headers',
    'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\n{auth}\nConnection: close\n\n',
    '401'
  ],
  [
    'a good one and a bad one',
    'DELETE /scim/v2/Users/{ada} HTTP/1.1\nHost: a\n{auth}\nAuthorization: Bearer x\nConnection: close\n\n',
    '401'
  ],
  ['a length that is a word', `${post}Content-Length: many\n\n{body}`, '400'],
  ['a length below nothing', `${post}Content-Length: -1\n\n{body}`, '400'],
  ['a length with a sign', `${post}Content-Length: +5\n\n{body}`, '400'],
  ['a length in hexadecimal', `${post}Content-Length: 0x10\n\n{body}`, '400'],
  ['a length beyond all numbers', `${post}Content-Length: 99999999999999999999999999\n\n{body}`, '400'],
  ['a length beyond what is taken', `${post}Content-Length: 99999999\nConnection: close\n\n{body}`, '413'],
  ['two lengths', `${post}Content-Length: {length}\nContent-Length: 5\n\n{body}`, '400'],
  ['a length and chunks', `${post}Content-Length: {length}\nTransfer-Encoding: chunked\n\n0\n\n`, '400'],
  ['a length that is too short', `${post}Content-Length: 5\n\n{body}`, '400'],
  ['a length that is too long', `${post}Content-Length: 5000\n\n{body}`, '400', 'the client hangs up'],
  ['chunks of no size', `${post}Transfer-Encoding: chunked\n\nx\n{body}\n0\n\n`, '400'],
  ['chunks without an end', `${post}Transfer-Encoding: chunked\n\n5\n{"a":\n`, '400', 'the client hangs up'],
  [
    'a chunk shorter than it says',
    `${post}Transfer-Encoding: chunked\n\nff\n{body}\n0\n\n`,
    '400',
    'the client hangs up'
  ],
  ['an encoding nobody knows', `${post}Transfer-Encoding: gzip\n\n{body}`, '400'],
  ['chunks twice', `${post}Transfer-Encoding: chunked, chunked\n\n0\n\n`, '400'],
  [
    'a compressed body',
    `${post}Content-Encoding: gzip\nContent-Length: {length}\nConnection: close\n\n\x1f\x8b${'x'.repeat(mallory.length - 2)}`,
    '400'
  ],
  [
    'an expectation that is none',
    `${post}Expect: a miracle\nContent-Length: {length}\nConnection: close\n\n{body}`,
    '417'
  ],
  ['TRACE', 'TRACE /scim/v2/Users HTTP/1.1\nHost: a\n{auth}\nConnection: close\n\n', '405'],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\nHost: a\n{auth}\nConnection: close\n\n', ''],
  [
    'another request behind a GET with a body',
    'GET /scim/v2/Users?count=0 HTTP/1.1\nHost: a\n{auth}\nContent-Length: 28\nConnection: close\n\nDELETE /scim/v2/Users HTTP/1',
    '200'
  ],
  [
    'a hundred requests at once, without a token',
    `${'GET /scim/v2/Users HTTP/1.1\nHost: a\n\n'.repeat(99)}GET /scim/v2/Users HTTP/1.1\nHost: a\nConnection: close\n\n`,
    Array.from({ length: 100 }, () => '401').join(' ')
  ]
]

onBothStores(t, 'what is no decent HTTP is refused, and changes nothing', async (t, server) => {
  const ada = await provision(server, 'ada')
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const before = await fingerprint(server.store, 'default')
  for (const [title, text, expected, end] of rows) {
    const filled = text
      .replaceAll('{ada}', ada)
      .replaceAll('{body}', mallory)
      .replaceAll('{length}', String(mallory.length))
      .replaceAll('{auth}', `Authorization: Bearer ${server.scimToken}`)
    const answer = await send(server, filled.replaceAll('\n', '\r\n'), end !== undefined)
    t.equal([...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status).join(' '), expected, title)
    t.equal(await fingerprint(server.store, 'default'), before, `${title}: nothing changed`)
  }
  t.equal((await server.scim('GET', `/Users/${ada}`)).status, 200, 'the server lives on')
})

/** Sends bytes as they are, and nothing more. @returns all that came back until the connection ended. */
function send({ app }: TestServer, text: string, hangUp: boolean): Promise<string> {
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return new Promise(resolve => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text, 'latin1')
      if (hangUp) socket.end()
    })
    socket.setEncoding('latin1')
    socket.on('data', data => {
      answer += data
    })
    // A reset is an answer too: what came before it counts.
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}
