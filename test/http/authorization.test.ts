/**
 * Hardening row S1: every route that there is, asked with no token, with what is nearly a token, with a connector's and with the key
 * of each built-in role, answers exactly as `schemas/admin-roles.json` and `schemas/endpoints.json` say. A route without a row
 * in `route-rows.ts` fails.
 */
import t, { type Test } from 'tap'
import matrix from '../../schemas/admin-roles.json' with { type: 'json' }
import others from '../../schemas/endpoints.json' with { type: 'json' }
import { createConnector } from '../../src/admin/accounts.ts'
import { administrators, credentials, systemTenant } from '../../src/admin/collections.ts'
import { hashToken, prefixOf } from '../../src/admin/tokens.ts'
import { insert } from '../../src/store/port.ts'
import { type Answer, onBothStores } from '../support/app.ts'
import { difference, fingerprint } from '../support/fingerprint.ts'
import { routesOf } from '../support/route-table.ts'
import { type RouteRow, requestOf, routeRows } from './route-rows.ts'

const nobody = '01900000-0000-7000-8000-000000000000'
const isScim = ({ route }: RouteRow) => route.split(' ')[1]?.startsWith('/scim/') === true

/** What the table says of a route: the scopes that it needs, or that it is public. Read from the files, not through our own code. */
function needsOf({ route }: RouteRow): readonly string[] | 'public' | null {
  const [method = '', pattern = ''] = route.split(' ')
  const fits = (row: { readonly method: string; readonly path: string }) => {
    if (!row.method.split(', ').includes(method)) return false
    if (row.path.endsWith('/*')) return pattern.startsWith(row.path.slice(0, -1))
    return row.path.replace(/\{\w+\}/g, ':id') === pattern.replace(/:\w+/g, ':id').replace(/:\w+/g, ':id')
  }
  const own = others.find(fits)
  if (own !== undefined) return own.public === true ? 'public' : (own.builtin ?? null)
  const found = matrix.endpoints.filter(fits)
  if (found.length !== 1) throw new Error(`${route} has ${found.length} rows in schemas/admin-roles.json`)
  return found[0]?.builtin ?? null
}

const ranks: Readonly<Record<string, number>> = { read: 1, edit: 2 }

function roleHas(role: string, need: string): boolean {
  if (need === 'any' || need === 'own') return true
  if (need === 'super_admin') return matrix.roles.find(({ id }) => id === role)?.superAdmin === true
  const [scope, level = ''] = need.split(':')
  const cell = Object.entries(matrix.scopes.find(({ id }) => id === scope)?.access ?? {}).find(([id]) => id === role)
  return (ranks[cell?.[1] ?? ''] ?? 0) >= (ranks[level] ?? 3)
}

const protectedRows = routeRows.filter(row => needsOf(row) !== 'public')
const publicRows = routeRows.filter(row => needsOf(row) === 'public')

onBothStores(t, 'S1 every route has a row, and every row a route', async (t, server) => {
  const routes = routesOf(server.app).map(({ method, pattern }) => `${method} ${pattern}`)
  t.strictSame(routeRows.map(({ route }) => route).sort(), [...routes].sort())
})

onBothStores(t, 'S1 ADM-54 each role may exactly what the matrix says', async (t, server) => {
  const keys = new Map<string, string>()
  for (const { id } of matrix.roles) keys.set(id, await server.keyOf(id))
  const before = await fingerprint(server.store, 'default')
  for (const row of protectedRows) {
    const needs = needsOf(row)
    for (const [role, key] of keys) {
      const may = needs !== null && needs !== 'public' && needs.every(need => roleHas(role, need))
      check(t, row, `as ${role}`, await server.request(requestOf(row, nobody), key), may)
    }
  }
  const after = await fingerprint(server.store, 'default')
  t.equal(after, before, `nothing was changed ${difference(before, after)}`)
})

onBothStores(t, 'S1 ADM-28 a key without a role opens only what any caller may see', async (t, server) => {
  const key = await server.keyOf(null)
  for (const row of protectedRows) {
    const needs = needsOf(row)
    const may = needs !== null && needs !== 'public' && needs.every(need => need === 'any')
    check(t, row, 'without a role', await server.request(requestOf(row, nobody), key), may)
  }
})

onBothStores(t, 'S1 ADM-68 the token of a connector opens SCIM and nothing else', async (t, server) => {
  for (const row of protectedRows) {
    check(t, row, 'as a connector', await server.request(requestOf(row, nobody), server.scimToken), isScim(row))
  }
})

onBothStores(t, 'S1 what is public asks for no token, and minds none', async (t, server) => {
  for (const row of publicRows) {
    for (const token of [undefined, 'x', server.scimToken, server.adminKey]) {
      t.equal(
        (await server.request(requestOf(row, nobody), token)).status,
        row.status,
        `${row.route} with ${token?.slice(0, 9)}`
      )
    }
  }
})

function check(t: Test, row: RouteRow, who: string, answer: Answer, may: boolean): void {
  const { status, body, headers } = answer
  t.equal(status, may ? row.status : 403, `${row.route} ${who}`)
  if (may) return
  const word = isScim(row) ? headers['x-error-code'] : body.code
  t.equal(word, 'insufficient_scope', `${row.route} ${who} says why`)
  t.match(headers['www-authenticate'], /error="insufficient_scope"/)
}

/** What is nearly a token. */
function nearly(token: string): readonly (readonly [string, string])[] {
  const flipped = (at: number) => {
    const char = String.fromCharCode(token.charCodeAt(at) ^ 1)
    return `Bearer ${token.slice(0, at)}${char}${token.slice(at + 1)}`
  }
  return [
    ['empty', ''],
    ['Bearer', 'Bearer'],
    ['Bearer and a blank', 'Bearer '],
    ['Bearer and blanks', 'Bearer      '],
    ['null', 'Bearer null'],
    ['undefined', 'Bearer undefined'],
    ['a word of every object', 'Bearer __proto__'],
    ['the token without Bearer', token],
    ['another scheme', `Basic ${token}`],
    ['another scheme, encoded', `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`],
    ['without its last character', `Bearer ${token.slice(0, -1)}`],
    ['without its first character', `Bearer ${token.slice(1)}`],
    ['without its checksum', `Bearer ${token.slice(0, -6)}`],
    ['only its beginning', `Bearer ${prefixOf(token)}`],
    ['with something behind', `Bearer ${token}0`],
    ['with padding behind', `Bearer ${token}==`],
    ['with something in front', `Bearer 0${token}`],
    ['twice', `Bearer ${token}${token}`],
    ['twice, in a list', `Bearer ${token}, Bearer ${token}`],
    ['in quotes', `Bearer "${token}"`],
    ['in capital letters', `Bearer ${token.toUpperCase()}`],
    ['in small letters', `Bearer ${token.toLowerCase()}`],
    ['escaped', `Bearer %75${token.slice(1)}`],
    ['in base64', `Bearer ${Buffer.from(token).toString('base64')}`],
    ['what the store keeps of it', `Bearer ${hashToken(token)}`],
    ['with one bit flipped in the kind', flipped(7)],
    ['with one bit flipped in the secret', flipped(20)],
    ['with one bit flipped at the end', flipped(token.length - 1)],
    ['200 characters and it', `Bearer ${'x'.repeat(200)}${token}`],
    ['10,000 characters', `Bearer ${'x'.repeat(10_000)}`]
  ]
}

onBothStores(t, 'S1 what is not exactly a token opens nothing', async (t, server) => {
  const before = await fingerprint(server.store, 'default')
  const tokens = [...nearly(server.adminKey), ...nearly(server.scimToken)]
  for (const row of protectedRows) {
    const request = requestOf(row, nobody)
    const none = await server.request(request)
    t.equal(none.status, 401, `${row.route} without a token`)
    t.equal(none.headers['www-authenticate'], 'Bearer realm="usher"', `${row.route} without a token is asked for one`)
    const opened: string[] = []
    for (const [title, authorization] of tokens) {
      const answer = await server.request({ ...request, headers: { ...request.headers, authorization } })
      if (answer.status !== 401 || answer.headers['www-authenticate'] === undefined)
        opened.push(`${title}: ${answer.status}`)
    }
    t.strictSame(opened, [], `${row.route} with what is nearly a token`)
  }
  t.equal(await fingerprint(server.store, 'default'), before, 'nothing was changed')
})

onBothStores(t, 'S1 a token that has expired or was revoked opens nothing', async (t, server) => {
  const { store, context, clock } = server
  const expiring = `expiring-${'x'.repeat(40)}`
  const [administrator] = await store.find(administrators, 'default', { limit: 1 })
  const owner = administrator?.doc.id ?? ''
  const credential = {
    tenant: 'default',
    kind: 'administrator',
    owner,
    prefix: 'expi',
    fromEnvironment: false
  } as const
  const times = { created: clock.now(), expires: clock.now() + 5000 }
  await store.commit([insert(credentials, systemTenant, { id: hashToken(expiring), ...credential, ...times })], {
    id: 'x'
  })
  const { connector, token: revoked } = await createConnector(context, 'for a day', 'generic')
  const isOpen = async (token: string) => (await server.request({ url: '/scim/v2/Users' }, token)).status
  t.equal(await isOpen(expiring), 200, 'until then it is one')
  t.equal(await isOpen(revoked), 200)
  clock.advance(5000)
  t.equal((await server.api('DELETE', `/connectors/${connector.doc.id}`)).status, 204)
  for (const row of protectedRows) {
    for (const token of [expiring, revoked]) {
      t.equal((await server.request(requestOf(row, nobody), token)).status, 401, row.route)
    }
  }
})

const escaped = (text: string) => [...text].map(char => `%${char.charCodeAt(0).toString(16)}`).join('')

/** The same path, or nearly, as it could be written to come past whoever looks at the text of URLs. */
const writings: readonly ((path: string) => string)[] = [
  path => `/${escaped(path.charAt(1))}${path.slice(2)}`,
  path => `${path.slice(0, -1)}${escaped(path.slice(-1))}`,
  path => path.split('/').map(escaped).join('/'),
  path => `/${path.slice(1).replaceAll('/', '%2f')}`,
  path => `/${path.slice(1).replaceAll('/', '%2F')}`,
  path => `/%25${escaped(path.charAt(1)).slice(1)}${path.slice(2)}`,
  path => `/%u00${escaped(path.charAt(1)).slice(1)}${path.slice(2)}`,
  path => `/${path}`,
  path => path.replaceAll('/', '//'),
  path => `${path}/`,
  path => `/.${path}`,
  path => `/%2e${path}`,
  path => `/x/..${path}`,
  path => `/health/live/../..${path}`,
  path => `/health/live/%2e%2e/%2e%2e${path}`,
  path => `/docs/static/..%2f..%2f${path.slice(1)}`,
  path => `/docs/..;${path}`,
  path => path.toUpperCase(),
  path => `${path};a=b`,
  path => `${path}%00`,
  path => `${path}%20`,
  path => `${path}%09`,
  path => `${path}?/health/live`,
  path => `${path}%3Fx`,
  path => `${path}%23`,
  path => `${path}.json`,
  path => path.replaceAll('/', '\\'),
  path => path.replaceAll('/', '%5c'),
  path => `http://127.0.0.1${path}`,
  path => path.replace('s', '\uff53'),
  path => path.replace('s', '%c1%b3')
]

onBothStores(t, 'S1 no way to write its URL opens a route without a token', async (t, server) => {
  t.ok(writings.length >= 20)
  const before = await fingerprint(server.store, 'default')
  for (const row of protectedRows) {
    const request = requestOf(row, nobody)
    const opened: string[] = []
    for (const write of writings) {
      const url = write(request.url)
      const { status } = await server.request({ ...request, url })
      if (status < 400 || status >= 500) opened.push(`${url}: ${status}`)
    }
    t.strictSame(opened, [], row.route)
  }
  t.equal(await fingerprint(server.store, 'default'), before, 'nothing was changed')
})
