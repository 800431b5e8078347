/** spec/seats.md section 4: which license provisioning gives, and what must be said by hand. */
import { setImmediate as breathe } from 'node:timers/promises'
import t from 'tap'
import { users } from '../../src/directory/collections.ts'
import { seatOf } from '../../src/licensing/draw.ts'
import { groupUrn, licenseUrn, newUser, onBothStores, patch, provision, userUrn } from '../support/app.ts'
import { recount } from '../support/recount.ts'
import {
  byHand,
  changePurchase,
  choose,
  events,
  figures,
  filterPath,
  license,
  setActive,
  settings,
  shownLicense,
  usage,
  view
} from './support.ts'

onBothStores(
  t,
  'SEAT-38 SEAT-39 where one type alone has seats, provisioning gives that one',
  async (t, server) => {
    t.equal(await license(server, await provision(server, 'ada')), 'PAM held', 'only PAM was bought')
    t.equal((await figures(server)).PAM.spilledOver, 0, "it stands in nobody's place")
    t.match(await events(server, 'action eq "seat.assigned"'), [{ detail: { type: 'PAM', reason: undefined } }])
    await changePurchase(server, 'PAM', { quantity: 2 })
    const { status } = await server.api('POST', '/seats/purchases', { type: 'PWM', quantity: 2 })
    t.equal(status, 201)
    t.equal(await usage(server), 'PWM 0/2 PAM 2/2')
    t.equal(await license(server, await provision(server, 'ben')), 'PWM held', 'only PWM has free seats')
    await recount(t, server)
  },
  { seats: 'PAM=5' }
)

onBothStores(
  t,
  'SEAT-40 SEAT-41 SEAT-42 SEAT-44 SEAT-45 PWM comes first to its last seat; then PAM, with the reason told and counted',
  async (t, server) => {
    const ids: string[] = []
    for (const name of ['ada', 'ben', 'cleo']) {
      ids.push(await provision(server, name))
      t.equal(await usage(server), `PWM ${ids.length}/3 PAM 1/2`, 'no PAM seat is spent while PWM seats remain')
    }
    const [ada = ''] = ids
    await setActive(server, ada, true)
    await server.scim('PATCH', `/Users/${ada}`, patch({ op: 'add', path: 'title', value: 'Administrator of servers' }))
    t.equal(await license(server, ada), 'PWM held', 'whoever needs PAM stays on PWM until an administrator acts')

    const dora = await provision(server, 'dora')
    t.equal(await license(server, dora), 'PAM held', 'PWM is full at this moment')
    t.match(await events(server, `action eq "seat.assigned" and target.id eq "${dora}"`), [
      { detail: { type: 'PAM', reason: 'spillover_to_PAM' } }
    ])
    t.match(await events(server, `action eq "seat.assigned" and target.id eq "${ada}"`), [{ detail: { type: 'PWM' } }])
    t.equal((await events(server, 'action eq "seat.assigned"')).filter(({ detail }) => detail.reason).length, 1)
    t.equal((await figures(server)).PAM.spilledOver, 1)
    t.equal((await view(server, dora)).license.spilledOver, true)
    const spilled = await server.api<{ items: { id: string }[] }>(
      'GET',
      filterPath('/users', 'license.spilledOver eq true')
    )
    t.same(
      spilled.body.items.map(({ id }) => id),
      [dora],
      'they can be found'
    )

    await setActive(server, ada, false)
    t.equal((await choose(server, dora, 'PWM')).status, 200, 'and moved back')
    t.equal((await figures(server)).PAM.spilledOver, 0)
    t.equal((await choose(server, String(ids[1]), 'PAM')).status, 200, 'an administrator moves a user to PAM')
    t.equal((await figures(server)).PAM.spilledOver, 0, 'by choice: not spilled over')
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-46 without spillover PAM is never spent in place of PWM; a tenant with one type is not affected',
  async (t, server) => {
    await settings(server, { seatSpillover: false })
    await provision(server, 'ada')
    const refused = await server.scim('POST', '/Users', newUser('ben'))
    t.equal(refused.status, 403)
    t.equal(refused.headers['x-error-code'], 'seat_limit_reached')
    t.equal(await usage(server), 'PWM 1/1 PAM 1/2')
    await settings(server, { seatSpillover: true })
    t.equal(await license(server, await provision(server, 'ben')), 'PAM held')
    await recount(t, server)
  },
  { seats: 'PWM=1,PAM=2' }
)

onBothStores(
  t,
  'SEAT-46 spillover is off and only PAM was bought: PAM is given',
  async (t, server) => {
    await settings(server, { seatSpillover: false })
    t.equal(await license(server, await provision(server, 'ada')), 'PAM held')
  },
  { seats: 'PAM=2' }
)

onBothStores(
  t,
  'SEAT-43 SEAT-48 by hand no choice is made: a license must be named, and nobody is created without',
  async (t, server) => {
    for (const body of [{ userName: 'ada' }, { userName: 'ada', license: {} }, { userName: 'ada', active: false }]) {
      const answer = await server.api('POST', '/users', body)
      t.match(answer, { status: 400, body: { code: 'license_required', status: 400 } }, JSON.stringify(body))
      t.match(answer.headers['content-type'], /^application\/problem\+json/)
    }
    const found = await server.scim('GET', filterPath('/Users', 'userName eq "ada"'))
    t.equal(found.body.totalResults, 0)
    t.match(await byHand(server, 'ada', 'PAM'), { status: 201, body: { license: { type: 'PAM', state: 'held' } } })
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2', 'PWM is free, and PAM was picked')
    const never = await provision(server, 'never', { active: false })
    const activated = await server.api('POST', `/users/${never}/activate`)
    t.match(activated, { status: 400, body: { code: 'license_required' } }, 'activation of a user who never had one')
    await recount(t, server)
  }
)

onBothStores(t, 'SEAT-49 a file import tells each row its own reason and creates the others', async (t, server) => {
  const upload = (payload: string) =>
    server.request(
      { method: 'POST', url: '/api/v1/users/import', payload, headers: { 'content-type': 'text/csv' } },
      server.adminKey
    )
  const file = [
    'userName,license,displayName,givenName,familyName,email',
    'ada,PWM,Ada L,Ada,"Lovelace, Countess",ada@example.com',
    'ben,,Ben,,,',
    'cleo,pam,Cleo,,,',
    'dora,PAM,Dora,,,',
    'emil,PAM,Emil,,,',
    'ADA,PWM,Another,,,',
    ',PWM,Nobody,,,',
    'fay,PWM,Fay,,,'
  ].join('\r\n')
  const answer = await upload(file)
  t.match(answer, { status: 200, body: { created: 3, failed: 5 } })
  t.same(
    (answer.body.rows as { row: number; userName: string; error: { code: string } | null }[]).map(
      ({ row, userName, error }) => [row, userName, error?.code ?? null]
    ),
    [
      [1, 'ada', null],
      [2, 'ben', 'license_required'],
      [3, 'cleo', 'invalid_license_type'],
      [4, 'dora', null],
      [5, 'emil', 'seat_limit_reached'],
      [6, 'ADA', 'uniqueness'],
      [7, '', 'invalidValue'],
      [8, 'fay', null]
    ]
  )
  const { body } = await server.scim<{ Resources: object[] }>('GET', filterPath('/Users', 'userName eq "ada"'))
  t.match(body.Resources, [{ name: { familyName: 'Lovelace, Countess' }, emails: [{ value: 'ada@example.com' }] }])
  t.equal(await usage(server), 'PWM 2/3 PAM 2/2')
  t.equal((await upload('userName,license\n"broken')).status, 400)
  await recount(t, server)
})

const licensed = (licenseType: string) => ({ schemas: [userUrn, licenseUrn], [licenseUrn]: { licenseType } })

onBothStores(
  t,
  'SEAT-50 the identity provider does not choose: POST and PUT ignore its licenseType, PATCH is told it cannot be changed',
  async (t, server) => {
    const ada = await provision(server, 'ada', licensed('PAM'))
    t.equal(await license(server, ada), 'PWM held')
    const put = await server.scim('PUT', `/Users/${ada}`, newUser('ada', { ...licensed('PAM'), title: 'Boss' }))
    t.match(put, { status: 200, body: { title: 'Boss' } })
    t.equal(await license(server, ada), 'PWM held')
    const patches = [
      { op: 'replace', path: `${licenseUrn}:licenseType`, value: 'PAM' },
      { op: 'add', path: `${licenseUrn}:licenseType`, value: 'PAM' },
      { op: 'remove', path: `${licenseUrn}:licenseType` }
    ]
    for (const operation of patches) {
      const answer = await server.scim('PATCH', `/Users/${ada}`, patch(operation))
      t.match(answer, { status: 400, body: { scimType: 'mutability' } }, JSON.stringify(operation))
    }
    t.equal(await license(server, ada), 'PWM held')
    t.equal(await usage(server), 'PWM 1/3 PAM 1/2')
  }
)

onBothStores(
  t,
  'SEAT-51 SEAT-52 with allowLicenseTypeFromIdp its type is given or refused, never replaced; left out it stays',
  async (t, server) => {
    await settings(server, { allowLicenseTypeFromIdp: true })
    const { body } = await server.scim<{ attributes: { name: string }[] }>('GET', `/Schemas/${licenseUrn}`)
    t.match(
      body.attributes.find(({ name }) => name === 'licenseType'),
      { mutability: 'readWrite' }
    )
    t.match(
      body.attributes.find(({ name }) => name === 'licenseState'),
      { mutability: 'readOnly' }
    )
    const ada = await provision(server, 'ada', licensed('PAM'))
    t.equal(await license(server, ada), 'PAM held', 'PWM is free too')
    t.equal((await figures(server)).PAM.spilledOver, 0)
    const refused = await server.scim('POST', '/Users', newUser('ben', licensed('PAM')))
    t.match(refused, { status: 403, body: { status: '403' } })
    t.equal(refused.headers['x-error-code'], 'seat_limit_reached')
    t.equal(await usage(server), 'PWM 0/3 PAM 2/2', 'not replaced by PWM')
    t.equal(await license(server, await provision(server, 'ben')), 'PWM held', 'without a type: the automatic choice')

    const left = await server.scim('PUT', `/Users/${ada}`, newUser('ada', { title: 'Boss' }))
    t.equal(shownLicense(left), 'PAM held', 'a PUT without the extension')
    const changed = await server.scim('PUT', `/Users/${ada}`, newUser('ada', licensed('PWM')))
    t.equal(shownLicense(changed), 'PWM held', 'a PUT with another type')
    const back = await server.scim(
      'PATCH',
      `/Users/${ada}`,
      patch({ op: 'replace', path: `${licenseUrn}:licenseType`, value: 'PAM' })
    )
    t.equal(shownLicense(back), 'PAM held', 'a PATCH')
    const cleo = await provision(server, 'cleo')
    const full = await server.scim(
      'PATCH',
      `/Users/${cleo}`,
      patch(
        { op: 'replace', path: `${licenseUrn}:licenseType`, value: 'PAM' },
        { op: 'add', path: 'title', value: 'Boss' }
      )
    )
    t.equal(full.status, 403)
    t.match(await view(server, cleo), { license: { type: 'PWM', state: 'held' }, attributes: { title: undefined } })
    await recount(t, server)
  }
)

onBothStores(
  t,
  'SEAT-53 SEAT-54 SEAT-55 active decides, absent it is true, and text in any letter case is the boolean',
  async (t, server) => {
    const rows = [
      ['a', true, 'PWM held'],
      ['b', false, 'null none'],
      ['c', 'True', 'PWM held'],
      ['d', 'true', 'PWM held'],
      ['e', 'TRUE', 'PWM held'],
      ['f', 'False', 'null none'],
      ['g', 'false', 'null none'],
      ['h', 'FALSE', 'null none'],
      ['i', undefined, 'PWM held']
    ] as const
    for (const [name, active, expected] of rows) {
      const id = await provision(server, name, active === undefined ? {} : { active })
      t.equal(await license(server, id), expected, `created with active ${JSON.stringify(active)}`)
      if (expected === 'null none') t.equal(shownLicense(await server.scim('GET', `/Users/${id}`)), undefined)
    }
    t.equal(await usage(server), 'PWM 5/5 PAM 1/1')
    const late = await provision(server, 'late', { active: 'fALSE' })
    t.equal(await license(server, late), 'null none', 'created although every seat is taken')
    const { body } = await server.scim<{ Resources: { id: string }[] }>('GET', filterPath('/Users', 'userName eq "a"'))
    const id = String(body.Resources[0]?.id)
    for (const [active, expected] of [
      ['False', 'PWM released'],
      ['TRUE', 'PWM held'],
      ['fAlSe', 'PWM released'],
      ['true', 'PWM held']
    ] as const) {
      t.equal((await setActive(server, id, active)).status, 200)
      t.equal(await license(server, id), expected, `patched with active ${active}`)
    }
    await recount(t, server)
  },
  { seats: 'PWM=5,PAM=1' }
)

onBothStores(
  t,
  'SEAT-56 user, seat and Default roles are there together: a reader sees all three or none',
  async (t, server) => {
    let creating = true
    let seen = 0
    const watch = async () => {
      while (creating) {
        await breathe()
        const found = await server.store.find(users, server.context.tenant, { limit: 100 })
        for (const { doc } of found) {
          if (doc.protected) continue
          seen++
          const seat = await seatOf(server.context, doc.id)
          if (seat?.doc.pool !== doc.license.type)
            t.fail(`${doc.id} shows ${doc.license.type}, sits on ${seat?.doc.pool}`)
          if (doc.roles.join() !== 'user') t.fail(`${doc.id} has the roles ${doc.roles}`)
        }
      }
    }
    const watching = [watch(), watch()]
    for (let i = 0; i < 5; i++) {
      await Promise.all(Array.from({ length: 8 }, (_, n) => provision(server, `user${i}-${n}`)))
    }
    creating = false
    await Promise.all(watching)
    t.ok(seen > 0)
    await recount(t, server)
  },
  { seats: 'PWM=30,PAM=20' }
)

onBothStores(t, 'SEAT-57 groups change no license', async (t, server) => {
  const ids = await Promise.all(['ada', 'ben', 'cleo'].map(name => provision(server, name)))
  const before = await Promise.all(ids.map(id => view(server, id)))
  server.clock.advance(5000)
  const members = ids.map(value => ({ value }))
  const group = await server.scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'PAM', members })
  const path = `/Groups/${group.body.id}`
  await server.scim('PATCH', path, patch({ op: 'remove', path: `members[value eq "${ids[0]}"]` }))
  await server.scim('PATCH', path, patch({ op: 'add', path: 'members', value: members.slice(0, 1) }))
  await server.scim('PUT', path, { schemas: [groupUrn], displayName: 'PWM', members: members.slice(1) })
  t.equal((await server.scim('DELETE', path)).status, 204)
  t.same(await Promise.all(ids.map(id => view(server, id))), before)
  t.equal(await usage(server), 'PWM 3/3 PAM 1/2')
  await recount(t, server)
})
