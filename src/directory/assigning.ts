/**
 * What an identity provider wants by writing to `roles` and `entitlements` (draft-ietf-scim-roles-entitlements).
 *
 * Where the organisation lets it assign, elements of ours are wishes like those of any other way: one license, seats, rights
 * and all. Where not, roles of type VaultRole and licenses are readOnly: a POST or PUT is read without them (RFC 7644 3.3,
 * 3.5.1), and a PATCH means the others; one that names or chooses them to have them changed is refused (3.5.2). Roles that a
 * PUT does not name stay, and a license that its list leaves out is not given up (SEAT-52).
 */
import { isDeepStrictEqual } from 'node:util'
import { roleNamesOf } from '../access/roles.ts'
import type { Context } from '../audit/context.ts'
import { isObject, type JsonObject } from '../base/json.ts'
import type { LicenseType } from '../licensing/types.ts'
import { bad } from '../scim/errors.ts'
import type { Fixed } from '../scim/patch/apply.ts'
import type { PatchOperation } from '../scim/patch/operation.ts'
import { isPrimary } from '../scim/schema/elements.ts'
import type { Attribute } from '../scim/schema/types.ts'
import { type Assigned, type Element, heldLicense, roleKind, splitAssigned, withAssigned } from './assigned.ts'
import type { Primary, User } from './types.ts'
import { isActive } from './user.ts'
import type { UserDraft, UserEdit } from './users.ts'

export interface Assigner {
  /** The setting `allowRolesAndEntitlementsFromIdp`. */
  readonly allowed: boolean
  /** Whether the sender may give and take roles that reach into administration (ADM-60). */
  readonly mayAdminister: boolean
}

/** Takes drafts and edits whose `roles` and `entitlements` hold everything that was sent. */
export interface Assigning {
  /** The attributes of a user as a PATCH finds them, and what it finds beside them. */
  found(user: User): { readonly resource: JsonObject; readonly fixed?: Fixed }
  /** @throws ScimError 400 `invalidValue` */
  created(draft: UserDraft): UserDraft
  /** @param body as it was sent. @throws ScimError 400 `invalidValue` */
  replaced(before: User, edit: UserEdit, body: unknown): UserEdit
  /** @throws ScimError 400 `mutability`, `invalidValue` */
  patched(before: User, edit: UserEdit, operations: readonly PatchOperation[]): UserEdit
}

export async function assigning(context: Context, assigner: Assigner): Promise<Assigning> {
  return assigningOf(await roleNamesOf(context, context.tenant), assigner)
}

/** @param names of the roles that there are, by id. */
export function assigningOf(names: ReadonlyMap<string, string>, { allowed, mayAdminister }: Assigner): Assigning {
  // Where a provider assigns nothing, a role that happens to be called as one of ours is its own (ROLE-44), unless it says otherwise.
  const isMeant = ({ type }: JsonObject) => allowed || type === roleKind
  const split = (resource: JsonObject, held: readonly string[] = []) =>
    splitAssigned(resource, (value, sent) => held.includes(value) || (names.has(value) && isMeant(sent)))
  const shown = (user: User) => withAssigned(user, names)

  return {
    found(user) {
      if (allowed) return { resource: shown(user) }
      const { roles, licenses } = split(shown(user), user.roles).assigned
      const of = (attribute: Attribute): readonly Element[] =>
        attribute.name === 'roles' ? roles : attribute.name === 'entitlements' ? licenses : []
      return {
        resource: user.resource,
        fixed: {
          of: attribute => of(attribute).map(({ sent }) => sent),
          refusal: (attribute, chosen) =>
            readOnlyElements(
              attribute.name,
              chosen.map(element => (isObject(element) ? String(element.value) : ''))
            )
        }
      }
    },

    created(draft) {
      const { own, assigned } = split(draft.resource)
      if (!allowed) return { ...draft, resource: own }
      const ids = valuesOf(assigned.roles)
      const primary = primaryOf(assigned)
      return {
        ...draft,
        resource: own,
        licenseType: oneWish(draft.licenseType, licenseIn(assigned)),
        ...(ids.length === 0 ? {} : { roles: { ids, mayAdminister } }),
        ...(isDeepStrictEqual(primary, {}) ? {} : { primary })
      }
    },

    replaced(before, edit, body) {
      const { own, assigned } = split(edit.resource, before.roles)
      if (!allowed) return { ...edit, resource: own }
      const license = licenseIn(assigned)
      const named = { roles: isNamed(body, 'roles'), entitlements: license !== undefined }
      return {
        ...edit,
        resource: own,
        licenseType: oneWish(edit.licenseType, license === heldLicense(before) ? undefined : license),
        ...(named.roles ? { roles: { ids: valuesOf(assigned.roles), mayAdminister, keeps: true } } : {}),
        ...newPrimary(primaryOf(split(shown(before), before.roles).assigned), primaryOf(assigned), named)
      }
    },

    patched(before, edit, operations) {
      const was = split(shown(before), before.roles).assigned
      const { own, assigned } = split(edit.resource, before.roles)
      if (!allowed) {
        checkHeld(was, assigned)
        return { ...edit, resource: own }
      }
      if (operations.some(isOnLabel)) checkLabels(was, assigned)
      const held = heldLicense(before)
      const license = licenseIn(assigned)
      if (held !== undefined && license === undefined && isActive(own)) throw licenseStays(held)
      const ids = valuesOf(assigned.roles)
      return {
        ...edit,
        resource: own,
        licenseType: oneWish(edit.licenseType, license === held ? undefined : license),
        ...(isDeepStrictEqual(ids, valuesOf(was.roles)) ? {} : { roles: { ids, mayAdminister } }),
        ...newPrimary(primaryOf(was), primaryOf(assigned), { roles: true, entitlements: true })
      }
    }
  }
}

const valuesOf = (elements: readonly Element[]) => [...new Set(elements.map(({ value }) => value))].sort()

/** @throws ScimError where several are named: nobody can hold two, and to choose one would be a guess. */
function licenseIn({ licenses }: Assigned): LicenseType | undefined {
  const [one, another] = [...new Set(licenses.map(({ value }) => value))]
  if (another === undefined) return one
  throw bad(
    'invalidValue',
    `entitlements names the licenses ${one} and ${another}: a user holds exactly one. Name one, or replace the one held by the other.`,
    { attribute: 'entitlements', rfc: 'SEAT-01' }
  )
}

/** The type wanted in `licenseType` and the one wanted in `entitlements`. What is so already is no wish. */
function oneWish(first: LicenseType | undefined, second: LicenseType | undefined): LicenseType | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second
  throw bad('invalidValue', `licenseType asks for ${first} and entitlements for ${second}: a user holds exactly one.`, {
    attribute: 'entitlements',
    rfc: 'SEAT-01'
  })
}

function primaryOf({ roles, licenses }: Assigned): Primary {
  const [role, license] = [roles, licenses].map(
    list => (list as readonly Element[]).find(e => isPrimary(e.sent))?.value
  )
  return {
    ...(role === undefined ? {} : { roles: role }),
    ...(license === undefined ? {} : { entitlements: license })
  }
}

/** @param named the attributes of which `is` tells; of the others `was` stays. */
function newPrimary(was: Primary, is: Primary, named: Readonly<Record<keyof Primary, boolean>>): Partial<UserEdit> {
  const { roles, entitlements } = { roles: named.roles ? is : was, entitlements: named.entitlements ? is : was }
  const primary: Primary = {
    ...(roles.roles === undefined ? {} : { roles: roles.roles }),
    ...(entitlements.entitlements === undefined ? {} : { entitlements: entitlements.entitlements })
  }
  return isDeepStrictEqual(primary, was) ? {} : { primary }
}

/** Whether a body has the member, empty or null too: a list that is emptied and one that is left out say different things of what others assign. */
function isNamed(body: unknown, name: string): boolean {
  return isObject(body) && Object.keys(body).some(key => key.toLowerCase() === name)
}

const isAssigned = (name: string): name is keyof Primary => name === 'roles' || name === 'entitlements'

/** Whether an operation means the `display` or `type` of elements, and nothing else of them. */
function isOnLabel({ attribute, sub }: PatchOperation): boolean {
  return (
    attribute.extension === undefined && isAssigned(attribute.name) && (sub?.name === 'display' || sub?.name === 'type')
  )
}

function checkLabels(was: Assigned, is: Assigned): void {
  const before = [...was.roles, ...was.licenses]
  for (const { value, sent } of [...is.roles, ...is.licenses]) {
    const shown = before.find(element => element.value === value)?.sent
    if (shown === undefined || (shown.display === sent.display && shown.type === sent.type)) continue
    throw bad('mutability', `display and type of ${value} are set by the server alone (RFC 7644 3.5.2).`, {
      attribute: 'roles, entitlements'
    })
  }
}

/** @throws ScimError where a PATCH names what is not held, or marks it anew, and may not. */
function checkHeld(was: Assigned, is: Assigned): void {
  for (const [attribute, held, named] of [
    ['roles', was.roles, is.roles],
    ['entitlements', was.licenses, is.licenses]
  ] as const) {
    const news = (named as readonly Element[]).filter(({ value, sent }) => {
      const there = (held as readonly Element[]).find(element => element.value === value)
      return there === undefined || (isPrimary(sent) && !isPrimary(there.sent))
    })
    if (news.length > 0) throw readOnlyElements(attribute, valuesOf(news))
  }
}

const readOnlyElements = (attribute: string, values: readonly string[]) =>
  bad(
    'mutability',
    `This would change ${values.join(', ')} in ${attribute}, which is readOnly here (RFC 7644 3.5.2): the organization does not let its identity provider assign roles and licenses (setting allowRolesAndEntitlementsFromIdp). Others can be changed.`,
    { attribute }
  )

const licenseStays = (type: LicenseType) =>
  bad(
    'mutability',
    `entitlements would be without a license: every active user holds exactly one. Replace ${type} by another type, or deactivate the user.`,
    { attribute: 'entitlements', rfc: 'SEAT-01' }
  )
