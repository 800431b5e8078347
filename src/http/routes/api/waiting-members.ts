/** Members that nobody knows yet, of connectors that let them wait. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { toDateTime } from '../../../base/clock.ts'
import { waitingMembers } from '../../../directory/waiting.ts'
import { listType } from '../../listing.ts'
import type { Services } from '../../services.ts'
import { addList } from './list.ts'
import { Nullable, Time } from './schemas.ts'

const WaitingMemberSchema = Type.Object({
  group: Type.String(),
  value: Type.String({ description: 'As the provider sent it, without its letter case' }),
  since: Time('When it was sent first'),
  member: Nullable(Type.String({ description: 'Whom it stands for; null: it waits for who has it as externalId' }))
})

export function waitingMemberRoutes(app: FastifyInstance, services: Services): void {
  addList(app, services, '/api/v1/waiting-members', {
    tag: 'Connectors',
    summary: 'Members of groups that providers call by names of their own, and those whom nobody knows yet',
    item: WaitingMemberSchema,
    collection: waitingMembers,
    type: listType('waitingMember', { group: 'string', value: 'string', since: 'dateTime', waits: 'boolean' }),
    show: ({ group, value, since, member = null }) => ({ group, value, since: toDateTime(since), member })
  })
}
