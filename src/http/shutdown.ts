import { setTimeout as wait } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/port.ts'

/** From the signal until the process is gone at the latest (R13). Supervisors kill after 10 s, the shortest of them. */
const exitMsMax = 10_000
/** Left of it for the store to finish what was begun. */
const storeMs = 2000

/** On SIGTERM, SIGINT and errors that nobody caught: stops, and ends the process. */
export function closeGracefully(app: FastifyInstance, store: Pick<Store, 'close'>): void {
  const logger = { error: (error: unknown) => app.log.error({ err: error }, 'stopping failed') }
  closeWithGrace({ delay: exitMsMax, logger }, async ({ err, signal }) => {
    if (err !== undefined) app.log.fatal({ err }, 'an error that nobody caught')
    app.log.info({ signal }, 'stopping')
    await stop(app, store, exitMsMax - storeMs)
  })
}

/**
 * Readiness turns red, then no connection is taken any more, then all requests under way are answered, then the store is
 * closed: nothing that was begun is dropped. Who has not read his answer by `limitMs` is cut off.
 */
export async function stop(app: FastifyInstance, store: Pick<Store, 'close'>, limitMs: number): Promise<void> {
  const timer = new AbortController()
  const cutOff = wait(limitMs, undefined, { signal: timer.signal, ref: false }).then(
    () => app.server.closeAllConnections(),
    () => undefined
  )
  await app.readiness.drain()
  await app.close()
  timer.abort()
  await cutOff
  await store.close()
}
