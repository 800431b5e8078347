/** The compiled form of the JSON under `schemas/`: one source for validation, discovery, filters and indexes. */
import type { Path } from '../filter/filter.ts'

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex'

export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
export type Returned = 'always' | 'never' | 'default' | 'request'
export type Uniqueness = 'none' | 'server' | 'global'

/** An attribute as RFC 7643 section 7 writes it, with additions of ours, which discovery does not show. */
export interface AttributeDefinition {
  readonly name: string
  readonly type: AttributeType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly canonicalValues?: readonly string[]
  readonly caseExact?: boolean
  readonly mutability: Mutability
  readonly returned: Returned
  readonly uniqueness?: Uniqueness
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly AttributeDefinition[]
  /** Filters on it are served by an index. */
  readonly 'usher:index'?: boolean
  /** `canonicalValues` are the only values. (RFC 7643 section 7 leaves that to the server; type labels are open.) */
  readonly 'usher:closed'?: boolean
  /** How many elements it may have where that is more than usual. */
  readonly 'usher:elementsMax'?: number
  /** False: it is made for each answer, so that no query sees it. */
  readonly 'usher:searchable'?: boolean
  /** False: its values are kept beside the resource, so that no list is in their order. */
  readonly 'usher:sortable'?: boolean
}

export interface SchemaDefinition {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly AttributeDefinition[]
}

export interface ResourceTypeDefinition {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly endpoint: string
  readonly schema: string
  readonly schemaExtensions: readonly SchemaExtension[]
  /** See `ResourceType.edition`. */
  readonly 'usher:edition'?: string
}

export interface SchemaExtension {
  readonly schema: string
  readonly required: boolean
  /** See `ResourceType.edition`. */
  readonly 'usher:edition'?: string
}

export interface Attribute {
  /** As the schema spells it. */
  readonly name: string
  /** For messages: `userName`, `name.givenName`, `urn:…:User:department`. */
  readonly label: string
  readonly type: AttributeType
  readonly many: boolean
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: Mutability
  readonly returned: Returned
  readonly uniqueness: Uniqueness
  readonly canonicalValues: readonly string[]
  /** No other value than the canonical ones. */
  readonly closed: boolean
  /** Of a multi-valued attribute. */
  readonly elementsMax: number
  readonly indexed: boolean
  /** False: search forms do not hold it, whatever it is. */
  readonly searchable: boolean
  readonly sortable: boolean
  /** The schema it belongs to: the core schema, an extension, or `undefined` for the common attributes (id, meta …). */
  readonly urn: string | undefined
  /** The extension whose object holds it, if it is one's. */
  readonly extension: string | undefined
  readonly parent: Attribute | undefined
  /** By lower-case name. Empty unless complex. */
  readonly sub: ReadonlyMap<string, Attribute>
  /** Where its values stand in the search form. */
  readonly path: Path
}

export interface ResourceType {
  readonly definition: ResourceTypeDefinition
  /**
   * Names one making of a definition that an organisation gave: what was checked against another making may mean something
   * else. Absent: the definition is ours, and the same for all.
   */
  readonly edition: string | undefined
  /** Of the organisation's definitions that it was made with. 0: it has none. */
  readonly revision: number
  readonly name: string
  readonly schema: string
  /** Core and common attributes, by lower-case name. */
  readonly attributes: ReadonlyMap<string, Attribute>
  /** By lower-case URN. */
  readonly extensions: ReadonlyMap<string, Extension>
}

export interface Extension {
  readonly urn: string
  /** As `ResourceType.edition`. */
  readonly edition: string | undefined
  readonly required: boolean
  readonly attributes: ReadonlyMap<string, Attribute>
  /** Where its object stands in the search form. */
  readonly path: Path
}
