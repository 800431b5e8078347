/** The whole server but for its settings, its store and its socket: tests build the same one. */
import type { FastifyInstance } from 'fastify'
import { authenticator } from './admin/authenticate.ts'
import { tidyRegularly } from './admin/housekeeping.ts'
import { keySets } from './admin/key-sets.ts'
import { watchRequests } from './admin/suggestions.ts'
import type { Context, Env } from './audit/context.ts'
import { recordDenial } from './audit/denials.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { idMaker } from './base/ids.ts'
import { type Random, systemRandom } from './base/random.ts'
import type { Config } from './config.ts'
import { dispatchEvents } from './events/dispatcher.ts'
import { acceptRequests } from './http/async/accept.ts'
import { runRequests } from './http/async/run.ts'
import { contextOf } from './http/context.ts'
import { eventLimitsOf } from './http/event-limits.ts'
import { recordRequests, retentionOf } from './http/plugins/provisioning.ts'
import { addSuggestions } from './http/plugins/suggest.ts'
import { connectorTokenRoutes } from './http/routes/api/connector-tokens.ts'
import { connectorRoutes } from './http/routes/api/connectors.ts'
import { definitionRoutes } from './http/routes/api/definitions.ts'
import { eventPollRoutes } from './http/routes/api/event-poll.ts'
import { eventStreamRoutes } from './http/routes/api/event-streams.ts'
import { importRoutes } from './http/routes/api/import.ts'
import { organisationRoutes } from './http/routes/api/organisation.ts'
import { provisioningLogRoutes } from './http/routes/api/provisioning-log.ts'
import { purchaseRoutes } from './http/routes/api/purchases.ts'
import { roleRoutes } from './http/routes/api/roles.ts'
import { seatRoutes } from './http/routes/api/seats.ts'
import { signingKeyRoutes } from './http/routes/api/signing-keys.ts'
import { userLicenseRoutes } from './http/routes/api/user-licenses.ts'
import { userRoleRoutes } from './http/routes/api/user-roles.ts'
import { userRoutes } from './http/routes/api/users.ts'
import { waitingMemberRoutes } from './http/routes/api/waiting-members.ts'
import { oauthRoutes } from './http/routes/oauth.ts'
import { scimAssignableRoutes } from './http/routes/scim/assignables.ts'
import { scimAsyncRoutes } from './http/routes/scim/async.ts'
import { scimBulkRoutes } from './http/routes/scim/bulk.ts'
import { scimDiscoveryRoutes } from './http/routes/scim/discovery.ts'
import { scimGroupRoutes } from './http/routes/scim/groups.ts'
import { scimResourceRoutes } from './http/routes/scim/resources.ts'
import { scimRootRoutes } from './http/routes/scim/root.ts'
import { scimUserRoutes } from './http/routes/scim/users.ts'
import { createServer } from './http/server.ts'
import type { Services } from './http/services.ts'
import { surroundings } from './http/within.ts'
import { watchSeats } from './licensing/watch.ts'
import { forgetOutcomes } from './provisioning/async-requests.ts'
import { openLog } from './provisioning/log.ts'
import { trim } from './provisioning/retention.ts'
import type { Store } from './store/port.ts'

export interface AppOptions {
  readonly config: Config
  readonly store: Store
  readonly clock?: Clock
  readonly random?: Random
}

/** What the domain needs of the outside. */
export function makeEnv({ store, clock = systemClock, random = systemRandom }: Omit<AppOptions, 'config'>): Env {
  return { store, clock, random, makeId: idMaker(clock, random) }
}

/** Builds the server, ready to listen or to be injected. Closing it does not close the store. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, store } = options
  const env = makeEnv(options)
  const tokens = authenticator(env, keySets({ privateAllowed: config.outgoingPrivate }))
  const logged = config.provisioningLog !== 'off'
  const app = await createServer({
    config,
    store,
    authenticate: token => tokens.authenticate(token),
    traceWith: env,
    // Also where it is part of something that is taken back.
    onDenied: async (request, missing) => {
      if (surroundings().dryRun !== undefined) return
      const { method, routeOptions } = request
      const route = routeOptions.url ?? ''
      await recordDenial({ ...contextOf(env, request), store }, { method, route, ...missing })
    }
  })
  const watch = watchSeats(store, error => app.log.warn({ err: error }, 'looking at the seats failed'))
  // What is only tried changed no seats.
  const poke = (context: Context) => (surroundings().dryRun === undefined ? watch.poke(context) : undefined)
  const seatWatch = { ...watch, poke }
  const retention = retentionOf(config)
  const provisioningLog = openLog(env, {
    ...retention,
    readsPerSecond: config.provisioningLogReadsPerSecond,
    onError: error => app.log.warn({ err: error }, 'writing the provisioning log failed')
  })
  addSuggestions(
    app,
    watchRequests(env, error => app.log.warn({ err: error }, 'keeping what requests suggest failed'))
  )
  if (logged) recordRequests(app, { env, config, provisioningLog })
  const runner = runRequests(app, env, {
    leaseMs: config.asyncLeaseSeconds * 1000,
    onError: error => app.log.warn({ err: error }, 'carrying out a request failed')
  })
  acceptRequests(app, { env, config, runner })
  const services: Services = { env, config, seatWatch, authenticator: tokens, provisioningLog }
  for (const routes of [
    scimDiscoveryRoutes,
    scimUserRoutes,
    scimGroupRoutes,
    scimAssignableRoutes,
    scimRootRoutes,
    scimResourceRoutes,
    scimBulkRoutes,
    scimAsyncRoutes,
    userRoutes,
    userLicenseRoutes,
    userRoleRoutes,
    seatRoutes,
    purchaseRoutes,
    organisationRoutes,
    roleRoutes,
    connectorRoutes,
    connectorTokenRoutes,
    oauthRoutes,
    waitingMemberRoutes,
    importRoutes,
    provisioningLogRoutes,
    eventStreamRoutes,
    eventPollRoutes,
    signingKeyRoutes,
    definitionRoutes
  ]) {
    // Each in a scope of its own, so that a parser or a hook of one is not another's.
    await app.register(async scope => routes(scope, services))
  }
  const stopTidying = tidyRegularly(
    env,
    error => app.log.warn({ err: error }, 'tidying failed'),
    async tenant => {
      await trim(env, tenant, retention)
      await forgetOutcomes(env, tenant, config.asyncResultHours * 60 * 60 * 1000)
    }
  )
  const events = dispatchEvents(env, eventLimitsOf(config), error =>
    app.log.warn({ err: error }, 'delivering events failed')
  )
  app.addHook('onClose', async () => {
    await runner.close()
    await events.close()
    seatWatch.close()
    stopTidying()
    await provisioningLog.close()
  })
  return app
}
