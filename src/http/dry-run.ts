/** A request of the provisioning log, made once more on a store of which nothing remains. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { principalFor } from '../admin/authenticate.ts'
import { connectors } from '../admin/collections.ts'
import type { Principal } from '../admin/principal.ts'
import { Refusal } from '../base/domain-error.ts'
import type { Entry } from '../provisioning/entry.ts'
import { type Again, againOf } from '../provisioning/replayable.ts'
import { stage } from '../store/staged.ts'
import { principalOf } from './context.ts'
import { entryFrom } from './plugins/provisioning.ts'
import { scimRoot } from './routes/scim/exchange.ts'
import type { Services } from './services.ts'
import { within } from './within.ts'

export interface DryRun {
  readonly again: Again
  /** As the log would have it. */
  readonly entry: Entry
  /** Of the operations of a Bulk request. */
  readonly operations: readonly Entry[]
}

/**
 * What the request would do now, as its caller of then: the connector as it is set now, and who asks in the place of another
 * administrator. Nothing is written, counted or told to anybody.
 *
 * @throws Refusal `not_replayable`
 */
export async function dryRun(
  app: FastifyInstance,
  { env, config }: Services,
  request: FastifyRequest,
  logged: Entry
): Promise<DryRun> {
  const again = againOf(logged)
  const principal = await callerOf(env.store, principalOf(request), logged)
  const served: { readonly request: FastifyRequest; readonly reply: FastifyReply }[] = []
  const surroundings = {
    store: stage(env.store),
    principal,
    dryRun: (request: FastifyRequest, reply: FastifyReply) => void served.push({ request, reply })
  }
  const { method, url, headers, payload } = again
  await within(surroundings, () =>
    app.inject({
      method: method as 'POST',
      url: `${scimRoot}${url}`,
      headers: { ...headers, host: request.host },
      ...(payload === undefined ? {} : { payload })
    })
  )
  const [entry, ...operations] = await Promise.all(
    served.map(({ request, reply }) => entryFrom(request, reply, { env, config }))
  )
  if (entry === undefined) throw new Error('a request was made again and nobody saw it')
  return { again, entry, operations }
}

async function callerOf(store: Services['env']['store'], asking: Principal, { caller }: Entry): Promise<Principal> {
  if (caller.kind !== 'connector') return asking
  const connector = (await store.get(connectors, asking.tenant, caller.id))?.doc
  if (connector !== undefined) return principalFor(asking.tenant, connector)
  throw new Refusal('not_replayable', `This request cannot be made again: its connector ${caller.name} was deleted.`)
}
