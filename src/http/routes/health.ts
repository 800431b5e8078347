import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { Refusal } from '../../base/domain-error.ts'
import type { Readiness } from '../readiness.ts'

const Ok = Type.Object({ status: Type.Literal('ok') })

export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  app.get(
    '/health/live',
    { schema: { tags: ['Health'], summary: 'The process runs; restart it when this fails', response: { 200: Ok } } },
    async () => ({ status: 'ok' })
  )

  app.get(
    '/health/ready',
    { schema: { tags: ['Health'], summary: 'Requests are served; 503 says why not', response: { 200: Ok } } },
    async () => {
      const whyNot = await readiness.whyNot()
      if (whyNot !== undefined) throw new Refusal('unavailable', whyNot)
      return { status: 'ok' }
    }
  )
}
