/** Keys that the server makes for itself. */
import t from 'tap'
import { secretBytes, secretOf } from '../../src/admin/secrets.ts'
import { makeEnv } from '../../src/app.ts'
import type { Env } from '../../src/audit/context.ts'
import { seal, unseal } from '../../src/base/sealed.ts'
import { mongoStore, type OpenedStore, sqliteStore } from '../support/app.ts'
import { wrapped } from '../support/wrapped.ts'

const env = async (opened: OpenedStore): Promise<Env> => makeEnv({ store: await opened.reopen() })

for (const [name, open] of [
  ['sqlite', sqliteStore],
  ['mongodb', mongoStore]
] as const) {
  t.test(`nodes that need a secret at the same time have the same, and have it after a restart (${name})`, async t => {
    const opened = await open(t)
    if (opened === undefined) return
    const nodes = await Promise.all(Array.from({ length: 4 }, () => env(opened)))
    const made = await Promise.all(nodes.flatMap(node => [secretOf(node, 'cursors'), secretOf(node, 'cursors')]))
    t.equal(new Set(made.map(key => key.toString('hex'))).size, 1)
    t.equal(made[0]?.length, secretBytes)
    t.same(await secretOf(await env(opened), 'cursors'), made[0])
    t.notSame(await secretOf(await env(opened), 'another'), made[0], 'each purpose has its own')
  })
}

t.test('what failed to be read is read again', async t => {
  const { store } = await sqliteStore(t)
  let fails = true
  const flaky = wrapped(store, {
    get: async (...args) => (fails ? Promise.reject(new Error('gone')) : store.get(...args))
  })
  const node = makeEnv({ store: flaky })
  await t.rejects(secretOf(node, 'cursors'), /gone/)
  fails = false
  t.equal((await secretOf(node, 'cursors')).length, secretBytes)
})

const key = Buffer.alloc(secretBytes, 7)
const other = Buffer.alloc(secretBytes, 8)

t.test('a sealed text comes back for the same key and purpose only', async t => {
  for (const text of ['', 'x', 'größer 😀', 'y'.repeat(10_000)]) {
    const sealed = seal(key, 'a', text)
    t.match(sealed, /^[A-Za-z0-9_-]+$/)
    t.equal(unseal(key, 'a', sealed), text)
    t.equal(unseal(key, 'b', sealed), undefined)
    t.equal(unseal(other, 'a', sealed), undefined)
    if (text !== '') t.notOk(Buffer.from(sealed, 'base64url').includes(text), 'it cannot be read')
  }
  t.equal(unseal(key, 'ab', seal(key, 'a', 'bc')), undefined)
  t.equal(unseal(key, 'a', seal(key, 'ab', 'c')), undefined)
})

t.test('a sealed text of which any character is another, or that is longer or shorter, is none', async t => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // Lengths of all three remainders: at the end of some there are bits that stand for nothing.
  for (const text of ['ab', 'abc', 'abcd']) {
    const sealed = seal(key, 'a', text)
    const tampered = ['A', '=', '\n', 'AAAA'].map(more => sealed + more)
    for (let i = 0; i < sealed.length; i++) {
      const letters = [...`${alphabet}=+/.~ é`].filter(letter => letter !== sealed[i])
      tampered.push(sealed.slice(0, i), ...letters.map(letter => sealed.slice(0, i) + letter + sealed.slice(i + 1)))
    }
    t.strictSame(
      tampered.filter(each => unseal(key, 'a', each) !== undefined),
      [],
      `${tampered.length} of them`
    )
  }
})
