/** Users arrive, change, leave and come back; their seat, roles and audit events with them in one commit. */
import { chosenRoles, defaultRoles, type RoleChoice } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { happened } from '../audit/events.ts'
import { operate } from '../audit/operate.ts'
import { demand, type Precondition } from '../audit/precondition.ts'
import { notFound, Refusal } from '../base/domain-error.ts'
import type { JsonObject } from '../base/json.ts'
import { assignSeat, type Wish } from '../licensing/assign.ts'
import { recordRefusal } from '../licensing/refusals.ts'
import { type LicenseType, noLicense } from '../licensing/types.ts'
import { field, fold, is } from '../scim/filter/filter.ts'
import type { ResourceType } from '../scim/schema/types.ts'
import { type Conflict, insert, remove, replace, type Stored, tally } from '../store/port.ts'
import { changedNames } from './changed-names.ts'
import { users, usersKey } from './collections.ts'
import { leaveAllGroups } from './memberships.ts'
import { roleTurn } from './role-turns.ts'
import { customRemoval, customWrite } from './schemas/custom.ts'
import { assignedBy, freed, licenseTurn, noSeat, released, seated, type Way } from './seat-turns.ts'
import { laterThan, tellUser } from './told.ts'
import type { Primary, User } from './types.ts'
import { isActive, targetOf, userName, userNameOf } from './user.ts'

export interface UserDraft {
  /** What `resource` was read by. Absent: it has nothing that the organisation defined itself. */
  readonly type?: ResourceType | undefined
  readonly resource: JsonObject
  /** The one type to give, or a refusal. Absent: the automatic choice. */
  readonly licenseType?: LicenseType | undefined
  /** Absent: the Default roles (ROLE-41). */
  readonly roles?: RoleChoice | undefined
  readonly primary?: Primary | undefined
}

/** @throws Refusal `not_found` */
export async function getUser({ store, tenant }: Context, id: string): Promise<Stored<User>> {
  const found = await store.get(users, tenant, id)
  if (found === undefined) throw notFound('user')
  return found
}

async function userByName({ store, tenant }: Context, name: string): Promise<Stored<User> | undefined> {
  const [found] = await store.find(users, tenant, { filter: is(field('userName'), fold(name)), limit: 1 })
  return found
}

/**
 * Creates a user, or revives the deactivated one of this name (SEAT-120).
 *
 * @throws Refusal `uniqueness`, as `chosenRoles` does, or the no-seat answer of the way; nothing was changed then.
 */
export function createUser(context: Context, way: Way, draft: UserDraft): Promise<Stored<User>> {
  const resource = { ...draft.resource, active: isActive(draft.resource) }
  return noting(
    context,
    way,
    () => resource,
    () =>
      operate(context, async lost => {
        const taken = lost?.conflict === 'unique' ? await userByName(context, userName(resource)) : undefined
        if (taken !== undefined) return revive(context, way, taken, { ...draft, resource }, lost)
        return create(context, way, { ...draft, resource }, lost)
      })
  )
}

async function create(context: Context, way: Way, draft: UserDraft, lost: Conflict | undefined) {
  const { tenant, clock } = context
  const id = context.makeId()
  const roles =
    draft.roles === undefined ? await defaultRoles(context, tenant) : await chosenRoles(context, draft.roles)
  const wish: Wish = draft.licenseType === undefined ? { kind: 'automatic' } : { kind: 'only', type: draft.licenseType }
  const active = isActive(draft.resource)
  const seat = active ? await assignSeat(context, id, wish, assignedBy(context, way)) : undefined
  if (active && seat === undefined) {
    // A name that is taken is told first (SEAT-71).
    const taken = await userByName(context, userName(draft.resource))
    if (taken !== undefined) return revive(context, way, taken, draft, lost)
    throw await noSeat(context, way, wish)
  }
  const now = clock.now()
  const license = seat?.license ?? (draft.licenseType === undefined ? noLicense : released(draft.licenseType))
  const { resource, primary } = draft
  const custom = await customWrite(context, draft.type, { id, resource }, undefined, lost)
  const doc: User = {
    ...{ id, resource, created: now, lastModified: now, revision: 1, license, roles },
    ...(primary === undefined ? {} : { primary }),
    ...custom.kept
  }
  const target = targetOf(doc)
  const changes = [
    insert(users, tenant, doc),
    tally(tenant, usersKey, 1),
    happened(context, 'user.created', target, { way, active: isActive(doc.resource), roles: [...roles] }),
    ...seated(context, doc, seat),
    ...custom.changes,
    ...(await tellUser(context, undefined, doc))
  ]
  return { answer: { doc, version: 1, referenced: false }, changes, subject: { type: 'User', after: doc } }
}

/** A name that is taken by an active user, or by one of another externalId, is refused. */
async function revive(context: Context, way: Way, before: Stored<User>, draft: UserDraft, lost: Conflict | undefined) {
  const [theirs, ours] = [draft.resource.externalId, before.doc.resource.externalId]
  const another = theirs !== undefined && ours !== undefined && theirs !== ours
  if (way === 'manual' || isActive(before.doc.resource) || another) throw nameTaken(userNameOf(before.doc))
  return edited(context, way, before, draft, lost)
}

const nameTaken = (name: string) =>
  new Refusal('uniqueness', `A user with the userName ${JSON.stringify(name)} exists already.`)

export interface UserEdit {
  /** What `resource` was read by. Absent: what the organisation defined itself is as it was. */
  readonly type?: ResourceType | undefined
  readonly resource: JsonObject
  readonly licenseType?: LicenseType | undefined
  /** The client sent the whole resource. */
  readonly put?: true
  /** Absent: those held. */
  readonly roles?: RoleChoice | undefined
  /** Absent: as it is. */
  readonly primary?: Primary | undefined
}

/**
 * Changes a user. What `active` becomes decides about the seat: it is released, kept or found again, in the same commit.
 * An edit that changes nothing writes nothing (SEAT-31, SEAT-86, SEAT-100).
 *
 * @param edit pure: called anew for each attempt.
 * @throws Refusal `not_found`, `precondition_failed`, `uniqueness`, `admin_protected`, or the no-seat answer.
 */
export function changeUser(
  context: Context,
  way: Way,
  id: string,
  edit: (before: User) => UserEdit,
  precondition: Precondition = {}
): Promise<Stored<User>> {
  let wanted: JsonObject = {}
  return noting(
    context,
    way,
    () => wanted,
    () =>
      operate(context, async lost => {
        const before = await getUser(context, id)
        demand(precondition, before.doc.revision)
        const after = edit(before.doc)
        wanted = after.resource
        if (lost?.conflict === 'unique') throw nameTaken(userName(wanted))
        return edited(context, way, before, after, lost)
      })
  )
}

async function edited(context: Context, way: Way, before: Stored<User>, edit: UserEdit, lost?: Conflict) {
  const { doc: user, version, referenced } = before
  const { type, resource, licenseType, put, primary = user.primary } = edit
  protect(user, resource)
  const roles = await roleTurn(context, user, edit.roles)
  const turn = await licenseTurn(context, way, before, resource, licenseType)
  const changed = changedOf(user, resource, primary)
  if (turn.license === user.license && changed.length + roles.changes.length === 0) {
    return { answer: before, changes: [], subject: { type: 'User', before: user, after: user } }
  }
  const custom = await customWrite(context, type, { id: user.id, resource }, user, lost)
  const { custom: _, ...rest } = user
  const doc: User = {
    ...rest,
    ...custom.kept,
    resource,
    license: turn.license,
    roles: roles.roles,
    ...(primary === undefined ? {} : { primary }),
    lastModified: laterThan(context, user.lastModified),
    revision: user.revision + 1
  }
  const changes = [replace(users, context.tenant, doc, version), ...turn.changes, ...roles.changes, ...custom.changes]
  if (changed.length > 0) {
    changes.push(happened(context, actionOf(user.resource, resource), targetOf(doc), { changed }))
  }
  changes.push(...(await tellUser(context, user, doc, put ? 'put' : 'patch')))
  const answer = { doc, version: version + 1, referenced }
  return { answer, changes, subject: { type: 'User', before: user, after: doc } }
}

/** The attributes that an edit changes. A mark of what is primary belongs to the attribute that it is in. */
function changedOf(user: User, resource: JsonObject, primary: Primary = {}): readonly string[] {
  const { primary: marked = {} } = user
  const marks = (['roles', 'entitlements'] as const).filter(name => marked[name] !== primary[name])
  return [...new Set([...changedNames(user.resource, resource), ...marks])].sort()
}

function actionOf(before: JsonObject, after: JsonObject): string {
  if (isActive(before) === isActive(after)) return 'user.changed'
  return isActive(after) ? 'user.activated' : 'user.deactivated'
}

/** Notes who could not be seated (SEAT-73). What was refused changed nothing else. */
async function noting<A>(context: Context, way: Way, resource: () => JsonObject, run: () => Promise<A>): Promise<A> {
  try {
    return await run()
  } catch (error) {
    if (way === 'provisioning' && error instanceof Refusal && error.code === 'no_seat_for_provisioning') {
      await recordRefusal(context, userName(resource()), error.message)
    }
    throw error
  }
}

/** ROLE-21: the first user can't be locked out by anybody. */
function protect(user: User, after: JsonObject): void {
  if (user.protected !== true) return
  if (isActive(after) && userName(after) === userNameOf(user)) return
  throw adminProtected()
}

const adminProtected = () =>
  new Refusal(
    'admin_protected',
    'The user admin cannot be deleted, deactivated or renamed: it keeps the organization reachable.'
  )

/**
 * What DELETE means where users are kept: the user is deactivated and leaves every group. Nothing is written where both are so.
 *
 * @throws Refusal `not_found`, `precondition_failed`, `admin_protected`.
 */
export async function dismissUser(context: Context, id: string, precondition: Precondition = {}): Promise<void> {
  await operate(context, async () => {
    const before = await getUser(context, id)
    demand(precondition, before.doc.revision)
    const turn = await edited(context, 'provisioning', before, { resource: { ...before.doc.resource, active: false } })
    const [leaving, ...groupsLeft] = await leaveAllGroups(context, before)
    if (leaving === undefined || groupsLeft.length === 0) return turn
    const event = happened(context, 'user.leftGroups', targetOf(before.doc), { groups: groupsLeft.length })
    return { ...turn, changes: [...turn.changes, leaving, ...groupsLeft, event] }
  })
}

/** Deletes a user with its seat, its memberships and nothing left behind (SEAT-83, SEAT-91). */
export async function deleteUser(context: Context, id: string, precondition: Precondition = {}): Promise<void> {
  await operate(context, async () => {
    const before = await getUser(context, id)
    demand(precondition, before.doc.revision)
    if (before.doc.protected === true) throw adminProtected()
    const changes = [
      remove(users, context.tenant, id, before.version),
      tally(context.tenant, usersKey, -1),
      ...(await leaveAllGroups(context, before)),
      ...(await freed(context, before.doc, 'deleted')),
      ...customRemoval(context, before.doc),
      happened(context, 'user.deleted', targetOf(before.doc)),
      ...(await tellUser(context, before.doc, undefined))
    ]
    return { answer: null, changes, subject: { type: 'User', before: before.doc } }
  })
}
