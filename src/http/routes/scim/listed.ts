/** What a list needs to know of a resource type. */
import type { Context } from '../../../audit/context.ts'
import type { JsonObject } from '../../../base/json.ts'
import type { Matches } from '../../../directory/lists.ts'
import type { Filter, SearchForm } from '../../../scim/filter/filter.ts'
import type { Projection } from '../../../scim/projection.ts'
import type { ResourceType } from '../../../scim/schema/types.ts'
import type { Doc, Stored } from '../../../store/port.ts'

export interface Listed<T extends Doc = Doc> {
  /** `User` */
  readonly name: string
  /** `/Users` */
  readonly endpoint: string
  /** Of one resource, for the description of the API. */
  readonly schema: JsonObject
  /** Why none is written over SCIM. Absent: they are. */
  readonly origin?: string
  /** As it is in this organisation. */
  type(context: Context): Promise<ResourceType>
  matching(context: Context, filter: Filter | undefined): Promise<Matches<T>>
  search(doc: T): SearchForm
  /** The resources as JSON texts, in their order. */
  show(context: Context, page: readonly Stored<T>[], shown: Shown): Promise<readonly string[]>
}

export interface Shown {
  readonly type: ResourceType
  /** Where the service stands for this client. */
  readonly base: string
  readonly projection: Projection
}
