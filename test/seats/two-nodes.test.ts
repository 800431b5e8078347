/** What one server changes, the other acts on at once: nothing that decides about a seat is remembered for too long. */
import t, { type Test } from 'tap'
import { newUser, onBothStores, provision, type TestServer } from '../support/app.ts'
import { recount } from '../support/recount.ts'

onBothStores(
  t,
  'SEAT-107 SEAT-109 seats bought or given back through one server count for the other with the next request',
  async (t: Test, one: TestServer) => {
    const two = await one.another()
    await provision(two, 'first')
    const bought = await one.api('GET', '/seats/purchases?filter=type%20eq%20%22PWM%22')
    const [purchase] = bought.body.items as readonly { readonly id: string }[]

    await one.api('PATCH', `/seats/purchases/${purchase?.id}`, { quantity: 1 })
    const refused = await two.scim('POST', '/Users', newUser('second'))
    t.equal(refused.status, 403, 'the clock stands still, so what was remembered is as young as can be')
    await recount(t, one)

    await one.api('PATCH', `/seats/purchases/${purchase?.id}`, { quantity: 2 })
    t.equal((await two.scim('POST', '/Users', newUser('second'))).status, 201)
    t.equal((await two.scim('POST', '/Users', newUser('third'))).status, 403)
    await recount(t, one)
  },
  { seats: 'PWM=3,PAM=1' }
)
