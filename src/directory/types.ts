import type { EpochMs } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import type { License } from '../licensing/types.ts'
import type { Custom } from './schemas/custom.ts'

/** A person: the attributes an identity provider writes, and what we keep beside them. */
export interface User {
  readonly id: string
  /** The writable SCIM attributes in canonical spelling; `userName` and `active` are always there. */
  readonly resource: JsonObject
  readonly created: EpochMs
  readonly lastModified: EpochMs
  readonly license: License
  /** Grows with every change of the document: its entity tag. (The store's version also tells of a first reference.) */
  readonly revision: number
  /** Ids of the roles held directly. */
  readonly roles: readonly string[]
  /** Of the attributes that the organisation defined. */
  readonly custom?: Custom
  /** Which role and which license its provider called the primary one: the mark is all of them that is the provider's to keep. */
  readonly primary?: Primary
  /** The user `admin` of the activation: keeps its name, its Admin role and its life (ROLE-15 … ROLE-21). */
  readonly protected?: true
}

/** Values of elements, by the attribute that they stand in. */
export interface Primary {
  readonly roles?: string
  readonly entitlements?: string
}

/** A group without its members: they are edges. */
export interface Group {
  readonly id: string
  readonly resource: JsonObject
  readonly created: EpochMs
  readonly lastModified: EpochMs
  /** Grows with every change of the document that a client can see; see `groupVersion`. */
  readonly revision: number
  /** Of the attributes that the organisation defined. */
  readonly custom?: Custom
}

export type MemberType = 'User' | 'Group'

/** An edge: `member` belongs to `group`. */
export interface Membership {
  /** Group and member, so that an edge exists once. */
  readonly id: string
  readonly group: string
  readonly member: string
  readonly type: MemberType
}
