/** The keys of our tokens: the same on every node, published before they sign and after. */
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import t from 'tap'
import { makeEnv } from '../../src/app.ts'
import { systemTenant } from '../../src/audit/context.ts'
import { auditEvents } from '../../src/audit/events.ts'
import { jwks, keyRings, rotateKeys, sign } from '../../src/events/keys.ts'
import type { TestServer } from '../support/app.ts'
import { rulesOnBothStores } from './support.ts'

const minute = 60_000
const keysOf = async (server: TestServer) =>
  (await server.request<JSONWebKeySet>({ url: '/.well-known/jwks.json' })).body

/** The kid of the key that signed; throws where the published keys do not fit. */
async function verified(token: string, keys: JSONWebKeySet): Promise<string | undefined> {
  const { protectedHeader } = await compactVerify(token, createLocalJWKSet(keys))
  return protectedHeader.kid
}

/** One generation of keys, which signs. */
async function afresh({ context, clock }: TestServer): Promise<void> {
  await rotateKeys(context, { compromised: true })
  clock.advance(1000)
}

const rule = rulesOnBothStores(t, 'signing keys')

rule('nodes that start together make one set of keys, which a restart keeps', async (t, server) => {
  const other = await server.another()
  const [one, two] = await Promise.all([keysOf(server), keysOf(other)])
  t.equal(one.keys.length, 2)
  t.same(one, two)
  // What a process remembers goes with it: an environment with its own clock remembers nothing of another's store.
  const restarted = makeEnv({ store: (await server.another()).store, clock: server.clock })
  t.same(await jwks(restarted), one)
})

rule('the public keys are public, and nothing of the private ones is', async (t, server) => {
  await afresh(server)
  const { status, headers, text } = await server.request({ url: '/.well-known/jwks.json' })
  t.equal(status, 200)
  t.equal(headers['cache-control'], 'public, max-age=300')
  const rotated = await server.api('POST', '/signing-keys/rotate', {})
  const ring = await server.store.get(keyRings, systemTenant, 'signing')
  const secrets = (ring?.doc.keys ?? []).map(({ privateKey }) => String(privateKey?.d))
  t.equal(secrets.length, 4)
  const audit = JSON.stringify(await server.store.find(auditEvents, server.context.tenant, { limit: 100 }))
  for (const secret of secrets) t.notMatch(`${text}${rotated.text}${audit}`, secret)
  t.match(audit, 'signingKeys.rotated')
})

rule(
  'a new key is published before it signs, and the old one for as long as its tokens may be checked',
  async (t, server) => {
    await afresh(server)
    const { env, clock } = server
    const claims = { iss: 'https://usher.example.com' }
    const before = await keysOf(server)
    const old = await sign(env, claims, { typ: 'test+jwt' })
    const oldKid = await verified(old, before)

    t.equal((await server.api('POST', '/signing-keys/rotate')).status, 200)
    t.match(await server.api('POST', '/signing-keys/rotate'), { status: 409, body: { code: 'conflict' } })
    const during = await keysOf(server)
    t.equal(during.keys.length, 4)
    clock.advance(5 * minute)
    t.equal(
      await verified(await sign(env, claims, { typ: 'test+jwt' }), before),
      oldKid,
      'who kept the keys for five minutes can check'
    )

    clock.advance(2 * minute)
    for (const alg of ['EdDSA', 'ES256'] as const) {
      const token = await sign(env, claims, { typ: 'test+jwt', alg })
      await t.rejects(verified(token, before), 'the new key signs now')
      t.ok(await verified(token, during), 'and whoever looked since the rotation knows it')
    }
    t.equal(await verified(old, await keysOf(server)), oldKid)
    clock.advance(7 * 24 * 60 * minute + minute)
    await t.rejects(verified(old, await keysOf(server)), 'in the end it is gone')
  }
)

rule('keys that are compromised are withdrawn at once', async (t, server) => {
  const token = await sign(server.env, {}, { typ: 'test+jwt' })
  await rotateKeys(server.context, { compromised: true })
  server.clock.advance(1000)
  const keys = await keysOf(server)
  t.equal(keys.keys.length, 2)
  await t.rejects(verified(token, keys))
  t.ok(await verified(await sign(server.env, {}, { typ: 'test+jwt' }), keys))
})
