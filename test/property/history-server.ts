/** A history against a real server: asks what a step says, and reads back what has become of everything. */
import type { JsonObject } from '../../src/base/json.ts'
import { day, groupUrn, type Method, newUser, patch, type TestServer } from '../support/app.ts'
import { type Model, newModel, types } from './history-model.ts'
import { memberName, nameOf } from './history-rules.ts'
import type { Step } from './history-steps.ts'

/** Ids by name, as a client keeps them: also of what is gone. */
export interface Stage {
  readonly server: TestServer
  readonly ids: Map<string, string>
  readonly purchases: Map<number, string>
}

/** An empty directory again, with the purchases of a new model. What is left of the history before is only old. */
export async function clear(server: TestServer): Promise<{ stage: Stage; model: Model }> {
  const stage: Stage = { server, ids: new Map(), purchases: new Map() }
  for (const { id, userName } of await users(server)) {
    if (userName !== 'admin') await done(server.scim('DELETE', `/Users/${id}`), 204)
  }
  const { body } = await server.scim<{ Resources: { id: string }[] }>('GET', '/Groups?attributes=id')
  for (const { id } of body.Resources) await done(server.scim('DELETE', `/Groups/${id}`), 204)
  await done(server.api('PATCH', '/organization', { settings: { seatSpillover: true } }), 200)
  const model = newModel(server.clock.now())
  const { body: old } = await server.api<{ items: { id: string }[] }>('GET', '/seats/purchases')
  for (const [key, { type, quantity }] of model.purchases) {
    const made = await done(server.api('POST', '/seats/purchases', { type, quantity }), 201)
    stage.purchases.set(key, String(made.id))
  }
  for (const { id } of old.items) await done(server.api('DELETE', `/seats/purchases/${id}`), 204)
  const { id: admin = '', license } = (await users(server))[0] ?? {}
  if (license?.type !== 'PAM') await done(server.api('PUT', `/users/${admin}/license`, { type: 'PAM' }), 200)
  for (const displayName of model.groups.keys()) {
    const made = await done(server.scim('POST', '/Groups', { schemas: [groupUrn], displayName }), 201)
    stage.ids.set(displayName, String(made.id))
  }
  return { stage, model }
}

async function done(asked: Promise<{ status: number; body: JsonObject; text: string }>, status: number) {
  const answer = await asked
  if (answer.status !== status) throw new Error(`clearing: ${answer.status} ${answer.text}`)
  return answer.body
}

/** @returns the status; 0 where nothing is asked. `id` goes into the audit log. */
export async function perform({ server, ids, purchases }: Stage, step: Step, id: string): Promise<number> {
  const headers = { 'x-request-id': id }
  const scim = (method: Method, path: string, body?: object) => server.scim(method, path, body, headers)
  const api = (method: Method, path: string, body?: object) => server.api(method, path, body, headers)
  // Of a user who was never there, an id that nobody has; of two, two.
  const idOf = (name: string) => ids.get(name) ?? `00000000-0000-7000-8000-${name}`
  const user = 'who' in step ? idOf(nameOf(step.who)) : ''
  switch (step.do) {
    case 'provision':
    case 'createByHand': {
      const name = nameOf(step.who)
      const made =
        step.do === 'provision'
          ? await scim('POST', '/Users', newUser(name, { active: step.active }))
          : await api('POST', '/users', { userName: name, license: { type: step.type } })
      if (made.status === 201) ids.set(name, String(made.body.id))
      return made.status
    }
    case 'setActive':
      return status(scim('PATCH', `/Users/${user}`, patch({ op: 'replace', path: 'active', value: step.active })))
    case 'activateByHand':
      return status(
        api('POST', `/users/${user}/activate`, step.type === undefined ? {} : { license: { type: step.type } })
      )
    case 'suspend':
      return status(api('POST', `/users/${user}/suspend`))
    case 'delete':
      return status(scim('DELETE', `/Users/${user}`))
    case 'replace':
      return status(scim('PUT', `/Users/${user}`, newUser(nameOf(step.who), { title: `t${step.title}` })))
    case 'chooseLicense':
      return status(api('PUT', `/users/${user}/license`, { type: step.type }))
    case 'swap': {
      const changes = [
        { user, type: step.type },
        { user: idOf(nameOf(step.other)), type: step.second }
      ]
      return status(api('POST', '/users/license-changes', { changes }))
    }
    case 'join':
    case 'leave': {
      const value = idOf(memberName(step.group, step.who))
      const operation: JsonObject =
        step.do === 'join'
          ? { op: 'add', path: 'members', value: [{ value }] }
          : { op: 'remove', path: `members[value eq "${value}"]` }
      return status(scim('PATCH', `/Groups/${idOf(`g${step.group}`)}`, patch(operation)))
    }
    case 'setMembers': {
      const members = step.whos.map(who => ({ value: idOf(nameOf(who)) }))
      const group = `g${step.group}`
      return status(scim('PUT', `/Groups/${idOf(group)}`, { schemas: [groupUrn], displayName: group, members }))
    }
    case 'buy': {
      const { type, quantity, inDays, days } = step
      const start = server.clock.now() + inDays * day
      const times = { start: iso(start), end: days === 0 ? null : iso(start + days * day) }
      const made = await api('POST', '/seats/purchases', { type, quantity, ...times })
      if (made.status === 201) purchases.set(Math.max(-1, ...purchases.keys()) + 1, String(made.body.id))
      return made.status
    }
    case 'resize':
    case 'dropPurchase': {
      const [key, purchase = 'none'] = [...purchases][step.which] ?? []
      if (step.do === 'resize') return status(api('PATCH', `/seats/purchases/${purchase}`, { quantity: step.quantity }))
      if (key !== undefined) purchases.delete(key)
      return status(api('DELETE', `/seats/purchases/${purchase}`))
    }
    case 'spillover':
      return status(api('PATCH', '/organization', { settings: { seatSpillover: step.on } }))
    case 'wait':
      server.clock.advance(step.days * day)
      return 0
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
const status = async (asked: Promise<{ readonly status: number }>) => (await asked).status

interface UserItem {
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly license: { readonly type: string | null; readonly state: string; readonly spilledOver: boolean }
  readonly attributes: { readonly title?: string }
}

async function users(server: TestServer): Promise<readonly UserItem[]> {
  return (await server.api<{ items: UserItem[] }>('GET', '/users?limit=1000')).body.items
}

/** All that the model knows, in one comparable value, as the server shows it. */
export async function shown({ server, ids }: Stage): Promise<object> {
  const everybody = await users(server)
  const names = new Map([
    ...everybody.map(user => [user.id, user.userName] as const),
    ...[...ids].map(([name, id]) => [id, name] as const)
  ])
  const groups = ['g0', 'g1'].map(async name => {
    const { body } = await server.scim<{ members?: { value: string }[] }>('GET', `/Groups/${ids.get(name)}`)
    return [name, (body.members ?? []).map(({ value }) => names.get(value) ?? value).sort()] as const
  })
  const { body } = await server.api<{ seats: { type: string; inUse: number; purchased: number }[] }>('GET', '/seats')
  return {
    users: Object.fromEntries(
      everybody.map(({ userName, active, license, attributes }) => {
        const holds = ['held', 'suspended'].includes(license.state)
        const { title = '' } = attributes
        return [userName, { active, holds, type: license.type, spilled: license.spilledOver, title }]
      })
    ),
    groups: Object.fromEntries(await Promise.all(groups)),
    seats: Object.fromEntries(body.seats.map(({ type, inUse, purchased }) => [type, `${inUse} of ${purchased}`]))
  }
}

/** The same, as the model has it. */
export function expected(model: Model, figures: (type: (typeof types)[number]) => string): object {
  const known = [...model.users].map(([name, { active, type, spilled, title }]) => {
    return [name, { active, holds: active, type, spilled, title }] as const
  })
  return {
    users: Object.fromEntries(known),
    groups: Object.fromEntries([...model.groups].map(([name, members]) => [name, [...members].sort()])),
    seats: Object.fromEntries(types.map(type => [type, figures(type)]))
  }
}
