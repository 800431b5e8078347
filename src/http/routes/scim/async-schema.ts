import type { JsonObject } from '../../../base/json.ts'
import { bulkOperationsSchema } from '../../../scim/json-schema.ts'

export const asyncRequestUrn = 'urn:usher:params:scim:api:messages:2.0:AsyncRequest'

const text = { type: 'string' }
const time = { type: 'string', format: 'date-time' }

export const asyncRequestSchema: JsonObject = {
  type: 'object',
  properties: {
    schemas: { type: 'array', items: { const: asyncRequestUrn } },
    txn: text,
    state: { enum: ['waiting', 'done'] },
    created: time,
    finished: time,
    Operations: bulkOperationsSchema
  }
}
