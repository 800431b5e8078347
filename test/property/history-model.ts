/**
 * What must come of a history of requests, told as simply as spec/seats.md does: users and their licenses, purchases and the
 * time, two groups. No seats, no store, no concurrency: a free seat is a subtraction.
 */
export type LicenseType = 'PAM' | 'PWM'
export const types: readonly LicenseType[] = ['PWM', 'PAM']

export interface ModelUser {
  readonly active: boolean
  /** Held while active, remembered while not; null where there never was one. */
  readonly type: LicenseType | null
  readonly spilled: boolean
  readonly title: string
}

export interface ModelPurchase {
  readonly type: LicenseType
  readonly quantity: number
  readonly start: number
  readonly end: number | null
}

export interface Model {
  now: number
  spillover: boolean
  readonly users: Map<string, ModelUser>
  /** By the number under which a history made it. */
  readonly purchases: Map<number, ModelPurchase>
  /** Members by group; a group can be one too. */
  readonly groups: Map<string, Set<string>>
}

/** Two seats of each type, one of them the first user's. */
export function newModel(now: number): Model {
  const first: ModelUser = { active: true, type: 'PAM', spilled: false, title: '' }
  const bought = types.map((type): ModelPurchase => ({ type, quantity: 2, start: now, end: null }))
  return {
    now,
    spillover: true,
    users: new Map([['admin', first]]),
    purchases: new Map(bought.entries()),
    groups: new Map([
      ['g0', new Set()],
      ['g1', new Set()]
    ])
  }
}

/** SEAT-106. */
export function capacity({ purchases, now }: Model, type: LicenseType): number {
  const valid = [...purchases.values()].filter(
    p => p.type === type && p.start <= now && (p.end === null || now < p.end)
  )
  return valid.reduce((sum, { quantity }) => sum + quantity, 0)
}

export const inUse = ({ users }: Model, type: LicenseType): number =>
  [...users.values()].filter(user => user.active && user.type === type).length

const isFree = (model: Model, type: LicenseType) => inUse(model, type) < capacity(model, type)

/** How a license is wanted: by provisioning, with the type remembered first, or this type and no other. */
export type Wish = { readonly last: LicenseType | null } | { readonly only: LicenseType }

/** The license that a user gets now, or undefined. (The outcome table, SEAT-46, SEAT-94, SEAT-95.) */
export function license(model: Model, wish: Wish): Pick<ModelUser, 'type' | 'spilled'> | undefined {
  if ('only' in wish) return isFree(model, wish.only) ? { type: wish.only, spilled: false } : undefined
  const both = types.every(type => capacity(model, type) > 0)
  const automatic: readonly LicenseType[] = both && !model.spillover ? ['PWM'] : types
  const type = [...(wish.last === null ? [] : [wish.last]), ...automatic].find(one => isFree(model, one))
  if (type === undefined) return undefined
  // SEAT-45: PAM in the place of PWM, of which there is none now. Where none was bought it is in nothing's place.
  return { type, spilled: type === 'PAM' && wish.last !== 'PAM' && capacity(model, 'PWM') > 0 }
}

/** SEAT-29, SEAT-32, SEAT-33, SEAT-109: all or nothing, on the net figures. @returns whether they fit. */
export function changeLicenses(model: Model, changes: readonly (readonly [string, LicenseType])[]): boolean {
  const after = new Map(model.users)
  for (const [name, type] of changes) {
    const user = after.get(name)
    if (user !== undefined && user.type !== type) after.set(name, { ...user, type, spilled: false })
  }
  const comes = (type: LicenseType) =>
    [...after].some(([name, user]) => user.active && user.type === type && model.users.get(name)?.type !== type)
  const fits = types.every(type => !comes(type) || inUse({ ...model, users: after }, type) <= capacity(model, type))
  if (fits) for (const [name, user] of after) model.users.set(name, user)
  return fits
}

export function removeUser({ users, groups }: Model, name: string): void {
  users.delete(name)
  for (const members of groups.values()) members.delete(name)
}
