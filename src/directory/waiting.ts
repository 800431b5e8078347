import { hash } from 'node:crypto'
import type { EpochMs } from '../base/clock.ts'
import { field } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'

/** A member of a group that is no id: see `waiting-members.ts`. */
export interface WaitingMember {
  readonly id: string
  readonly group: string
  /** As it was sent, without its letter case. */
  readonly value: string
  readonly since: EpochMs
  /** Whom it stands for; absent: it waits. */
  readonly member?: string
}

export const waitingMembers: Collection<WaitingMember> = {
  name: 'waitingMembers',
  search: ({ id, group, value, since, member }) => ({ id, group, value, since, waits: member === undefined }),
  indexes: [
    { name: 'group', paths: [field('group')] },
    { name: 'value', paths: [field('value')] }
  ]
}

export const waitingId = (group: string, value: string): string => `${group}.${hash('sha256', value).slice(0, 32)}`
