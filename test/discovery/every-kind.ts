/** A schema and a resource type as an administrator defines them, with an attribute of every type and of every kind that there is. */
import type { JsonObject } from '../../src/base/json.ts'
import type { TestServer } from '../support/app.ts'

const parts: readonly JsonObject[] = [
  { name: 'value', type: 'string', required: true },
  { name: 'colour', type: 'string', canonicalValues: ['green', 'red'], 'usher:closed': true },
  { name: 'made', type: 'dateTime' },
  { name: 'display', type: 'string', mutability: 'readOnly' },
  { name: 'primary', type: 'boolean' }
]

const attributes: readonly JsonObject[] = [
  { name: 'label', type: 'string', required: true, uniqueness: 'server', 'usher:index': true },
  { name: 'serial', type: 'string', mutability: 'immutable', caseExact: true, uniqueness: 'server' },
  { name: 'note', type: 'string', returned: 'request' },
  { name: 'pin', type: 'string', mutability: 'writeOnly', returned: 'never' },
  { name: 'mark', type: 'string', returned: 'always' },
  { name: 'judgement', type: 'string', mutability: 'readOnly' },
  { name: 'count', type: 'integer' },
  { name: 'weight', type: 'decimal' },
  { name: 'since', type: 'dateTime', 'usher:index': true },
  { name: 'inUse', type: 'boolean' },
  { name: 'picture', type: 'binary' },
  { name: 'manual', type: 'reference', referenceTypes: ['external'] },
  { name: 'tags', type: 'string', multiValued: true, 'usher:index': true },
  { name: 'sizes', type: 'integer', multiValued: true },
  { name: 'parts', type: 'complex', multiValued: true, subAttributes: parts },
  {
    name: 'place',
    type: 'complex',
    subAttributes: [
      { name: 'room', type: 'string' },
      { name: 'floor', type: 'integer' }
    ]
  }
]

const described = ({ subAttributes, ...attribute }: JsonObject): JsonObject => ({
  ...attribute,
  description: `The ${attribute.name} of it.`,
  ...(Array.isArray(subAttributes) ? { subAttributes: subAttributes.map(one => described(one as JsonObject)) } : {})
})

const urn = 'urn:example:params:scim:schemas'

export const schemas: readonly JsonObject[] = [
  { id: `${urn}:1.0:Thing`, name: 'Thing', description: 'What there is', attributes: attributes.map(described) },
  {
    id: `${urn}:extension:care:1.0:Thing`,
    name: 'Care',
    description: 'What is done for it',
    attributes: attributes.filter(({ name }) => name !== 'label' && name !== 'mark').map(described)
  }
]

export const things: JsonObject = {
  name: 'Thing',
  description: 'Things',
  endpoint: '/Things',
  schema: `${urn}:1.0:Thing`,
  schemaExtensions: [{ schema: `${urn}:extension:care:1.0:Thing`, required: false }]
}

/** @throws Error where one of them is refused. */
export async function define({ api }: TestServer): Promise<void> {
  for (const [path, body] of [
    ...schemas.map(schema => ['/schemas', schema] as const),
    ['/resource-types', things] as const
  ]) {
    const { status, text } = await api('POST', path, body)
    if (status !== 201) throw new Error(`${path}: ${status} ${text}`)
  }
}
