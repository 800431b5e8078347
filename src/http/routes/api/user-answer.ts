/** How the routes about users read a choice of license and answer with a user. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../audit/context.ts'
import { toDateTime } from '../../../base/clock.ts'
import { Refusal } from '../../../base/domain-error.ts'
import type { User } from '../../../directory/types.ts'
import { isActive, userNameOf } from '../../../directory/user.ts'
import { changeUser, type UserEdit } from '../../../directory/users.ts'
import { type Policy, policyOf, stateIn } from '../../../licensing/policy.ts'
import { isLicenseType, type LicenseType } from '../../../licensing/types.ts'
import type { Stored } from '../../../store/port.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion, versionTag } from '../../etag.ts'
import type { Services } from '../../services.ts'
import type { IdParams } from './schemas.ts'

/** @throws Refusal `invalid_license_type` for anything but the two words as they are written (SEAT-34). */
export function licenseTypeOf(value: unknown): LicenseType {
  if (isLicenseType(value)) return value
  throw new Refusal('invalid_license_type', 'A license is PAM or PWM, in capital letters.', { field: 'type' })
}

/** Changes the user whom the URL names, and answers with it. @throws Refusal as `changeUser` does. */
export async function editUser(
  services: Services,
  request: FastifyRequest<{ Params: IdParams }>,
  reply: FastifyReply,
  edit: (before: User) => UserEdit
): Promise<FastifyReply> {
  const context = contextOf(services.env, request)
  const stored = await changeUser(context, 'manual', request.params.id, edit, expectsVersion(request))
  return sendChanged(services, context, reply, stored)
}

/** Answers with a user whose seat may have moved. */
export function sendChanged(
  { seatWatch }: Services,
  context: Context,
  reply: FastifyReply,
  stored: Stored<User>
): Promise<FastifyReply> {
  seatWatch.poke(context)
  return sendUser(context, reply, stored)
}

export async function sendUser(context: Context, reply: FastifyReply, { doc }: Stored<User>): Promise<FastifyReply> {
  const policy = await policyOf(context, context.tenant)
  return reply.header('etag', versionTag(doc.revision)).send(showUser(doc, policy, context.clock.now()))
}

export function showUser(user: User, policy: Policy, now: number) {
  const { license } = user
  return {
    id: user.id,
    userName: userNameOf(user),
    active: isActive(user.resource),
    license: {
      type: license.type,
      state: stateIn(policy, license, now),
      assignedAt: license.assignedAt === null ? null : toDateTime(license.assignedAt),
      assignedBy: license.assignedBy,
      spilledOver: license.spilledOver === true
    },
    roles: user.roles,
    protected: user.protected === true,
    created: toDateTime(user.created),
    lastModified: toDateTime(user.lastModified),
    attributes: user.resource
  }
}
