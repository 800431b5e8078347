/** The root of the service: lists over all resource types. */
import type { FastifyInstance } from 'fastify'
import { commonSchema } from '../../../scim/json-schema.ts'
import type { Services } from '../../services.ts'
import { allListed } from './all-listed.ts'
import { describeOnly } from './describe.ts'
import { listedGroups } from './groups.ts'
import { rootListRoutes } from './lists.ts'
import { listedUsers } from './users.ts'

export function scimRootRoutes(app: FastifyInstance, services: Services): void {
  describeOnly(app)
  const schema = { anyOf: [listedUsers.schema, listedGroups.schema, commonSchema] }
  rootListRoutes(app, services, { schema, listed: allListed })
}
