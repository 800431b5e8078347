/** What moves a seat by hand: activating, suspending, and the choice of a license. */
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { Refusal } from '../../../base/domain-error.ts'
import { changeLicenses } from '../../../directory/license-changes.ts'
import { isActive } from '../../../directory/user.ts'
import { policyOf } from '../../../licensing/policy.ts'
import { contextOf } from '../../context.ts'
import { expectsVersion } from '../../etag.ts'
import type { Services } from '../../services.ts'
import { ActivateUser, IdParams, LicenseChanges, LicenseChoice, UserSchema } from './schemas.ts'
import { editUser, licenseTypeOf, sendChanged, showUser } from './user-answer.ts'

export function userLicenseRoutes(app: FastifyInstance, services: Services): void {
  const { env, seatWatch } = services

  app.post<{ Params: IdParams; Body: ActivateUser }>(
    '/api/v1/users/:id/activate',
    {
      schema: {
        tags: ['Users'],
        summary: 'Activate a user, with the license remembered or another',
        params: IdParams,
        body: ActivateUser,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const chosen = request.body?.license
      const licenseType = chosen === undefined ? undefined : licenseTypeOf(chosen.type)
      return editUser(services, request, reply, ({ resource, license }) => {
        if (isActive(resource)) return { resource: { ...resource, active: true } }
        if (license.type === null && licenseType === undefined) {
          throw new Refusal(
            'license_required',
            'This user never had a license. Choose one: {"license": {"type": "PWM"}}.'
          )
        }
        return { resource: { ...resource, active: true }, licenseType }
      })
    }
  )

  app.post<{ Params: IdParams }>(
    '/api/v1/users/:id/suspend',
    {
      schema: {
        tags: ['Users'],
        summary: 'Suspend a user; its seat becomes free',
        params: IdParams,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) =>
      editUser(services, request, reply, ({ resource }) => ({ resource: { ...resource, active: false } }))
  )

  app.put<{ Params: IdParams; Body: LicenseChoice }>(
    '/api/v1/users/:id/license',
    {
      schema: {
        tags: ['Licenses'],
        summary: 'Choose the license',
        params: IdParams,
        body: LicenseChoice,
        response: { 200: UserSchema }
      }
    },
    async (request, reply) => {
      const change = { user: request.params.id, type: licenseTypeOf(request.body.type) }
      const context = contextOf(env, request)
      const [stored] = await changeLicenses(context, [change], expectsVersion(request))
      if (stored === undefined) throw new Error('one change answers one user')
      return sendChanged(services, context, reply, stored)
    }
  )

  app.post<{ Body: LicenseChanges }>(
    '/api/v1/users/license-changes',
    {
      schema: {
        tags: ['Licenses'],
        summary: 'Choose several licenses at once: all or nothing, judged on the net figures',
        body: LicenseChanges,
        response: { 200: Type.Object({ items: Type.Array(UserSchema) }) }
      }
    },
    async request => {
      const context = contextOf(env, request)
      const changes = request.body.changes.map(({ user, type }) => ({ user, type: licenseTypeOf(type) }))
      const changed = await changeLicenses(context, changes)
      seatWatch.poke(context)
      const policy = await policyOf(env, context.tenant)
      return { items: changed.map(({ doc }) => showUser(doc, policy, env.clock.now())) }
    }
  )
}
