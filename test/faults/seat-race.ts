/** R10: far more users than seats arrive at once, over one server process or several. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../src/base/json.ts'
import { licenseUrn, newUser, patch } from '../support/app.ts'
import type { Backend } from './backend.ts'
import type { Reply } from './client.ts'
import { type Callers, count, newFigures } from './load.ts'
import { seats as seatFigures } from './observe.ts'
import { few, type Outcome, percentile, together } from './row.ts'
import { openSite, type Site } from './site.ts'

/** What an organisation bought: with the user `admin` on a seat of its own, 50 are free. */
const bought = { PWM: 30, PAM: 21 } as const
const free = 50
/** Users that are there before the race: these are deactivated and come back in it, and these change their license. */
const returning = 6
const turning = 6

export async function raceForSeats(
  backend: Backend,
  { racers = 1000, servers = 1, mixed = false }: { racers?: number; servers?: number; mixed?: boolean } = {}
): Promise<Outcome> {
  const site = await openSite(backend, { seats: `PWM=${bought.PWM},PAM=${bought.PAM}`, servers })
  const faults: string[] = []
  const race = { site, figures: newFigures(), faults }
  let seatedMs: readonly number[] = []
  let perSecond = 0
  try {
    faults.push(...(await sameName(race)), ...(await cheapFirst(race)))
    const early = mixed ? await firstComers(race) : none
    const [created, returned, turned] = await Promise.all([
      Promise.all(names('racer', racers).map((name, i) => create(race, i, newUser(name)))),
      Promise.all(early.away.map((id, i) => setActive(race, i, id, true))),
      Promise.all(early.present.map((id, i) => choose(race, i, id, i % 2 === 0 ? 'PAM' : 'PWM')))
    ])
    const got = created.filter(({ status }) => status === 201 || status === 409)
    seatedMs = got.map(({ ms }) => ms)
    perSecond = Math.round((got.length * 1000) / Math.max(1, ...seatedMs))
    faults.push(...unexpected('a create', created, [201, 403, 409]), ...unexpected('a return', returned, [200, 403]))
    faults.push(...unexpected('a license', turned, [200, 409]))
    faults.push(...(await fullHouse(site)))
    const seated = got.length + returned.filter(({ status }) => status === 200).length + early.present.length
    if (seated !== free - 1) faults.push(`${seated} sit on ${free - 1} seats`)
  } finally {
    faults.push(...(await site.close()))
  }
  const { '5xx': serverErrors = 0 } = together([race.figures])
  const store = 'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'
  return {
    row: 'R10',
    what: `${racers} users for ${free} seats, ${store}, ${servers} process${servers > 1 ? 'es' : ''}${mixed ? ', mixed' : ''}`,
    rounds: 1,
    faults: few(faults),
    figures: {
      'asked to come again': serverErrors,
      'grants per s': perSecond,
      'grant p99 ms': percentile(seatedMs, 0.99),
      'longest ms': Math.round(race.figures.longestMs)
    },
    goals: { 'asked to come again': 0, 'grant p99 ms': 300 }
  }
}

interface Race {
  readonly site: Site
  readonly figures: ReturnType<typeof newFigures>
  readonly faults: readonly string[]
}

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`)

/** One name, a hundred times at once: one user, and 99 who are told. */
async function sameName(race: Race): Promise<readonly string[]> {
  const replies = await Promise.all(names('', 100).map((_, i) => create(race, i, newUser('the same'))))
  const made = replies.filter(({ status }) => status === 201).length
  const told = replies.filter(({ status, body }) => status === 409 && body.scimType === 'uniqueness').length
  return made === 1 && told === 99 ? [] : [`one name a hundred times: ${made} created, ${told} told`]
}

const none = { away: [], present: [] } as { readonly away: readonly string[]; readonly present: readonly string[] }

async function firstComers(race: Race): Promise<typeof none> {
  const made = async (prefix: string, n: number) => {
    const replies = await Promise.all(names(prefix, n).map((name, i) => create(race, i, newUser(name))))
    return replies.map(({ body }) => String(body.id))
  }
  const [away, present] = [await made('away', returning), await made('present', turning)]
  await Promise.all(away.map((id, i) => setActive(race, i, id, false)))
  return { away, present }
}

async function send(
  { site, figures }: Race,
  i: number,
  as: keyof Callers,
  ...request: readonly [string, string, JsonObject]
): Promise<Reply> {
  const all = site.callers()
  const callers = all[i % all.length]
  if (callers === undefined) throw new Error('a site has a server')
  for (;;) {
    const reply = await callers[as].send(...request)
    count(figures, reply)
    // Too much at once: the client comes again. A create may have been made then, and is answered with 409.
    if (reply.status !== 503) return reply
    await sleep(100 + Math.random() * 400)
  }
}

const create = (race: Race, i: number, user: JsonObject) => send(race, i, 'scim', 'POST', '/scim/v2/Users', user)
const setActive = (race: Race, i: number, id: string, value: boolean) =>
  send(race, i, 'scim', 'PATCH', `/scim/v2/Users/${id}`, patch({ op: 'replace', path: 'active', value }))
const choose = (race: Race, i: number, id: string, type: string) =>
  send(race, i, 'admin', 'PUT', `/api/v1/users/${id}/license`, { type })

const remove = ({ site }: Race, i: number, id: string) =>
  site.callers()[i % site.callers().length]?.scim.send('DELETE', `/scim/v2/Users/${id}`)

function unexpected(what: string, replies: readonly Reply[], expected: readonly number[]): string[] {
  return replies
    .filter(({ status }) => !expected.includes(status))
    .map(({ status, text, error = '' }) => `${what}: ${status} ${text}${error}`)
}

async function fullHouse(site: Site): Promise<readonly string[]> {
  const [callers] = site.callers()
  const figures = callers === undefined ? [] : await seatFigures(callers)
  return figures
    .filter(({ inUse, purchased }) => inUse !== purchased)
    .map(({ type, inUse, purchased }) => `${type}: ${inUse} in use of ${purchased}, and somebody was refused`)
}

/**
 * As many as there are PWM seats arrive at once: not one of them gets PAM. (Who moves between the types, or was asked to
 * come again, would blur it.)
 */
async function cheapFirst(race: Race): Promise<readonly string[]> {
  const replies = await Promise.all(names('first', bought.PWM - 1).map((name, i) => create(race, i, newUser(name))))
  const types = replies.flatMap(({ body }) => (body[licenseUrn] as JsonObject | undefined)?.licenseType ?? [])
  const pam = types.filter(type => type === 'PAM').length
  for (const [i, { body }] of replies.entries()) await remove(race, i, String(body.id))
  return pam === 0 ? [] : [`${pam} hold PAM while PWM was free`]
}
