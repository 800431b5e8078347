/**
 * What nobody should send: each request gets its exact answer and changes nothing, on both stores. The tables are in `hostile/`, one
 * for each part of a request.
 */
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { createConnector } from '../../src/admin/accounts.ts'
import { users } from '../../src/directory/collections.ts'
import { purchases } from '../../src/licensing/collections.ts'
import { onBothStores, provision, type TestServer } from '../support/app.ts'
import { difference, fingerprint } from '../support/fingerprint.ts'
import { adminRows } from './hostile/admin.ts'
import { bodyRows } from './hostile/bodies.ts'
import { bulkRows } from './hostile/bulk.ts'
import { changeRows } from './hostile/changes.ts'
import { headerRows } from './hostile/headers.ts'
import { queryRows } from './hostile/queries.ts'
import { group, type Row } from './hostile/row.ts'
import { idRows, urlRows } from './hostile/urls.ts'
import { valueRows } from './hostile/values.ts'

const tables: Readonly<Record<string, readonly Row[]>> = {
  'bodies that are no resource': bodyRows,
  'values of another type, for every attribute': valueRows,
  'filters and other parameters': queryRows,
  'ids and methods': idRows,
  'URLs of no route': urlRows,
  'changes that cannot be made': changeRows,
  'bulk requests': bulkRows,
  headers: headerRows,
  'the admin API': adminRows
}

onBothStores(t, 'hostile requests get their exact answer and change nothing', async (t, server) => {
  const world = await populate(server)
  const untouched = Object.getOwnPropertyNames(Object.prototype).join()
  let before = await fingerprint(server.store, 'default')
  for (const [title, rows] of Object.entries(tables)) {
    await t.test(`${title}: ${rows.length} rows`, async t => {
      for (const row of rows) {
        const answer = await send(server, world, title, row)
        const after = await fingerprint(server.store, 'default')
        const changed = after === before ? '' : `changed:\n${difference(before, after)}`
        before = after
        t.equal(`${answer}${changed}`, row[3], row[0])
      }
    })
  }
  t.equal(Object.getOwnPropertyNames(Object.prototype).join(), untouched, 'no object was given anything')
  t.equal(Object.hasOwn(Object.prototype, 'isAdmin'), false)
})

t.test('there are at least 150 rows', async t => {
  const rows = Object.values(tables).flat()
  t.ok(rows.length >= 150, `${rows.length}`)
  const keys = rows.map(([title, request]) => `${title}: ${request}`)
  t.equal(new Set(keys).size, keys.length, 'each has a title of its own')
})

interface World {
  readonly ids: Readonly<Record<string, string>>
  readonly strictToken: string
}

async function populate(server: TestServer): Promise<World> {
  const ada = await provision(server, 'ada', { emails: [{ value: 'ada@example.com', type: 'work' }] })
  const bob = await provision(server, 'bob')
  const { body } = await server.scim('POST', '/Groups', group({ displayName: 'eng', members: [{ value: ada }] }))
  const [admin] = (await server.store.find(users, 'default', { limit: 10 })).filter(({ doc }) => doc.protected)
  const [purchase] = await server.store.find(purchases, 'default', { limit: 1 })
  const strict = await createConnector(server.context, 'strict', 'strict')
  const eng = String(body.id)
  return {
    strictToken: strict.token,
    ids: {
      ada,
      bob,
      eng,
      ADA: ada.toUpperCase(),
      admin: admin?.doc.id ?? '',
      purchase: purchase?.doc.id ?? '',
      connector: strict.connector.doc.id,
      nobody: '01900000-0000-7000-8000-000000000000'
    }
  }
}

async function send(server: TestServer, { ids, strictToken }: World, title: string, row: Row): Promise<string> {
  const [, request, body, , headers = {}] = row
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole)
  const [method = '', path = ''] = fill(request).split(/ (.*)/s)
  const isAdmin = title === 'the admin API' || title === 'URLs of no route'
  const root = title === 'the admin API' ? '/api/v1' : isAdmin ? '' : '/scim/v2'
  const token = isAdmin ? server.adminKey : title.startsWith('values') ? strictToken : server.scimToken
  const json = isAdmin ? 'application/json' : 'application/scim+json'
  const payload = Buffer.isBuffer(body)
    ? body
    : typeof body === 'string'
      ? fill(body)
      : fill(JSON.stringify(body) ?? '')
  const answer = await server.request<Shown>(
    {
      method: method as NonNullable<InjectOptions['method']>,
      url: `${root}${path}`,
      ...(body === undefined ? {} : { payload }),
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers }
    },
    token
  )
  if (answer.status === 405 && answer.headers.allow === undefined) return '405 without Allow'
  const isScim = String(answer.headers['content-type']).startsWith('application/scim+json')
  return `${answer.status} ${isScim ? scimWord(answer.body, answer.headers) : (answer.body?.code ?? '')}`.trim()
}

interface Shown {
  readonly status?: unknown
  readonly code?: string
  readonly scimType?: string
  readonly detail?: unknown
  readonly Operations?: readonly { readonly status: string; readonly response?: Shown }[]
}

function scimWord(body: Shown | undefined, headers: Readonly<Record<string, unknown>>): string {
  const { status, scimType, Operations } = body ?? {}
  if (Operations === undefined) return status === undefined ? '' : String(scimType ?? headers['x-error-code'])
  return Operations.map(one => `${one.status} ${one.response?.scimType ?? words[one.status]}`).join(', ')
}

/** The answers to the operations of a bulk request have no headers of their own. */
const words: Readonly<Record<string, string>> = {
  400: 'bad_request',
  403: 'admin_protected',
  404: 'not_found',
  405: 'method_not_allowed',
  412: 'precondition_failed'
}
