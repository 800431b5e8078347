/**
 * Real request sequences of identity providers, with their literal bodies, through the whole server: as the connector of
 * the provider's own profile and as one of `generic`, which nobody has to choose.
 */
import t from 'tap'
import { onBothStores } from '../support/app.ts'
import { allCases, isLookedAt } from './cases.ts'
import { connect, replay } from './replay.ts'

const cases = allCases()

t.test('every numbered case is there, and each looks at what is stored', async t => {
  const found = cases.flatMap(
    ({ title }) =>
      title
        .match(/^\w+ ([\d, ]+):/)?.[1]
        ?.split(', ')
        .map(Number) ?? []
  )
  const wanted = Array.from({ length: 67 }, (_, i) => i + 1)
  t.same(
    wanted.filter(number => !found.includes(number)),
    []
  )
  t.same(
    cases.filter(one => !isLookedAt(one)).map(({ title }) => title),
    []
  )
})

onBothStores(
  t,
  'as identity providers send it',
  async (t, server) => {
    const tokens = await connect(server)
    for (const one of cases) {
      for (const profile of one.profiles) {
        await t.test(`${one.title} (as ${profile})`, t => replay(t, server, tokens, one, profile))
      }
    }
  },
  { seats: 'PWM=6,PAM=2' }
)
