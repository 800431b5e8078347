/** What is there, as clients can see it through the server: users, members, the audit log, and the seat figures. */

import type { Observed, State } from './ledger.ts'
import type { Callers } from './load.ts'

interface UserItem {
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly license: { readonly type: 'PAM' | 'PWM' | null; readonly state: string }
  readonly attributes: { readonly title?: string }
}

interface EventItem {
  readonly id: string
  readonly action: string
  readonly requestId?: string
}

export interface Seen extends Observed {
  /** The newest audit event: the next look begins behind it. */
  readonly newest: string | undefined
  /** Where the figures shown are not a count of the users. */
  readonly faults: readonly string[]
}

/** Looks at everything while nobody writes. `since`: the newest audit event of the last look. */
export async function observe(
  callers: Callers,
  groups: ReadonlyMap<string, string>,
  since: string | undefined
): Promise<Seen> {
  const items = await everyUser(callers)
  const groupsOf = await memberships(callers, groups)
  const events = await eventsSince(callers, since)
  const users = items
    .filter(({ userName }) => userName !== 'admin')
    .map(({ id, userName, active, license, attributes }): [string, State] => {
      const { title = '' } = attributes
      return [userName, { title, active, license: license.type, groups: (groupsOf.get(id) ?? []).sort() }]
    })
  const actions = new Map<string, string[]>()
  for (const { requestId = '', action } of events) actions.set(requestId, [...(actions.get(requestId) ?? []), action])
  return {
    users: new Map(users),
    ids: new Map(items.map(({ userName, id }) => [userName, id])),
    actions,
    newest: events[0]?.id ?? since,
    faults: [...figuresAgainst(items, await seats(callers)), ...(await twins(callers, items))]
  }
}

async function everyUser({ admin }: Callers): Promise<readonly UserItem[]> {
  const items: UserItem[] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const { status, body, text } = await admin.get(`/api/v1/users?limit=1000${cursor}`)
    if (status !== 200) throw new Error(`the list of users: ${status} ${text}`)
    items.push(...(body.items as unknown as UserItem[]))
    next = body.next as string | null
  }
  return items
}

/** Names of the groups, by the id of the member. */
async function memberships({ scim }: Callers, groups: ReadonlyMap<string, string>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const [name, id] of groups) {
    const { status, body, text } = await scim.get(`/scim/v2/Groups/${id}`)
    if (status !== 200) throw new Error(`group ${name}: ${status} ${text}`)
    for (const { value } of (body.members ?? []) as { value: string }[]) {
      found.set(value, [...(found.get(value) ?? []), name])
    }
  }
  return found
}

/** Newest first, until the one that was the newest before. */
async function eventsSince({ admin }: Callers, since: string | undefined): Promise<readonly EventItem[]> {
  const items: EventItem[] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const { status, body, text } = await admin.get(`/api/v1/audit?limit=1000${cursor}`)
    if (status !== 200) throw new Error(`the audit log: ${status} ${text}`)
    const page = body.items as unknown as EventItem[]
    const known = page.findIndex(({ id }) => id === since)
    items.push(...(known < 0 ? page : page.slice(0, known)))
    next = known < 0 ? (body.next as string | null) : null
  }
  return items
}

interface SeatItem {
  readonly type: string
  readonly inUse: number
  readonly purchased: number
}

export async function seats({ admin }: Pick<Callers, 'admin'>): Promise<readonly SeatItem[]> {
  const { status, body, text } = await admin.get('/api/v1/seats')
  if (status !== 200) throw new Error(`the seats: ${status} ${text}`)
  return body.seats as unknown as SeatItem[]
}

function figuresAgainst(items: readonly UserItem[], figures: readonly SeatItem[]): string[] {
  return figures.flatMap(({ type, inUse, purchased }) => {
    const holders = items.filter(({ license }) => license.type === type && license.state === 'held').length
    return [
      ...(holders === inUse ? [] : [`${type}: ${inUse} in use are shown, and ${holders} users hold one`]),
      ...(inUse <= purchased ? [] : [`${type}: ${inUse} in use of ${purchased}`])
    ]
  })
}

/** Over SCIM there are as many as the admin API lists, and no two of one name. */
async function twins({ scim }: Callers, items: readonly UserItem[]): Promise<string[]> {
  const { body } = await scim.get('/scim/v2/Users?count=1')
  const different = new Set(items.map(({ userName }) => userName.toLowerCase())).size
  return [
    ...(different === items.length ? [] : [`${items.length} users have ${different} names`]),
    ...(body.totalResults === items.length ? [] : [`SCIM counts ${body.totalResults} users of ${items.length}`])
  ]
}
