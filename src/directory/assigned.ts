/**
 * What `roles` and `entitlements` of a user say (RFC 7643 4.1.2): first what the identity provider keeps there in words of its
 * own, behind it what the user holds here, the roles and the license while it is held. An element is ours by its value: that of
 * a role letter for letter, for providers have application roles of their own that they call Admin and User. Pure.
 */
import { staticRoleNames } from '../access/roles.ts'
import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { type LicenseType, licenseTypes } from '../licensing/types.ts'
import { fold } from '../scim/filter/filter.ts'
import { isPrimary } from '../scim/schema/elements.ts'
import type { User } from './types.ts'

/** `type` of the elements, and the names of the resource types that list what can be assigned. */
export const roleKind = 'VaultRole'
export const licenseKind = 'License'

/** The license that the user holds now. */
export const heldLicense = ({ license }: Pick<User, 'license'>): LicenseType | undefined =>
  license.state === 'held' && license.type !== null ? license.type : undefined

/** @param roleNames by id; those of static roles are known without. */
export function withAssigned(user: User, roleNames: ReadonlyMap<string, string> = staticRoleNames): JsonObject {
  const { resource, primary = {} } = user
  const license = heldLicense(user)
  const held = user.roles.map(id => element(id, roleNames.get(id) ?? staticRoleNames.get(id), roleKind))
  const roles = merged(resource.roles, held, primary.roles)
  const licenses = license === undefined ? [] : [element(license, license, licenseKind)]
  const entitlements = merged(resource.entitlements, licenses, primary.entitlements)
  return {
    ...resource,
    ...(roles.length === 0 ? {} : { roles }),
    ...(entitlements.length === 0 ? {} : { entitlements })
  }
}

function element(value: string, display: string | undefined, type: string): JsonObject {
  return { value, ...(display === undefined ? {} : { display }), type }
}

function merged(own: Json | undefined, held: readonly JsonObject[], primary: string | undefined): readonly Json[] {
  const others = listOf(own)
  // What the provider marks in its own words since then counts.
  const marked = others.some(isPrimary) ? undefined : primary
  return [...others, ...held.map(each => (each.value === marked ? { ...each, primary: true } : each))]
}

/** What a resource says of roles and licenses of ours. */
export interface Assigned {
  readonly roles: readonly Element[]
  readonly licenses: readonly Element<LicenseType>[]
}

export interface Element<V extends string = string> {
  readonly value: V
  /** As it was sent. */
  readonly sent: JsonObject
}

/** Takes what is ours out of `roles` and `entitlements`; `own` is left of the resource. */
export function splitAssigned(
  resource: JsonObject,
  isRole: (value: string, sent: JsonObject) => boolean
): { readonly own: JsonObject; readonly assigned: Assigned } {
  const roles = sorted(resource.roles, (value, sent) => (isRole(value, sent) ? value : undefined))
  const licenses = sorted(resource.entitlements, value => licenseTypes.find(type => fold(type) === fold(value)))
  // In their places: equal resources have equal texts.
  const own = Object.fromEntries(
    Object.entries(resource).flatMap(([name, value]): [string, Json][] => {
      if (name === 'roles') return roles.own.length === 0 ? [] : [[name, roles.own]]
      if (name === 'entitlements') return licenses.own.length === 0 ? [] : [[name, licenses.own]]
      return [[name, value]]
    })
  )
  return { own, assigned: { roles: roles.ours, licenses: licenses.ours } }
}

function sorted<V extends string>(list: Json | undefined, known: (value: string, sent: JsonObject) => V | undefined) {
  const own: Json[] = []
  const ours: Element<V>[] = []
  for (const sent of listOf(list)) {
    const value = isObject(sent) && typeof sent.value === 'string' ? known(sent.value, sent) : undefined
    if (value === undefined || !isObject(sent)) own.push(sent)
    else ours.push({ value, sent })
  }
  return { own, ours }
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
