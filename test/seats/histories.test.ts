/** spec/seats.md section 1: the count holds after any history, also where requests meet. */
import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { newUser, onBothStores, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import { byHand, changePurchase, choose, filterPath, setActive } from './support.ts'

/** What may happen to users, by chance. `who` and `which` choose among those there are. */
type Happening = { readonly what: (typeof happenings)[number]; readonly who: number; readonly type: 'PAM' | 'PWM' }
const happenings = [
  'provision',
  'byHand',
  'deactivate',
  'activate',
  'delete',
  'license',
  'swap',
  'buy',
  'import'
] as const
const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom(...happenings, 'provision' as const, 'deactivate' as const),
  who: fc.nat(11),
  type: fc.constantFrom('PAM' as const, 'PWM' as const)
})

/** One of a dozen names, so that they meet again and again. */
async function happen(server: TestServer, { what, who, type }: Happening): Promise<number> {
  const name = `user${who}`
  const find = async () => {
    const { body } = await server.scim<{ Resources: JsonObject[] }>(
      'GET',
      filterPath('/Users', `userName eq "${name}"`)
    )
    return String(body.Resources[0]?.id ?? 'nobody')
  }
  switch (what) {
    case 'provision':
      return (await server.scim('POST', '/Users', newUser(name, who % 5 === 0 ? { active: false } : {}))).status
    case 'byHand':
      return (await byHand(server, name, type)).status
    case 'deactivate':
      return (await setActive(server, await find(), false)).status
    case 'activate':
      return who % 2 === 0
        ? (await setActive(server, await find(), true)).status
        : (await server.api('POST', `/users/${await find()}/activate`, { license: { type } })).status
    case 'delete':
      return (await server.scim('DELETE', `/Users/${await find()}`)).status
    case 'license':
      return (await choose(server, await find(), type)).status
    case 'swap': {
      const changes = [{ user: await find(), type }]
      return (await server.api('POST', '/users/license-changes', { changes })).status
    }
    case 'buy':
      return (await changePurchase(server, type, { quantity: 2 + (who % 5) })).status
    case 'import': {
      const payload = `userName,license\n${name},${type}\n`
      const options = {
        method: 'POST',
        url: '/api/v1/users/import',
        payload,
        headers: { 'content-type': 'text/csv' }
      } as const
      return (await server.request(options, server.adminKey)).status
    }
  }
}

onBothStores(
  t,
  'SEAT-08 after any history of requests, several at a time, the figures equal a count of the users',
  async (t, server) => {
    const rounds = fc.array(fc.array(happening, { minLength: 1, maxLength: 5 }), { minLength: 6, maxLength: 10 })
    // The server is kept: what is left of one history is where the next begins.
    const property = fc.asyncProperty(rounds, async history => {
      for (const together of history) {
        const answers = await Promise.all(together.map(one => happen(server, one)))
        const wrong = answers.filter(status => status >= 500)
        if (wrong.length > 0) throw new Error(`answers ${answers} to ${JSON.stringify(together)}`)
        await recount(t, server, { within: false })
        if (!t.passing()) throw new Error(`miscounted after ${JSON.stringify(together)}`)
      }
    })
    await fc.assert(property, { numRuns: 8, endOnFailure: true })
  }
)

onBothStores(
  t,
  'SEAT-09 a license change and a deactivation that arrive together leave one seat or none, and no counter off',
  async (t, server) => {
    for (let round = 0; round < 12; round++) {
      const id = await provision(server, `user${round}`)
      const changes = [choose(server, id, 'PAM'), setActive(server, id, false)]
      const again = round % 2 === 0 ? [setActive(server, id, true)] : []
      const answers = await Promise.all([...changes, ...again])
      t.ok(
        answers.every(({ status }) => status === 200 || status === 409 || status === 412),
        `${answers.map(a => a.status)}`
      )
      await recount(t, server)
      await server.scim('DELETE', `/Users/${id}`)
    }
  }
)
