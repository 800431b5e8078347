/** The root of the service: lists over all resource types. */
import type { FastifyInstance } from 'fastify'
import type { Services } from '../../services.ts'
import { describeOnly } from './describe.ts'
import { listedGroups } from './groups.ts'
import { rootListRoutes } from './lists.ts'
import { listedUsers } from './users.ts'

export function scimRootRoutes(app: FastifyInstance, services: Services): void {
  describeOnly(app)
  const all = [listedUsers, listedGroups]
  rootListRoutes(app, services, { schema: { anyOf: all.map(({ schema }) => schema) }, listed: async () => all })
}
