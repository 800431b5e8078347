/** What is read off a user. Pure. */
import type { JsonObject } from '../base/json.ts'
import type { User } from './types.ts'

export const userName = (resource: JsonObject): string => String(resource.userName)
export const userNameOf = (user: User): string => userName(user.resource)

/** A user who never said is active (SEAT-54). */
export const isActive = (resource: JsonObject): boolean => resource.active !== false

/** For the audit log. */
export const targetOf = (user: User) => ({ kind: 'user', id: user.id, name: userNameOf(user) })
