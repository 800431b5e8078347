/** What is shown of a license's state is what filters find, though time changes it and nothing is written. */
import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/base/json.ts'
import { day, licenseUrn, onBothStores, provision, type TestServer } from '../support/app.ts'

const attribute = `${licenseUrn}:licenseState`

/** Every user by name, with the state that is shown. */
async function shown(server: TestServer): Promise<ReadonlyMap<string, string>> {
  const { body } = await server.scim<{ Resources: JsonObject[] }>('GET', '/Users?count=50')
  return new Map(
    body.Resources.map(user => [
      String(user.userName),
      String((user[licenseUrn] as JsonObject | undefined)?.licenseState)
    ])
  )
}

async function found(server: TestServer, filter: string): Promise<readonly string[]> {
  const { body } = await server.scim<{ totalResults: number; Resources: JsonObject[] }>(
    'GET',
    `/Users?count=50&filter=${encodeURIComponent(filter)}`
  )
  if (body.totalResults !== body.Resources.length) throw new Error(`${body.totalResults} of ${body.Resources.length}`)
  return body.Resources.map(user => String(user.userName)).sort()
}

async function agree(t: Test, server: TestServer): Promise<void> {
  const users = await shown(server)
  const named = (is: (state: string) => boolean) => [...users].filter(([, state]) => is(state)).map(([name]) => name)
  for (const state of ['held', 'suspended', 'released']) {
    const same = named(one => one === state).sort()
    t.strictSame(await found(server, `${attribute} eq "${state}"`), same, `eq ${state}`)
    t.strictSame(await found(server, `${attribute} ne "${state.toUpperCase()}"`), named(one => one !== state).sort())
    t.strictSame(
      await found(server, `not (${attribute} sw "${state.slice(0, 3)}") and userName pr`),
      named(one => one !== state).sort()
    )
    t.strictSame(
      await found(server, `${licenseUrn}:licenseType eq "PWM" and ${attribute} eq "${state}"`).then(all =>
        all.every(name => same.includes(name))
      ),
      true
    )
    const { body } = await server.api<{ items: { userName: string }[] }>(
      'GET',
      `/users?filter=${encodeURIComponent(`license.state eq "${state}"`)}`
    )
    t.strictSame(body.items.map(({ userName }) => userName).sort(), same, `the admin list, ${state}`)
  }
  t.strictSame(await found(server, `${attribute} pr`), [...users.keys()].sort())
}

onBothStores(
  t,
  'a filter on the state of a license finds whom it is shown for',
  async (t, server) => {
    for (const name of ['ann', 'ben', 'cat']) await provision(server, name)
    const gone = await provision(server, 'dan')
    await server.scim('PATCH', `/Users/${gone}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }]
    })
    await agree(t, server)
    const { body } = await server.api<{ items: { id: string; type: string }[] }>('GET', '/seats/purchases')
    const pwm = body.items.find(({ type }) => type === 'PWM')
    await server.api('PATCH', `/seats/purchases/${pwm?.id}`, { end: new Date(server.clock.now() + day).toISOString() })
    server.clock.advance(40 * day)
    t.strictSame(
      [...(await shown(server)).values()].sort(),
      ['held', 'released', 'suspended', 'suspended', 'suspended'],
      'three hold a type of which nothing is left'
    )
    await agree(t, server)
  },
  { seats: 'PWM=5,PAM=5' }
)
