/** What the tests of seats ask and do again and again. */
import type { JsonObject } from '../../src/base/json.ts'
import { type Answer, licenseUrn, patch, type TestServer } from '../support/app.ts'

export interface Figures {
  readonly type: string
  readonly purchased: number
  readonly inUse: number
  readonly free: number
  readonly over: number
  readonly spilledOver: number
  readonly upcoming: number
  readonly graceEnds: string | null
  readonly suspended: boolean
  readonly warning: string | null
}

/** `GET /api/v1/seats`, by type. */
export async function figures(server: TestServer): Promise<{ readonly PAM: Figures; readonly PWM: Figures }> {
  const { body } = await server.api<{ seats: Figures[] }>('GET', '/seats')
  const of = (type: string) => {
    const found = body.seats.find(one => one.type === type)
    if (found === undefined) throw new Error(`no figures of ${type}: ${JSON.stringify(body)}`)
    return found
  }
  return { PAM: of('PAM'), PWM: of('PWM') }
}

/** `PWM 3/3 PAM 1/2`: in use of purchased. */
export async function usage(server: TestServer): Promise<string> {
  const { PWM, PAM } = await figures(server)
  return `PWM ${PWM.inUse}/${PWM.purchased} PAM ${PAM.inUse}/${PAM.purchased}`
}

export interface UserView {
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly license: {
    readonly type: string | null
    readonly state: string
    readonly assignedAt: string | null
    readonly assignedBy: string | null
    readonly spilledOver: boolean
  }
  readonly roles: readonly string[]
  readonly lastModified: string
  readonly attributes: JsonObject
}

/** A user as administrators see it. */
export async function view(server: TestServer, id: string): Promise<UserView> {
  const { status, body, text } = await server.api<UserView>('GET', `/users/${id}`)
  if (status !== 200) throw new Error(`GET user ${id}: ${status} ${text}`)
  return body
}

/** `PWM held`: type and state, as administrators see them. */
export async function license(server: TestServer, id: string): Promise<string> {
  const { type, state } = (await view(server, id)).license
  return `${type} ${state}`
}

/** `PWM held`, as a SCIM answer shows it; undefined where it carries no license. */
export function shownLicense({ body }: Answer): string | undefined {
  const shown = body[licenseUrn] as JsonObject | undefined
  return shown === undefined ? undefined : `${shown.licenseType} ${shown.licenseState}`
}

export const setActive = (server: TestServer, id: string, active: unknown): Promise<Answer> =>
  server.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: active as boolean }))

export const choose = (server: TestServer, id: string, type: unknown, headers: Record<string, string> = {}) =>
  server.api('PUT', `/users/${id}/license`, { type }, headers)

/** Creates a user by hand. */
export const byHand = (server: TestServer, userName: string, type: string, more: JsonObject = {}) =>
  server.api('POST', '/users', { userName, license: { type }, ...more })

export async function settings(server: TestServer, changed: JsonObject): Promise<void> {
  const { status, text } = await server.api('PATCH', '/organization', { settings: changed })
  if (status !== 200) throw new Error(`settings: ${status} ${text}`)
}

export interface Purchase {
  readonly id: string
  readonly type: string
  readonly quantity: number
  readonly start: string
  readonly end: string | null
  readonly status: string
}

/** The first purchase of a type. */
export async function purchaseOf(server: TestServer, type: string): Promise<Purchase> {
  const { body } = await server.api<{ items: Purchase[] }>('GET', '/seats/purchases')
  const found = body.items.find(purchase => purchase.type === type)
  if (found === undefined) throw new Error(`nobody bought ${type}`)
  return found
}

/** Changes the first purchase of a type. */
export async function changePurchase(server: TestServer, type: string, change: JsonObject): Promise<Answer> {
  const { id } = await purchaseOf(server, type)
  return server.api('PATCH', `/seats/purchases/${id}`, change)
}

export interface Event {
  readonly id: string
  readonly at: string
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly action: string
  readonly target: { readonly kind: string; readonly id: string; readonly name?: string }
  readonly detail: JsonObject
}

/** Audit events that match, newest first. */
export async function events(server: TestServer, filter: string): Promise<readonly Event[]> {
  const { status, body, text } = await server.api<{ items: Event[] }>(
    'GET',
    `/audit?limit=1000&filter=${encodeURIComponent(filter)}`
  )
  if (status !== 200) throw new Error(`audit: ${status} ${text}`)
  return body.items
}

/** How many audit events there are: whoever says that nothing happened compares it. */
export const eventCount = async (server: TestServer): Promise<number> => (await events(server, 'id pr')).length

/** How often each status came. */
export function statuses<T>(answers: readonly Answer<T>[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export const filterPath = (path: string, filter: string) => `${path}?filter=${encodeURIComponent(filter)}`

/** `user0`, `user1` … */
export const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`)
