/** Resource types that no schema of ours has, with attributes of every type. */
import { compileResourceType } from '../../../src/scim/schema/compile.ts'
import type { AttributeDefinition, AttributeType, ResourceType } from '../../../src/scim/schema/types.ts'

/** One that anybody may read and write. */
export const attribute = (
  name: string,
  type: AttributeType,
  rest: Partial<AttributeDefinition> = {}
): AttributeDefinition => ({
  name,
  type,
  description: '',
  multiValued: false,
  required: false,
  mutability: 'readWrite',
  returned: 'default',
  ...rest
})

/** Things with these attributes, and with those of an extension where there are some. */
export function thingsOf(
  attributes: readonly AttributeDefinition[],
  extended: readonly AttributeDefinition[] = []
): ResourceType {
  const about = { name: 'Thing', description: '' }
  const schema = { ...about, id: 'urn:x:Thing', attributes }
  const extensions = extended.length === 0 ? [] : [{ ...about, id: 'urn:x:more:2.0:Thing', attributes: extended }]
  const schemaExtensions = extensions.map(({ id }) => ({ schema: id, required: false }))
  const definition = { ...about, id: 'Thing', endpoint: '/Things', schema: schema.id, schemaExtensions }
  return compileResourceType(definition, [schema, ...extensions], [])
}
