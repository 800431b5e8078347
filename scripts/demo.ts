/**
 * A day at a company, played through the public interfaces only: `npm run demo`.
 *
 * With `USHER_ADMIN_TOKEN` set, and a server at `USHER_URL` (http://127.0.0.1:8080), it plays there and takes away what it
 * brought. Otherwise it starts a server of its own, with few seats and a folder that is gone afterwards.
 */
import { randomBytes } from 'node:crypto'
import { type Company, openCompany } from './demo/company.ts'
import { ownServer } from './demo/own-server.ts'
import { bold, dim, good, refused, say, seatTable, step, tell } from './demo/stage.ts'

/** More free seats than this are not filled up, only to show a full house. */
const crowdMax = 300

const people = ['ada', 'ben', 'cleo', 'dora', 'emil', 'fay']

async function day(company: Company): Promise<void> {
  step('08:30', 'The identity provider pushes six people and two groups')
  for (const name of people) {
    const { status, user } = await company.hire(name)
    say(`POST /Users ${bold(name)}`, good(status), `holds ${bold(user.license)}`)
  }
  const engineering = await company.group('Engineering', people.slice(0, 4))
  const everyone = await company.group('Everyone', people)
  say(`POST /Groups ${bold('Engineering')}`, good(engineering), '4 members')
  say(`POST /Groups ${bold('Everyone')}`, good(everyone), '6 members')
  await seatTable(company)

  const { PWM, PAM } = await company.seats()
  if (PWM.free + PAM.free > crowdMax)
    return tell(dim('There are so many free seats that nothing exciting will happen today.'))
  if (PAM.free === 0) return tell(dim('No PAM seat is free on this server: the rest of the day needs one.'))

  if (PWM.free + PAM.free > 1) {
    step('09:00', 'A busload arrives: all but one of the free seats are taken')
    const seated = await company.crowd(PWM.free + PAM.free - 1)
    say(`POST /Users ${seated} times`, good(201), 'everyone has a seat')
    await seatTable(company)
  }

  step('10:15', 'PWM is full. Gus still gets a seat: a PAM one, by spillover')
  const gus = await company.hire('gus')
  say(`POST /Users ${bold('gus')}`, good(gus.status), `holds ${bold(gus.user.license)}`)
  await seatTable(company)

  step('11:00', 'Hana comes to a full house')
  const tooMany = await company.hire('hana')
  say(`POST /Users ${bold('hana')}`, refused(tooMany.status), dim(tooMany.detail))
  say('GET /seats/refusals', good(200), `waiting: ${bold((await company.waiting()).join(', '))}`)

  step('13:00', 'Ben leaves. His seat is free in the same moment')
  const ben = await company.deactivate('ben')
  say(
    `PATCH /Users ${bold('ben')}`,
    good(ben.status),
    `inactive; license ${ben.user.state}, ${ben.user.license} remembered`
  )
  await seatTable(company)

  step('13:40', 'The identity provider tries Hana again, as it does')
  const again = await company.hire('hana')
  say(`POST /Users ${bold('hana')}`, good(again.status), `holds ${bold(again.user.license)}`)
  say('GET /seats/refusals', good(200), `waiting: ${(await company.waiting()).join(', ') || 'nobody'}`)

  step('15:00', 'Fay leaves for good, and Ben is hired again under his old name')
  say(`DELETE /Users ${bold('fay')}`, good(await company.remove('fay')))
  const back = await company.hire('ben')
  const same = back.user.id === ben.user.id ? 'the same user as before' : 'another user than before'
  say(`POST /Users ${bold('ben')}`, good(back.status), `${same}, holds ${bold(back.user.license)}`)
  await seatTable(company)

  step('16:20', 'Ada needs privileged access')
  const full = await company.license('ada', 'PAM')
  say(`PUT ${bold('ada')}/license PAM`, refused(full.status), dim(full.detail))
  const leaves = await company.deactivate('emil')
  say(`PATCH /Users ${bold('emil')}`, good(leaves.status), 'inactive: a PWM seat is free')
  say(`PUT ${bold('gus')}/license PWM`, good((await company.license('gus', 'PWM')).status), 'back from spillover')
  say(`PUT ${bold('ada')}/license PAM`, good((await company.license('ada', 'PAM')).status), `holds ${bold('PAM')}`)
  await seatTable(company)

  step('18:00', 'What the audit log has of it')
  for (const { at, action, target } of await company.audit(12)) {
    tell(`${dim(at.slice(11, 19))}  ${action.padEnd(20)}  ${bold(target)}`)
  }
}

async function main(): Promise<void> {
  const url = process.env.USHER_URL ?? 'http://127.0.0.1:8080'
  const token = process.env.USHER_ADMIN_TOKEN
  const ready =
    token !== undefined &&
    (await fetch(`${url}/health/ready`).then(
      r => r.ok,
      () => false
    ))
  const server = ready ? { url, token, stop: async () => {} } : await ownServer({ PWM: 6, PAM: 2 })
  console.log(
    ready
      ? `The server at ${url}`
      : `A server of its own at ${server.url}, with 6 PWM and 2 PAM seats; admin holds one PAM`
  )
  const company = openCompany(server, `${randomBytes(3).toString('hex')}.example`)
  try {
    await day(company)
  } finally {
    if (ready) await company.cleanUp()
    await server.stop()
  }
}

await main()
