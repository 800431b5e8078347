/** `If-Match` is read in one way, whatever is changed (RFC 9110 13.1.1). */
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { purchaseOf } from '../seats/support.ts'
import { onBothStores, provision } from '../support/app.ts'

onBothStores(t, 'a change is made where If-Match names the version among others, or any', async (t, server) => {
  const ada = await provision(server, 'ada')
  const purchase = await purchaseOf(server, 'PWM')
  const connector = (await server.api('POST', '/connectors', { name: 'Okta' })).body
  const rows: readonly (readonly [path: string, ...changes: readonly JsonObject[]])[] = [
    [`/users/${ada}`, { title: 'a' }, { title: 'b' }, { title: 'c' }],
    ['/roles/guest', { default: true }, { default: false }, { default: true }],
    ['/organization', { name: 'a' }, { name: 'b' }, { name: 'c' }],
    [`/connectors/${connector.id}`, { name: 'a' }, { name: 'b' }, { name: 'c' }],
    [`/seats/purchases/${purchase.id}`, { quantity: 4 }, { quantity: 5 }, { quantity: 6 }]
  ]
  for (const [path, first, second, third] of rows) {
    const change = (body: JsonObject | undefined, ifMatch: string) =>
      server.api('PATCH', path, body, { 'if-match': ifMatch })
    const known = await change(first, '*')
    t.equal(known.status, 200, `${path}, any: ${known.text}`)
    const tag = String(known.headers.etag)
    const changed = await change(second, `"98", ${tag}, "99"`)
    t.equal(changed.status, 200, `${path}, among others: ${changed.text}`)
    for (const stale of [tag, `${tag}, "98"`, '"98", "99"', 'x']) {
      t.match(await change(third, stale), { status: 412, body: { code: 'precondition_failed' } }, `${path}, ${stale}`)
    }
    t.equal((await change(third, `W/${changed.headers.etag}`)).status, 200, `${path}, compared weakly`)
  }
})
