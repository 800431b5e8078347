/** R14: the answer to a create is lost on its way. Who asks again gets the same, and nothing is there twice. */
import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../src/base/json.ts'
import { newUser } from '../support/app.ts'
import type { Backend } from './backend.ts'
import { type Client, newClient, type Reply } from './client.ts'
import { startCuttingProxy } from './cutting-proxy.ts'
import { seats } from './observe.ts'
import { few, type Outcome } from './row.ts'
import { adminKey } from './server-process.ts'
import { openSite } from './site.ts'

/** Seats that a round takes. */
const seatsEach = 3
const usersPath = '/api/v1/users'

interface Wire {
  /** Sends, and loses the answer. */
  lose(client: Client, path: string, body: object, key?: string): Promise<Reply>
  readonly admin: Client
  readonly scim: Client
}

export async function loseAnswers(backend: Backend, rounds: number): Promise<Outcome> {
  const site = await openSite(backend, { seats: `PWM=${rounds * seatsEach},PAM=1` })
  const [server] = site.servers()
  const proxy = await startCuttingProxy(server?.port ?? 0)
  const [admin, scim] = [adminKey, server?.scimToken].map(token => newClient(proxy.url, token, { fresh: true }))
  const faults: string[] = []
  let done = 0
  try {
    if (admin === undefined || scim === undefined) throw new Error('a site has tokens')
    const wire: Wire = {
      admin,
      scim,
      async lose(client, path, body, key) {
        proxy.cutting = true
        const reply = await send(client, path, body, key)
        proxy.cutting = false
        return reply
      }
    }
    for (; done < rounds && faults.length === 0; done++) {
      faults.push(...(await withKey(wire, `keyed${done}`)), ...(await without(wire, `plain${done}`)))
      faults.push(...(await atOnce(wire, `twice${done}`)))
      const pwm = (await seats({ admin })).find(({ type }) => type === 'PWM')
      const expected = (done + 1) * seatsEach
      if (pwm?.inUse !== expected) faults.push(`${pwm?.inUse} seats in use, and ${expected} users were made`)
    }
  } finally {
    admin?.close()
    scim?.close()
    await proxy.close()
    faults.push(...(await site.close()))
  }
  return {
    row: 'R14',
    what: `the answer is lost after the commit, ${'MONGODB_URI' in backend.env ? 'MongoDB' : 'SQLite'}`,
    rounds: done,
    faults: few(faults),
    figures: { 'answers lost': done * 2, users: done * seatsEach },
    goals: {}
  }
}

function send(client: Client, path: string, body: object, key?: string): Promise<Reply> {
  return client.send('POST', path, body, key === undefined ? {} : { 'idempotency-key': key })
}

const draft = (userName: string): JsonObject => ({ userName, license: { type: 'PWM' } })

/** The retry is answered as the first request was, as often as it comes; the key is good for this body alone. */
async function withKey({ lose, admin }: Wire, name: string): Promise<readonly string[]> {
  const key = randomUUID()
  const first = await lose(admin, usersPath, draft(name), key)
  const retries = [await send(admin, usersPath, draft(name), key), await send(admin, usersPath, draft(name), key)]
  const other = await send(admin, usersPath, draft(`${name} other`), key)
  const [one, two] = retries
  return [
    ...(first.status === 0 ? [] : [`${name}: the answer was not lost: ${first.status}`]),
    ...retries.flatMap(({ status, body, text }) =>
      status === 201 && body.userName === name ? [] : [`${name} asked again: ${status} ${text}`]
    ),
    ...(one?.text === two?.text && one?.headers.etag === two?.headers.etag
      ? []
      : [`${name}: two retries, two answers`]),
    ...(other.status === 422 ? [] : [`${name}, the same key for another body: ${other.status} ${other.text}`])
  ]
}

/** What identity providers do, who know no keys (SEAT-70). */
async function without({ lose, scim }: Wire, name: string): Promise<readonly string[]> {
  const first = await lose(scim, '/scim/v2/Users', newUser(name))
  const retry = await send(scim, '/scim/v2/Users', newUser(name))
  return [
    ...(first.status === 0 ? [] : [`${name}: the answer was not lost: ${first.status}`]),
    ...(retry.status === 409 && retry.body.scimType === 'uniqueness'
      ? []
      : [`${name} again: ${retry.status} ${retry.text}`])
  ]
}

/** The client gave up too early, and the retry meets its first request on the way. */
async function atOnce({ admin }: Wire, name: string): Promise<readonly string[]> {
  const key = randomUUID()
  const replies = await Promise.all([1, 2, 3].map(() => send(admin, usersPath, draft(name), key)))
  const answers = new Set(replies.map(({ status, text }) => `${status} ${text}`))
  return answers.size === 1 && replies[0]?.status === 201 ? [] : [`${name} at once: ${[...answers].join(' | ')}`]
}
