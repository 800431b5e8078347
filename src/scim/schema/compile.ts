import { field, type Path, type Step } from '../filter/filter.ts'
import type {
  Attribute,
  AttributeDefinition,
  Extension,
  ResourceType,
  ResourceTypeDefinition,
  SchemaDefinition
} from './types.ts'

/**
 * Compiles a resource type with its schemas into one attribute table.
 *
 * @param common the attributes that every resource has (RFC 7643 3.1): schemas, id, externalId, meta.
 * @param revision of the organisation's definitions, where it has some.
 * @throws Error when a named schema is not among `schemas`: only a broken build can produce that.
 */
export function compileResourceType(
  definition: ResourceTypeDefinition,
  schemas: readonly SchemaDefinition[],
  common: readonly AttributeDefinition[],
  revision = 0
): ResourceType {
  const schema = (urn: string) => {
    const found = schemas.find(s => s.id === urn)
    if (found === undefined) throw new Error(`resource type ${definition.name} names the unknown schema ${urn}`)
    return found
  }
  const core = schema(definition.schema)
  const attributes = new Map([
    ...compileAll(common, { urn: undefined, extension: undefined }),
    ...compileAll(core.attributes, { urn: core.id, extension: undefined })
  ])
  const extensions = definition.schemaExtensions.map(({ schema: named, required, 'usher:edition': edition }) => {
    const { id: urn, attributes: definitions } = schema(named)
    const attributes = compileAll(definitions, { urn, extension: urn })
    return [urn.toLowerCase(), { urn, required, edition, attributes, path: pathOf(urn) }] as const
  })
  return {
    definition,
    edition: definition['usher:edition'],
    revision,
    name: definition.name,
    schema: core.id,
    attributes,
    extensions: new Map<string, Extension>(extensions)
  }
}

/** Elements of a multi-valued attribute: nobody has more addresses, and each is read, compared and indexed. */
const elementsMax = 1000

/** A name as it stands in a search form: engines give `.` and a leading `$` a meaning of their own. */
export function searchName(name: string): string {
  return name.replaceAll('.', '_').replaceAll('$', '_')
}

function pathOf(extension: string): Path {
  return field(searchName(extension))
}

interface Home {
  readonly urn: string | undefined
  readonly extension: string | undefined
}

function compileAll(definitions: readonly AttributeDefinition[], home: Home, parent?: Attribute) {
  return new Map(definitions.map(d => [d.name.toLowerCase(), compile(d, home, parent)] as const))
}

function compile(definition: AttributeDefinition, home: Home, parent: Attribute | undefined): Attribute {
  const step: Step = { name: searchName(definition.name), many: definition.multiValued }
  const prefix = parent?.path ?? (home.extension === undefined ? [] : pathOf(home.extension))
  const sub = new Map<string, Attribute>()
  const attribute: Attribute = {
    name: definition.name,
    label: labelOf(definition, home, parent),
    type: definition.type,
    many: definition.multiValued,
    required: definition.required,
    caseExact: definition.caseExact ?? exactByType(definition.type),
    mutability: definition.mutability,
    returned: definition.returned,
    uniqueness: definition.uniqueness ?? 'none',
    canonicalValues: definition.canonicalValues ?? [],
    closed: definition['usher:closed'] ?? false,
    elementsMax: definition['usher:elementsMax'] ?? elementsMax,
    indexed: definition['usher:index'] ?? false,
    searchable: definition['usher:searchable'] ?? true,
    sortable: definition['usher:sortable'] ?? true,
    urn: home.urn,
    extension: home.extension,
    parent,
    sub,
    path: [...prefix, step]
  }
  for (const [name, child] of compileAll(definition.subAttributes ?? [], home, attribute)) sub.set(name, child)
  return attribute
}

function labelOf(definition: AttributeDefinition, home: Home, parent: Attribute | undefined): string {
  if (parent !== undefined) return `${parent.label}.${definition.name}`
  return home.extension === undefined ? definition.name : `${home.extension}:${definition.name}`
}

// RFC 7643 2.3.6, 2.3.7: binary and reference values are case exact.
function exactByType(type: AttributeDefinition['type']): boolean {
  return type === 'binary' || type === 'reference'
}
