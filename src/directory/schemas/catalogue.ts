/** What an organisation defines beside our schemas: one document, so that whatever must fit together is judged together. */
import type { EpochMs } from '../../base/clock.ts'
import type { ResourceTypeDefinition, SchemaDefinition } from '../../scim/schema/types.ts'
import { type Additions, builtInTypes, noAdditions } from '../../scim/schemas.ts'
import type { Collection } from '../../store/port.ts'

/** A definition with what we keep beside it. */
export interface Defined<D> {
  readonly definition: D
  /** The catalogue's revision at its last change: its entity tag. */
  readonly revision: number
  readonly created: EpochMs
  readonly lastModified: EpochMs
}

export interface Catalogue {
  /** There is one. */
  readonly id: string
  /** Grows with every change. */
  readonly revision: number
  readonly schemas: readonly Defined<SchemaDefinition>[]
  /** Also one of ours, as soon as it has an extension of the organisation's. */
  readonly resourceTypes: readonly Defined<ResourceTypeDefinition>[]
}

export const catalogues: Collection<Catalogue> = {
  name: 'schemaCatalogues',
  search: ({ id, revision }) => ({ id, revision }),
  indexes: []
}

export const catalogueId = 'catalogue'

/** One making of a definition; see `ResourceType.edition`. Who writes values that were checked against it refers to it. */
export interface Edition {
  readonly id: string
  /** The resource type, or the resource type and the URN of its extension. */
  readonly of: string
}

export const editions: Collection<Edition> = {
  name: 'schemaEditions',
  search: ({ id, of }) => ({ id, of }),
  indexes: []
}

export const isBuiltIn = (name: string): boolean => builtInTypes.some(type => type.name === name)

export function additionsIn(catalogue: Catalogue | undefined): Additions {
  if (catalogue === undefined) return noAdditions
  const types = catalogue.resourceTypes.map(({ definition }) => definition)
  const extensions = types.map(({ name, schemaExtensions }) => {
    const theirs = schemaExtensions.filter(extension => extension['usher:edition'] !== undefined)
    return [name, theirs] as const
  })
  return {
    revision: catalogue.revision,
    schemas: catalogue.schemas.map(({ definition }) => definition),
    resourceTypes: types.filter(({ name }) => !isBuiltIn(name)),
    extensions: new Map(extensions)
  }
}
