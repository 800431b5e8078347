/** Resources of the types that an organisation defined. */
import type { EpochMs } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import { field } from '../scim/filter/filter.ts'
import type { Collection } from '../store/port.ts'
import { termsIndex } from './collections.ts'
import type { Custom } from './schemas/custom.ts'

export interface StoredResource {
  readonly id: string
  /** The edition of its resource type. */
  readonly type: string
  readonly resource: JsonObject
  readonly created: EpochMs
  readonly lastModified: EpochMs
  readonly revision: number
  /** All that queries see of it: nothing of it is ours. */
  readonly custom: Custom
}

// No attribute's name begins with `_` (RFC 7643 2.1).
export const typePath = field('_type')

export const resources: Collection<StoredResource> = {
  name: 'resources',
  search: ({ id, type, custom }) => ({ ...custom.form, id, _type: type }),
  indexes: [
    { name: 'type', paths: [typePath], complete: true },
    { name: 'externalId', paths: [typePath, field('externalId')] },
    { name: 'lastModified', paths: [typePath, field('meta', 'lastModified')] },
    termsIndex
  ]
}

/** A kept total. */
export const resourcesKey = (edition: string) => `resources.${edition}`
