/** What each step comes to: the status that must be answered, and what it makes of the model. */
import {
  capacity,
  changeLicenses,
  inUse,
  type LicenseType,
  license,
  type Model,
  type ModelUser,
  removeUser,
  type Wish
} from './history-model.ts'
import { type Step, theOtherGroup } from './history-steps.ts'

export interface Answer {
  /** 0: nothing is asked of the server. */
  readonly status: number
  /** Whether the server has to write something, and tell the audit log. */
  readonly changed: boolean
}

export const nameOf = (who: number) => `user${who}`
const day = 24 * 60 * 60 * 1000

const fine = (status = 200): Answer => ({ status, changed: true })
const same = (status = 200): Answer => ({ status, changed: false })
const refused = same

/** Tells what must be answered, and makes the step in the model. */
export function rule(model: Model, step: Step): Answer {
  switch (step.do) {
    case 'provision':
      return provision(model, nameOf(step.who), step.active)
    case 'setActive':
      return withUser(model, step.who, (user, name) =>
        step.active ? activate(model, name, user, { last: user.type }, 403) : deactivate(model, name, user)
      )
    case 'createByHand':
      return createByHand(model, nameOf(step.who), step.type)
    case 'activateByHand':
      return withUser(model, step.who, (user, name) => {
        const only = step.type ?? user.type
        if (!user.active && only === null) return refused(400)
        return activate(model, name, user, only === null ? { last: null } : { only }, 409)
      })
    case 'suspend':
      return withUser(model, step.who, (user, name) => deactivate(model, name, user))
    case 'delete':
      return withUser(model, step.who, (_user, name) => {
        removeUser(model, name)
        return fine(204)
      })
    case 'replace':
      return withUser(model, step.who, (user, name) => {
        const title = `t${step.title}`
        model.users.set(name, { ...user, title })
        return user.title === title ? same() : fine()
      })
    case 'chooseLicense':
      return choose(model, [[nameOf(step.who), step.type]])
    case 'swap':
      if (step.who === step.other) return refused(400)
      return choose(model, [
        [nameOf(step.who), step.type],
        [nameOf(step.other), step.second]
      ])
    case 'join':
    case 'leave':
    case 'setMembers':
      return regroup(model, step)
    case 'spillover':
      if (model.spillover === step.on) return same()
      model.spillover = step.on
      return fine()
    case 'wait':
      model.now += step.days * day
      return { status: 0, changed: false }
    default:
      return purchase(model, step)
  }
}

function withUser(model: Model, who: number, then: (user: ModelUser, name: string) => Answer): Answer {
  const name = nameOf(who)
  const user = model.users.get(name)
  return user === undefined ? refused(404) : then(user, name)
}

/** SEAT-63, SEAT-70, SEAT-71, SEAT-120. */
function provision(model: Model, name: string, active: boolean): Answer {
  const known = model.users.get(name)
  if (known?.active === true) return refused(409)
  const got = active ? license(model, { last: known?.type ?? null }) : undefined
  if (active && got === undefined) return refused(403)
  const left = { type: known?.type ?? null, spilled: false }
  model.users.set(name, { active, title: '', ...(got ?? left) })
  const asItWas = known !== undefined && !active && known.title === ''
  return asItWas ? same(201) : fine(201)
}

/** SEAT-62: the type that was asked for, and no other. */
function createByHand(model: Model, name: string, only: LicenseType): Answer {
  const got = model.users.has(name) ? undefined : license(model, { only })
  if (got === undefined) return refused(409)
  model.users.set(name, { active: true, title: '', ...got })
  return fine(201)
}

/** SEAT-94 … SEAT-100, SEAT-105. */
function activate(model: Model, name: string, user: ModelUser, wish: Wish, full: number): Answer {
  if (user.active) return same()
  const got = license(model, wish)
  if (got === undefined) return refused(full)
  model.users.set(name, { ...user, ...got, active: true })
  return fine()
}

/** SEAT-85, SEAT-86. */
function deactivate(model: Model, name: string, user: ModelUser): Answer {
  if (!user.active) return same()
  model.users.set(name, { ...user, active: false, spilled: false })
  return fine()
}

function choose(model: Model, changes: readonly (readonly [string, LicenseType])[]): Answer {
  if (changes.some(([name]) => !model.users.has(name))) return refused(404)
  const moved = changes.some(([name, type]) => model.users.get(name)?.type !== type)
  if (!changeLicenses(model, changes)) return refused(409)
  return moved ? fine() : same()
}

type Regroup = Extract<Step, { readonly group: number }>

function regroup(model: Model, step: Regroup): Answer {
  const members = model.groups.get(`g${step.group}`) ?? new Set()
  const isThere = (name: string) => model.users.has(name) || model.groups.has(name)
  if (step.do === 'setMembers') {
    const names = step.whos.map(nameOf)
    if (!names.every(isThere)) return refused(400)
    const before = [...members].sort().join()
    members.clear()
    for (const name of names) members.add(name)
    return before === names.toSorted().join() ? same() : fine()
  }
  const name = memberName(step.group, step.who)
  if (step.do === 'leave') return members.delete(name) ? fine() : same()
  if (members.has(name)) return same()
  if (!isThere(name)) return refused(400)
  members.add(name)
  return fine()
}

export const memberName = (group: number, who: number) => (who === theOtherGroup ? `g${1 - group}` : nameOf(who))

type Purchasing = Extract<Step, { readonly do: 'buy' | 'resize' | 'dropPurchase' }>

function purchase(model: Model, step: Purchasing): Answer {
  const { purchases, now } = model
  if (step.do === 'buy') {
    const { type, quantity, inDays, days } = step
    const start = now + inDays * day
    const end = days === 0 ? null : start + days * day
    purchases.set(Math.max(-1, ...purchases.keys()) + 1, { type, quantity, start, end })
    return fine(201)
  }
  const [key, known] = [...purchases][step.which] ?? []
  if (key === undefined || known === undefined) return refused(404)
  if (step.do === 'dropPurchase') {
    purchases.delete(key)
    // SEAT-108: where more are in use than are left, there is something to tell.
    return fine(inUse(model, known.type) > capacity(model, known.type) ? 200 : 204)
  }
  purchases.set(key, { ...known, quantity: step.quantity })
  return known.quantity === step.quantity ? same() : fine()
}
