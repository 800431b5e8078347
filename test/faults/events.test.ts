/** E1: receivers and servers are killed and keys change; no event is missed, and none comes in the wrong order. */
import t from 'tap'
import { replicaSetOrSkip } from '../support/mongo.ts'
import { mongoBackend, sqliteBackend } from './backend.ts'
import { differences } from './event-mirror.ts'
import { loseEvents } from './lose-events.ts'
import { show } from './show.ts'

t.setTimeout(400_000)

t.test('the harness sees what is missing, what comes too late, and what is not as it was told', async t => {
  const claims = (revision: number, title: string) => ({
    jti: `0000000000ff-0000000${revision}-00`,
    sub_id: { uri: '/Users/1' },
    events: { 'urn:ietf:params:scim:event:prov:patch:full': { data: { title, active: false } } }
  })
  const user = (title: string) => ({ title, active: false, license: null, groups: [] })
  const there = (title: string) => ({
    users: new Map([['ada', user(title)]]),
    ids: new Map([['ada', '1']]),
    groups: new Map()
  })
  const [one, two, three] = [claims(1, 'a'), claims(2, 'b'), claims(3, 'c')]
  t.same(differences([one, two, two, one, three], there('c')), [], 'some come twice')
  t.match(differences([one, three], there('c')), [/change 3 came after 1/])
  t.match(differences([one, three, two], there('b')), [/change 3 came after 1/, /came after/])
  t.match(differences([one, two], there('c')), [/ada is .*"c".* and by the events .*"b"/])
  t.match(differences([], there('c')), [/ada is there, and no event told of it/])
  t.match(differences([one], { ...there('a'), users: new Map() }), [/gone, and no event told of it/])
})

t.test('E1 a receiver that crashes misses nothing (sqlite)', async t => {
  show(t, await loseEvents(await sqliteBackend(), 1, { kills: 2 }))
})

t.test('E1 a receiver that crashes misses nothing, of two nodes (mongodb)', async t => {
  const shared = process.env.USHER_TEST_MONGODB_URI
  const set = shared === undefined ? await replicaSetOrSkip(t) : undefined
  const uri = shared ?? set?.uri
  if (uri === undefined) return
  t.teardown(() => set?.stop())
  show(t, await loseEvents(mongoBackend(uri, { ownSet: true }), 1, { servers: 2, kills: 2 }))
})
