/** Reads the settings, opens the store, listens, and lets go of all in order. The only file that names an adapter. */
import { join } from 'node:path'
import { activate, applyAdminToken, checkAdminToken } from './admin/activate.ts'
import { buildApp, makeEnv } from './app.ts'
import { collections } from './collections.ts'
import { type Config, ConfigError, describeConfig, readConfig } from './config.ts'
import { closeGracefully } from './http/shutdown.ts'
import type { Log } from './store/mongo/availability.ts'
import type { Store } from './store/port.ts'
import { welcome } from './welcome.ts'

async function openStore(config: Config, log: Log): Promise<Store> {
  if (config.mongodbUri !== undefined) {
    const { openMongo } = await import('./store/mongo/open.ts')
    return openMongo({ uri: config.mongodbUri, collections, log })
  }
  const { openSqlite } = await import('./store/sqlite/open.ts')
  const file = join(config.dataDir, 'usher.db')
  return openSqlite({ file, collections, log: { info: message => log.info({}, message) } })
}

/** The store is there before the server that has the log: what the store has to say until then waits for it. */
function logOf(server: Promise<{ readonly log: Log }>): Log {
  return {
    info: (context, message) => void server.then(({ log }) => log.info(context, message)),
    warn: (context, message) => void server.then(({ log }) => log.warn(context, message))
  }
}

async function start(config: Config): Promise<void> {
  if (config.adminToken !== undefined) checkAdminToken(config.adminToken)
  const server = Promise.withResolvers<{ readonly log: Log }>()
  const store = await openStore(config, logOf(server.promise))
  const env = makeEnv({ store })
  const secrets = await activate(env, { seats: config.seats, adminToken: config.adminToken })
  if (secrets === undefined && config.adminToken !== undefined) await applyAdminToken(env, config.adminToken)
  const app = await buildApp({ config, store })
  server.resolve(app)
  closeGracefully(app, store)
  const address = await app.listen({ host: config.host, port: config.port })
  process.stdout.write(welcome(config, address, secrets))
}

/** What went wrong at start, as a person reads it, without a stack for what a setting can mend. */
function fail(error: unknown): never {
  const known = error instanceof ConfigError || (error instanceof Error && error.name !== 'TypeError')
  process.stderr.write(`usher: ${known ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exit(1)
}

try {
  const config = readConfig(process.env)
  if (process.argv[2] === 'config') process.stdout.write(`${describeConfig(config)}\n`)
  else await start(config)
} catch (error) {
  fail(error)
}
